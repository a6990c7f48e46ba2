"""Every text that is one edit away from a program: edits of an expression, and of how statements are put together.

    = for +=, a statement in another loop, one too many, two in the other order, a buffer that does not start from
    zero, a loop that skips a step, a condition, the order of what is returned, a carry that is not handed on

Read next: search.py.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scratchnet.gradcheck.cure.edits import Vocabulary, numpy_call, variants
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


def expression_candidates(
    module: str, statement: ast.stmt, words: Vocabulary, plain: bool = False
) -> Iterator[Candidate]:
    """Yield the edits of a statement's expressions: of its value, and of the place that it assigns to."""
    if (
        isinstance(statement, (ast.Assign, ast.AugAssign, ast.Return, ast.AnnAssign, ast.Expr))
        and statement.value is not None
    ):
        for variant in variants(statement.value, words, plain):
            yield _with(module, statement, "value", variant.tree, variant.kind, variant.odd)
    if isinstance(statement, ast.For):
        for variant in variants(statement.iter, Vocabulary([], [], [], words.counts)):
            if variant.odd < 1.6:
                yield _with(module, statement, "iter", variant.tree, f"loop: {variant.kind}", variant.odd + 0.2)
    if isinstance(statement, ast.If):
        for value in (True, False):
            yield _with(module, statement, "test", ast.Constant(value), "condition", 1.4)
        for variant in variants(statement.test, Vocabulary([], [], [], [])):
            if variant.kind in ("constant", "operator"):
                yield _with(module, statement, "test", variant.tree, "condition", 1.5)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    if isinstance(statement, (ast.Assign, ast.AugAssign)) and isinstance(target, ast.Subscript):
        for index in words.indices:
            if ast.unparse(index) != ast.unparse(target.slice):
                new = ast.Subscript(target.value, index, ast.Store())
                yield _aimed(module, statement, new, f"[{ast.unparse(index)}]", 1.4)
    if isinstance(statement, (ast.Assign, ast.AugAssign)) and isinstance(
        target, (ast.Name, ast.Attribute, ast.Subscript)
    ):
        for atom in words.atoms if not plain else ():
            if isinstance(atom, type(target)) and ast.unparse(atom) != ast.unparse(target):
                new_target = copy.copy(atom)
                new_target.ctx = ast.Store()  # type: ignore[attr-defined]
                yield _aimed(module, statement, new_target, f"into {ast.unparse(atom)}", 1.8)


def structural_candidates(module: str, text: str, statement: ast.stmt, blocks: Blocks) -> Iterator[Candidate]:
    """Yield the edits of how a statement and its neighbours are put together."""
    line = statement.lineno
    target = (
        statement.targets[0]
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1
        else getattr(statement, "target", None)
    )
    if isinstance(statement, ast.Assign) and isinstance(target, (ast.Name, ast.Subscript, ast.Attribute)):
        yield Candidate(
            module, line, "accumulated", 1.0, None, statement, [ast.AugAssign(target, ast.Add(), statement.value)]
        )
    if isinstance(statement, ast.AugAssign) and isinstance(target, ast.Subscript):
        call = numpy_call("add.at", target.value, target.slice, statement.value)
        yield Candidate(module, line, "repeated indices", 1.0, None, statement, [ast.Expr(call)])
    if isinstance(statement, ast.AugAssign):
        yield Candidate(
            module,
            line,
            "overwritten",
            1.0,
            None,
            statement,
            [ast.Assign([statement.target], statement.value, lineno=0)],
        )
        if isinstance(statement.op, (ast.Add, ast.Sub)):
            other = ast.Sub() if isinstance(statement.op, ast.Add) else ast.Add()
            yield Candidate(
                module, line, "sign", 1.2, None, statement, [ast.AugAssign(statement.target, other, statement.value)]
            )
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr)):
        for counter in sorted({
            ast.unparse(node.left) for node in ast.walk(statement)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and isinstance(node.left, ast.Name)
            and isinstance(node.right, ast.Constant) and node.right.value == 1
        }):  # fmt: skip
            test = ast.Compare(ast.Name(counter, ast.Load()), [ast.Gt()], [ast.Constant(0)])
            yield Candidate(module, line, "before the first step", 1.2, None, statement, [ast.If(test, [statement], [])])
        yield Candidate(module, line, "taken out", 1.6, None, statement, [ast.Pass()])
        yield from _moves(module, text, statement, blocks)
    if isinstance(statement, ast.If) and not statement.orelse:
        yield Candidate(module, line, "condition dropped", 1.3, None, statement, statement.body)
    if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Tuple):
        elements = statement.value.elts
        for a in range(len(elements)):
            for b in range(a + 1, len(elements)):
                order = list(elements)
                order[a], order[b] = order[b], order[a]
                yield _with(module, statement, "value", ast.Tuple(order, ast.Load()), "order returned", 1.2)
    if isinstance(statement, ast.Assign) and isinstance(target, ast.Tuple):
        for a in range(len(target.elts)):
            for b in range(a + 1, len(target.elts)):
                order = list(target.elts)
                order[a], order[b] = order[b], order[a]
                yield _aimed(module, statement, ast.Tuple(order, ast.Store()), "order unpacked", 1.3)
    if isinstance(statement, ast.FunctionDef):
        yield from _fresh_buffers(module, text, statement)


def _moves(module: str, text: str, statement: ast.stmt, blocks: Blocks) -> Iterator[Candidate]:
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


def _fresh_buffers(module: str, text: str, function: ast.FunctionDef) -> Iterator[Candidate]:
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
    missing = [tree for name, tree in added.items() if name not in begun and not isinstance(tree, ast.Name)]
    body = [one for one in function.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
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


def _with(module: str, statement: ast.stmt, name: str, tree: ast.expr, kind: str, odd: float) -> Candidate:
    made = copy.copy(statement)
    setattr(made, name, tree)
    return Candidate(module, statement.lineno, kind, odd, None, statement, [made])


def _aimed(module: str, statement: ast.stmt, target: ast.expr, kind: str, odd: float) -> Candidate:
    made = copy.copy(statement)
    if isinstance(made, ast.Assign):
        made.targets = [target]
    else:
        made.target = target  # type: ignore[attr-defined]
    return Candidate(module, statement.lineno, kind, odd, None, statement, [made])
