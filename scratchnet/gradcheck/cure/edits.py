"""Edits of one expression: what learners mix up, undone. Each yields an expression, what was done, and how odd it is.

    name for name, transpose, operand order, operator, sign, a factor or term too many or too few, the form of a
    derivative, a call too many or too few, an index, an axis, a constant

Read next: brackets.py.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scratchnet.gradcheck.cure.brackets import brackets
from scratchnet.gradcheck.cure.call_edits import call_edits
from scratchnet.gradcheck.cure.expressions import (
    Vocabulary,
    binary,
    is_function,
    numpy_call,
    one_minus,
    spots,
    square,
    transposed,
)

OPERATORS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.MatMult, ast.Div, ast.Add), ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,), ast.Pow: (ast.Mult,),
}  # fmt: skip


@dataclass
class Variant:
    """An expression in the place of another. kind: what was done. odd: how unusual it is; small is likely."""

    tree: ast.expr
    kind: str
    odd: float


def variants(tree: ast.expr, words: Vocabulary, plain: bool = False) -> Iterator[Variant]:
    """Yield every expression that is one edit away; plain: without the factors and terms that could be missing."""
    for node, put in spots(tree):
        for new, kind, odd in at(node, words, plain):
            yield Variant(put(new), kind, odd)
    yield from everywhere(tree, words)


def everywhere(tree: ast.expr, words: Vocabulary) -> Iterator[Variant]:
    """Yield an operand or a call that stands in an expression more than once, exchanged in all places."""
    if isinstance(tree, ast.Tuple):  # its elements are computed each by itself
        for k, one in enumerate(tree.elts):
            for two in everywhere(one, words):
                yield Variant(ast.Tuple([*tree.elts[:k], two.tree, *tree.elts[k + 1 :]], ast.Load()), two.kind, two.odd)
        return
    parts: dict[str, list[ast.expr]] = {}
    for node, _ in spots(tree):
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)) and not is_function(node):
            parts.setdefault(ast.unparse(node), []).append(node)
    for text, nodes in parts.items():
        if len(nodes) < 2:
            continue
        node = nodes[0]
        others: list[tuple[ast.expr, str, float]] = []
        if isinstance(node, ast.Call):
            others += [(one, "call dropped", 0.9) for one in node.args[:1]]
        else:
            others += _other_operands(text, words)
            others += [(ast.Call(function, [node], []), f"{name} applied", 1.2) for name, function in words.applied]
            others.append((numpy_call("tanh", node), "tanh applied", 1.3))
        for new, kind, odd in others:
            yield Variant(exchanged(tree, {text: new}), kind, odd)
    named = [(text, nodes[0]) for text, nodes in parts.items() if not isinstance(nodes[0], ast.Call)]
    for k, (text, node) in enumerate(named):
        for other, second in named[k + 1 :]:
            if _alike(words.shapes.get(text), words.shapes.get(other)):
                yield Variant(exchanged(tree, {text: second, other: node}), f"{text} <-> {other}", 1.3)


def exchanged(tree: ast.expr, others: Mapping[str, ast.expr]) -> ast.expr:
    """Return an expression with every part of these texts exchanged."""

    class Exchange(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if isinstance(node, ast.expr) and (found := others.get(ast.unparse(node))) is not None:
                return copy.deepcopy(found)  # one node in two places would be exchanged within itself next time
            return self.generic_visit(node)

    made = Exchange().visit(copy.deepcopy(tree))
    assert isinstance(made, ast.expr)
    return made


def at(node: ast.expr, words: Vocabulary, plain: bool = False) -> Iterator[tuple[ast.expr, str, float]]:
    """Yield what may stand in the place of one expression."""
    text = ast.unparse(node)
    if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and not is_function(node):
        yield from _other_operands(text, words)
        yield transposed(node), "transpose", 1.0
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value, "transpose", 0.9
    if isinstance(node, ast.Subscript):
        yield from _subscripts(node, words)
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        for value in _near(node.value):
            yield ast.Constant(value), "constant", 1.3
    if isinstance(node, ast.BinOp):
        yield from _binary(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand, "sign", 1.0
    if isinstance(node, ast.Call):
        yield from call_edits(node, words)
    if isinstance(node, ast.IfExp):
        yield node.body, "condition dropped", 1.5
        yield node.orelse, "condition dropped", 1.5
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:
        yield ast.Tuple(node.elts[::-1], ast.Load()), "order", 1.2
    if isinstance(node, (ast.Slice, ast.Constant, ast.Tuple, ast.List, ast.Compare, ast.BoolOp)):
        return
    if isinstance(node, (ast.Call, ast.Name)):
        yield ast.Subscript(node, _backwards(), ast.Load()), "reversed", 1.6
    yield ast.UnaryOp(ast.USub(), node), "sign", 1.3
    if plain:
        return
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)):
        yield one_minus(node), "complement", 1.6
    yield one_minus(square(node)), "1 - x^2", 1.8
    yield binary(node, ast.Mult(), one_minus(node)), "x (1 - x)", 1.8
    yield square(node), "square", 2.0
    for name, function in words.applied:
        yield ast.Call(function, [node], []), f"{name} applied", 1.7
    yield numpy_call("tanh", node), "tanh applied", 1.9
    for name, odd, form in words.factors:
        yield binary(node, ast.Mult(), form), f"factor {name}", odd
    for name, atom in words.named:
        yield binary(node, ast.Add(), atom), f"term {name}", 1.6
        yield binary(node, ast.Sub(), atom), f"term {name}", 2.2
    if isinstance(node, (ast.BinOp, ast.Call)):
        for name, atom in words.named:
            yield atom, f"{name} instead", 1.7
    for count in words.counts:
        yield binary(node, ast.Div(), count), f"divided by {ast.unparse(count)}", 1.8
        yield binary(node, ast.Mult(), count), f"times {ast.unparse(count)}", 1.9
    for axes in ((0, 1), (1, 2)):
        turned: list[ast.expr] = [ast.Constant(axis) for axis in axes]
        yield ast.Call(ast.Attribute(node, "swapaxes", ast.Load()), turned, []), "axes exchanged", 1.7
    for axis in (0, 1):
        yield numpy_call("sum", node, axis=axis), "sum", 2.0
        yield numpy_call("sum", node, axis=axis, keepdims=True), "sum", 2.1


def _other_operands(text: str, words: Vocabulary) -> Iterator[tuple[ast.expr, str, float]]:
    """Yield the operands that could have been mixed up with one."""
    for name, atom in words.named:
        if name != text and _alike(words.shapes.get(text), words.shapes.get(name)):
            yield atom, f"{text} -> {name}", 1.0 + 0.1 * _unlike(text, name)


def _backwards() -> ast.Slice:
    """Return the slice ::-1."""
    return ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))


def _alike(one: tuple[int, ...] | None, other: tuple[int, ...] | None) -> bool:
    """Tell whether arrays of these shapes could have been mixed up; where a shape is not known, they could."""
    return one is None or other is None or one == other or one == other[::-1] or () in (one, other)


def _unlike(one: str, other: str) -> float:
    """Return how unlike two names are, 0 to 1."""
    same = len(set(one) & set(other))
    return 1.0 - same / max(len(set(one) | set(other)), 1)


def _near(value: float) -> Iterator[Any]:
    for other in (0, 1, 2, -1, 0.5):
        if other != value:
            yield other
    if value not in (0, 1, 2):
        yield value + 1
        yield value - 1


def _subscripts(node: ast.Subscript, words: Vocabulary) -> Iterator[tuple[ast.expr, str, float]]:
    text = ast.unparse(node.slice)
    for index in words.indices:
        other = ast.unparse(index)
        if other != text:
            yield ast.Subscript(node.value, index, ast.Load()), f"[{text}] -> [{other}]", 1.0
    if not isinstance(node.slice, (ast.Slice, ast.Tuple)) and not (
        isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
    ):
        for step in (-1, 1):
            moved = binary(node.slice, ast.Add() if step > 0 else ast.Sub(), ast.Constant(1))
            yield ast.Subscript(node.value, moved, ast.Load()), f"[{text}] -> [{ast.unparse(moved)}]", 1.0
        if isinstance(node.slice, ast.BinOp):
            yield ast.Subscript(node.value, node.slice.left, ast.Load()), "index", 0.9
    yield node.value, "subscript dropped", 2.0
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        yield ast.Attribute(node.value.value, "size", ast.Load()), "all entries", 1.1
    if isinstance(node.slice, ast.Tuple) and isinstance(node.slice.elts[0], ast.Slice):
        first = node.slice.elts[0]
        if first.lower is None and first.upper is None and first.step is None:
            turned = ast.Tuple([_backwards(), *node.slice.elts[1:]], ast.Load())
            yield ast.Subscript(node.value, turned, ast.Load()), "reversed", 1.4
    if (
        isinstance(node.slice, ast.BinOp)
        and isinstance(node.slice.left, ast.Name)
        and isinstance(node.slice.op, ast.Sub)
    ):
        inside = ast.Compare(node.slice.left, [ast.Gt()], [ast.Constant(0)])
        yield ast.IfExp(inside, node, numpy_call("zeros_like", node)), "before the first step", 1.2


def _binary(node: ast.BinOp) -> Iterator[tuple[ast.expr, str, float]]:
    for other in OPERATORS.get(type(node.op), ()):
        yield binary(node.left, other(), node.right), "operator", 1.1
    yield node.left, f"without {ast.unparse(node.right)}", 1.2
    yield node.right, f"without {ast.unparse(node.left)}", 1.2
    if isinstance(node.op, (ast.MatMult, ast.Sub, ast.Div)):
        yield binary(node.right, node.op, node.left), "order of operands", 1.3
    if isinstance(node.op, ast.MatMult):
        yield binary(transposed(node.left), node.op, transposed(node.right)), "transpose", 1.4
        yield binary(node.right, node.op, transposed(node.left)), "order of operands", 1.4
        yield binary(transposed(node.right), node.op, node.left), "order of operands", 1.4
        yield binary(transposed(node.right), node.op, transposed(node.left)), "order of operands", 1.5
    if isinstance(node.op, ast.Sub) and isinstance(node.left, ast.Constant):
        x = node.right
        yield one_minus(square(x)), "the derivative of tanh", 0.9
        yield binary(x, ast.Mult(), one_minus(x)), "the derivative of sigmoid", 0.9
        if isinstance(x, ast.BinOp) and isinstance(x.op, (ast.Pow, ast.Mult)):
            yield one_minus(x.left), "1 - x", 0.9
            yield one_minus(square(numpy_call("tanh", x.left))), "tanh missing", 0.9
            yield binary(x.left, ast.Mult(), one_minus(x.left)), "the derivative of sigmoid", 0.9
    if isinstance(node.op, ast.Mult):
        right = node.right
        if (
            isinstance(right, ast.BinOp)
            and isinstance(right.op, ast.Sub)
            and ast.unparse(right.right) == ast.unparse(node.left)
        ):
            yield one_minus(square(node.left)), "the derivative of tanh", 0.9
    yield from brackets(node)
