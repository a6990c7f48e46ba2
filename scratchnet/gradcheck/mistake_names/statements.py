"""The name of a changed statement, by what it does to its target: where it is missing, adds, or has another target.

STATEMENTS and PLACES are the rules, in the order in which they are tried.

Read next: rules.py.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.gradcheck.mistake_names.around import Around
from scratchnet.gradcheck.mistake_names.forward_values import ForwardValues, all_same
from scratchnet.gradcheck.mistake_names.known_forwards import Cell
from scratchnet.gradcheck.mistake_names.relations import Arrays, lacking, spread
from scratchnet.gradcheck.mistake_names.tree_changes import (
    StatementChange,
    adds_at,
    of_one_array,
    target_of,
    value_of,
)

STATEMENTS: tuple[tuple[str, Callable[[ast.stmt, ast.stmt], bool]], ...] = (
    ("repeated ids", lambda old, new: adds_at(new) and not adds_at(old)),
    ("step skipped", lambda old, new: isinstance(old, ast.For) or isinstance(new, ast.For)),
    ("condition", lambda old, new: isinstance(old, ast.If)),
    ("first step", lambda old, new: isinstance(new, ast.If)),
    ("other edit", lambda old, new: value_of(old) is None or value_of(new) is None),
)
# The same value, in another place; or added with another sign.
PLACES: tuple[tuple[str, Callable[[Any, Any], bool]], ...] = (
    ("sign", lambda one, two: one is None or two is None or ast.dump(one) == ast.dump(two)),
    ("order returned", lambda one, two: isinstance(one, ast.Tuple) and isinstance(two, ast.Tuple)),
    ("other index", lambda one, two: of_one_array(one, two)),
    ("target", lambda one, two: True),
)


class Statements:
    """The rules for a statement as a whole."""

    def __init__(self, seen: ForwardValues, cell: Cell | None, around: Around, change: StatementChange) -> None:
        self.seen, self.cell, self.around, self.change = seen, cell, around, change

    def key_of_statement(self) -> str:
        """Return the key that a change of more than the value has; "" where only the value is another."""
        old, new = self.change.old, self.change.new
        if old is None or new is None:
            return self._whole()
        one, two = value_of(old), value_of(new)
        keys = [key for key, holds in STATEMENTS if holds(old, new)]
        if keys or one is None or two is None:
            return keys[0]
        if type(old) is not type(new) and self._adds_the_same(one, two):
            return self._accumulated()
        if ast.dump(one) == ast.dump(two):
            return next(key for key, holds in PLACES if holds(target_of(old), target_of(new)))
        return ""

    def effects(self) -> tuple[Arrays, Arrays]:
        """Return what the target is after the old statement, and after the new one; nothing where it is no array."""
        before = self.around.arrays(target_of(self.change.new)) or ()

        def effect(statement: ast.stmt | None) -> Arrays:
            added = self.around.arrays(value_of(statement)) or ()
            if statement is None or not isinstance(statement, ast.AugAssign):
                return before if statement is None else added
            sign = -1.0 if isinstance(statement.op, ast.Sub) else 1.0
            return [a + sign * b for a, b in zip(spread(before, added) or (), added, strict=False)]

        one, two = effect(self.change.old), effect(self.change.new)
        return one or ([np.zeros_like(a) for a in two] if self.change.old is None else ()), two

    def lacking(self, one: Arrays, two: Arrays) -> str:
        return lacking(self.seen, self.cell, one, two, self.change.nested)

    def _whole(self) -> str:
        """Return the key of a statement that is missing, or too many."""
        if self.change.old is not None:
            return "statement too many"
        added = self.around.arrays(value_of(self.change.new)) if target_of(self.change.new) is not None else None
        if added and not any(a.any() for a in added):
            return "start"
        return self.lacking(*self.effects()) or "statement missing"

    def _accumulated(self) -> str:
        """Return the key of `=` for `+=`, or the reverse."""
        if not isinstance(self.change.new, ast.AugAssign):
            return "added"
        one, two = self.effects()
        return (
            "overwritten" if two and self.seen.is_gradient(two[-1]) else self.lacking(one, two) or "overwritten state"
        )

    def _adds_the_same(self, a: ast.expr, b: ast.expr) -> bool:
        """Tell whether of two statements, `=` and `+=` or `-=`, both say the same value."""
        one, two = (self.around.arrays(x) for x in (a, b))
        if one is None or two is None:
            return ast.dump(a) == ast.dump(b)
        negative = [isinstance(getattr(x, "op", None), ast.Sub) for x in (self.change.old, self.change.new)]
        return all_same([-x if negative[0] else x for x in one], [-x if negative[1] else x for x in two])
