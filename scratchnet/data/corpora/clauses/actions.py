"""Templates of actions: each function draws one clause from a `Sampler`, or returns None for a draw without sense.

Read next: copula.py.
"""

from itertools import product

from scratchnet.data.corpora import lemmas, places
from scratchnet.data.corpora.clauses.sampling import ANYBODY, OWNERS, PRONOUN, SIMPLE, Sampler, other, weight
from scratchnet.data.corpora.meaning import Adjunct, Clause, Nominal, Question, Tense

TENSES: tuple[Tense, ...] = ("present", "progressive", "past", "future", "present", "past", "can")
WHICH = ("this", "that", "possessive", "number", "possessive", "number")
SOME = ("the", "a", "the", "a", "possessive", "number", "this")
DEFINITE = ("the", "the", "this", "that", "possessive")
PLACED = ("read", "write", "eat", "drink", "prepare")
RARE = ("eat", "drink", "read", "write", "buy", "see", "open", "give", *lemmas.ALONE[:4], "clean", "help", "rest")
CELLS = tuple(product(RARE, ("i", "i", "brother", "friend", "sister", "sister", "madam", "mother", "girl", "boy")))


def transitive(s: Sampler) -> Clause | None:
    """ "sita reads two books.", "the girls did not open the door in the evening." """
    verb = s.draw(lemmas.TRANSITIVE)
    tense = tense_of(s, verb)
    extra = s.draw(("", "", "which", "which", "time", "time", "place" if verb in PLACED else "which"))
    subject = s.person(PRONOUN if extra == "place" else ANYBODY)
    timeless = tense == "can" or (tense == "present" and verb not in lemmas.ROUTINE)
    if weight(subject) > 1 or (extra == "time" and timeless) or verb == "finish":
        extra = ""
    determiners = ("the",) if verb == "finish" else WHICH if extra == "which" else ("the", "a")
    thing = s.thing(s.draw(lemmas.VERBS[verb]), determiners)
    time = s.time(tense, verb) if extra == "time" else ""
    adjunct = s.place(places.DOING[verb]) if extra == "place" else None
    negative, question = s.mood(subject, tense=tense)
    return Clause(verb, subject, thing, None, adjunct, time, tense=tense, negative=negative, question=question)


def transitive_with_adjective(s: Sampler) -> Clause | None:
    """ "she is buying a red umbrella." """
    verb = s.draw(lemmas.TRANSITIVE)
    tense, subject = tense_of(s, verb), s.person(SIMPLE)
    thing = s.thing(s.draw(lemmas.VERBS[verb]), ("the", "a", "the"), qualified=True)
    negative, question = s.mood(subject, tense=tense)
    return Clause(verb, subject, thing, tense=tense, negative=negative, question=question) if verb != "use" else None


def of_animals(s: Sampler) -> Clause | None:
    """ "the cat drinks milk." """
    subject = s.thing(s.draw(lemmas.ANIMALS), ("the", "the", "this", "that", "possessive"))
    verb = s.draw(("eat", "drink", "sleep", "rest", "come"))
    tense = tense_of(s, verb)
    if subject.plural and tense == "past" and verb not in ("sleep", "come"):
        subject = Nominal(subject.noun, "the")
    negative, question = s.mood(subject)
    if verb in ("eat", "drink"):
        what = s.draw(("rice", "bread", "food") if verb == "eat" else ("water", "milk"))
        food = Nominal(what, s.draw(("", "", "the")))
        return Clause(verb, subject, food, tense=tense, negative=negative, question=question)
    if verb == "come":
        if tense == "can":
            return None
        time = s.time(tense, verb)
        return Clause(verb, subject, time=time, tense=tense, negative=negative, question=question)
    return Clause(verb, subject, adjunct=s.place(places.BY_ANIMALS), tense=tense, negative=negative, question=question)


def towards_people(s: Sampler) -> Clause | None:
    """ "ravi is waiting for the doctor at the station." """
    verb = s.draw(lemmas.WITH_PEOPLE)
    tense, subject = tense_of(s, verb), s.person()
    whom = s.person(ANYBODY if weight(subject) <= 1 else SIMPLE)
    room = 2.5 - weight(subject) - weight(whom) if verb in places.DOING else 0
    extra = s.draw(("time", "place", "")) if room >= 1 else s.draw(("time", "")) if room >= 0.5 else ""
    time = s.time(tense, verb) if extra == "time" else ""
    adjunct = s.place(places.DOING[verb]) if extra == "place" else None
    negative, question = s.mood(subject, tense=tense)
    return Clause(verb, subject, whom, None, adjunct, time, tense=tense, negative=negative, question=question)


def giving(s: Sampler) -> Clause | None:
    """ "meera gave a book to the doctor." """
    verb = s.draw(("give", "give", "give", "write"))
    tense, subject = tense_of(s, verb), s.person(SIMPLE)
    to = s.person(SIMPLE if verb == "write" else ("pronoun", "name", "people"))
    thing = s.thing(s.draw(lemmas.VERBS["give"]), ("the", "a", "a")) if verb == "give" else s.thing("letter")
    negative, question = s.mood(subject, tense=tense)
    return Clause(verb, subject, thing, to, tense=tense, negative=negative, question=question)


def intransitive(s: Sampler) -> Clause | None:
    """ "they will go to the village tomorrow.", "my brother works in the hospital." """
    verb = s.draw(lemmas.ALONE)
    tense, subject = tense_of(s, verb), s.person()
    extra = "place" if verb == "live" else s.draw(("time", "place", "both", "place", "company"))
    company = extra == "company" and verb not in ("sleep", "rest")
    time = s.time(tense, verb) if extra in ("time", "both") else ""
    adjunct = s.place(places.DOING[verb]) if extra in ("place", "both") else None
    if company:
        adjunct = Adjunct("with", s.person())
    negative, question = s.mood(subject, tense=tense)
    return Clause(verb, subject, adjunct=adjunct, time=time, tense=tense, negative=negative, question=question)


def rare_futures(s: Sampler) -> Clause | None:
    """ "sister, you will read the poem.", "the girls will sleep.": forms that chance would make rare."""
    verb, who = s.draw(CELLS)
    addressee = who if who in ("brother", "friend", "sister", "madam") else ""
    subject = Nominal("you") if addressee else Nominal("i")
    if who == "mother":
        subject = Nominal("mother", s.draw(OWNERS))
    elif who in ("girl", "boy"):
        noun = s.draw(("girl", "woman") if who == "girl" else ("boy", "man", "doctor"))
        subject = Nominal(noun, s.draw(("the", "this", "that")), plural=True)
    things, adjunct, time = lemmas.VERBS[verb], None, ""
    thing = s.thing(s.draw(things), SOME) if things else s.person() if verb in lemmas.WITH_PEOPLE else None
    if thing is None:
        adjunct = s.place(places.DOING[verb]) if s.chance(0.5) or verb == "live" else None
        time = s.time("future", verb) if adjunct is None or s.chance(0.3) else ""
    recipient = s.person(SIMPLE) if verb == "give" else None
    negative, question = s.mood(subject)
    return Clause(
        verb, subject, thing, recipient, adjunct, time, "", False, None, "future", negative, question, addressee
    )


def rare_pasts(s: Sampler) -> Clause | None:
    """ "the girls went home.", "he wrote four letters.": perfectives that chance would make rare."""
    verb = s.draw(("go", "come", "sleep", "read", "write", "give", "eat", "open"))
    negative, question = s.mood(Nominal("they"))
    if lemmas.VERBS[verb]:
        noun = s.draw(tuple(noun for noun in lemmas.VERBS[verb] if noun not in lemmas.MASS))
        thing, subject = s.thing(noun, ("number", "")), s.person(SIMPLE)
        recipient = s.person(SIMPLE) if verb == "give" else None
        time = "yesterday" if verb == "read" else ""
        return Clause(verb, subject, thing, recipient, time=time, tense="past", negative=negative, question=question)
    who = s.draw(("girl", "woman", "sister", "daughter", "man", "brother"))
    subject = Nominal(who, s.draw(OWNERS if who in lemmas.KIN else ("the", "this", "that")), plural=True)
    adjunct = s.place(places.DOING[verb]) if s.chance(0.5) else None
    time = s.time("past", verb) if adjunct is None else ""
    return Clause(verb, subject, adjunct=adjunct, time=time, tense="past", negative=negative, question=question)


def who_question(s: Sampler) -> Clause | None:
    """ "who opened the window?" """
    verb = s.draw((*lemmas.TRANSITIVE, *lemmas.WITH_PEOPLE, *lemmas.ALONE))
    tense, thing, adjunct = tense_of(s, verb), None, None
    if verb in lemmas.ALONE:
        adjunct = s.place(places.DOING[verb])
    else:
        thing = s.person() if verb in lemmas.WITH_PEOPLE else s.thing(s.draw(lemmas.VERBS[verb]), DEFINITE)
    return Clause(verb, Nominal("who"), thing, adjunct=adjunct, tense=tense, question="who")


def what_question(s: Sampler) -> Clause | None:
    """ "what is sita reading?" """
    verb = s.draw(("eat", "drink", "read", "write", "buy", "see", "give", "clean", "repair", "open", "prepare"))
    tense, subject = tense_of(s, verb), other(s.person())
    to = s.person() if verb == "give" else None
    time = s.time(tense, verb) if to is None and s.chance(0.35) else ""
    return Clause(verb, subject, Nominal("what"), to, time=time, tense=tense, question="what")


def how_many_question(s: Sampler) -> Clause | None:
    """ "how many apples did ravi buy?" """
    verb = s.draw(("eat", "read", "write", "buy", "see", "open", "clean", "close", "repair", "finish"))
    noun = s.draw(tuple(noun for noun in lemmas.VERBS[verb] if noun not in lemmas.MASS | lemmas.SINGLE))
    tense: Tense = s.draw(("present", "past", "past", "future", "can"))
    return Clause(verb, other(s.person()), Nominal(noun, "how many", "", True), tense=tense, question="how many")


def adverb_question(s: Sampler) -> Clause | None:
    """ "why did the girl close the door?" """
    question: Question = s.draw(("where", "when", "why", "how"))
    if question == "how":
        verb = s.draw(("prepare", "repair", "open", "clean", "close", "go", "come"))
    elif question == "where":
        verb = s.draw((*lemmas.ALONE, "wait", "buy", "read", "eat"))
    else:
        verb = s.draw(
            (*lemmas.TRANSITIVE, "help", "wait", "talk", "call", "miss", "love", "go", "come", "sleep", "rest", "pray")
        )
    tense, subject, thing, adjunct = tense_of(s, verb), other(s.person()), None, None
    if (question in ("why", "when") and tense == "can") or (question == "when" and tense == "progressive"):
        return None
    if verb in lemmas.WITH_PEOPLE and verb != "see":
        thing = s.person()
    elif lemmas.VERBS[verb]:
        thing = s.thing(s.draw(lemmas.VERBS[verb]), DEFINITE)
    elif verb in ("go", "come") and question != "where":
        adjunct = s.place(places.DOING[verb])
    elif verb == "come":
        return None
    return Clause(verb, subject, thing, adjunct=adjunct, tense=tense, question=question)


def tense_of(s: Sampler, verb: str) -> Tense:
    """Return a tense that the verb has."""
    tense = s.draw(TENSES)
    if (tense == "progressive" and verb in lemmas.MOMENTARY) or (tense == "can" and verb in ("love", "miss")):
        return "past"
    return tense
