"""What a sentence of the embedded corpora means, whatever the language.

A synchronous grammar in two halves: this file is the *abstract syntax* (small frozen trees of language-neutral
lemmas), and every language is a *concrete syntax*, one function `linearise(meaning) -> str` in a folder of its own. Two
languages that linearise the same meaning translate each other. Lemmas are spelled like English words ("book", "eat"),
which is a spelling and nothing more: grammatical gender, case and word order belong to each language's folder.

The split into abstract and concrete syntax is that of Ranta (2004), "Grammatical Framework: A Type-Theoretical
Grammar Formalism"; the idea of pairing derivations is that of Shieber & Schabes (1990), "Synchronous Tree-Adjoining
Grammars".

Conventions, which make every English sentence mean one thing:

- Politeness and gender of the hearer come from the form of address ("sir, do you ...": polite masculine; "sister,
  ...": familiar feminine; "son, ...": intimate masculine). A bare "you" is polite and masculine.
- "i", "we", "they" and "who" are masculine; a plural of people ("two friends") has the gender of its noun.
- A possessive that can refer to the subject does: "ravi reads his book" is his own book, "sita reads his book" is not
  hers.
- The slot that is asked for holds the question word: subject `Nominal("who")` ("who reads the book?"), object
  `Nominal("what")` ("what does ravi read?"), identity `Nominal("who")` or `Nominal("what")` ("who is ravi?", "what is
  this?"), determiner "how many" or "whose" ("whose book is this?"). Where, when, why and how have no slot. The field
  `question` names the question word in every case.
- In denials and yes/no questions "a" is a non-assertive "any": a language may say it otherwise than in statements.

Read next: phrases.py.
"""

from dataclasses import dataclass
from typing import Literal

Tense = Literal["present", "progressive", "past", "future", "can"]
Question = Literal["", "yes-no", "who", "what", "how many", "whose", "where", "when", "why", "how"]
Politeness = Literal["polite", "familiar", "intimate"]
Sex = Literal["m", "f"]

PRONOUNS: dict[str, tuple[int, bool]] = {
    "i": (1, False),
    "we": (1, True),
    "you": (2, True),
    "he": (3, False),
    "she": (3, False),
    "they": (3, True),
    "who": (3, False),
    "what": (3, False),
}
"""Person and "takes the plural" of every pronoun ("you" agrees as a plural in English whatever its politeness)."""

POSSESSIVES: dict[str, str] = {"my": "i", "our": "we", "your": "you", "his": "he", "her": "she", "their": "they"}
"""Possessive determiner -> the pronoun of its owner."""

ADDRESSEES: dict[str, tuple[Politeness, Sex]] = {
    "": ("polite", "m"),
    "sir": ("polite", "m"),
    "madam": ("polite", "f"),
    "brother": ("familiar", "m"),
    "friend": ("familiar", "m"),
    "sister": ("familiar", "f"),
    "son": ("intimate", "m"),
    "daughter": ("intimate", "f"),
}
"""Form of address (the vocative in front of the sentence) -> politeness and sex of the hearer."""


@dataclass(frozen=True, slots=True)
class Nominal:
    """Name a person or a thing.

    Args:
        noun: a pronoun ("i", "we", "you", "he", "she", "they", "who", "what"), a name ("sita") or a noun ("book").
            As the subject of "be" also a demonstrative pronoun, "this" or "that" (with `plural`: "these", "those").
        determiner: "", "the", "a", "this", "that", a possessive (see `POSSESSIVES`), a number ("two", ...), "many",
            "how many" or "whose".
        adjective: an attribute, or "".
        plural: more than one; numbers, "many" and "how many" always come with it.
        of: whose part or possession it is: "the door of the house".
    """

    noun: str
    determiner: str = ""
    adjective: str = ""
    plural: bool = False
    of: "Nominal | None" = None


@dataclass(frozen=True, slots=True)
class Adjunct:
    """Place or company.

    Args:
        relation: "in", "on", "at", "to", "from", "near", "under", "behind", "with"; or "here", "there", which take no
            nominal.
        nominal: the place or the companion; None for "here" and "there".
    """

    relation: str
    nominal: Nominal | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """Say one thing with one verb.

    Args:
        verb: a verb of `lemmas.VERBS`, or one of "be", "exist" ("there is"), "have", "want", "like".
        subject: who does it; what there is ("exist"); who has, wants, likes.
        object: what it is done to; what is had, wanted, liked. Verbs such as "meet", "help", "wait", "talk", "call"
            have a person here.
        recipient: to whom (only "give" and "write").
        adjunct: place or company. With "be" and "exist" it is what is said of the subject.
        time: a time of `lemmas.TIMES`, or "".
        quality: only with "be": the adjective that is said of the subject.
        very: only with `quality`: to a high degree.
        identity: only with "be": the nominal that the subject is ("sita is a teacher").
        tense: "be", "exist", "have" and "want" have "present" and "past" only, "like" has "present" only.
        negative: the statement is denied ("there is no book" with "exist"). Questions are never negative.
        question: what is asked for; "" for a statement.
        addressee: a form of address of `ADDRESSEES`.
    """

    verb: str
    subject: Nominal
    object: Nominal | None = None
    recipient: Nominal | None = None
    adjunct: Adjunct | None = None
    time: str = ""
    quality: str = ""
    very: bool = False
    identity: Nominal | None = None
    tense: Tense = "present"
    negative: bool = False
    question: Question = ""
    addressee: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Say a fixed everyday phrase.

    Args:
        key: its English text, which is its row in `phrases.tsv`.
        addressee: a form of address in front of it, or "".
        hello: a "hello" in front of that.
    """

    key: str
    addressee: str = ""
    hello: bool = False


Meaning = Clause | Phrase


def person(nominal: Nominal) -> int:
    """Return the grammatical person, 1, 2 or 3."""
    return PRONOUNS.get(nominal.noun, (3, False))[0]


def is_plural(nominal: Nominal) -> bool:
    """Return whether the nominal means more than one ("you" counts as plural; politeness decides elsewhere)."""
    return nominal.plural or PRONOUNS.get(nominal.noun, (3, False))[1]
