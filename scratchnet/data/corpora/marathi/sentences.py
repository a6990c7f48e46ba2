"""Marathi sentences.

The verb stands last, with नाही or का after it; the order is subject, time, place, recipient, object, and a question
word comes right before the verb. In the perfective the subject of a transitive verb takes ने (not in the first and
second person) and the verb agrees with the object, or is neuter if that is marked; पिणे, to drink, and बोलणे, to talk,
agree with the subject nevertheless. Whoever misses, wants, likes or is hungry is in the dative, and the thing is agreed
with.

Conventions: तू for "friend", "son" and "daughter", तुम्ही for everybody else; "a" is एक in statements and nothing in
denials, yes/no questions and predicates; a third person's own is आपला, everybody else's own माझा, तुझा, ...; people as
objects are marked, things never are; a father takes the plural of respect; who is sleeping "has fallen asleep" (झोपला
आहे).

Read next: verbs.py.
"""

from dataclasses import dataclass

from scratchnet.data.corpora.language import Language
from scratchnet.data.corpora.lemmas import KIN, SEXES, STATIVE, is_person
from scratchnet.data.corpora.marathi import words
from scratchnet.data.corpora.marathi.nominals import Speaker
from scratchnet.data.corpora.marathi.verbs import Agreement, copula, finite, inflected, lasting, resultative
from scratchnet.data.corpora.marathi.words import Gender
from scratchnet.data.corpora.meaning import ADDRESSEES, Clause, Nominal


@dataclass(frozen=True, slots=True)
class Action:
    """Say how Marathi says a verb.

    Args:
        stem: the stem of the verb.
        companion: the word in front of the verb that it forms a compound with: विकत घेणे, मदत करणे.
        gender: the gender of that word, if it is a noun which the perfective agrees with.
        case: what the person has that it is done to: "ला", "शी", "वर", or "चा", the possessive of that noun.
        ergative: whether the perfective agrees with the object and the subject takes ने.
        dative: whether the subject is in the dative and the verb agrees with the companion ("her memory comes to me").
    """

    stem: str
    companion: str = ""
    gender: Gender | None = None
    case: str = "ला"
    ergative: bool = True
    dative: bool = False


ACTIONS: dict[str, Action] = {
    "eat": Action("खा"),
    "drink": Action("पि", ergative=False),
    "read": Action("वाच"),
    "write": Action("लिहि"),
    "buy": Action("घे", "विकत"),
    "see": Action("पाह"),
    "open": Action("उघड"),
    "give": Action("दे"),
    "clean": Action("कर", "स्वच्छ"),
    "close": Action("कर", "बंद"),
    "repair": Action("कर", "दुरुस्त"),
    "finish": Action("संपव"),
    "prepare": Action("कर", "तयार"),
    "use": Action("वापर"),
    "help": Action("कर", "मदत", "f"),
    "wait": Action("पाह", "वाट", "f", "चा"),
    "talk": Action("बोल", case="शी", ergative=False),
    "call": Action("कर", "फोन", "m"),
    "love": Action("कर", "प्रेम", "n", "वर"),
    "miss": Action("ये", "आठवण", "f", "चा", ergative=False, dative=True),
    "go": Action("जा", ergative=False),
    "come": Action("ये", ergative=False),
    "live": Action("राह", ergative=False),
    "sleep": Action("झोप", ergative=False),
    "work": Action("कर", "काम", "n"),
    "rest": Action("कर", "आराम", "m"),
    "study": Action("कर", "अभ्यास", "m"),
    "exercise": Action("कर", "व्यायाम", "m"),
    "pray": Action("कर", "प्रार्थना", "f"),
}


def _clause(c: Clause) -> list[str]:
    """Return the words of a clause, without its form of address and final punctuation."""
    kinds = {"be": _copular, **dict.fromkeys(("exist", "have", "want", "like"), _possessive)}
    return [*kinds.get(c.verb, _active)(c), "का" if c.question == "yes-no" else ""]


def _time(c: Clause) -> str:
    """Return the time of a clause in Marathi, or nothing."""
    return words.TIMES[c.time] if c.time else ""


def _copular(c: Clause) -> list[str]:
    """Say what or where somebody or something is, or ask."""
    say = Speaker(c)
    who = say.agreement(c.subject)
    subject = say.direct(c.subject)
    is_ = copula(who, c.tense == "past", c.negative)
    very = "" if not c.very else "फार" if c.negative else "खूप"
    if c.quality == "hungry":
        return _hungry(c, say, very)
    if c.question == "whose" and c.identity is not None:
        named = Nominal(c.identity.noun, c.subject.noun, plural=c.subject.plural)
        return [say.direct(named), inflected(words.GENITIVES["कोण"], who.gender, who.plural), is_]
    if c.question == "how":
        said = words.HOW[who.gender, who.plural]
    elif c.question == "where":
        said = words.QUESTIONS["where"]
    elif c.identity is not None:
        said = _identity(c.identity, c, say, who)
    elif c.adjunct is not None:
        said = say.adjunct(c.adjunct)
    else:
        said = f"{very} {say.adjective(c.quality, c.subject.noun, who)}".strip()
    if c.subject.noun == "who" and c.adjunct is not None:
        return [_time(c), said, subject, is_]
    return [subject, _time(c), said, is_]


def _hungry(c: Clause, say: Speaker, very: str) -> list[str]:
    """Say that somebody feels hunger."""
    hunger = Agreement(3, "f")
    if c.tense == "past":
        struck = f"लागली {copula(hunger, True, c.negative)}"
    else:
        struck = resultative("लाग", hunger, c.negative)
    return [say.dative(c.subject), _time(c), very, "भूक", struck]


def _identity(named: Nominal, c: Clause, say: Speaker, who: Agreement) -> str:
    """Say what the subject is, in a word for women if it is one.

    What is said of one person in the plural of respect takes that plural only if the noun has but one form:
    "तुम्ही माझे मित्र आहात", but "तुम्ही माझी मैत्रीण आहात".
    """
    if named.noun in words.PRONOUNS:
        return say.direct(named)
    addressed = ADDRESSEES[c.addressee][1] if c.subject.noun == "you" else "m"
    sex = SEXES.get(c.subject.noun, addressed)
    noun = words.OF_WOMEN[named.noun] if sex == "f" and named.noun in words.OF_WOMEN else say.noun(named)
    plural = named.plural or (who.plural and noun.singular == noun.plural) or named.noun in words.HONOURED
    gender: Gender = "n" if plural and named.noun in words.NEUTER_PLURALS else noun.gender
    predicate = c.subject.noun not in words.DEMONSTRATIVES
    said = noun.plural if plural else noun.singular
    return say.qualified(named, said, Agreement(3, gender, plural), predicate=predicate)


def _possessive(c: Clause) -> list[str]:
    """Say what there is, and what somebody has, wants or likes: the thing is agreed with."""
    say = Speaker(c)
    thing = c.subject if c.object is None else c.object
    what = say.agreement(thing)
    said = say.direct(thing)
    is_ = copula(what, c.tense == "past", c.negative)
    if c.verb == "exist":
        return [say.adjunct(c.adjunct) if c.adjunct is not None else "", said, is_]
    if c.verb == "have":
        return [say.dative(c.subject) if thing.noun in KIN else say.marked(c.subject, "कडे"), said, is_]
    who = say.dative(c.subject)
    order = [said, who] if c.subject.noun == "who" else [who, said]
    if c.verb == "like":
        return [*order, finite("आवड", "present", what, c.negative)]
    if c.negative:
        return [*order, "नको", copula(what, c.tense == "past")]
    return [*order, inflected("हवा", what.gender, what.plural), is_]


def _active(c: Clause) -> list[str]:
    """Say what somebody does, in the order subject, time, place, recipient, object, question word, verb."""
    say = Speaker(c)
    action = ACTIONS[c.verb]
    who = say.agreement(c.subject)
    ergative = action.ergative and c.tense == "past" and c.verb not in STATIVE
    subject = say.dative(c.subject) if action.dative else say.agent(c.subject) if ergative else say.direct(c.subject)
    target, patient = "", Agreement(3, "n")
    if c.object is not None and is_person(c.object):
        target = _person(c.object, action, say)
    elif c.object is not None:
        target, patient = say.direct(c.object), say.agreement(c.object)
    if action.gender is not None:
        patient = Agreement(3, action.gender)
    asked = words.QUESTIONS.get(c.question, "")
    if c.question == "how":
        manner = patient if c.object is not None else who
        asked = words.HOW[manner.gender, manner.plural]
    if c.subject.noun == "who":
        subject, asked = "", subject
    after = action.gender is not None and (action.case == "चा" or c.question in ("why", "when"))
    last = [action.companion, asked] if after else [asked, action.companion]
    recipient = say.dative(c.recipient) if c.recipient is not None else ""
    place = say.adjunct(c.adjunct) if c.adjunct is not None else ""
    if action.dative:
        who = patient
    return [subject, _time(c), place, recipient, target, *last, _verb(c, action, who, patient if ergative else None)]


def _person(meant: Nominal, action: Action, say: Speaker) -> str:
    """Say the person that something is done to, with the case that the verb asks for."""
    if action.case == "चा" and action.gender is not None:
        return say.genitive(meant, Agreement(3, action.gender))
    return say.dative(meant) if action.case == "ला" else say.marked(meant, action.case)


def _verb(c: Clause, action: Action, who: Agreement, patient: Agreement | None) -> str:
    """Say the verb without its companion."""
    if c.tense == "past" and c.verb in STATIVE:
        return lasting(action.stem, who, c.negative)
    if c.tense == "progressive" and c.verb == "sleep":
        return resultative(action.stem, who, c.negative)
    return finite(action.stem, c.tense, who, c.negative, patient)


linearise = Language("mr", "नमस्कार", words.ADDRESSEES, ".", _clause).linearise
