"""Frames of having, there being, wanting and liking, of the same kind as those of being.py.

Read next: enumeration.py.
"""

from scratchnet.data.corpora import lemmas, places
from scratchnet.data.corpora.being import DEFINITE, KEPT, NOW_OR_THEN
from scratchnet.data.corpora.dealing import ANYBODY, SIMPLE, Dealer, other
from scratchnet.data.corpora.meaning import Clause, Nominal

RELATIVES = ("brother", "sister", "friend", "son", "daughter")
WANTED = (*lemmas.PORTABLE, *lemmas.FOODS, *lemmas.DRINKS, *lemmas.VEHICLES, "table", "house", "room")
LIKED = (*lemmas.THINGS, *lemmas.FOODS, *lemmas.DRINKS, *lemmas.WORKS, *lemmas.SIGHTS, "school")
OWNED = (*lemmas.THINGS, *lemmas.FRUITS, "egg", "house", "shop", "garden", "cow", "horse", "dog", "cat")
LIVING = (*lemmas.ANIMALS, *lemmas.PEOPLE)
COUNTED = ("a", "number", "many", "a", "number")


def had(d: Dealer) -> Clause | None:
    """ "i have two books.", "does sita have a brother?" """
    such = d.chance(0.25)
    subject, tense = d.person(SIMPLE if such else ANYBODY), d.deal(NOW_OR_THEN)
    negative, question = d.mood(subject)
    relative = not such and d.chance(0.25)
    if relative and subject.noun in lemmas.KIN:
        return None
    determiners = ("a",) if such or negative or question else COUNTED
    owned = d.thing(d.deal(RELATIVES if relative else OWNED), determiners, qualified=such)
    return Clause("have", subject, owned, tense=tense, negative=negative, question=question)


def there_being(d: Dealer) -> Clause | None:
    """ "there are two cups on the table.", "is there a bird in the garden?" """
    negative, question = d.mood(Nominal("they"))
    inside = d.chance(0.6)
    what = d.thing(d.deal(KEPT if inside else LIVING), ("a",) if negative or question else COUNTED)
    adjunct = d.place(places.RESTING if inside else places.OUTDOORS)
    return Clause("exist", what, adjunct=adjunct, tense=d.deal(NOW_OR_THEN), negative=negative, question=question)


def counted(d: Dealer) -> Clause | None:
    """ "how many chairs are there in the room?", "how many books does meera have?" """
    tense, inside = d.deal(NOW_OR_THEN), d.chance(0.5)
    if d.chance(0.5):
        noun = d.deal(KEPT if inside else LIVING)
        adjunct = d.place(places.RESTING if inside else places.OUTDOORS)
        return Clause("exist", Nominal(noun, "how many", "", True), adjunct=adjunct, tense=tense, question="how many")
    subject, noun = other(d.person()), d.deal((*OWNED, *RELATIVES))
    if subject.noun in lemmas.KIN and noun in lemmas.KIN:
        return None
    return Clause("have", subject, Nominal(noun, "how many", "", True), tense=tense, question="how many")


def wanted(d: Dealer) -> Clause | None:
    """ "ravi wants a new bicycle.", "what do you want?" """
    such = d.chance(0.3)
    subject, tense = d.person(SIMPLE if such else ANYBODY), d.deal(NOW_OR_THEN)
    if d.chance(0.06):
        return Clause("want", other(subject), Nominal("what"), tense=tense, question="what")
    thing = d.thing(d.deal(WANTED), ("a",) if such else ("a", "number", "a", "this", "the"), qualified=such)
    negative, question = d.mood(subject)
    return Clause("want", subject, thing, tense=tense, negative=negative, question=question)


def liked(d: Dealer) -> Clause | None:
    """ "she likes sweet mangoes.", "who likes this song?" """
    such = d.chance(0.3)
    subject = d.person(SIMPLE if such else ANYBODY)
    if d.chance(0.06):
        return Clause("like", other(subject), Nominal("what"), question="what")
    thing = d.thing(d.deal(LIKED), ("", "the") if such else ("", *DEFINITE), qualified=such)
    if d.chance(0.06):
        return Clause("like", Nominal("who"), thing, question="who")
    negative, question = d.mood(subject)
    return Clause("like", subject, thing, negative=negative, question=question)
