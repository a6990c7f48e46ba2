"""Hindi inflection: nouns, adjectives, verbs, and the copula, from a word and its features to the form.

Every function here is a rule of the grammar (see McGregor 1995, "Outline of Hindi Grammar", on nouns, on participles
and on the ergative construction). Nothing here knows about sentences.

Read next: sentences.py.
"""

from dataclasses import dataclass
from functools import cache

from scratchnet.data.corpora.hindi import words
from scratchnet.data.corpora.meaning import Sex, Tense


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a verb agrees with.

    Args:
        gender: "m" or "f".
        plural: the plural, also that of respect (आप, तुम, पिता).
        pronoun: मैं, तुम, तू and others have copula and future forms of their own; "" for any third person.
    """

    gender: Sex = "m"
    plural: bool = False
    pronoun: str = ""


@cache
def noun(word: str, gender: Sex, plural: bool, oblique: bool) -> str:
    """Return a noun in number and case, such as लड़का, लड़के, लड़कों or किताब, किताबें, किताबों."""
    if not plural:
        return word[:-1] + "े" if oblique and _changes(word, gender) else word
    if oblique:
        if _changes(word, gender):
            return word[:-1] + "ों"
        if word[-1] in "ीई":
            return word[:-1] + ("ि" if word[-1] == "ी" else "इ") + "यों"
        return word[:-1] + "ों" if word.endswith("िया") else word + ("ओं" if word[-1] == "ा" else "ों")
    if gender == "m":
        return word[:-1] + "े" if _changes(word, gender) else word
    if word.endswith("िया"):
        return word + "ँ"
    if word[-1] in "ीई":
        return word[:-1] + ("ियाँ" if word[-1] == "ी" else "इयाँ")
    return word + ("एँ" if word[-1] == "ा" else "ें")


@cache
def adjective(word: str, gender: Sex, plural: bool, oblique: bool = False) -> str:
    """Return an adjective, a possessive or a participle in agreement: those in ा have ा, े, ी, the others one form."""
    if word[-1] != "ा":
        return word
    if word == "नया":
        return "नई" if gender == "f" else "नए" if plural or oblique else word
    return word[:-1] + ("ी" if gender == "f" else "े" if plural or oblique else "ा")


def copula(who: Agreement, past: bool) -> str:
    """Return हूँ, है, हो, हैं or था, थी, थे, थीं."""
    if past:
        return ("थीं" if who.plural else "थी") if who.gender == "f" else ("थे" if who.plural else "था")
    return {"मैं": "हूँ", "तुम": "हो"}.get(who.pronoun, "हैं" if who.plural else "है")


def verb(stem: str, tense: Tense, who: Agreement, negative: bool, past: bool = False) -> list[str]:
    """Return the verb group that agrees with `who`, with नहीं in front of it if it is negative.

    Args:
        stem: the verb's stem, such as पढ़.
        tense: "past" is the perfective without an auxiliary; नहीं leaves the auxiliary of the other tenses in its
            place.
        who: the subject, or what else the verb agrees with.
        negative: whether नहीं stands in front.
        past: whether the auxiliary is था instead of है, which makes the present a past of duration.

    Returns:
        Such as ["नहीं", "पढ़", "रही", "है"].
    """
    no = ["नहीं"] if negative else []
    if tense == "past":
        return [*no, perfective(stem, who)]
    if tense == "future":
        return [*no, future(stem, who)]
    if tense == "present":
        return [*no, adjective(stem + "ता", who.gender, who.plural), copula(who, past)]
    auxiliary = adjective("रहा" if tense == "progressive" else "सकता", who.gender, who.plural)
    return [*no, stem, auxiliary, copula(who, past)]


def perfective(stem: str, who: Agreement) -> str:
    """Return the perfective participle, such as पढ़ा, पढ़ी, पढ़े, पढ़ीं or खाया, खाई, खाए, खाईं."""
    vowel = stem[-1] in "ाोआ" or stem in words.PAST_STEMS
    before_a, before_i = words.PAST_STEMS.get(stem, (stem, stem))
    if who.gender == "m":
        if who.plural:
            return before_a + ("ए" if vowel else "े")
        return before_a + ("या" if vowel else "ा")
    ending = "ई" if vowel and (stem not in words.PAST_STEMS or stem == "जा") else "ी"
    return before_i + ending + ("ं" if who.plural else "")


def future(stem: str, who: Agreement) -> str:
    """Return the future, such as पढ़ूँगा, पढ़ेगा, पढ़ेंगे, पढ़ोगे or जाऊँगा, जाएगी, जाएँगी, जाओगी."""
    stem = {"पी": "पि", "दे": "द"}.get(stem, stem)
    kind = who.pronoun if who.pronoun in ("मैं", "तुम") else "plural" if who.plural else "singular"
    after_vowel = stem[-1] in "ािोआ"
    vowel = {
        "मैं": "ऊँ" if after_vowel else "ूँ",
        "तुम": "ओ" if after_vowel else "ो",
        "plural": "एँ" if after_vowel else "ें",
        "singular": "ए" if after_vowel else "े",
    }[kind]
    return stem + vowel + ("गी" if who.gender == "f" else "गे" if who.plural else "गा")


def _changes(word: str, gender: Sex) -> bool:
    """Return whether it is a masculine noun in ा that inflects (लड़का does, पिता does not)."""
    return gender == "m" and word[-1] == "ा" and word != words.MASCULINE["father"]
