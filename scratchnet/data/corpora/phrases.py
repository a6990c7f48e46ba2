"""The fixed everyday phrases, which the grammar does not make: greetings, thanks, asking the way, help.

`phrases.tsv` has one phrase a row, English, Hindi and Marathi between tabs. A line that starts with "#" opens a
section, whose name says what may come before its phrases:

- masculine: "sir", because the phrase speaks to a man; also with "hello", and "hello" by itself;
- greetings: every form of address;
- polite: "sir" and "madam", each with or without "hello" before it, and "hello" by itself;
- open: all of these, because the phrase fits every hearer.

Read next: places.py.
"""

from functools import cache
from importlib.resources import files
from unicodedata import normalize

from scratchnet.data.corpora.meaning import ADDRESSEES, Phrase
from scratchnet.errors import InputError

COLUMNS = ("en", "hi", "mr")
POLITE = ("", "sir", "madam")
FRONTS: dict[str, tuple[tuple[str, bool], ...]] = {
    "masculine": tuple((address, hello) for address in ("", "sir") for hello in (False, True)),
    "greetings": tuple((address, False) for address in ADDRESSEES),
    "polite": tuple((address, hello) for address in POLITE for hello in (False, True)),
    "open": (*((address, False) for address in ADDRESSEES), *((address, True) for address in POLITE)),
}
"""Section -> form of address and "hello" that its phrases come with."""


@cache
def table() -> dict[str, tuple[str, str, str, str]]:
    """Return English text -> section, English, Hindi, Marathi, in the order of the file.

    Raises:
        InputError: a row without three columns, an unknown section, a phrase that comes twice.
    """
    rows: dict[str, tuple[str, str, str, str]] = {}
    section = ""
    text = files(__package__).joinpath("phrases.tsv").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            section = line.removeprefix("#").strip()
            continue
        columns = tuple(normalize("NFC", column.strip()) for column in line.split("\t"))
        if section not in FRONTS or len(columns) != len(COLUMNS) or not all(columns) or columns[0] in rows:
            raise InputError(
                f"phrases.tsv, line {number}: expected a new phrase as English, Hindi, Marathi between tabs, under"
                f" one of the sections {', '.join(FRONTS)}; got {line!r} in section {section!r}"
            )
        rows[columns[0]] = (section, columns[0], columns[1], columns[2])
    return rows


def translation(key: str, language: str) -> str:
    """Return a phrase in a language.

    Args:
        key: the English text.
        language: "hi" or "mr".

    Raises:
        InputError: no such phrase.
    """
    row = table().get(key)
    if row is None:
        raise InputError(f"no phrase {key!r} in phrases.tsv; add a row for it or take another one")
    return row[1 + COLUMNS.index(language)]


def enumerate_phrases() -> tuple[Phrase, ...]:
    """Return every phrase with everything that may come before it."""
    return tuple(Phrase(key, *front) for key, row in table().items() for front in FRONTS[row[0]])
