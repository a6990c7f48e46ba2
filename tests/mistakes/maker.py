"""Short ways to write a mistake down: one file, one line, one kind of host.

Read next: models.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mistakes.mutant import Edit, Mistake

Maker = Callable[..., Mistake]


def maker(family: str, file: str, *hosts: str) -> Maker:
    """Return the function that makes this family's mistakes: make(id, name, number, equation, old, new, ...)."""

    def make(
        id: str, name: str, number: int | None, equation: str, old: str, new: str, *more: Edit, **kinds: Any
    ) -> Mistake:
        edits = (Edit(kinds.pop("file", file), old, new), *more)
        wanted = kinds.pop("hosts", hosts)
        return Mistake(f"{family}.{id}", name, number, family, equation, edits, wanted, **kinds)

    return make


def in_place_of(old: str, part: str, wrong: str) -> str:
    """Return the line with one part of it replaced."""
    assert old.count(part) >= 1, f"{part!r} does not stand in {old!r}"
    return old.replace(part, wrong)
