"""Statements moved, and buffers begun at zero: edits of how a program is put together.

Read next: candidates.py.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scratchnet.gradcheck.cure.patch import inserted, replaced


@dataclass
class Candidate:
    """A text in the place of a module's. line: where it differs. odd: how unusual the edit is."""

    module: str
    line: int
    kind: str
    odd: float
    text: str | None
    old: ast.stmt | None = None
    new: Sequence[ast.stmt] = ()

    @property
    def value(self) -> ast.expr | None:
        """The new value of a statement of which nothing else is changed."""
        if (
            len(self.new) == 1
            and isinstance(self.new[0], (ast.Assign, ast.AugAssign, ast.Return))
            and type(self.new[0]) is type(self.old)
        ):
            new, old = self.new[0], self.old
            assert isinstance(old, (ast.Assign, ast.AugAssign, ast.Return))
            if getattr(new, "targets", None) == getattr(old, "targets", None) and getattr(
                new, "target", None
            ) is getattr(old, "target", None):
                return new.value if new.value is not old.value else None
        return None

    def of(self, text: str) -> str:
        """Return the edited text."""
        if self.text is not None:
            return self.text
        assert self.old is not None
        return replaced(text, self.old, self.new)


class Blocks:
    """Where each statement of a tree stands: its block, the statement around that, the function around it."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.block: dict[ast.stmt, list[ast.stmt]] = {}
        self.around: dict[ast.stmt, ast.stmt | None] = {}
        self.function: dict[ast.stmt, ast.stmt | None] = {}
        self._walk(tree.body, None, None)

    def _walk(self, block: list[ast.stmt], around: ast.stmt | None, function: ast.stmt | None) -> None:
        for one in block:
            self.block[one], self.around[one], self.function[one] = block, around, function
            inner = one if isinstance(one, ast.FunctionDef) else function
            for name in ("body", "orelse", "finalbody"):
                listed = getattr(one, name, None)
                if isinstance(listed, list):
                    self._walk(listed, one, inner)


def moves(module: str, text: str, statement: ast.stmt, blocks: Blocks) -> Iterator[Candidate]:
    """Yield a statement moved: after the loop around it, to the end of a loop beside it, past its neighbours."""
    around, block = blocks.around[statement], blocks.block[statement]
    k = block.index(statement)
    lines = text.splitlines(keepends=True)
    own = lines[statement.lineno - 1 : statement.end_lineno]
    rest = [*lines[: statement.lineno - 1], *lines[statement.end_lineno or 0 :]]
    if not rest or len(block) == 1:
        return

    def moved(before: int, indent: str) -> str:
        shift = len(own) if before > statement.lineno else 0
        body = [indent + one.strip() + "\n" for one in own] if len(own) == 1 else own
        return "".join([*rest[: before - 1 - shift], *body, *rest[before - 1 - shift :]])

    def indent_of(one: ast.stmt) -> str:
        return " " * one.col_offset if "\t" not in lines[one.lineno - 1][: one.col_offset] else "\t" * one.col_offset

    if isinstance(around, (ast.For, ast.While, ast.If)):
        yield Candidate(
            module,
            statement.lineno,
            "moved after the loop",
            1.3,
            moved((around.end_lineno or 0) + 1, indent_of(around)),
        )
        yield Candidate(module, statement.lineno, "moved before the loop", 1.5, moved(around.lineno, indent_of(around)))
    for other in block:
        if isinstance(other, (ast.For, ast.While)) and other is not statement:
            yield Candidate(
                module,
                statement.lineno,
                "moved into the loop",
                1.3,
                moved((other.body[-1].end_lineno or 0) + 1, indent_of(other.body[-1])),
            )
            yield Candidate(
                module,
                statement.lineno,
                "moved into the loop",
                1.4,
                moved(other.body[0].lineno, indent_of(other.body[0])),
            )
    for n in (k - 2, k - 1, k + 2, k + 3):
        if 0 <= n < len(block):
            yield Candidate(module, statement.lineno, "moved", 1.5, moved(block[n].lineno, indent_of(statement)))
    if k + 2 <= len(block):
        yield Candidate(
            module,
            statement.lineno,
            "moved to the end",
            1.5,
            moved((block[-1].end_lineno or 0) + 1, indent_of(statement)),
        )


def fresh_buffers(module: str, text: str, function: ast.FunctionDef) -> Iterator[Candidate]:
    """Yield a function that first sets to zero what it adds to but never begins."""
    begun, added = set(), {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            begun |= {ast.unparse(one) for one in node.targets}
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Add, ast.Sub)):
            base = (
                node.target.value
                if isinstance(node.target, ast.Subscript) and not isinstance(node.target.slice, ast.Constant)
                else node.target
            )
            added[ast.unparse(base)] = base
    own = {one.arg for one in function.args.args} | begun
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            kept = node.func.value
            if isinstance(kept, (ast.Name, ast.Attribute)) and ast.unparse(kept) not in own and function.body:
                first = function.body[_docstring(function)] if len(function.body) > _docstring(function) else None
                if first is not None:
                    clear = ast.Expr(ast.Call(ast.Attribute(kept, "clear", ast.Load()), [], []))
                    line = text.splitlines()[first.lineno - 1]
                    indent = line[: len(line) - len(line.lstrip())]
                    yield Candidate(
                        module, first.lineno, "begins empty", 1.1, inserted(text, first.lineno, indent, [clear])
                    )
    missing = [tree for name, tree in added.items() if name not in begun and not isinstance(tree, ast.Name)]
    body = function.body[_docstring(function) :]
    if not missing or not body:
        return
    line = text.splitlines()[body[0].lineno - 1]
    indent = line[: len(line) - len(line.lstrip())]
    choices = [missing] if len(missing) == 1 else [missing, *([one] for one in missing)]
    for chosen in choices:
        new = []
        for tree in chosen:
            store, load = copy.copy(tree), copy.copy(tree)
            store.ctx, load.ctx = ast.Store(), ast.Load()  # type: ignore[attr-defined]
            zeros = ast.Call(ast.Attribute(ast.Name("np", ast.Load()), "zeros_like", ast.Load()), [load], [])
            new.append(ast.Assign([store], zeros, lineno=0))
        yield Candidate(module, body[0].lineno, "starts from zero", 1.1, inserted(text, body[0].lineno, indent, new))


def zero_beginnings(module: str, function: ast.FunctionDef) -> Iterator[Candidate]:
    """Yield a gradient that is handed on in a loop, and begins with something else before it, begun at zero."""
    for before, loop in zip(function.body, function.body[1:], strict=False):
        k = function.body.index(before)
        while isinstance(loop, ast.For) and k >= 0 and isinstance(function.body[k], ast.Assign):
            given = function.body[k]
            assert isinstance(given, ast.Assign)
            text = ast.unparse(given.targets[0])
            handed_on = any(
                isinstance(node, ast.Assign) and any(text in ast.unparse(one) for one in node.targets)
                for node in ast.walk(loop)
            )
            if handed_on and isinstance(given.value, (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp)):
                call = ast.Attribute(ast.Name("np", ast.Load()), "zeros_like", ast.Load())
                new = ast.Assign(given.targets, ast.Call(call, [given.value], []), lineno=0)
                yield Candidate(module, given.lineno, "begins at zero", 1.1, None, given, [new])
            k -= 1


def _docstring(function: ast.FunctionDef) -> int:
    """Return 1 where a function begins with a docstring, 0 where not."""
    return int(ast.get_docstring(function, clean=False) is not None)
