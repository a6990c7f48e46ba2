"""Where the people and things of the embedded corpora are, do things, come from and go.

A place is a relation, a noun and its determiner; "own" stands for any determiner, possessives included.

Read next: split.py.
"""

from scratchnet.data.corpora.lemmas import CITIES

Place = tuple[str, str, str]


def _places(text: str) -> tuple[Place, ...]:
    """Return the places of a text such as "in kitchen own, at home": relation, noun and determiner, if it has one."""
    words = ((*entry.split(), "") for entry in text.split(","))
    return tuple((relation, noun, determiner) for relation, noun, determiner, *_ in words)


IN_CITIES = tuple(("in", city, "") for city in CITIES)
INDOORS = _places("at home, in kitchen own, in room own, in house own")
ACTION = _places(
    """at home, at school, at office the, in room own, in garden the, in house own, under tree the, near river the,
    behind house the"""
)
MEETING = _places(
    """at station the, in market the, at office the, at school, near temple the, near river the, in garden the,
    at hospital the"""
)
LIVING = (
    *_places(
        """in village own, in city own, in house own, near river the, near temple the, near market the,
        near station the, near hospital the"""
    ),
    *IN_CITIES,
)
WORKING = (
    *_places(
        """in shop own, in hospital the, at office the, in garden own, in city own, at station the, in market the,
        at home, in village own"""
    ),
    *IN_CITIES,
)
STUDYING = _places("at home, at school, in room own, in garden the") + IN_CITIES
PRAYING = _places("in temple the, at home, in garden the, near river the")
EXERCISING = _places("at home, at school, in garden the, near river the")
SLEEPING = _places("at home, in room own, in house own, in garden the, under tree the")
GOALS = (
    *_places(
        """to home, to school, to market the, to office the, to station the, to hospital the, to temple the,
        to village own, to shop own, to city the"""
    ),
    *(("to", city, "") for city in CITIES),
)
SOURCES = tuple(("from", noun, determiner) for _, noun, determiner in GOALS)
BY_ANIMALS = _places(
    """in garden own, under tree the, behind house the, near river the, near door the, under table the, under car own,
    near shop the"""
)
RESTING = _places(
    """on table own, on chair own, in box own, in bag own, under table the, under chair the, near window the,
    near door the, in room own, in car own, in kitchen the, behind door the"""
)
OUTDOORS = _places(
    """in garden own, near river the, under tree the, in village own, behind house the, near temple the,
    near school the, in market the"""
)
PEOPLE_ARE = (*MEETING, *WORKING, *INDOORS)

DOING: dict[str, tuple[Place, ...]] = {
    **dict.fromkeys(("read", "write", "talk", "rest", "call"), ACTION),
    **dict.fromkeys(("eat", "drink"), (*INDOORS, *ACTION[:3])),
    **dict.fromkeys(("wait", "see", "help"), MEETING),
    **{"live": LIVING, "work": WORKING, "sleep": SLEEPING, "study": STUDYING, "pray": PRAYING, "exercise": EXERCISING},
    **{"go": GOALS, "come": (*GOALS, *SOURCES), "prepare": INDOORS[:2]},
}
"""Verb -> where one does it; for going and coming, to or from where."""
