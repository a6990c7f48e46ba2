"""Frames of being this or that, of the same kind as those of doing.py.

Read next: having.py.
"""

from scratchnet.data.corpora import lemmas, places
from scratchnet.data.corpora.dealing import KIN, OWNERS, SOMEBODY, Dealer, other
from scratchnet.data.corpora.meaning import Adjunct, Clause, Nominal, Question, Tense, is_plural

DEFINITE = ("the", "this", "that", "possessive", "the")
NOW_OR_THEN: tuple[Tense, ...] = ("present", "present", "past")
OPPOSED = (
    *(
        lemmas.COLOURS,
        ("big", "large", "small"),
        ("new", "old", "fresh"),
        ("good", "beautiful"),
        ("cheap", "expensive"),
    ),
    *(("hot", "cold"), ("long", "short")),
)
DESCRIBED = tuple(noun for noun in lemmas.QUALITIES if noun not in (*lemmas.PEOPLE, "friend"))
PARTS = (
    *(("door", "house"), ("door", "room"), ("door", "shop"), ("door", "car"), ("window", "house"), ("window", "room")),
    *(("window", "kitchen"), ("window", "car"), ("garden", "house"), ("kitchen", "house")),
)
POSSESSED = ("car", "house", "shop", "room", "bicycle", "dog", "garden", "book", "umbrella", "phone")
KEPT = (
    "book",
    "key",
    "phone",
    "bag",
    "umbrella",
    "cup",
    "plate",
    "newspaper",
    "letter",
    "toy",
    "flower",
    "shirt",
    "picture",
)
SOUGHT = (*KEPT, *lemmas.VEHICLES, "hospital", "school", "station", "market", "temple", "office", "shop", "house")
RATED = (*lemmas.FOODS, *lemmas.DRINKS, *lemmas.WORKS, "house", "school", "room", "car", "shop", "city", "village")
SHOWN = (*lemmas.THINGS, *lemmas.ANIMALS, *lemmas.SIGHTS, "school", "room")
CLAIMED = (*lemmas.THINGS, "house", "shop", "room", "garden", "dog", "cow", "horse", "cat")
HEALTHY = frozenset({"tall", "good"})


def quality_of_things(d: Dealer) -> Clause | None:
    """ "the house is very big." """
    noun = d.deal(DESCRIBED)
    subject = d.thing(noun, DEFINITE)
    return _described(d, subject, d.deal(lemmas.QUALITIES[noun]))


def quality_of_such_things(d: Dealer) -> Clause | None:
    """ "the red house is big." """
    noun = d.deal(DESCRIBED)
    subject = d.thing(noun, ("the", "the", "this"), qualified=True)
    quality = d.deal(lemmas.QUALITIES[noun])
    if any(subject.adjective in kind and quality in kind for kind in OPPOSED):
        return None
    return Clause("be", subject, quality=quality, tense=d.deal(NOW_OR_THEN)) if subject.adjective != quality else None


def quality_of_parts(d: Dealer) -> Clause | None:
    """ "the door of the house is green.", "the car of the doctor is new." """
    if d.chance(0.5):
        noun, whole = d.deal(PARTS)
        owner = Nominal(whole, d.deal(("the", "this", "that")))
    else:
        noun, owner = d.deal(POSSESSED), d.person(SOMEBODY)
        if owner.noun in lemmas.NAMES:
            return None
    subject = Nominal(noun, "the", "", noun == "window" and d.chance(0.3), owner)
    return _described(d, subject, d.deal(lemmas.QUALITIES[noun]))


def _described(d: Dealer, subject: Nominal, quality: str) -> Clause:
    """Say a quality of a thing, now or then, sometimes with "very"."""
    very = quality not in lemmas.COLOURS and d.chance(0.25)
    negative, question = d.mood(subject)
    tense = d.deal(NOW_OR_THEN)
    return Clause("be", subject, quality=quality, very=very, tense=tense, negative=negative, question=question)


def state_of_people(d: Dealer) -> Clause | None:
    """ "geeta is very happy today." """
    quality, subject, tense = d.deal(lemmas.STATES), d.person(), d.deal(NOW_OR_THEN)
    extra = d.deal(("", "", "very", "time"))
    time = (
        d.deal(("today", "yesterday" if tense == "past" else "now"))
        if extra == "time" and quality not in HEALTHY
        else ""
    )
    negative, question = d.mood(subject)
    very = extra == "very" and quality != "ready"
    return Clause(
        "be", subject, time=time, quality=quality, very=very, tense=tense, negative=negative, question=question
    )


def what_people_are(d: Dealer) -> Clause | None:
    """ "anita is a good teacher.", "mohan is my brother." """
    subject = d.person()
    if d.chance(0.25):
        subject = Nominal(d.deal(("girl", "woman")), d.deal(("the", "this", "that")), plural=True)
    if subject.noun in (*lemmas.PROFESSIONS, "child"):
        return None
    female = lemmas.SEXES.get(subject.noun) == "f"
    plural = is_plural(subject) and subject.noun != "you"
    if d.chance(0.6) or subject.noun in lemmas.KIN:
        noun = d.deal(lemmas.PROFESSIONS)
        identity = Nominal(noun, "" if plural else "a", "good" if d.chance(0.25) else "", plural)
    else:
        noun = d.deal(("brother", "sister", "friend", "friend", "son", "daughter"))
        identity = Nominal(noun, d.deal(OWNERS), "", plural)
        if noun != "friend" and (lemmas.KIN[noun] == "f") != female:
            return None
        if lemmas.can_own(subject, identity.determiner):
            return None
    negative, question = d.mood(subject)
    return Clause("be", subject, identity=identity, tense=d.deal(NOW_OR_THEN), negative=negative, question=question)


def where_things_are(d: Dealer) -> Clause | None:
    """ "my book is on the table." """
    subject, tense = d.thing(d.deal(KEPT), DEFINITE), d.deal(NOW_OR_THEN)
    negative, question = d.mood(subject)
    return Clause("be", subject, adjunct=d.place(places.RESTING), tense=tense, negative=negative, question=question)


def where_people_are(d: Dealer) -> Clause | None:
    """ "my mother is in the kitchen.", "they were with us." """
    subject, tense = d.person(), d.deal(NOW_OR_THEN)
    kind = d.deal(("place", "place", "place", "company", "near"))
    adjunct = d.place(places.PEOPLE_ARE) if kind == "place" else Adjunct("with", d.person())
    if kind == "near":
        adjunct = Adjunct(d.deal(("here", "there")))
    time = d.deal(("now", "today") if tense == "present" else ("yesterday", "today")) if d.chance(0.25) else ""
    negative, question = d.mood(subject)
    return Clause("be", subject, adjunct=adjunct, time=time, tense=tense, negative=negative, question=question)


def this_is(d: Dealer) -> Clause | None:
    """ "these are my books.", "that is a red flower.", "this is the house of the doctor." """
    subject = Nominal(d.deal(("this", "that")), plural=d.chance(0.3))
    kind = d.deal(("a", "such", "possessive", "of", "kin"))
    if kind == "kin":
        noun = d.deal(KIN)
        identity = Nominal(noun, d.deal(OWNERS), plural=subject.plural)
        if noun in lemmas.SINGLE:
            return None
    elif kind == "of":
        subject = Nominal(subject.noun)
        identity = Nominal(d.deal(POSSESSED), "the", of=d.person(("people", "kin")))
    elif kind == "possessive":
        identity = Nominal(d.deal(lemmas.THINGS), d.deal(OWNERS), plural=subject.plural)
    else:
        noun = d.deal(SHOWN)
        identity = d.thing(
            noun, ("",) if subject.plural and noun not in lemmas.SINGLE else ("a",), qualified=kind == "such"
        )
        subject = Nominal(subject.noun, plural=identity.plural)
    negative, question = d.mood(subject)
    return Clause("be", subject, identity=identity, negative=negative, question=question)


def asked_to_be(d: Dealer) -> Clause | None:
    """ "who is in the garden?", "who is ill?", "who is that girl?", "where is my bag?", "how is the tea?" """
    kind, tense = d.deal(("place", "state", "who", "where", "where", "how", "how")), d.deal(NOW_OR_THEN)
    if kind == "place":
        return Clause("be", Nominal("who"), adjunct=d.place(places.PEOPLE_ARE), tense=tense, question="who")
    if kind == "state":
        return Clause("be", Nominal("who"), quality=d.deal(lemmas.STATES), tense=tense, question="who")
    if kind == "who":
        subject = other(d.person())
        known = subject.noun in lemmas.KIN
        return Clause("be", subject, identity=Nominal("who"), tense=tense, question="who") if not known else None
    question: Question = "where" if kind == "where" else "how"
    subject = other(d.person()) if d.chance(0.4) else d.thing(d.deal(SOUGHT if kind == "where" else RATED), DEFINITE)
    return Clause("be", subject, tense=tense, question=question)


def whose(d: Dealer) -> Clause | None:
    """ "whose books are these?" """
    noun, near, plural = d.deal(CLAIMED), d.deal(("this", "that")), d.chance(0.4)
    return Clause("be", Nominal(near, plural=plural), identity=Nominal(noun, "whose", "", plural), question="whose")
