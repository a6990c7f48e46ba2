"""Marathi inflection: whatever agrees in gender and number, the copula, and the verb in all tenses.

After Dhongde & Wali (2009), "Marathi", chapters on the noun phrase and on the verb. Nothing here knows about sentences.

Read next: words.py.
"""

from dataclasses import dataclass

from scratchnet.data.corpora.marathi.words import ENDINGS, Gender
from scratchnet.data.corpora.meaning import Tense


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a verb or an adjective agrees with.

    Args:
        person: 1, 2 or 3.
        gender: "m", "f" or "n".
        plural: the plural, also that of respect (तुम्ही, वडील).
    """

    person: int = 3
    gender: Gender = "m"
    plural: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """Hold the principal parts of a verb; those that are left out follow from the stem.

    Args:
        stem: what the present and the future in णार are made from: वाच (वाचतो, वाचणार).
        participle: the imperfective participle without an ending: वाचत.
        perfective: the perfective without its ending: वाचल (वाचला, वाचली).
        future: first person singular, third person singular, second person plural: वाचेन, वाचेल, वाचाल.
        infinitive: the form before शकणे, which is also the future of आम्ही: वाचू.
    """

    stem: str
    participle: str = ""
    perfective: str = ""
    future: str = ""
    infinitive: str = ""


IRREGULAR: dict[str, Verb] = {
    verb.stem: verb
    for verb in (
        Verb("कर", perfective="केल"),
        Verb("जा", perfective="गेल", future="जाईन जाईल जाल", infinitive="जाऊ"),
        Verb("ये", perfective="आल", future="येईन येईल याल", infinitive="येऊ"),
        Verb("दे", perfective="दिल", future="देईन देईल द्याल", infinitive="देऊ"),
        Verb("घे", perfective="घेतल", future="घेईन घेईल घ्याल", infinitive="घेऊ"),
        Verb("खा", perfective="खाल्ल", future="खाईन खाईल खाल", infinitive="खाऊ"),
        Verb("पि", "पीत", "प्यायल", "पिईन पिईल प्याल", "पिऊ"),
        Verb("लिहि", "लिहीत", future="लिहीन लिहील लिहाल", infinitive="लिहू"),
        Verb("पाह", perfective="पाहिल", future="पाहीन पाहील पाहाल"),
        Verb("राह", perfective="राहिल", future="राहीन राहील राहाल"),
    )
}


def principal_parts(stem: str) -> Verb:
    """Return the principal parts of a verb, none of them empty."""
    known = IRREGULAR.get(stem, Verb(stem))
    return Verb(
        stem,
        known.participle or stem + "त",
        known.perfective or stem + "ल",
        known.future or f"{stem}ेन {stem}ेल {stem}ाल",
        known.infinitive or stem + "ू",
    )


def inflected(word: str, gender: Gender, plural: bool, oblique: bool = False) -> str:
    """Return an adjective or possessive in agreement: those in ा have six forms and an oblique, the others one form."""
    if word[-1] != "ा":
        return word
    ending = "्या" if oblique else ENDINGS[gender, plural]
    stem = word[:-1]
    return stem[:-1] + "ऱ" + ending if stem[-1] == "र" and ending == "्या" else stem + ending


def copula(who: Agreement, past: bool = False, negative: bool = False) -> str:
    """Return आहे, नाही, होता or नव्हता in agreement."""
    if past:
        return personal("नव्हत" if negative else "होत", who)
    if negative:
        return {(2, False): "नाहीस", (3, True): "नाहीत"}.get((who.person, who.plural), "नाही")
    plural = {1: "आहोत", 2: "आहात", 3: "आहेत"}
    return plural[who.person] if who.plural else "आहेस" if who.person == 2 else "आहे"


def bare(base: str, who: Agreement) -> str:
    """Return a perfective as it stands before आहे and नाही, without the ending of the second person: गेलो, गेला."""
    if who.person == 1:
        return base + ("ो" if who.plural or who.gender == "m" else "े")
    return base + ("ा" if who.person == 2 and who.plural else ENDINGS[who.gender, who.plural])


def personal(base: str, who: Agreement) -> str:
    """Return a perfective that agrees with the subject: गेलो, गेलास, गेलात, गेली; likewise होतो and नव्हतो."""
    return bare(base, who) + ("" if who.person != 2 else "त" if who.plural else "स")


def present(stem: str, who: Agreement) -> str:
    """Return the habitual present, such as वाचतो, वाचते, वाचतोस, वाचता, वाचतात."""
    if who.plural:
        return stem + {1: "तो", 2: "ता", 3: "तात"}[who.person]
    return stem + ("तो" if who.gender == "m" else "ते") + ("स" if who.person == 2 else "")


def future(verb: Verb, who: Agreement) -> str:
    """Return the future, such as जाईन, जाशील, जाईल, जाऊ, जाल, जातील."""
    first, third, second_plural = verb.future.split()
    if who.plural:
        return {1: verb.infinitive, 2: second_plural, 3: verb.stem + "तील"}[who.person]
    return {1: first, 2: verb.stem + "शील", 3: third}[who.person]


def finite(stem: str, tense: Tense, who: Agreement, negative: bool = False, patient: Agreement | None = None) -> str:
    """Say a verb in a tense, with its auxiliary or its नाही.

    Args:
        stem: the verb's stem, such as वाच.
        tense: the tense.
        who: the subject.
        negative: whether it is denied.
        patient: what the perfective agrees with instead of the subject; None if it agrees with the subject.

    Returns:
        Such as "वाचतो", "वाचत नाही आहेस", "वाचलीस", "वाचणार नाही", "वाचू शकतात".
    """
    verb = principal_parts(stem)
    no = copula(who, negative=True)
    if tense == "present":
        return f"{verb.participle} {no}" if negative else present(stem, who)
    if tense == "progressive":
        return " ".join((verb.participle, *(["नाही"] if negative else []), copula(who)))
    if tense == "future":
        return f"{stem}णार {no}" if negative else future(verb, who)
    if tense == "can":
        return f"{verb.infinitive} शकत {no}" if negative else f"{verb.infinitive} {present('शक', who)}"
    if patient is None:
        if not negative:
            return personal(verb.perfective, who)
        return f"{bare(verb.perfective, who)} {'नाहीत' if who.person == 2 and who.plural else no}"
    said = verb.perfective + ENDINGS[patient.gender, patient.plural]
    intimate = who.person == 2 and not who.plural
    if negative:
        return f"{said} {copula(who if intimate else patient, negative=True)}"
    return said + ("स" if intimate else "")


def lasting(stem: str, who: Agreement, negative: bool) -> str:
    """Say the past of a state, such as राहत होता, राहत नव्हतो."""
    return f"{principal_parts(stem).participle} {copula(who, True, negative)}"


def resultative(stem: str, who: Agreement, negative: bool) -> str:
    """Say the state that an action leaves, such as झोपला आहे (he is asleep), झोपलेला नाही."""
    perfective = principal_parts(stem).perfective
    if not negative:
        return f"{bare(perfective, who)} {copula(who)}"
    participle = bare(perfective + "ेल", who if who.person == 1 else Agreement(3, who.gender, who.plural))
    return f"{participle} {copula(who, negative=True)}"
