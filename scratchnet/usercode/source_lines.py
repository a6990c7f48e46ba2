"""Lines of the user's source: which of them assign given names, what several share, where their inputs come from.

Only functions that really ran are searched, so that a second cell in the same file is not mistaken for the first.

Read next: ../cells/gru.py.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from scratchnet.usercode.locate import shown_path
from scratchnet.usercode.trace import functions_called

ASSIGNMENT = re.compile(r"^(?P<left>[^=#(]*(?:\[[^]]*\])?[^=#(]*?)\s*[-+*/@]?=(?!=)(?P<right>.*)$")
NAME = re.compile(r"(?<![\w.])[A-Za-z_][\w.]*")
ALIAS = re.compile(r"(?:[A-Za-z_][\w.]*(?:\[[^]]*\])?(?:, |$))+")  # names, and parts of what is named
MORE = re.compile(r"[-+*/@]=|\[.*\]\s*=(?!=)|\bd\.\w+\s*=(?!=)")  # adding, or writing into what was there
RETURN = "return"  # what a return line counts as assigning
CALL = "call"  # what a bare call counts as assigning
VIEWS = "self.blocks("  # taking views of an array apart computes nothing


@dataclass(frozen=True)
class SourceLine:
    """One line of code: its file, number and text, its function, the names it assigns, and those it uses."""

    file: str
    number: int
    text: str
    function: str
    assigned: frozenset[str]
    used: frozenset[str]

    @property
    def computes(self) -> bool:
        """Whether it does more than give other names to what is there, or to parts of it."""
        return computes(self.text)

    def __str__(self) -> str:
        return f"{shown_path(self.file)}:{self.number}: {self.text}"


def computes(text: str) -> bool:
    """Tell whether a line does more than give other names to what is there, or to parts of it."""
    return not renames(text) or bool(MORE.search(text))


def renames(text: str) -> bool:
    """Tell whether what a line assigns is only what is there already, or parts of it."""
    found = ASSIGNMENT.match(text.split("#")[0].strip())
    return found is not None and ALIAS.fullmatch(found["right"].strip()) is not None


def lines_run(run: Callable[[], Any], files: Iterable[str]) -> tuple[SourceLine, ...]:
    """Call `run`; return the assignments, returns and calls in the functions of `files` that it called, in order."""
    found = []
    for code in functions_called(run, files):
        try:
            texts, first = inspect.getsourcelines(code)
        except OSError:  # typed in at a prompt
            continue
        found += [line for k, text in enumerate(texts) if (line := _parse(code, first + k, text))]
    return tuple(dict.fromkeys(found))


def assigning(lines: Sequence[SourceLine], names: Iterable[str]) -> tuple[SourceLine, ...]:
    """Return the lines that assign one of these names."""
    wanted = set(names)
    return tuple(line for line in lines if line.assigned & wanted)


def _parse(code: CodeType, number: int, text: str) -> SourceLine | None:
    """Return a line of source that assigns, returns or calls; None for any other line."""
    stripped = text.split("#")[0].strip()
    if stripped.startswith("return "):
        assigned, right = frozenset([RETURN]), stripped.removeprefix("return ")
    elif stripped.startswith("self.pointwise("):
        assigned, right = frozenset([CALL]), stripped.removeprefix("self.pointwise")
    else:
        found = ASSIGNMENT.match(stripped)
        if not found or VIEWS in found["right"]:
            return None
        left, right = re.sub(r"\[[^]]*\]", "", found["left"]), found["right"]
        assigned = frozenset(name.removeprefix("self.") for name in NAME.findall(left))
    used = frozenset(NAME.findall(re.sub(r"[\w.]+\(", "(", right)))
    return SourceLine(code.co_filename, number, stripped, code.co_name, assigned, used)
