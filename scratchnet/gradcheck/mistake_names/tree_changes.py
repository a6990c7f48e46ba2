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
        at_new = c + (_likest(old[a], new[c:d]) if b - a == 1 else 0)
        at_old = a + (_likest(new[c], old[a:b]) if d - c == 1 else 0)
        for k in range(a, b):
            if not at_old <= k < at_old + pairs:
                yield StatementChange(old[k], None, old[k].lineno, old[k].end_lineno or old[k].lineno, nested)
        line = old[a].lineno if a < len(old) else (old[-1].end_lineno or end) + 1 if old else end
        for k in range(c, d):
            if not at_new <= k < at_new + pairs:
                later = k >= at_new + pairs and b > a
                at = (old[b - 1].end_lineno or line) + 1 if later else line
                yield StatementChange(None, new[k], at, at, nested)
        for k in range(pairs):
            yield from _pair(old[at_old + k], new[at_new + k], nested)


def _likest(one: ast.stmt, others: Sequence[ast.stmt]) -> int:
    text = ast.unparse(one)
    ratios = [difflib.SequenceMatcher(None, text, ast.unparse(other)).ratio() for other in others]
    return ratios.index(max(ratios)) if ratios else 0


def _pair(old: ast.stmt, new: ast.stmt, nested: bool) -> Iterator[StatementChange]:
    if type(old) is not type(new) or not hasattr(old, "body"):
        yield StatementChange(old, new, old.lineno, old.end_lineno or old.lineno, nested)
        return
    heads = [
        [part for name, value in ast.iter_fields(one) if name not in ("body", "orelse") for part in _dumped(value)]
        for one in (old, new)
    ]
    if heads[0] != heads[1]:
        yield StatementChange(old, new, old.lineno, old.lineno, nested)
    inner = nested or isinstance(old, (ast.For, ast.While))
    for name in ("body", "orelse"):
        yield from _blocks(getattr(old, name, []), getattr(new, name, []), (old.end_lineno or 0) + 1, inner)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _dumped(value: Any) -> list[Any]:
    return [ast.dump(part) if isinstance(part, ast.AST) else part for part in _listed(value)]


def levels(old: ast.expr, new: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the expressions in which two differ: they themselves, then the one part that differs, and so on."""
    yield old, new
    if type(old) is not type(new):
        return
    differing: list[tuple[Any, ...]] = []
    for name in old._fields:
        ones, twos = _listed(getattr(old, name, None)), _listed(getattr(new, name, None))
        if len(ones) != len(twos):
            return
        differing += [pair for pair in zip(ones, twos, strict=True) if _dumped(pair[0]) != _dumped(pair[1])]
    inner = [tuple(x.value if isinstance(x, ast.keyword) else x for x in pair) for pair in differing]
    if all(isinstance(part, ast.expr) for pair in inner for part in pair):
        for a, b in inner:
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


def adds_at(statement: ast.stmt) -> bool:
    """Tell whether a statement is np.add.at(...)."""
    value = value_of(statement)
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "at"


def of_one_array(one: ast.expr, two: ast.expr) -> bool:
    """Tell whether two expressions read one array at some index."""
    if not isinstance(one, ast.Subscript) or not isinstance(two, ast.Subscript):
        return False
    return ast.dump(one.value) == ast.dump(two.value)


def operands(tree: ast.expr) -> list[ast.expr]:
    """Return the operands of a product, a @ b, np.dot(a, b) or a.dot(b), without their transposes taken off."""
    parts: list[ast.expr] = []
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.MatMult, ast.Mult)):
        parts = [tree.left, tree.right]
    elif isinstance(tree, ast.Call) and len(tree.args) == 2:
        parts = tree.args
    elif isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute) and len(tree.args) == 1:
        parts = [tree.func.value, tree.args[0]]
    return [one for part in parts for one in operands(part)] or [tree]
