"""Frames of being this or that, of the same kind as those of doing.py.

Read next: having.py.
"""

from dataclasses import replace

from scratchnet.data.corpora import lemmas
from scratchnet.data.corpora.dealing import LIVING, MEETING, NUMBERS, OWNERS, RESTING, WORKING, Dealer
from scratchnet.data.corpora.meaning import Adjunct, Clause, Nominal, Question, Tense, is_plural

DEFINITE: tuple[str, ...] = ("the", "this", "that", "possessive", "the")
NOW_OR_THEN: tuple[Tense, ...] = ("present", "present", "past")
MOODS: tuple[str, ...] = ("plain", "plain", "plain", "negative", "yes-no")
PARTS: tuple[tuple[str, str], ...] = (("door", "house"), ("door", "room"), ("door", "shop"), ("window", "house"), ("window", "room"), ("window", "kitchen"))
PARTS += (("garden", "house"), ("kitchen", "house"), ("door", "garden"), ("door", "car"), ("window", "car"))
POSSESSED = ("car", "house", "shop", "room", "bicycle", "dog", "garden", "book", "umbrella", "phone")
WHERE_PEOPLE_ARE = (*MEETING, *WORKING, *LIVING[:4])
SOUGHT = ("hospital", "school", "station", "market", "temple", "office", "shop", "house")
KEPT = ("book", "key", "phone", "bag", "umbrella", "cup", "plate", "newspaper", "letter", "toy", "flower", "shirt", "picture")


def quality_of_things(d: Dealer) -> Clause | None:
    """ "the red house is big." """
    noun = d.deal(tuple(lemmas.QUALITIES))
    if noun in lemmas.PEOPLE or noun in lemmas.KIN:
        return None
    subject = d.thing(noun, 0.25, DEFINITE)
    if subject.noun in lemmas.MASS and not subject.determiner:
        subject = replace(subject, determiner="the")
    quality = d.deal(lemmas.QUALITIES[noun])
    if subject.adjective and not goes_with(subject.adjective, quality):
        subject = replace(subject, adjective="")
    return mood(d, Clause("be", subject, quality=quality, very=very(d, quality), tense=d.deal(NOW_OR_THEN)))


def quality_of_parts(d: Dealer) -> Clause | None:
    """ "the door of the house is green.", "the car of the doctor is new." """
    if d.chance(0.5):
        noun, whole = d.deal(PARTS)
        owner = d.thing(whole, 0, ("the", "this", "that"))
        subject = Nominal(noun, "the", plural=d.chance(0.2) and noun == "window", of=replace(owner, plural=False))
    else:
        owner = d.person(pronouns=False)
        if owner.noun in lemmas.NAMES or owner.adjective:
            return None
        noun = d.deal(POSSESSED)
        subject = Nominal(noun, "the", of=owner)
    quality = d.deal(lemmas.QUALITIES[noun])
    return mood(d, Clause("be", subject, quality=quality, very=very(d, quality), tense=d.deal(NOW_OR_THEN)))


def state_of_people(d: Dealer) -> Clause | None:
    """ "geeta is very happy today." """
    quality = d.deal(lemmas.STATES)
    subject = replace(d.person(), adjective="")
    tense = d.deal(NOW_OR_THEN)
    time = "" if quality in ("tall", "good") else d.deal(("", "", "today", "yesterday" if tense == "past" else "now"))
    emphatic = very(d, quality) and quality != "ready"
    return mood(d, Clause("be", subject, quality=quality, very=emphatic, tense=tense, time=time))


def what_people_are(d: Dealer) -> Clause | None:
    """ "anita is a teacher.", "mohan is my brother." """
    subject = replace(d.person(), adjective="")
    if d.chance(0.15):
        subject = Nominal(d.deal(("girl", "woman")), d.deal(("the", "this", "that")), plural=True)
    if subject.noun in lemmas.PROFESSIONS:
        return None
    if d.chance(0.6) or subject.noun in lemmas.KIN or subject.noun == "child":
        noun, determiner = d.deal(lemmas.PROFESSIONS), "a"
        adjective = d.deal(("good", "new")) if d.chance(0.3) else ""
    else:
        noun, determiner, adjective = d.deal(("brother", "sister", "friend", "friend", "son", "daughter")), d.deal(OWNERS), ""
    female = subject.noun in lemmas.SEXES and lemmas.SEXES[subject.noun] == "f"
    if noun in ("brother", "son", "sister", "daughter") and (lemmas.KIN[noun] == "f") != female:
        return None
    if lemmas.can_own(subject, determiner) or (subject.noun, determiner) in (("i", "our"), ("we", "my")):
        return None
    plural = is_plural(subject) and subject.noun != "you"
    identity = Nominal(noun, "" if plural and determiner == "a" else determiner, adjective, plural)
    return mood(d, Clause("be", subject, identity=identity, tense=d.deal(NOW_OR_THEN)))


def where_things_are(d: Dealer) -> Clause | None:
    """ "the book is on the table." """
    subject = d.thing(d.deal(KEPT), 0.2, DEFINITE)
    return _apart(mood(d, Clause("be", subject, adjunct=d.spot(RESTING), tense=d.deal(NOW_OR_THEN))))


def where_people_are(d: Dealer) -> Clause | None:
    """ "my mother is in the kitchen.", "they were with us." """
    subject = replace(d.person(), adjective="")
    adjunct = Adjunct("with", d.person(subject)) if d.chance(0.25) else d.spot(WHERE_PEOPLE_ARE)
    if d.chance(0.05):
        adjunct = Adjunct(d.deal(("here", "there")))
    tense = d.deal(NOW_OR_THEN)
    time = d.deal(("now", "today") if tense == "present" else ("yesterday", "today")) if d.chance(0.25) else ""
    return mood(d, Clause("be", subject, adjunct=adjunct, tense=tense, time=time))


def this_is(d: Dealer) -> Clause | None:
    """ "these are my books.", "that is the house of the doctor." """
    plural = d.chance(0.3)
    subject = Nominal(d.deal(("this", "that")), plural=plural)
    noun = d.deal((*lemmas.THINGS, *lemmas.ANIMALS, *lemmas.SIGHTS, "school", "room", "garden", "friend", "brother", "sister"))
    if noun in lemmas.KIN:
        return mood(d, Clause("be", subject, identity=Nominal(noun, d.deal(OWNERS), plural=plural)))
    thing = d.thing(noun, 0.4, ("a",) if not plural else ("",))
    kind = d.deal(("a", "possessive", "of"))
    if kind == "possessive" and noun not in lemmas.SIGHTS[4:]:
        thing = replace(thing, determiner=d.deal(OWNERS))
    elif kind == "of" and noun in POSSESSED and not plural:
        owner = d.person(pronouns=False)
        if owner.noun not in lemmas.NAMES:
            thing = replace(thing, determiner="the", adjective="", of=replace(owner, adjective=""))
    elif not plural and not thing.determiner:
        return None
    return mood(d, Clause("be", subject, identity=thing))


def asked_to_be(d: Dealer) -> Clause | None:
    """ "who is in the garden?", "where is my bag?", "how is the tea?", "whose book is this?" """
    kind = d.deal(("who", "who is", "where", "how", "whose"))
    tense = d.deal(NOW_OR_THEN)
    if kind == "who":
        subject = Nominal("who")
        if d.chance(0.7):
            return Clause("be", subject, adjunct=d.spot(WHERE_PEOPLE_ARE), tense=tense, question="who")
        return Clause("be", subject, quality=d.deal(lemmas.STATES), tense=tense, question="who")
    if kind == "who is":
        subject = replace(d.person(), adjective="")
        if subject.noun in ("i", "we", *lemmas.KIN) or subject.determiner in NUMBERS:
            subject = Nominal("you")
        return Clause("be", subject, identity=Nominal("who"), tense=tense, question="who")
    if kind == "whose":
        noun = d.deal((*lemmas.THINGS, "house", "shop", "room", "garden", "dog", "cow", "horse", "cat"))
        subject = Nominal(d.deal(("this", "that")), plural=d.chance(0.3))
        return Clause("be", subject, identity=Nominal(noun, "whose", plural=subject.plural), question="whose")
    if kind == "where":
        people = d.chance(0.4)
        subject = replace(d.person(), adjective="") if people else d.thing(d.deal((*KEPT, *lemmas.VEHICLES, *SOUGHT)), 0.25, DEFINITE)
    else:
        people = d.chance(0.4)
        subject = replace(d.person(), adjective="") if people else d.thing(d.deal(HOW_ABOUT), 0.1, DEFINITE)
        if subject.noun in lemmas.MASS and not subject.determiner:
            subject = replace(subject, determiner="the")
    question: Question = "where" if kind == "where" else "how"
    return Clause("be", subject if subject.noun not in ("i", "we") else Nominal("you"), tense=tense, question=question)


HOW_ABOUT = (*lemmas.FOODS, *lemmas.DRINKS, *lemmas.WORKS, "book", "house", "school", "room", "car", "shop", "city", "village")


def goes_with(attribute: str, quality: str) -> bool:
    """Return whether one may say both of one thing: "the red house is big", not "the red house is blue"."""
    kinds = (lemmas.COLOURS, ("big", "large", "small"), ("new", "old", "fresh"), ("good", "beautiful"), ("cheap", "expensive", "costly"), ("hot", "cold"))
    return not any(attribute in kind and quality in kind for kind in kinds)


def very(d: Dealer, quality: str) -> bool:
    """Return whether to say "very", which nothing is red or ready with."""
    return quality not in lemmas.COLOURS and d.chance(0.3)


def mood(d: Dealer, said: Clause) -> Clause:
    """Leave a statement, deny it, or ask for it, unless it is the speaker's own affair."""
    kind = d.deal(MOODS)
    if kind == "yes-no" and said.subject.noun not in ("i", "we"):
        return replace(said, question="yes-no")
    return replace(said, negative=True) if kind == "negative" else said


def _apart(said: Clause) -> Clause | None:
    """Return the clause unless a thing is where it is itself ("the bag is in the bag")."""
    ground = said.adjunct.nominal if said.adjunct else None
    return None if ground is not None and ground.noun == said.subject.noun else said
