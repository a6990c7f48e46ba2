"""English sentences, in lower case.

Word order is subject, auxiliary, "not", verb, object, recipient, adjunct, time; questions put the auxiliary before
the subject and the question word before that. Abbreviations ("don't") and apostrophes do not occur.

Read next: words.py.
"""

from dataclasses import replace

from scratchnet.data.corpora.english import words
from scratchnet.data.corpora.language import Language
from scratchnet.data.corpora.meaning import ADDRESSEES, Adjunct, Clause, Nominal, is_plural

DEMONSTRATIVES = {"this": "these", "that": "those"}
QUESTION_WORDS = ("where", "when", "why", "how")


def plural(noun: str) -> str:
    """Return the plural of a noun."""
    return words.PLURALS.get(noun, noun + "s")


def nominal(meant: Nominal, case: str = "subject") -> str:
    """Say a nominal.

    Args:
        meant: the nominal.
        case: "subject" or "object"; it matters to pronouns only.

    Returns:
        Such as "the two red books", "an old house", "him", "the door of the house".
    """
    if meant.noun in DEMONSTRATIVES:
        return DEMONSTRATIVES[meant.noun] if meant.plural else meant.noun
    noun = plural(meant.noun) if meant.plural else meant.noun
    if case == "object":
        noun = words.OBJECT_FORMS.get(noun, noun)
    determiner = meant.determiner
    if meant.plural:
        determiner = DEMONSTRATIVES.get(determiner, determiner)
    elif determiner == "a" and (meant.adjective or noun)[0] in "aeiou":
        determiner = "an"
    said = " ".join(word for word in (determiner, meant.adjective, noun) if word)
    return f"{said} of {nominal(meant.of, 'object')}" if meant.of else said


def adjunct(meant: Adjunct) -> str:
    """Say a place or company, such as "in the garden", "with him", "home" (to home), "here"."""
    if meant.nominal is None:
        return meant.relation
    if meant.nominal.noun == "home" and meant.relation == "to":
        return "home"
    return f"{meant.relation} {nominal(meant.nominal, 'object')}"


def _clause(c: Clause) -> list[str]:
    """Return the words of a clause, without its form of address and final punctuation."""
    auxiliary, verb = _verb(c)
    predicate = " ".join([word for word in (verb, *_complements(c)) if word])
    no = "not" if c.negative and c.verb != "exist" else ""
    subject = "there" if c.verb == "exist" else nominal(c.subject)
    if c.subject.noun == "who":
        order = [subject, auxiliary, predicate]
    elif c.question:
        order = [_question_word(c), auxiliary, subject, predicate]
    else:
        order = [subject, "cannot" if no and auxiliary == "can" else " ".join((auxiliary, no)).strip(), predicate]
    return order


def _question_word(c: Clause) -> str:
    """Return what stands first in a question: a question word, the nominal that is asked for, or nothing."""
    if c.question in QUESTION_WORDS:
        return c.question
    if c.question == "yes-no":
        return ""
    asked = {"be": c.identity, "exist": c.subject}.get(c.verb, c.object)
    return nominal(asked) if asked is not None else ""


def _complements(c: Clause) -> list[str]:
    """Return what follows the verb, in order, without what a question has moved to the front."""
    said: list[str] = []
    if c.verb == "exist" and c.question != "how many":
        said.append(nominal(replace(c.subject, determiner="no") if c.negative else c.subject))
    if c.quality:
        said.append(f"very {c.quality}" if c.very else c.quality)
    fronted = c.question in ("what", "how many", "whose") or (c.question == "who" and c.subject.noun != "who")
    if c.identity is not None and not fronted:
        said.append(nominal(c.identity))
    if c.object is not None and not fronted:
        said += [words.PREPOSITIONS.get(c.verb, ""), nominal(c.object, "object")]
    if c.recipient is not None:
        said.append("to " + nominal(c.recipient, "object"))
    if c.adjunct is not None:
        said.append(adjunct(c.adjunct))
    return [*said, c.time]


def _verb(c: Clause) -> tuple[str, str]:
    """Return the auxiliary that a question moves and "not" follows, and the verb; either may be empty."""
    if c.verb in ("be", "exist"):
        return _be(c.subject, c.tense == "past"), ""
    third, ing, past = words.VERBS[c.verb]
    if c.tense == "progressive":
        return _be(c.subject, False), ing
    if c.tense in ("future", "can"):
        return ("will" if c.tense == "future" else "can"), c.verb
    singular = not is_plural(c.subject) and c.subject.noun != "i"
    if c.negative or (c.question and c.subject.noun != "who"):
        return ("did" if c.tense == "past" else "does" if singular else "do"), c.verb
    return "", past if c.tense == "past" else third if singular else c.verb


def _be(subject: Nominal, past: bool) -> str:
    """Return the form of "be" that agrees with the subject."""
    if is_plural(subject):
        return "were" if past else "are"
    if past:
        return "was"
    return "am" if subject.noun == "i" else "is"


linearise = Language("en", "hello", {name: name for name in ADDRESSEES}, ".", _clause).linearise
