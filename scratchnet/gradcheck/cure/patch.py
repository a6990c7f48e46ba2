"""Edits of a text: statements replaced, moved or put in, with as little of the learner's own text changed as can be.

Read next: statements.py.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """A line of a file that is replaced, taken out ("" after) or put in ("" before): line is where it stands."""

    line: int
    before: str
    after: str


def replaced(text: str, old: ast.stmt, new: Sequence[ast.stmt]) -> str:
    """Return a text with a statement replaced by others: where they differ in one expression, only that."""
    if len(new) == 1:
        small = _smallest(old, new[0])
        if small is not None:
            return _spliced(text, *small)
    lines = text.splitlines(keepends=True)
    head = lines[old.lineno - 1][: len(lines[old.lineno - 1]) - len(lines[old.lineno - 1].lstrip())]
    made = "".join(
        head + line + "\n" for one in new for line in ast.unparse(ast.fix_missing_locations(one)).splitlines()
    )
    return "".join([*lines[: old.lineno - 1], made, *lines[old.end_lineno or old.lineno :]])


def inserted(text: str, line: int, indent: str, new: Sequence[ast.stmt]) -> str:
    """Return a text with statements put in before a line."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    made = [indent + one + "\n" for stmt in new for one in ast.unparse(ast.fix_missing_locations(stmt)).splitlines()]
    return "".join([*lines[: line - 1], *made, *lines[line - 1 :]])


def changes(before: str, after: str) -> list[Change]:
    """Return the lines in which two texts differ, numbered as in the first."""
    old, new = before.splitlines(), after.splitlines()
    found = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for k in range(max(b - a, d - c)):
            one = old[a + k].strip() if a + k < b else ""
            two = new[c + k].strip() if c + k < d else ""
            found.append(Change(min(a + k, b) + 1 if a + k < b else b + 1, one, two))
    return found


def original_line(before: str, after: str, line: int) -> int:
    """Return the line of the first text at which a line of the second stands; 0 where it was put in."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        if c < line <= d:
            return a + line - c if line - c <= b - a else 0
    return 0


def _smallest(old: ast.AST, new: ast.AST) -> tuple[ast.expr, ast.expr, bool] | None:
    """Return the smallest expressions in which two statements differ; None where more than one does."""
    if type(old) is not type(new):
        return None
    if isinstance(old, ast.expr):
        inner = _one_difference(old, new)
        return inner if inner is not None else (old, new, True)  # type: ignore[return-value]
    return _one_difference(old, new)


def _one_difference(old: ast.AST, new: ast.AST) -> tuple[ast.expr, ast.expr, bool] | None:
    differing: list[tuple[ast.AST, ast.AST]] = []
    for name in old._fields:
        one, two = getattr(old, name, None), getattr(new, name, None)
        if isinstance(one, list) and isinstance(two, list):
            if len(one) != len(two):
                return None
            pairs = list(zip(one, two, strict=True))
        else:
            pairs = [(one, two)]
        for a, b in pairs:
            if isinstance(a, ast.AST) and isinstance(b, ast.AST):
                if a is not b and ast.dump(a) != ast.dump(b):
                    differing.append((a, b))
            elif a != b:
                return None
    if len(differing) != 1:
        return None
    a, b = differing[0]
    if not isinstance(a, ast.expr) or not isinstance(b, ast.expr):
        return None if not (isinstance(a, ast.stmt) and type(a) is type(b)) else _one_difference(a, b)
    if type(a) is type(b):
        inner = _one_difference(a, b)
        if inner is not None:
            return inner
    bracket = isinstance(old, (ast.BinOp, ast.UnaryOp, ast.Attribute, ast.Subscript, ast.Call)) and not (
        (isinstance(old, ast.Call) and a in old.args) or (isinstance(old, ast.Subscript) and a is old.slice)
    )
    return a, b, not bracket


def _spliced(text: str, old: ast.expr, new: ast.expr, whole: bool) -> str:
    lines = text.splitlines(keepends=True)
    made = ast.unparse(ast.fix_missing_locations(ast.Expression(new)))
    if not whole and isinstance(new, (ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Compare, ast.BoolOp, ast.Lambda)):
        made = f"({made})"
    first, last = old.lineno - 1, (old.end_lineno or old.lineno) - 1
    head = lines[first].encode()[: old.col_offset].decode()
    tail = lines[last].encode()[old.end_col_offset or 0 :].decode()
    return "".join([*lines[:first], head + made + tail, *lines[last + 1 :]])
