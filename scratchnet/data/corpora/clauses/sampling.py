"""Random nominals, places and times, drawn so that all words occur about equally often.

`Sampler.draw` draws from every tuple of items without replacement: each item comes once before any comes twice, in an
order that the seed fixes for ever (`random.Random.random` is the one generator whose sequence Python promises to keep).

Read next: ../english/__init__.py.
"""

from random import Random
from typing import TypeVar

from scratchnet.data.corpora import lemmas
from scratchnet.data.corpora.meaning import POSSESSIVES, PRONOUNS, Adjunct, Nominal, Question, Tense
from scratchnet.data.corpora.places import Place

Item = TypeVar("Item")

SPEAKERS = ("i", "we", "you", "you", "he", "she", "they", "i", "you", "he", "she")
ANYBODY = ("pronoun", "name", "people", "pronoun", "kin", "name", "people", "pronoun", "name")
SIMPLE = ("pronoun", "pronoun", "name")
PRONOUN = ("pronoun",)
SOMEBODY = ("name", "people", "kin", "people")
NAMES = tuple(lemmas.NAMES)
PEOPLE = tuple(lemmas.PEOPLE)
KIN = tuple(lemmas.KIN)
OWNERS = tuple(POSSESSIVES)
NUMBERS = ("two", "three", "four", "five")
BARE = ("the", "a", "the", "a", "this", "that", "number", "possessive")
QUIET = frozenset({"", "the", "a", "how many", "whose"})
MOODS = ("plain", "plain", "plain", "negative", "yes-no")


class Sampler:
    """Draw words at random, and put nominals together from them."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random
        self._remaining: dict[tuple[object, ...], list[object]] = {}

    def draw(self, items: tuple[Item, ...]) -> Item:
        """Return the next of these items in shuffled order; when all have been drawn, shuffle them again."""
        remaining = self._remaining.get(items)
        if not remaining:
            remaining = self._remaining[items] = sorted(items, key=lambda _: self._random())
        return remaining.pop()  # type: ignore[return-value]

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self._random() < probability

    def person(self, kinds: tuple[str, ...] = ANYBODY) -> Nominal:
        """Return somebody: a pronoun, a name, "the girl", "my brothers"."""
        kind = self.draw(kinds)
        if kind == "pronoun":
            return Nominal(self.draw(SPEAKERS))
        if kind == "name":
            return Nominal(self.draw(NAMES))
        if kind == "kin":
            noun = self.draw(KIN)
            return Nominal(noun, self.draw(OWNERS), plural=noun not in lemmas.SINGLE and self.chance(0.3))
        return Nominal(self.draw(PEOPLE), self.draw(("the", "the", "the", "this", "that")), plural=self.chance(0.3))

    def thing(self, noun: str, determiners: tuple[str, ...] = BARE, qualified: bool = False) -> Nominal:
        """Return a nominal of this noun, with an adjective or without."""
        adjective = self.draw(lemmas.QUALITIES[noun]) if qualified else ""
        determiner = self.draw(determiners)
        if determiner == "possessive":
            determiner = self.draw(OWNERS)
        if noun in lemmas.MASS:
            return Nominal(noun, "" if determiner in ("a", "number", "many") else determiner, adjective)
        if noun in lemmas.SINGLE:
            return Nominal(noun, "the" if determiner in ("number", "many", "") else determiner, adjective)
        if determiner == "number":
            return Nominal(noun, self.draw(NUMBERS), adjective, True)
        plural = determiner in ("many", "") or (determiner != "a" and self.chance(0.45 if qualified else 0.3))
        return Nominal(noun, determiner, adjective, plural)

    def place(self, places: tuple[Place, ...]) -> Adjunct:
        """Return one of these places."""
        relation, noun, determiner = self.draw(places)
        if determiner == "own":
            determiner = self.draw(("the", "this", "that", "the", "the", self.draw(OWNERS)))
        return Adjunct(relation, Nominal(noun, determiner))

    def time(self, tense: Tense, verb: str) -> str:
        """Return a time that goes with the tense and, if it is night, with the verb."""
        time = self.draw(lemmas.TIMES[tense])
        return time if time != "at night" or verb in lemmas.LATE else "in the morning"

    def mood(self, subject: Nominal, moods: tuple[str, ...] = MOODS, tense: Tense = "present") -> tuple[bool, Question]:
        """Return (negative, question) of a clause; nobody asks what the speaker does ("do i read?")."""
        mood = self.draw(moods)
        if mood == "yes-no":
            return False, "yes-no" if subject.noun not in ("i", "we") or tense == "can" else ""
        return mood == "negative", ""


def weight(meant: Nominal) -> float:
    """Return what a nominal adds to the load of a sentence: 1 for a noun, less for a pronoun or a name."""
    load = 0.25 if meant.noun in PRONOUNS else 0.5 if meant.noun in lemmas.NAMES else 1.0
    load += 0.5 if meant.determiner not in QUIET else 0.25 * meant.plural
    return load + 1 if meant.adjective else load


def other(subject: Nominal) -> Nominal:
    """Return the subject of a question: the hearer in place of the speaker."""
    return subject if subject.noun not in ("i", "we") else Nominal("you")
