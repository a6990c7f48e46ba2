"""Frames of having, there being, wanting and liking, of the same kind as those of being.py.

Read next: english.py.
"""

from dataclasses import replace

from scratchnet.data.corpora import lemmas
from scratchnet.data.corpora.being import DEFINITE, KEPT, NOW_OR_THEN, mood
from scratchnet.data.corpora.dealing import NUMBERS, RESTING, Dealer
from scratchnet.data.corpora.meaning import Clause, Nominal, Question

WANTED = (*lemmas.PORTABLE, *lemmas.FOODS, *lemmas.DRINKS, *lemmas.VEHICLES, "table", "house", "room")
LIKED = (*lemmas.THINGS, *lemmas.FOODS, *lemmas.DRINKS, *lemmas.WORKS, *lemmas.SIGHTS, "school")
OWNED = (*lemmas.THINGS, *lemmas.FRUITS, "egg", "house", "shop", "garden", "cow", "horse", "dog", "cat")
OUTDOORS = (
    *(("in", "garden", "own"), ("near", "river", "the"), ("under", "tree", "the"), ("in", "village", "own")),
    *(("behind", "house", "the"), ("near", "temple", "the"), ("near", "school", "the"), ("in", "market", "the")),
)
COUNTED = ("a", "number", "many", "a", "number")


def had(d: Dealer) -> Clause | None:
    """ "i have two books.", "does sita have a brother?" """
    subject = d.person()
    if d.chance(0.25):
        noun = d.deal(("brother", "sister", "friend", "son", "daughter"))
        if subject.noun in lemmas.KIN:
            return None
        determiner = d.deal(("a", "number"))
        owned = Nominal(noun, d.deal(NUMBERS) if determiner == "number" else "a", plural=determiner == "number")
    else:
        owned = d.thing(d.deal(OWNED), 0.35, COUNTED)
    return _denied(d, Clause("have", subject, owned, tense=d.deal(NOW_OR_THEN)))


def there_being(d: Dealer) -> Clause | None:
    """ "there are two cups on the table.", "is there a bird in the tree?" """
    if d.chance(0.6):
        said = Clause("exist", d.thing(d.deal(KEPT), 0.25, COUNTED), adjunct=d.spot(RESTING), tense=d.deal(NOW_OR_THEN))
        if said.adjunct and said.adjunct.nominal and said.adjunct.nominal.noun == said.subject.noun:
            return None
    else:
        noun = d.deal((*lemmas.ANIMALS, *lemmas.PEOPLE))
        said = Clause("exist", d.thing(noun, 0.2, COUNTED), adjunct=d.spot(OUTDOORS), tense=d.deal(NOW_OR_THEN))
    return _denied(d, said)


def counted(d: Dealer) -> Clause | None:
    """ "how many chairs are there in the room?", "how many books does meera have?" """
    tense = d.deal(NOW_OR_THEN)
    if d.chance(0.5):
        inside = d.chance(0.5)
        noun = d.deal(KEPT if inside else (*lemmas.ANIMALS, *lemmas.PEOPLE))
        adjunct = d.spot(RESTING if inside else OUTDOORS)
        if adjunct.nominal is not None and adjunct.nominal.noun == noun:
            return None
        return Clause("exist", Nominal(noun, "how many", plural=True), adjunct=adjunct, tense=tense, question="how many")
    subject = d.person()
    if subject.noun in ("i", "we"):
        subject = Nominal("you")
    noun = d.deal((*OWNED, "brother", "sister", "friend", "son", "daughter"))
    if subject.noun in lemmas.KIN and noun in lemmas.KIN:
        return None
    return Clause("have", subject, Nominal(noun, "how many", plural=True), tense=tense, question="how many")


def wanted(d: Dealer) -> Clause | None:
    """ "ravi wants a new bicycle." """
    subject = d.person()
    if subject.adjective:
        return None
    if d.chance(0.06):
        return _asked(Clause("want", subject, Nominal("what"), tense=d.deal(NOW_OR_THEN)), "what")
    wish = d.thing(d.deal(WANTED), 0.35, (*COUNTED, "this", "the"))
    return mood(d, Clause("want", subject, wish, tense=d.deal(NOW_OR_THEN)))


def liked(d: Dealer) -> Clause | None:
    """ "she likes sweet mangoes." """
    subject = d.person()
    if subject.adjective:
        return None
    if d.chance(0.06):
        return _asked(Clause("like", subject, Nominal("what")), "what")
    thing = d.thing(d.deal(LIKED), 0.35, ("", "", *DEFINITE))
    if d.chance(0.06):
        return Clause("like", Nominal("who"), thing, question="who")
    return mood(d, Clause("like", subject, thing))


def _denied(d: Dealer, said: Clause) -> Clause:
    """Give it a mood; what is denied or asked for is not counted ("i do not have a book", not "two books")."""
    said = mood(d, said)
    what = said.object or said.subject
    if not (said.negative or said.question) or what.noun in lemmas.MASS:
        return said
    plain = Nominal(what.noun, "a", what.adjective)
    return replace(said, object=plain) if said.object else replace(said, subject=plain)


def _asked(said: Clause, question: Question) -> Clause:
    """Make it a question; what the speaker does is asked of the hearer instead."""
    subject = said.subject if said.subject.noun not in ("i", "we") else Nominal("you")
    return replace(said, subject=subject, question=question)
