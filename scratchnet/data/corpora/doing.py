"""Frames of doing: each function puts one meaning together from a `Dealer`, or returns None for a draw without sense.

Read next: being.py.
"""

from dataclasses import replace
from itertools import product

from scratchnet.data.corpora import lemmas
from scratchnet.data.corpora.dealing import OWNERS, PLACES, Dealer
from scratchnet.data.corpora.meaning import Adjunct, Clause, Nominal, Question, Tense

TENSES: tuple[Tense, ...] = ("present", "progressive", "past", "future", "present", "past", "can")
MOODS = ("plain", "plain", "plain", "plain", "negative", "negative", "yes-no", "yes-no")
DEFINITE = ("the", "this", "that", "possessive")


def done_to_things(d: Dealer) -> Clause | None:
    """ "sita reads the red book." """
    verb = d.deal(lemmas.TRANSITIVE)
    subject = d.person()
    thing = d.thing(d.deal(lemmas.VERBS[verb]))
    if thing.noun in lemmas.OPENINGS and thing.determiner != "many" and d.chance(0.4):
        thing = Nominal(thing.noun, "the", plural=thing.plural, of=Nominal(d.deal(("house", "room", "shop")), d.deal(("the", "this", "that"))))
    said = _mood(d, Clause(verb, subject, thing, tense=_tense(d, verb)))
    if thing.adjective or thing.of or subject.adjective or said.tense == "can":
        return said
    if said.tense != "present" or verb in lemmas.ROUTINE:
        said = _when_or_where(d, said, 0.4, 0.2)
    return said


def done_by_animals(d: Dealer) -> Clause | None:
    """ "the black cat drinks milk." """
    noun = d.deal(lemmas.ANIMALS)
    subject = d.thing(noun, 0.3, ("the", "this", "that", "possessive", "number"))
    verb = d.deal(("eat", "drink", "sleep", "rest", "come", "see"))
    said = Clause(verb, subject, tense=_tense(d, verb))
    if subject.plural and said.tense == "past" and verb != "sleep":
        subject = replace(subject, plural=False, determiner="the")
        said = replace(said, subject=subject)
    if verb == "eat":
        said = replace(said, object=d.thing(d.deal(("rice", "bread", "food")), 0, ("", "", "the")))
    elif verb == "drink":
        said = replace(said, object=d.thing(d.deal(("water", "milk")), 0, ("", "", "the")))
    elif verb == "see":
        said = replace(said, object=d.person(subject))
    elif verb == "come":
        said = replace(said, tense="past" if said.tense == "can" else said.tense)
        said = replace(said, time=d.time(said.tense, verb))
    else:
        said = replace(said, adjunct=d.spot(ANIMAL_PLACES))
    return _mood(d, said)


ANIMAL_PLACES = (
    *(("in", "garden", "own"), ("under", "tree", "the"), ("behind", "house", "the"), ("near", "river", "the")),
    *(("near", "door", "the"), ("under", "table", "the"), ("under", "car", "own"), ("near", "shop", "the")),
)


def done_to_people(d: Dealer) -> Clause | None:
    """ "ravi is waiting for the doctor at the station." """
    verb = d.deal(lemmas.WITH_PEOPLE)
    subject = d.person()
    said = _mood(d, Clause(verb, subject, d.person(subject), tense=_tense(d, verb)))
    return _when_or_where(d, said, 0.45, 0.3) if not subject.adjective else said


def given(d: Dealer) -> Clause | None:
    """ "meera gave a book to her sister." """
    verb = d.deal(("give", "give", "write"))
    subject = d.person()
    thing = d.thing(d.deal(lemmas.VERBS["give"] if verb == "give" else ("letter", "poem", "story")), 0.15)
    time = d.time("past", verb) if d.chance(0.1) else ""
    said = Clause(verb, subject, thing, recipient=d.person(subject), tense="past" if time else _tense(d, verb), time=time)
    return None if subject.adjective else _mood(d, said)


def gone(d: Dealer) -> Clause | None:
    """ "they will go to the village tomorrow." """
    verb = d.deal(("go", "come"))
    tense = _tense(d, verb)
    said = _mood(d, Clause(verb, d.person(), tense=tense, adjunct=d.place(verb)))
    kind = d.deal(("time", "time", "place", "company"))
    if kind == "time":
        return replace(said, time=d.time(tense, verb))
    return replace(said, adjunct=Adjunct("with", d.person(said.subject))) if kind == "company" else said


def stayed(d: Dealer) -> Clause | None:
    """ "my brother works in the hospital." """
    verb = d.deal(lemmas.ALONE[2:])
    tense = _tense(d, verb)
    said = _mood(d, Clause(verb, d.person(), tense=tense))
    kind = d.deal(("place", "place", "time", "both", "company"))
    if kind == "company":
        return replace(said, adjunct=Adjunct("with", d.person(said.subject)))
    if kind in ("place", "both") or verb == "live":
        said = replace(said, adjunct=d.place(verb))
    return replace(said, time=d.time(tense, verb)) if kind in ("time", "both") and verb != "live" else said


def conjugated(d: Dealer) -> Clause | None:
    """ "sister, you will read the poem.", "the girls will sleep.": forms that chance would make rare."""
    verb, who = d.deal(tuple(product(CONJUGATED, ("i", "brother", "friend", "sister", "sister", "madam", "mother", "girl"))))
    said = Clause(verb, Nominal("you"), tense="future", addressee=who)
    if who == "i":
        said = replace(said, subject=Nominal("i"), addressee="")
    elif who == "mother":
        said = replace(said, subject=Nominal("mother", d.deal(OWNERS)), addressee="")
    elif who == "girl":
        subject = Nominal(d.deal(("girl", "woman")), d.deal(("the", "this", "that")), plural=True)
        said = replace(said, subject=subject, addressee="")
    if lemmas.VERBS[verb]:
        said = replace(said, object=d.thing(d.deal(lemmas.VERBS[verb]), 0.1))
    elif verb in lemmas.WITH_PEOPLE:
        said = replace(said, object=d.person(said.subject))
    elif d.chance(0.5) or verb == "live":
        said = replace(said, adjunct=d.place(verb))
    else:
        said = replace(said, time=d.time("future", verb))
    if verb == "give":
        said = replace(said, recipient=d.person(said.subject))
    return _mood(d, said)


CONJUGATED = ("eat", "drink", "read", "write", "buy", "see", "open", "give", "go", "come", "live", "sleep", "clean", "help", "rest")


def who_does(d: Dealer) -> Clause | None:
    """ "who opened the window?" """
    verb = d.deal((*lemmas.TRANSITIVE, *lemmas.WITH_PEOPLE, *lemmas.ALONE))
    said = Clause(verb, Nominal("who"), tense=_tense(d, verb), question="who")
    if verb in lemmas.ALONE:
        return replace(said, adjunct=d.place(verb))
    if verb in lemmas.WITH_PEOPLE:
        return replace(said, object=d.person(said.subject))
    return replace(said, object=d.thing(d.deal(lemmas.VERBS[verb]), 0.3, DEFINITE))


def what_is_done(d: Dealer) -> Clause | None:
    """ "what is sita reading?" """
    verb = d.deal(("eat", "drink", "read", "write", "buy", "see", "give", "clean", "repair", "open", "prepare"))
    tense = _tense(d, verb)
    said = _ask(d, "what", Clause(verb, d.person(), Nominal("what"), tense=tense))
    if verb == "give":
        return replace(said, recipient=d.person(said.subject))
    return _when_or_where(d, said, 0.4, 0.2)


def how_many(d: Dealer) -> Clause | None:
    """ "how many apples did ravi buy?" """
    verb = d.deal(("eat", "read", "write", "buy", "see", "open", "clean", "close", "repair", "finish"))
    noun = d.deal(tuple(noun for noun in lemmas.VERBS[verb] if noun not in lemmas.MASS | lemmas.SINGLE))
    thing = Nominal(noun, "how many", d.deal(lemmas.QUALITIES[noun]) if d.chance(0.2) else "", True)
    return _ask(d, "how many", Clause(verb, d.person(), thing, tense=d.deal(("present", "past", "past", "future", "can"))))


def where_when_why_how(d: Dealer) -> Clause | None:
    """ "why did the girl close the door?" """
    question: Question = d.deal(("where", "when", "why", "how"))
    subject = d.person()
    if question == "how":
        verb = d.deal(("prepare", "repair", "open", "clean", "close", "go", "come"))
    elif question == "where":
        verb = d.deal(("go", "live", "sleep", "work", "rest", "study", "exercise", "pray", "wait", "buy", "read", "eat"))
    else:
        verb = d.deal((*lemmas.TRANSITIVE, "help", "wait", "talk", "call", "miss", "love", "go", "come", "sleep", "rest", "exercise", "pray"))
    said = Clause(verb, subject, tense=_tense(d, verb))
    if (question in ("why", "when") and said.tense == "can") or (question == "when" and said.tense == "progressive"):
        return None
    if verb in lemmas.WITH_PEOPLE and verb != "see":
        said = replace(said, object=d.person(subject))
    elif lemmas.VERBS[verb]:
        said = replace(said, object=d.thing(d.deal(lemmas.VERBS[verb]), 0.2, ("the", "this", "that", "possessive")))
    elif verb in ("go", "come") and question != "where":
        said = replace(said, adjunct=d.place(verb))
    return _ask(d, question, said)


def _mood(d: Dealer, said: Clause) -> Clause:
    """Leave a statement, deny it, or ask for it; nobody is asked what the speaker does ("do i read?")."""
    mood = d.deal(MOODS)
    if mood == "yes-no" and (said.subject.noun not in ("i", "we") or said.tense == "can"):
        return replace(said, question="yes-no")
    return replace(said, negative=True) if mood == "negative" else said


def _ask(d: Dealer, question: Question, said: Clause) -> Clause:
    """Make it a question; what the speaker does is asked of the hearer instead."""
    subject = said.subject if said.subject.noun not in ("i", "we") else Nominal("you")
    return replace(said, subject=subject, question=question)


def _tense(d: Dealer, verb: str) -> Tense:
    """Return a tense that the verb has."""
    tense = d.deal(TENSES)
    if verb in ("love", "miss") and tense == "can":
        return "past"
    return "past" if tense == "progressive" and verb in lemmas.MOMENTARY else tense


def _when_or_where(d: Dealer, said: Clause, when: float, where: float) -> Clause:
    """Add a time or a place, or neither, at these probabilities."""
    if d.chance(when):
        return replace(said, time=d.time(said.tense, said.verb))
    return replace(said, adjunct=d.place(said.verb)) if said.verb in PLACES and d.chance(where) else said
