"""Deals out nominals and adjuncts so that all words come about equally often.

`Dealer.deal` treats every tuple of items as a deck of cards: each card comes once before any comes twice, in an order that the
seed fixes for ever (`random.Random.random` is the one generator whose sequence Python promises to keep).

Read next: enumeration.py.
"""

from random import Random
from typing import TypeVar

from scratchnet.data.corpora import lemmas
from scratchnet.data.corpora.meaning import POSSESSIVES, Adjunct, Nominal, Tense

Item = TypeVar("Item")

SPEAKERS = ("i", "we", "you", "you", "he", "she", "they", "i", "you", "he", "she")
SUBJECTS = ("pronoun", "name", "people", "pronoun", "kin", "name", "people")
BARE = ("the", "the", "a", "this", "that", "number", "possessive", "the", "a")
NUMBERS = ("two", "three", "four", "five")
OWNERS = tuple(POSSESSIVES)
ACTION = (
    *(("at", "home", ""), ("at", "school", ""), ("at", "office", "the"), ("in", "room", "own"), ("in", "garden", "the")),
    *(("in", "house", "own"), ("under", "tree", "the"), ("near", "river", "the"), ("behind", "house", "the")),
)
INDOORS = (("at", "home", ""), ("in", "kitchen", "own"), ("in", "garden", "the"), ("in", "room", "own"))
MEETING = (
    *(("at", "station", "the"), ("in", "market", "the"), ("at", "office", "the"), ("at", "school", "")),
    *(("near", "temple", "the"), ("near", "river", "the"), ("in", "garden", "the"), ("at", "hospital", "the")),
)
LIVING = (
    *(("in", "village", "own"), ("in", "city", "own"), ("in", "house", "own"), ("near", "river", "the")),
    *(("near", "temple", "the"), ("near", "market", "the"), ("near", "station", "the"), ("near", "hospital", "the")),
    *((("in", city, "") for city in lemmas.CITIES)),
)
WORKING = (
    *(("in", "shop", "own"), ("in", "hospital", "the"), ("at", "office", "the"), ("in", "garden", "own"), ("in", "city", "own")),
    *(("at", "station", "the"), ("in", "market", "the"), ("at", "home", ""), ("in", "village", "own")),
    *((("in", city, "") for city in lemmas.CITIES)),
)
GOALS = (
    *(("", "home", ""), ("", "school", ""), ("", "market", "the"), ("", "office", "the"), ("", "station", "the")),
    *(("", "hospital", "the"), ("", "temple", "the"), ("", "village", "own"), ("", "shop", "own"), ("", "city", "the")),
    *((("", city, "") for city in lemmas.CITIES)),
)
RESTING = (
    *(("on", "table", "own"), ("on", "chair", "own"), ("in", "box", "own"), ("in", "bag", "own"), ("under", "table", "the")),
    *(("under", "chair", "the"), ("near", "window", "the"), ("near", "door", "the"), ("in", "room", "own"), ("in", "car", "own")),
    *(("in", "kitchen", "the"), ("behind", "door", "the")),
)
STUDYING = (*ACTION, ("in", "hospital", "the"), *((("in", city, "") for city in lemmas.CITIES)))
PRAYING = (("in", "temple", "the"), ("at", "home", ""), ("in", "garden", "the"), ("near", "river", "the"), ("in", "room", "own"))
PLACES: dict[str, tuple[tuple[str, str, str], ...]] = {
    **dict.fromkeys(("read", "write", "talk", "sleep", "rest", "exercise", "call"), ACTION),
    **dict.fromkeys(("eat", "drink"), (*INDOORS, *ACTION[:3])),
    **dict.fromkeys(("wait", "see", "help"), MEETING),
    **{"live": LIVING, "work": WORKING, "go": GOALS, "come": GOALS, "prepare": INDOORS[:2], "study": STUDYING, "pray": PRAYING},
}
"""Verb -> relation, place and its determiner, "own" for any; the relations of going and coming are "to" and "from"."""


class Dealer:
    """Deal cards, throw dice, and put nominals together from both."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random
        self._decks: dict[tuple[object, ...], list[object]] = {}

    def deal(self, items: tuple[Item, ...]) -> Item:
        """Return the next item of the shuffled deck that these items are."""
        deck = self._decks.get(items)
        if not deck:
            deck = self._decks[items] = sorted(items, key=lambda _: self._random())  # type: ignore[assignment]
        return deck.pop()  # type: ignore[return-value]

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self._random() < probability

    def person(self, subject: Nominal | None = None, pronouns: bool = True) -> Nominal:
        """Return somebody, other than the subject and nobody of the subject's own name or kind."""
        while True:
            kind = self.deal(SUBJECTS)
            if kind == "pronoun" and pronouns:
                who = Nominal(self.deal(SPEAKERS))
            elif kind == "name":
                who = Nominal(self.deal(tuple(lemmas.NAMES)))
            elif kind == "kin":
                who = self.kin()
            else:
                who = self.people()
            if subject is None or not _clash(who, subject):
                return who

    def kin(self) -> Nominal:
        """Return somebody's relative or friend, such as "my brothers"."""
        noun = self.deal(tuple(lemmas.KIN))
        plural = noun not in lemmas.SINGLE and self.chance(0.25)
        return Nominal(noun, self.deal(OWNERS), plural=plural)

    def people(self) -> Nominal:
        """Return somebody without a name, such as "the girl" or "these men"."""
        return Nominal(self.deal(tuple(lemmas.PEOPLE)), self.deal(("the", "the", "this", "that")), plural=self.chance(0.3))

    def thing(self, noun: str, adjective: float = 0.35, determiners: tuple[str, ...] = BARE) -> Nominal:
        """Return a nominal of this noun, with an adjective at this probability."""
        quality = self.deal(lemmas.QUALITIES[noun]) if noun in lemmas.QUALITIES and self.chance(adjective) else ""
        determiner = self.deal(determiners)
        if determiner == "possessive":
            determiner = self.deal(OWNERS)
        if noun in lemmas.MASS:
            return Nominal(noun, determiner if determiner in ("the", "this", *OWNERS) else "", quality)
        if noun in lemmas.SINGLE:
            return Nominal(noun, determiner if determiner in ("the", "this", "that", *OWNERS) else "a", quality)
        if determiner == "number":
            return Nominal(noun, self.deal(NUMBERS), quality, True)
        if determiner in ("many", ""):
            return Nominal(noun, determiner, quality, True)
        return Nominal(noun, determiner, quality, determiner != "a" and self.chance(0.35))

    def place(self, verb: str) -> Adjunct:
        """Return a place where one does this, or to or from which one goes or comes."""
        return self.spot(PLACES[verb], ("to", "to", "from") if verb == "come" else ("to",))

    def spot(self, places: tuple[tuple[str, str, str], ...], ways: tuple[str, ...] = ()) -> Adjunct:
        """Return one of these places, and for a goal one of these ways."""
        relation, noun, determiner = self.deal(places)
        if determiner == "own":
            determiner = self.deal(("the", "this", "that", "the", "the", self.deal(("my", "our", "your"))))
        return Adjunct(relation or self.deal(ways), Nominal(noun, determiner))

    def time(self, tense: Tense, verb: str) -> str:
        """Return a time that goes with the tense and, if it is night, with the verb."""
        time = self.deal(lemmas.TIMES[tense])
        return time if time != "at night" or verb in lemmas.LATE else "in the morning"


def _clash(who: Nominal, subject: Nominal) -> bool:
    """Return whether the two would be the same person, or one of them among the other."""
    return who.noun == subject.noun or {who.noun, subject.noun} == {"i", "we"}
