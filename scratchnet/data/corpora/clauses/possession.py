"""Templates of "have", "there is", "want" and "like".

Read next: sampling.py.
"""

from scratchnet.data.corpora import lemmas, places
from scratchnet.data.corpora.clauses.copula import DEFINITE, KEPT, NOW_OR_THEN
from scratchnet.data.corpora.clauses.sampling import ANYBODY, SIMPLE, Sampler, other
from scratchnet.data.corpora.meaning import Clause, Nominal

RELATIVES = ("brother", "sister", "friend", "son", "daughter")
WANTED = (*lemmas.PORTABLE, *lemmas.FOODS, *lemmas.DRINKS, *lemmas.VEHICLES, "table", "house", "room")
LIKED = (*lemmas.THINGS, *lemmas.FOODS, *lemmas.DRINKS, *lemmas.WORKS, *lemmas.SIGHTS, "school")
OWNED = (*lemmas.THINGS, *lemmas.FRUITS, "egg", "house", "shop", "garden", "cow", "horse", "dog", "cat")
LIVING = (*lemmas.ANIMALS, *lemmas.PEOPLE)
COUNTED = ("a", "number", "many", "a", "number")


def having(s: Sampler) -> Clause | None:
    """ "i have two books.", "does sita have a brother?" """
    such = s.chance(0.25)
    subject, tense = s.person(SIMPLE if such else ANYBODY), s.draw(NOW_OR_THEN)
    negative, question = s.mood(subject)
    relative = not such and s.chance(0.25)
    if relative and subject.noun in lemmas.KIN:
        return None
    determiners = ("a",) if such or negative or question else COUNTED
    owned = s.thing(s.draw(RELATIVES if relative else OWNED), determiners, qualified=such)
    return Clause("have", subject, owned, tense=tense, negative=negative, question=question)


def existence(s: Sampler) -> Clause | None:
    """ "there are two cups on the table.", "is there a bird in the garden?" """
    negative, question = s.mood(Nominal("they"))
    inside = s.chance(0.6)
    what = s.thing(s.draw(KEPT if inside else LIVING), ("a",) if negative or question else COUNTED)
    adjunct = s.place(places.RESTING if inside else places.OUTDOORS)
    return Clause("exist", what, adjunct=adjunct, tense=s.draw(NOW_OR_THEN), negative=negative, question=question)


def how_many_question(s: Sampler) -> Clause | None:
    """ "how many chairs are there in the room?", "how many books does meera have?" """
    tense, inside = s.draw(NOW_OR_THEN), s.chance(0.5)
    if s.chance(0.5):
        noun = s.draw(KEPT if inside else LIVING)
        adjunct = s.place(places.RESTING if inside else places.OUTDOORS)
        return Clause("exist", Nominal(noun, "how many", "", True), adjunct=adjunct, tense=tense, question="how many")
    subject, noun = other(s.person()), s.draw((*OWNED, *RELATIVES))
    if subject.noun in lemmas.KIN and noun in lemmas.KIN:
        return None
    return Clause("have", subject, Nominal(noun, "how many", "", True), tense=tense, question="how many")


def wanting(s: Sampler) -> Clause | None:
    """ "ravi wants a new bicycle.", "what do you want?" """
    such = s.chance(0.3)
    subject, tense = s.person(SIMPLE if such else ANYBODY), s.draw(NOW_OR_THEN)
    if s.chance(0.06):
        return Clause("want", other(subject), Nominal("what"), tense=tense, question="what")
    thing = s.thing(s.draw(WANTED), ("a",) if such else ("a", "number", "a", "this", "the"), qualified=such)
    negative, question = s.mood(subject)
    return Clause("want", subject, thing, tense=tense, negative=negative, question=question)


def liking(s: Sampler) -> Clause | None:
    """ "she likes sweet mangoes.", "who likes this song?" """
    such = s.chance(0.3)
    subject = s.person(SIMPLE if such else ANYBODY)
    if s.chance(0.06):
        return Clause("like", other(subject), Nominal("what"), question="what")
    thing = s.thing(s.draw(LIKED), ("", "the") if such else ("", *DEFINITE), qualified=such)
    if s.chance(0.06):
        return Clause("like", Nominal("who"), thing, question="who")
    negative, question = s.mood(subject)
    return Clause("like", subject, thing, negative=negative, question=question)
