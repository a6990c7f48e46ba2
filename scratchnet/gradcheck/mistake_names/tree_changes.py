"""In which statements two texts of a program differ, and in which expressions.

    statement_changes(before, after)    pairs of statements; None where one is put in or taken out
    levels(old, new)                    the pairs of expressions in which two differ, the outermost first

Read next: around.py.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StatementChange:
    """A statement before and after. line, end: where it stands, or before which line it is put in, in the old text."""

    old: ast.stmt | None
    new: ast.stmt | None
    line: int
    end: int
    nested: bool = False  # inside a loop


def statement_changes(before: str, after: str) -> list[StatementChange]:
    """Return the statements in which two texts differ. Raises SyntaxError."""
    old, new = ast.parse(before), ast.parse(after)
    return list(_blocks(old.body, new.body, len(before.splitlines()) + 1, False))


def _blocks(old: Sequence[ast.stmt], new: Sequence[ast.stmt], end: int, nested: bool) -> Iterator[StatementChange]:
    before, after = ([ast.dump(one) for one in block] for block in (old, new))
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        pairs = min(b - a, d - c)
        # Of several for one, the one that is most like it is it.
        shift = 0 if b - a != 1 else _likest(old[a], new[c:d])
        back = 0 if d - c != 1 else _likest(new[c], old[a:b])
        for k in range(a, b):
            if not a + back <= k < a + back + pairs:
                yield StatementChange(old[k], None, old[k].lineno, old[k].end_lineno or old[k].lineno, nested)
        line = old[a].lineno if a < len(old) else (old[-1].end_lineno or end) + 1 if old else end
        for k in range(c, d):
            if not c + shift <= k < c + shift + pairs:
                later = k >= c + shift + pairs and b > a
                at = (old[b - 1].end_lineno or line) + 1 if later else line
                yield StatementChange(None, new[k], at, at, nested)
        for k in range(pairs):
            yield from _pair(old[a + back + k], new[c + shift + k], nested)


def _likest(one: ast.stmt, others: Sequence[ast.stmt]) -> int:
    text = ast.unparse(one)
    ratios = [difflib.SequenceMatcher(None, text, ast.unparse(other)).ratio() for other in others]
    return ratios.index(max(ratios)) if ratios else 0


def _pair(old: ast.stmt, new: ast.stmt, nested: bool) -> Iterator[StatementChange]:
    if type(old) is type(new) and hasattr(old, "body"):
        headers = [
            [
                [ast.dump(part) if isinstance(part, ast.AST) else part for part in _listed(value)]
                for name, value in ast.iter_fields(one)
                if name not in ("body", "orelse")
            ]
            for one in (old, new)
        ]
        inner = nested or isinstance(old, (ast.For, ast.While))
        if headers[0] != headers[1]:
            yield StatementChange(old, new, old.lineno, old.lineno, nested)
        for name in ("body", "orelse"):
            yield from _blocks(getattr(old, name, []), getattr(new, name, []), (old.end_lineno or 0) + 1, inner)
    else:
        first, last = old.lineno, old.end_lineno or old.lineno
        yield StatementChange(old, new, first, last, nested)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def levels(old: ast.expr, new: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the expressions in which two differ: they themselves, then the one part that differs, and so on."""
    yield old, new
    if type(old) is not type(new):
        return
    differing: list[tuple[Any, Any]] = []
    for name in old._fields:
        one, two = getattr(old, name, None), getattr(new, name, None)
        ones, twos = _listed(one), _listed(two)
        if len(ones) != len(twos):
            return
        for a, b in zip(ones, twos, strict=True):
            if isinstance(a, ast.AST) and isinstance(b, ast.AST):
                if ast.dump(a) != ast.dump(b):
                    differing.append((a, b))
            elif a != b:
                return
    if len(differing) == 1:
        a, b = differing[0]
        if isinstance(a, ast.keyword) and isinstance(b, ast.keyword):
            a, b = a.value, b.value
        if isinstance(a, ast.expr) and isinstance(b, ast.expr):
            yield from levels(a, b)
    elif differing and all(isinstance(a, ast.expr) and isinstance(b, ast.expr) for a, b in differing):
        for a, b in differing:
            yield from levels(a, b)


def value_of(statement: ast.stmt | None) -> ast.expr | None:
    """Return the expression that a statement assigns, adds, returns or calls."""
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)):
        return statement.value
    return None


def target_of(statement: ast.stmt | None) -> ast.expr | None:
    """Return what a statement assigns to, as an expression that reads it."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        found: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AugAssign):
        found = statement.target
    else:
        return None
    return ast.parse(ast.unparse(found), mode="eval").body
