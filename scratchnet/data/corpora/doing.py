"""Frames of doing: each function puts one meaning together from a `Dealer`, or returns None for a draw without sense.

Read next: being.py.
"""

from itertools import product

from scratchnet.data.corpora import lemmas, places
from scratchnet.data.corpora.dealing import ANYBODY, OWNERS, PRONOUN, SIMPLE, Dealer, other, weight
from scratchnet.data.corpora.meaning import Adjunct, Clause, Nominal, Question, Tense

TENSES: tuple[Tense, ...] = ("present", "progressive", "past", "future", "present", "past", "can")
WHICH = ("this", "that", "possessive", "number", "possessive", "number")
SOME = ("the", "a", "the", "a", "possessive", "number", "this")
DEFINITE = ("the", "the", "this", "that", "possessive")
PLACED = ("read", "write", "eat", "drink", "prepare")
RARE = ("eat", "drink", "read", "write", "buy", "see", "open", "give", *lemmas.ALONE[:4], "clean", "help", "rest")
CELLS = tuple(product(RARE, ("i", "i", "brother", "friend", "sister", "sister", "madam", "mother", "girl", "boy")))


def done_to_things(d: Dealer) -> Clause | None:
    """ "sita reads two books.", "the girls did not open the door in the evening." """
    verb = d.deal(lemmas.TRANSITIVE)
    tense = tense_of(d, verb)
    extra = d.deal(("", "", "which", "which", "time", "time", "place" if verb in PLACED else "which"))
    subject = d.person(PRONOUN if extra == "place" else ANYBODY)
    timeless = tense == "can" or (tense == "present" and verb not in lemmas.ROUTINE)
    if weight(subject) > 1 or (extra == "time" and timeless) or verb == "finish":
        extra = ""
    determiners = ("the",) if verb == "finish" else WHICH if extra == "which" else ("the", "a")
    thing = d.thing(d.deal(lemmas.VERBS[verb]), determiners)
    time = d.time(tense, verb) if extra == "time" else ""
    adjunct = d.place(places.DOING[verb]) if extra == "place" else None
    negative, question = d.mood(subject, tense=tense)
    return Clause(verb, subject, thing, None, adjunct, time, tense=tense, negative=negative, question=question)


def done_to_such_things(d: Dealer) -> Clause | None:
    """ "she is buying a red umbrella." """
    verb = d.deal(lemmas.TRANSITIVE)
    tense, subject = tense_of(d, verb), d.person(SIMPLE)
    thing = d.thing(d.deal(lemmas.VERBS[verb]), ("the", "a", "the"), qualified=True)
    negative, question = d.mood(subject, tense=tense)
    return Clause(verb, subject, thing, tense=tense, negative=negative, question=question) if verb != "use" else None


def done_by_animals(d: Dealer) -> Clause | None:
    """ "the cat drinks milk." """
    subject = d.thing(d.deal(lemmas.ANIMALS), ("the", "the", "this", "that", "possessive"))
    verb = d.deal(("eat", "drink", "sleep", "rest", "come"))
    tense = tense_of(d, verb)
    if subject.plural and tense == "past" and verb not in ("sleep", "come"):
        subject = Nominal(subject.noun, "the")
    negative, question = d.mood(subject)
    if verb in ("eat", "drink"):
        what = d.deal(("rice", "bread", "food") if verb == "eat" else ("water", "milk"))
        food = Nominal(what, d.deal(("", "", "the")))
        return Clause(verb, subject, food, tense=tense, negative=negative, question=question)
    if verb == "come":
        if tense == "can":
            return None
        time = d.time(tense, verb)
        return Clause(verb, subject, time=time, tense=tense, negative=negative, question=question)
    return Clause(verb, subject, adjunct=d.place(places.BY_ANIMALS), tense=tense, negative=negative, question=question)


def done_to_people(d: Dealer) -> Clause | None:
    """ "ravi is waiting for the doctor at the station." """
    verb = d.deal(lemmas.WITH_PEOPLE)
    tense, subject = tense_of(d, verb), d.person()
    whom = d.person(ANYBODY if weight(subject) <= 1 else SIMPLE)
    room = 2.5 - weight(subject) - weight(whom) if verb in places.DOING else 0
    extra = d.deal(("time", "place", "")) if room >= 1 else d.deal(("time", "")) if room >= 0.5 else ""
    time = d.time(tense, verb) if extra == "time" else ""
    adjunct = d.place(places.DOING[verb]) if extra == "place" else None
    negative, question = d.mood(subject, tense=tense)
    return Clause(verb, subject, whom, None, adjunct, time, tense=tense, negative=negative, question=question)


def given(d: Dealer) -> Clause | None:
    """ "meera gave a book to the doctor." """
    verb = d.deal(("give", "give", "give", "write"))
    tense, subject = tense_of(d, verb), d.person(SIMPLE)
    to = d.person(SIMPLE if verb == "write" else ("pronoun", "name", "people"))
    thing = d.thing(d.deal(lemmas.VERBS["give"]), ("the", "a", "a")) if verb == "give" else d.thing("letter")
    negative, question = d.mood(subject, tense=tense)
    return Clause(verb, subject, thing, to, tense=tense, negative=negative, question=question)


def done_alone(d: Dealer) -> Clause | None:
    """ "they will go to the village tomorrow.", "my brother works in the hospital." """
    verb = d.deal(lemmas.ALONE)
    tense, subject = tense_of(d, verb), d.person()
    extra = "place" if verb == "live" else d.deal(("time", "place", "both", "place", "company"))
    company = extra == "company" and verb not in ("sleep", "rest")
    time = d.time(tense, verb) if extra in ("time", "both") else ""
    adjunct = d.place(places.DOING[verb]) if extra in ("place", "both") else None
    if company:
        adjunct = Adjunct("with", d.person())
    negative, question = d.mood(subject, tense=tense)
    return Clause(verb, subject, adjunct=adjunct, time=time, tense=tense, negative=negative, question=question)


def conjugated(d: Dealer) -> Clause | None:
    """ "sister, you will read the poem.", "the girls will sleep.": forms that chance would make rare."""
    verb, who = d.deal(CELLS)
    addressee = who if who in ("brother", "friend", "sister", "madam") else ""
    subject = Nominal("you") if addressee else Nominal("i")
    if who == "mother":
        subject = Nominal("mother", d.deal(OWNERS))
    elif who in ("girl", "boy"):
        noun = d.deal(("girl", "woman") if who == "girl" else ("boy", "man", "doctor"))
        subject = Nominal(noun, d.deal(("the", "this", "that")), plural=True)
    things, adjunct, time = lemmas.VERBS[verb], None, ""
    thing = d.thing(d.deal(things), SOME) if things else d.person() if verb in lemmas.WITH_PEOPLE else None
    if thing is None:
        adjunct = d.place(places.DOING[verb]) if d.chance(0.5) or verb == "live" else None
        time = d.time("future", verb) if adjunct is None or d.chance(0.3) else ""
    recipient = d.person(SIMPLE) if verb == "give" else None
    negative, question = d.mood(subject)
    return Clause(
        verb, subject, thing, recipient, adjunct, time, "", False, None, "future", negative, question, addressee
    )


def done_before(d: Dealer) -> Clause | None:
    """ "the girls went home.", "he wrote four letters.": perfectives that chance would make rare."""
    verb = d.deal(("go", "come", "sleep", "read", "write", "give", "eat", "open"))
    negative, question = d.mood(Nominal("they"))
    if lemmas.VERBS[verb]:
        noun = d.deal(tuple(noun for noun in lemmas.VERBS[verb] if noun not in lemmas.MASS))
        thing, subject = d.thing(noun, ("number", "")), d.person(SIMPLE)
        recipient = d.person(SIMPLE) if verb == "give" else None
        time = "yesterday" if verb == "read" else ""
        return Clause(verb, subject, thing, recipient, time=time, tense="past", negative=negative, question=question)
    who = d.deal(("girl", "woman", "sister", "daughter", "man", "brother"))
    subject = Nominal(who, d.deal(OWNERS if who in lemmas.KIN else ("the", "this", "that")), plural=True)
    adjunct = d.place(places.DOING[verb]) if d.chance(0.5) else None
    time = d.time("past", verb) if adjunct is None else ""
    return Clause(verb, subject, adjunct=adjunct, time=time, tense="past", negative=negative, question=question)


def who_does(d: Dealer) -> Clause | None:
    """ "who opened the window?" """
    verb = d.deal((*lemmas.TRANSITIVE, *lemmas.WITH_PEOPLE, *lemmas.ALONE))
    tense, thing, adjunct = tense_of(d, verb), None, None
    if verb in lemmas.ALONE:
        adjunct = d.place(places.DOING[verb])
    else:
        thing = d.person() if verb in lemmas.WITH_PEOPLE else d.thing(d.deal(lemmas.VERBS[verb]), DEFINITE)
    return Clause(verb, Nominal("who"), thing, adjunct=adjunct, tense=tense, question="who")


def what_is_done(d: Dealer) -> Clause | None:
    """ "what is sita reading?" """
    verb = d.deal(("eat", "drink", "read", "write", "buy", "see", "give", "clean", "repair", "open", "prepare"))
    tense, subject = tense_of(d, verb), other(d.person())
    to = d.person() if verb == "give" else None
    time = d.time(tense, verb) if to is None and d.chance(0.35) else ""
    return Clause(verb, subject, Nominal("what"), to, time=time, tense=tense, question="what")


def how_many(d: Dealer) -> Clause | None:
    """ "how many apples did ravi buy?" """
    verb = d.deal(("eat", "read", "write", "buy", "see", "open", "clean", "close", "repair", "finish"))
    noun = d.deal(tuple(noun for noun in lemmas.VERBS[verb] if noun not in lemmas.MASS | lemmas.SINGLE))
    tense: Tense = d.deal(("present", "past", "past", "future", "can"))
    return Clause(verb, other(d.person()), Nominal(noun, "how many", "", True), tense=tense, question="how many")


def where_when_why_how(d: Dealer) -> Clause | None:
    """ "why did the girl close the door?" """
    question: Question = d.deal(("where", "when", "why", "how"))
    if question == "how":
        verb = d.deal(("prepare", "repair", "open", "clean", "close", "go", "come"))
    elif question == "where":
        verb = d.deal((*lemmas.ALONE, "wait", "buy", "read", "eat"))
    else:
        verb = d.deal(
            (*lemmas.TRANSITIVE, "help", "wait", "talk", "call", "miss", "love", "go", "come", "sleep", "rest", "pray")
        )
    tense, subject, thing, adjunct = tense_of(d, verb), other(d.person()), None, None
    if (question in ("why", "when") and tense == "can") or (question == "when" and tense == "progressive"):
        return None
    if verb in lemmas.WITH_PEOPLE and verb != "see":
        thing = d.person()
    elif lemmas.VERBS[verb]:
        thing = d.thing(d.deal(lemmas.VERBS[verb]), DEFINITE)
    elif verb in ("go", "come") and question != "where":
        adjunct = d.place(places.DOING[verb])
    elif verb == "come":
        return None
    return Clause(verb, subject, thing, adjunct=adjunct, tense=tense, question=question)


def tense_of(d: Dealer, verb: str) -> Tense:
    """Return a tense that the verb has."""
    tense = d.deal(TENSES)
    if (tense == "progressive" and verb in lemmas.MOMENTARY) or (tense == "can" and verb in ("love", "miss")):
        return "past"
    return tense
