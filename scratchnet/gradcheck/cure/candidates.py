"""Every text that is one edit away from a program: edits of an expression, and of how statements are put together.

    = for +=, a statement in another loop, one too many, two in the other order, a buffer that does not start from
    zero, a loop that skips a step, a condition, the order of what is returned, a carry that is not handed on

Read next: judging.py.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from scratchnet.gradcheck.cure.edits import variants
from scratchnet.gradcheck.cure.expressions import Vocabulary, numpy_call
from scratchnet.gradcheck.cure.statements import Blocks, Candidate, fresh_buffers, moves
from scratchnet.gradcheck.cure.taking_out import LIKELY, TAKEN_OUT


def expression_candidates(
    module: str, statement: ast.stmt, words: Vocabulary, plain: bool = False
) -> Iterator[Candidate]:
    """Yield the edits of a statement's expressions: of its value, and of the place that it assigns to."""
    if (
        isinstance(statement, (ast.Assign, ast.AugAssign, ast.Return, ast.AnnAssign, ast.Expr))
        and statement.value is not None
    ):
        for variant in variants(statement.value, words, plain):
            yield with_part(module, statement, "value", variant.tree, variant.kind, variant.odd)
    if isinstance(statement, ast.For):
        for variant in variants(statement.iter, Vocabulary([], [], [], words.counts)):
            if variant.odd < 1.6:
                yield with_part(module, statement, "iter", variant.tree, f"loop: {variant.kind}", variant.odd + 0.2)
    if isinstance(statement, ast.If):
        for value in (True, False):
            yield with_part(module, statement, "test", ast.Constant(value), "condition", 1.4)
        for variant in variants(statement.test, Vocabulary([], [], [], [])):
            if variant.kind in ("constant", "operator"):
                yield with_part(module, statement, "test", variant.tree, "condition", 1.5)
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
                new_target.ctx = ast.Store()
                yield _aimed(module, statement, new_target, f"into {ast.unparse(atom)}", 1.8)


def other_indices(module: str, statement: ast.stmt) -> Iterator[Candidate]:
    """Yield a statement that stores at the other end of an array, or one step before or after."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    if not isinstance(target, ast.Subscript):
        return
    index, new = target.slice, list[ast.expr]()
    if ast.unparse(index) in ("0", "-1"):
        new = [ast.parse("-1" if ast.unparse(index) == "0" else "0", mode="eval").body]
    elif isinstance(index, ast.Name):
        new = [ast.BinOp(index, op, ast.Constant(1)) for op in (ast.Sub(), ast.Add())]
    elif isinstance(index, ast.BinOp) and ast.unparse(index.right) == "1":
        new = [index.left]
    for one in new:
        made = ast.Subscript(target.value, one, ast.Store())
        yield _aimed(module, statement, made, f"[{ast.unparse(one)}]", 1.4)


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
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, (ast.Mult, ast.Div)):
        for count in _counts(blocks.function[statement]):
            for op in (ast.Mult(), ast.Div()):
                new = ast.AugAssign(statement.target, statement.op, ast.BinOp(statement.value, op, count))
                yield Candidate(module, line, f"scaled by {ast.unparse(count)}", 1.3, None, statement, [new])
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr)):
        for counter in sorted({
            ast.unparse(node.left) for node in ast.walk(statement)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and isinstance(node.left, ast.Name)
            and isinstance(node.right, ast.Constant) and node.right.value == 1
        }):  # fmt: skip
            test = ast.Compare(ast.Name(counter, ast.Load()), [ast.Gt()], [ast.Constant(0)])
            yield Candidate(
                module, line, "before the first step", 1.2, None, statement, [ast.If(test, [statement], [])]
            )
        scales = isinstance(statement, ast.AugAssign) and isinstance(statement.op, (ast.Mult, ast.Div))
        rest: list[ast.stmt] = [] if len(blocks.block[statement]) > 1 else [ast.Pass()]
        yield Candidate(module, line, TAKEN_OUT, LIKELY if scales else 1.6, None, statement, rest)
        yield from moves(module, text, statement, blocks)
    if isinstance(statement, ast.If) and not statement.orelse:
        yield Candidate(module, line, "condition dropped", 1.3, None, statement, statement.body)
    if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Tuple):
        elements = statement.value.elts
        for a in range(len(elements)):
            for b in range(a + 1, len(elements)):
                order = list(elements)
                order[a], order[b] = order[b], order[a]
                yield with_part(module, statement, "value", ast.Tuple(order, ast.Load()), "order returned", 1.2)
    if isinstance(statement, ast.Assign) and isinstance(target, ast.Tuple):
        for a in range(len(target.elts)):
            for b in range(a + 1, len(target.elts)):
                order = list(target.elts)
                order[a], order[b] = order[b], order[a]
                yield _aimed(module, statement, ast.Tuple(order, ast.Store()), "order unpacked", 1.3)
    if isinstance(statement, ast.FunctionDef):
        yield from fresh_buffers(module, text, statement)


def _counts(function: ast.stmt | None) -> list[ast.expr]:
    """Return the numbers of a function that could be a number of steps or of rows: unpacked of a shape, or a len()."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(function) if function is not None else ():
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Attribute, ast.Call, ast.Subscript)):
            if not any(word in ast.unparse(node.value) for word in (".shape", "len(")):
                continue
            target = node.targets[0]
            for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(one, ast.Name) and one.id != "_":
                    found.setdefault(one.id, ast.Name(one.id, ast.Load()))
        elif isinstance(node, ast.Call) and ast.unparse(node).startswith("len("):
            found.setdefault(ast.unparse(node), node)
    return list(found.values())[:6]


def with_part(module: str, statement: ast.stmt, name: str, tree: ast.expr, kind: str, odd: float) -> Candidate:
    """Return the edit of one part of a statement."""
    made = copy.copy(statement)
    setattr(made, name, tree)
    return Candidate(module, statement.lineno, kind, odd, None, statement, [made])


def _aimed(module: str, statement: ast.stmt, target: ast.expr, kind: str, odd: float) -> Candidate:
    made = copy.copy(statement)
    if isinstance(made, ast.Assign):
        made.targets = [target]
    else:
        assert isinstance(made, (ast.For, ast.AugAssign, ast.AnnAssign))
        made.target = target
    return Candidate(module, statement.lineno, kind, odd, None, statement, [made])
