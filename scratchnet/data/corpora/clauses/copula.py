"""Templates of "be": qualities, states, identities, places and the questions about them.

Read next: enumeration.py.
"""

from scratchnet.data.corpora import lemmas, places
from scratchnet.data.corpora.clauses.sampling import KIN, OWNERS, SOMEBODY, Sampler, other
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


def quality_of_things(s: Sampler) -> Clause | None:
    """ "the house is very big." """
    noun = s.draw(DESCRIBED)
    subject = s.thing(noun, DEFINITE)
    return _described(s, subject, s.draw(lemmas.QUALITIES[noun]))


def quality_of_qualified_things(s: Sampler) -> Clause | None:
    """ "the red house is big." """
    noun = s.draw(DESCRIBED)
    subject = s.thing(noun, ("the", "the", "this"), qualified=True)
    quality = s.draw(lemmas.QUALITIES[noun])
    if any(subject.adjective in kind and quality in kind for kind in OPPOSED):
        return None
    return Clause("be", subject, quality=quality, tense=s.draw(NOW_OR_THEN)) if subject.adjective != quality else None


def quality_of_parts(s: Sampler) -> Clause | None:
    """ "the door of the house is green.", "the car of the doctor is new." """
    if s.chance(0.5):
        noun, whole = s.draw(PARTS)
        owner = Nominal(whole, s.draw(("the", "this", "that")))
    else:
        noun, owner = s.draw(POSSESSED), s.person(SOMEBODY)
        if owner.noun in lemmas.NAMES:
            return None
    subject = Nominal(noun, "the", "", noun == "window" and s.chance(0.3), owner)
    return _described(s, subject, s.draw(lemmas.QUALITIES[noun]))


def _described(s: Sampler, subject: Nominal, quality: str) -> Clause:
    """Say a quality of a thing, now or then, sometimes with "very"."""
    very = quality not in lemmas.COLOURS and s.chance(0.25)
    negative, question = s.mood(subject)
    tense = s.draw(NOW_OR_THEN)
    return Clause("be", subject, quality=quality, very=very, tense=tense, negative=negative, question=question)


def state_of_people(s: Sampler) -> Clause | None:
    """ "geeta is very happy today." """
    quality, subject, tense = s.draw(lemmas.STATES), s.person(), s.draw(NOW_OR_THEN)
    extra = s.draw(("", "", "very", "time"))
    time = (
        s.draw(("today", "yesterday" if tense == "past" else "now"))
        if extra == "time" and quality not in HEALTHY
        else ""
    )
    negative, question = s.mood(subject)
    very = extra == "very" and quality != "ready"
    return Clause(
        "be", subject, time=time, quality=quality, very=very, tense=tense, negative=negative, question=question
    )


def identity_of_people(s: Sampler) -> Clause | None:
    """ "anita is a good teacher.", "mohan is my brother." """
    subject = s.person()
    if s.chance(0.25):
        subject = Nominal(s.draw(("girl", "woman")), s.draw(("the", "this", "that")), plural=True)
    if subject.noun in (*lemmas.PROFESSIONS, "child"):
        return None
    female = lemmas.SEXES.get(subject.noun) == "f"
    plural = is_plural(subject) and subject.noun != "you"
    if s.chance(0.6) or subject.noun in lemmas.KIN:
        noun = s.draw(lemmas.PROFESSIONS)
        identity = Nominal(noun, "" if plural else "a", "good" if s.chance(0.25) else "", plural)
    else:
        noun = s.draw(("brother", "sister", "friend", "friend", "son", "daughter"))
        identity = Nominal(noun, s.draw(OWNERS), "", plural)
        if noun != "friend" and (lemmas.KIN[noun] == "f") != female:
            return None
        if lemmas.can_own(subject, identity.determiner):
            return None
    negative, question = s.mood(subject)
    return Clause("be", subject, identity=identity, tense=s.draw(NOW_OR_THEN), negative=negative, question=question)


def place_of_things(s: Sampler) -> Clause | None:
    """ "my book is on the table." """
    subject, tense = s.thing(s.draw(KEPT), DEFINITE), s.draw(NOW_OR_THEN)
    negative, question = s.mood(subject)
    return Clause("be", subject, adjunct=s.place(places.RESTING), tense=tense, negative=negative, question=question)


def place_of_people(s: Sampler) -> Clause | None:
    """ "my mother is in the kitchen.", "they were with us." """
    subject, tense = s.person(), s.draw(NOW_OR_THEN)
    kind = s.draw(("place", "place", "place", "company", "near"))
    adjunct = s.place(places.PEOPLE_ARE) if kind == "place" else Adjunct("with", s.person())
    if kind == "near":
        adjunct = Adjunct(s.draw(("here", "there")))
    time = s.draw(("now", "today") if tense == "present" else ("yesterday", "today")) if s.chance(0.25) else ""
    negative, question = s.mood(subject)
    return Clause("be", subject, adjunct=adjunct, time=time, tense=tense, negative=negative, question=question)


def demonstrative(s: Sampler) -> Clause | None:
    """ "these are my books.", "that is a red flower.", "this is the house of the doctor." """
    subject = Nominal(s.draw(("this", "that")), plural=s.chance(0.3))
    kind = s.draw(("a", "such", "possessive", "of", "kin"))
    if kind == "kin":
        noun = s.draw(KIN)
        identity = Nominal(noun, s.draw(OWNERS), plural=subject.plural)
        if noun in lemmas.SINGLE:
            return None
    elif kind == "of":
        subject = Nominal(subject.noun)
        identity = Nominal(s.draw(POSSESSED), "the", of=s.person(("people", "kin")))
    elif kind == "possessive":
        identity = Nominal(s.draw(lemmas.THINGS), s.draw(OWNERS), plural=subject.plural)
    else:
        noun = s.draw(SHOWN)
        identity = s.thing(
            noun, ("",) if subject.plural and noun not in lemmas.SINGLE else ("a",), qualified=kind == "such"
        )
        subject = Nominal(subject.noun, plural=identity.plural)
    negative, question = s.mood(subject)
    return Clause("be", subject, identity=identity, negative=negative, question=question)


def copula_question(s: Sampler) -> Clause | None:
    """ "who is in the garden?", "who is ill?", "who is that girl?", "where is my bag?", "how is the tea?" """
    kind, tense = s.draw(("place", "state", "who", "where", "where", "how", "how")), s.draw(NOW_OR_THEN)
    if kind == "place":
        return Clause("be", Nominal("who"), adjunct=s.place(places.PEOPLE_ARE), tense=tense, question="who")
    if kind == "state":
        return Clause("be", Nominal("who"), quality=s.draw(lemmas.STATES), tense=tense, question="who")
    if kind == "who":
        subject = other(s.person())
        known = subject.noun in lemmas.KIN
        return Clause("be", subject, identity=Nominal("who"), tense=tense, question="who") if not known else None
    question: Question = "where" if kind == "where" else "how"
    subject = other(s.person()) if s.chance(0.4) else s.thing(s.draw(SOUGHT if kind == "where" else RATED), DEFINITE)
    return Clause("be", subject, tense=tense, question=question)


def whose_question(s: Sampler) -> Clause | None:
    """ "whose books are these?" """
    noun, near, plural = s.draw(CLAIMED), s.draw(("this", "that")), s.chance(0.4)
    return Clause("be", Nominal(near, plural=plural), identity=Nominal(noun, "whose", "", plural), question="whose")
