"""The lemmas of the embedded corpora and which of them go together, whatever the language.

Which nouns go with a verb, and which adjectives with a noun: everything here is about the world (people drink tea, not
tables), nothing is about a language. The sets are large on purpose: a small network learns to combine words freely only
if most words occur with many others.

Read next: meaning.py.
"""

from scratchnet.data.corpora.meaning import POSSESSIVES, PRONOUNS, Nominal, Sex, is_plural

NAMES: dict[str, Sex] = {
    **dict.fromkeys(("ravi", "mohan", "arjun", "amit"), "m"),
    **dict.fromkeys(("sita", "meera", "geeta", "anita"), "f"),
}
PEOPLE: dict[str, Sex] = {
    **dict.fromkeys(("boy", "man", "child", "teacher", "doctor", "farmer", "student"), "m"),
    **dict.fromkeys(("girl", "woman"), "f"),
}
KIN: dict[str, Sex] = {
    **dict.fromkeys(("father", "brother", "son", "friend"), "m"),
    **dict.fromkeys(("mother", "sister", "daughter"), "f"),
}
SEXES: dict[str, Sex] = {**NAMES, **PEOPLE, **KIN, "he": "m", "she": "f", "who": "m"}
"""The sex of everybody that "he" or "she" can mean; teachers and the like are men unless a woman is called one."""

PROFESSIONS = ("teacher", "doctor", "farmer", "student")
ANIMALS = ("dog", "cat", "cow", "horse", "bird")

FRUITS = ("mango", "apple", "banana")
DRINKS = ("tea", "water", "milk", "coffee", "juice")
FOODS = (*FRUITS, "egg", "rice", "bread", "food")
MASS = frozenset({"rice", "bread", "food", *DRINKS})
"""Nouns without a plural and without "a"."""
SINGLE = frozenset({"kitchen", "market", "station", "hospital", "school", "office", "father", "mother"})
"""Nouns that would be odd in the plural."""

TEXTS = ("book", "letter", "newspaper", "story", "poem")
WORKS = (*TEXTS, "song")
FURNITURE = ("chair", "table", "box", "picture")
DISHES = ("cup", "plate")
VEHICLES = ("car", "bicycle")
CARRIED = ("bag", "umbrella", "key", "toy", "flower", "phone", "shirt")
OPENINGS = ("door", "window")
BUILDINGS = ("house", "room", "shop", "garden", "kitchen")
SIGHTS = ("house", "shop", "garden", "city", "village", "river", "temple", "tree")
CITIES = ("delhi", "mumbai", "jaipur")
THINGS = (*FURNITURE, *DISHES, *VEHICLES, *CARRIED, "book", "newspaper")
HANDLED = (*FURNITURE, *DISHES, *VEHICLES, "bag", "umbrella", "toy", "phone", "shirt", "key")
PORTABLE = ("chair", "box", "picture", *DISHES, *CARRIED, *TEXTS[:3], *FRUITS, "egg")

VERBS: dict[str, tuple[str, ...]] = {
    "eat": FOODS,
    "drink": DRINKS,
    "read": WORKS[:5],
    "write": ("book", "letter", "story", "poem", "song"),
    "buy": (*THINGS, *FOODS, "milk", "tea", "house", "shop"),
    "see": (*THINGS, *SIGHTS),
    "open": (*OPENINGS, "box", "book", "letter", "shop", "bag", "umbrella"),
    "give": (*PORTABLE, *DRINKS, "rice", "bread", "food"),
    "clean": (*HANDLED, *BUILDINGS, *OPENINGS, "temple"),
    "close": (*OPENINGS, "box", "book", "shop", "bag", "umbrella"),
    "repair": (*VEHICLES, *OPENINGS, *FURNITURE, "phone", "toy", "umbrella", "bag", "house", "shirt"),
    "finish": (*WORKS, "food", "tea", "coffee", "milk"),
    "prepare": ("food", "bread", "rice", "tea", "coffee", "juice", "egg", "room"),
    "use": (*VEHICLES, *DISHES, "phone", "umbrella", "bag", "box", "key", "chair", "table", "toy", "kitchen"),
    **dict.fromkeys(("help", "wait", "talk", "call", "love", "miss"), ()),
    **dict.fromkeys(("go", "come", "live", "sleep", "work", "rest", "study", "exercise", "pray"), ()),
}
"""Verb -> the things that can be its object; the verbs of `WITH_PEOPLE` take people instead ("see" takes both)."""

TRANSITIVE = tuple(verb for verb, things in VERBS.items() if things and verb != "give")
WITH_PEOPLE = ("see", "help", "wait", "talk", "call", "love", "miss")
ALONE = ("go", "come", "live", "sleep", "work", "rest", "study", "exercise", "pray")
"""Verbs without an object."""
ROUTINE = frozenset({"eat", "drink", "read", "write", "open", "clean", "close", "prepare", "use"})
"""What people do every day, whatever the object."""
STATIVE = frozenset({"live", "love"})
"""Verbs that mean a state: their past is one of duration (was living, used to love), and they have no progressive."""
MOMENTARY = frozenset({"see", *STATIVE})
"""Verbs without a progressive."""
LATE = frozenset({"eat", "drink", "read", "write", "talk", "call", "go", "come", "sleep", "work", "study", "close"})
"""What people do at night."""

TIMES: dict[str, tuple[str, ...]] = {
    "present": ("every day", "daily", "in the morning", "in the evening", "at night"),
    "progressive": ("now", "now", "today"),
    "past": ("yesterday", "today", "in the morning", "in the evening", "at night"),
    "future": ("tomorrow", "today", "in the morning", "in the evening", "at night"),
    "can": ("now", "today", "tomorrow"),
}
"""Tense -> the times that go with it."""

COLOURS = ("red", "white", "black", "yellow", "blue", "green")
_LOOKS = ("big", "large", "small", "new", "old", "beautiful")
_WORTH = ("good", "cheap", "expensive")
QUALITIES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*FURNITURE, *CARRIED, *DISHES, *VEHICLES), (*_LOOKS, *_WORTH, *COLOURS)),
    **dict.fromkeys(OPENINGS, (*_LOOKS, *COLOURS)),
    "key": ("big", "small", "new", "old", "black", "white", "yellow"),
    "book": (*_LOOKS, *_WORTH, *COLOURS),
    "newspaper": ("new", "old", "good", "cheap", "expensive"),
    **dict.fromkeys(("letter", "story", "poem", "song"), ("long", "short", "new", "old", "good", "beautiful")),
    **dict.fromkeys(BUILDINGS, (*_LOOKS, "good")),
    **dict.fromkeys(("house", "room"), (*_LOOKS, "good", *COLOURS)),
    **dict.fromkeys(SIGHTS[3:], _LOOKS),
    "river": ("big", "small", "beautiful", "long"),
    "tree": ("big", "small", "old", "beautiful", "green"),
    **dict.fromkeys(("school", "hospital", "office", "station", "market"), (*_LOOKS, "good")),
    "mango": ("fresh", "sweet", "good", "big", "small", "cheap", "expensive", "yellow", "green"),
    "apple": ("fresh", "sweet", "good", "big", "small", "cheap", "expensive", "red", "green"),
    "banana": ("fresh", "sweet", "good", "big", "small", "cheap", "expensive", "yellow"),
    "egg": ("fresh", "good", "white", "big", "small", "cheap", "expensive"),
    "rice": ("hot", "cold", "good", "white", "cheap", "expensive"),
    "bread": ("fresh", "hot", "cold", "good", "cheap"),
    "food": ("fresh", "hot", "cold", "good", "cheap", "expensive"),
    "tea": ("hot", "cold", "sweet", "good", "cheap", "expensive"),
    "coffee": ("hot", "cold", "sweet", "good", "cheap", "expensive"),
    "milk": ("hot", "cold", "sweet", "fresh", "good", "expensive"),
    "water": ("hot", "cold", "good", "clean"),
    "juice": ("cold", "sweet", "fresh", "good", "expensive"),
    **dict.fromkeys(ANIMALS, ("big", "small", "beautiful", "white", "black")),
    **dict.fromkeys(("boy", "girl", "child"), ("good", "small", "tall", "beautiful")),
    **dict.fromkeys(("man", "woman"), ("good", "tall")),
    **dict.fromkeys(("teacher", "doctor", "student", "friend"), ("good", "new")),
    "farmer": ("good",),
}
"""Noun -> the adjectives that suit it, as an attribute and in "the house is big"."""
STATES = ("happy", "sad", "ill", "sick", "busy", "ready", "hungry", "tall", "good")
"""What people are said to be ("sita is happy")."""


def can_own(subject: Nominal, determiner: str) -> bool:
    """Return whether the possessive `determiner` can refer to `subject`; by convention it then does."""
    owner = POSSESSIVES.get(determiner)
    if owner is None:
        return False
    if owner in ("he", "she"):
        return not is_plural(subject) and SEXES.get(subject.noun) == SEXES[owner]
    if owner == "they":
        return is_plural(subject) and (subject.noun in SEXES or subject.noun == "they")
    return owner == subject.noun


def is_person(nominal: Nominal) -> bool:
    """Return whether the nominal means somebody rather than something."""
    return nominal.noun in SEXES or (nominal.noun in PRONOUNS and nominal.noun != "what")
