"""Hindi sentences.

The verb stands last, in front of it नहीं or the question word; the order is subject, time, place, recipient, object.
In the perfective the subject of a transitive verb takes ने and the verb agrees with the object, unless that is marked
by को or another postposition: then it is masculine singular. Whoever has, wants or likes something is marked, and the
thing is agreed with. Respect makes the predicate noun plural too (आप मेरे भाई हैं, मेरे पिता अच्छे डॉक्टर हैं).

Conventions: negated present tenses keep है; a predicate noun is said without एक; "a" is एक in statements and कोई under
a denial or a yes/no question; people as objects are marked, things never are.

Read next: words.py.
"""

from dataclasses import replace

from scratchnet.data.corpora.hindi import words
from scratchnet.data.corpora.hindi.inflection import Agreement, adjective, copula, noun, verb
from scratchnet.data.corpora.language import Language
from scratchnet.data.corpora.lemmas import KIN, SEXES, STATIVE, can_own, is_person
from scratchnet.data.corpora.meaning import ADDRESSEES, POSSESSIVES, Adjunct, Clause, Nominal, Sex


def agreement(meant: Nominal, addressee: str = "") -> Agreement:
    """Return what a verb needs to know of its subject or object.

    Args:
        meant: the nominal.
        addressee: the form of address, which gives "you" its politeness and gender.
    """
    if meant.noun == "you":
        politeness, sex = ADDRESSEES[addressee]
        pronoun = words.SECOND_PERSON[politeness]
        return Agreement(sex, politeness != "intimate", pronoun)
    if meant.noun in words.DIRECT:
        return Agreement(SEXES.get(meant.noun, "m"), meant.noun in ("we", "they"), words.DIRECT[meant.noun])
    return Agreement(gender(meant.noun), meant.plural or meant.noun in words.HONOURED)


def gender(lemma: str) -> Sex:
    """Return the grammatical gender of a noun."""
    return "f" if lemma in words.FEMININE else "m"


def _clause(c: Clause) -> list[str]:
    """Return the words of a clause, without its form of address and final punctuation."""
    kinds = {"be": _copular, **dict.fromkeys(("exist", "have", "want", "like"), _possessive)}
    return ["क्या" if c.question == "yes-no" else "", *kinds.get(c.verb, _active)(c)]


def _copular(c: Clause) -> list[str]:
    """Say what or where somebody or something is, or ask."""
    say = _Speaker(c)
    who = agreement(c.subject, c.addressee)
    subject = say.direct(c.subject)
    no = "नहीं" if c.negative else ""
    is_ = copula(who, c.tense == "past")
    if c.question in ("where", "how"):
        asked = adjective("कैसा", who.gender, who.plural) if c.question == "how" else words.QUESTIONS["where"]
        return [subject, asked, is_]
    if c.identity is not None:
        return [subject, say.identity(c.identity, who), no, is_]
    if c.adjunct is not None:
        where = say.adjunct(c.adjunct)
        return [_time(c), where, subject, is_] if c.question == "who" else [subject, _time(c), where, no, is_]
    quality = adjective(words.ADJECTIVES[c.quality], who.gender, who.plural)
    return [subject, _time(c), "बहुत" if c.very else "", quality, no, is_]


def _time(c: Clause) -> str:
    """Return the time of a clause in Hindi, or nothing."""
    return words.TIMES[c.time] if c.time else ""


def _possessive(c: Clause) -> list[str]:
    """Say what there is, and what somebody has, wants or likes: the thing is agreed with."""
    say = _Speaker(c)
    thing = c.subject if c.object is None else c.object
    what = agreement(thing)
    no = "नहीं" if c.negative else ""
    is_ = copula(what, c.tense == "past")
    said = say.direct(thing)
    if c.verb == "exist" and c.adjunct is not None:
        return [say.adjunct(c.adjunct), said, no, is_]
    if c.verb == "have":
        if thing.noun in KIN:
            return [say.genitive(c.subject, what.gender, what.plural, False), said, no, is_]
        return [say.marked(c.subject, "के पास"), said, no, is_]
    who = say.marked(c.subject, "को")
    if c.verb == "want":
        return [who, said, no, "चाहिए", is_ if c.tense == "past" else ""]
    return [*([said, who] if c.question == "who" else [who, said]), "पसंद", no, is_]


def _active(c: Clause) -> list[str]:
    """Say what somebody does, in the order subject, time, place, recipient, object, verb."""
    say = _Speaker(c)
    ergative = c.tense == "past" and c.verb not in words.WITHOUT_NE and c.verb not in STATIVE
    subject = say.marked(c.subject, "ने") if ergative else say.direct(c.subject)
    marked = c.verb == "use" or (c.object is not None and is_person(c.object))
    target = (
        "" if c.object is None else say.marked(c.object, words.OBJECT_CASES[c.verb]) if marked else say.direct(c.object)
    )
    who = agreement(c.subject, c.addressee)
    if ergative:
        inherent = words.COMPOUND_NOUNS.get(c.verb)
        who = Agreement(inherent) if inherent else Agreement() if c.object is None or marked else agreement(c.object)
    compound = words.COMPOUNDS.get(c.verb, "")
    stem = words.STEMS.get(c.verb, "कर")
    stative = c.tense == "past" and c.verb in STATIVE
    group = verb(stem, "present" if stative else c.tense, who, c.negative, past=stative)
    asked = words.QUESTIONS[c.question] if c.question in ("where", "when", "why", "how") else ""
    if c.question == "who":
        subject, asked = "", subject
    last = [compound, asked] if words.OBJECT_CASES.get(c.verb) in ("का", "की") else [asked, compound]
    where = say.adjunct(c.adjunct) if c.adjunct is not None else ""
    recipient = say.marked(c.recipient, "को") if c.recipient is not None else ""
    return [subject, _time(c), where, recipient, target, *last, *group]


class _Speaker:
    """Say the nominals of one clause; that takes its subject (for अपना), its hearer (for आप) and its mood (for कोई)."""

    def __init__(self, clause: Clause) -> None:
        self.subject = clause.subject
        self.reflexive = clause.verb != "exist"
        self.addressee = clause.addressee
        self.assertive = not clause.negative and clause.question != "yes-no"

    def direct(self, meant: Nominal) -> str:
        """Say a nominal without a postposition."""
        return self._said(meant, False)

    def marked(self, meant: Nominal, postposition: str) -> str:
        """Say a nominal with ने, को, से, का, की, में and the like; pronouns fuse with some of them."""
        pronoun = self._pronoun(meant)
        if not pronoun:
            return f"{self._said(meant, True)} {postposition}".rstrip()
        fused = {"ने": words.ERGATIVE, "को": words.DATIVE, "से": words.ABLATIVE}.get(postposition)
        if fused is not None:
            return fused[pronoun]
        if postposition in ("का", "की"):
            return adjective(words.GENITIVE[pronoun], "f" if postposition == "की" else "m", False)
        return f"{adjective(words.GENITIVE[pronoun], 'm', True)} {postposition.removeprefix('के ')}"

    def genitive(self, owner: Nominal, sex: Sex, plural: bool, oblique: bool) -> str:
        """Say whose it is, in agreement with what is owned."""
        pronoun = self._pronoun(owner)
        if pronoun:
            return adjective(words.GENITIVE[pronoun], sex, plural, oblique)
        return f"{self._said(owner, True)} {adjective('का', sex, plural, oblique)}"

    def identity(self, meant: Nominal, who: Agreement) -> str:
        """Say a predicate noun, which takes the subject's gender if it has none of its own ("मेरी दोस्त").

        A masculine one also takes the subject's plural of respect ("आप मेरे दोस्त हैं").
        """
        sex = who.gender
        if meant.noun in ("friend", "doctor", "farmer", *words.OF_WOMEN) and sex == "f":
            word = words.OF_WOMEN.get(meant.noun, words.MASCULINE[meant.noun])
            said = noun(word, sex, meant.plural, False) if meant.noun in words.OF_WOMEN else word
            return self._qualified(meant, said, sex, False, predicate=True)
        respected = who.plural and sex == gender(meant.noun) == "m"
        return self._said(replace(meant, plural=meant.plural or respected), False, predicate=True)

    def adjunct(self, meant: Adjunct) -> str:
        """Say a place or company."""
        if meant.nominal is None:
            return words.WORDS_OF_PLACE[meant.relation]
        postposition = words.RELATIONS[meant.relation]
        if (meant.relation, meant.nominal.noun) in words.AT_ON:
            postposition = "पर"
        return self.marked(meant.nominal, postposition)

    def _pronoun(self, meant: Nominal) -> str:
        """Return the pronoun in its direct form, or nothing for a noun."""
        if meant.noun == "you":
            return words.SECOND_PERSON[ADDRESSEES[self.addressee][0]]
        return words.DIRECT.get(meant.noun, "")

    def _said(self, meant: Nominal, oblique: bool, predicate: bool = False) -> str:
        """Say a nominal in the direct or the oblique case."""
        pronoun = self._pronoun(meant)
        if pronoun:
            return pronoun
        if meant.noun in ("this", "that"):
            return words.DEMONSTRATIVES[meant.noun, meant.plural][oblique]
        sex = gender(meant.noun)
        word = words.FEMININE[meant.noun] if sex == "f" else words.MASCULINE[meant.noun]
        return self._qualified(meant, noun(word, sex, meant.plural, oblique), sex, oblique, predicate)

    def _qualified(self, meant: Nominal, said: str, sex: Sex, oblique: bool, predicate: bool = False) -> str:
        """Put owner, determiner and adjective in front of an inflected noun."""
        plural = meant.plural or meant.noun in words.HONOURED
        parts = [self.genitive(meant.of, sex, plural, oblique) if meant.of is not None else ""]
        parts.append(self._determiner(meant, sex, plural, oblique, predicate))
        if meant.adjective:
            parts.append(adjective(words.ADJECTIVES[meant.adjective], sex, plural, oblique))
        return " ".join(part for part in (*parts, said) if part)

    def _determiner(self, meant: Nominal, sex: Sex, plural: bool, oblique: bool, predicate: bool) -> str:
        """Say the determiner of a noun; "the" says nothing."""
        lemma = meant.determiner
        if lemma in POSSESSIVES:
            own = self.reflexive and can_own(self.subject, lemma)
            if own and not predicate and meant is not self.subject:
                return adjective(words.REFLEXIVE, sex, plural, oblique)
            pronoun = self._pronoun(Nominal(POSSESSIVES[lemma]))
            return adjective(words.GENITIVE[pronoun], sex, plural, oblique)
        if lemma in ("this", "that"):
            return words.DEMONSTRATIVES[lemma, plural][oblique]
        if lemma in ("how many", "whose"):
            return adjective("कितना" if lemma == "how many" else "किसका", sex, plural, oblique)
        if lemma == "a":
            return "" if predicate else "एक" if self.assertive else "किसी" if oblique else "कोई"
        return words.DETERMINERS.get(lemma, "")


linearise = Language("hi", "नमस्ते", words.ADDRESSEES, "।", _clause).linearise
