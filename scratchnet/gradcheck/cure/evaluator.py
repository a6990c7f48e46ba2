"""The value of an expression among the variables of one visit, without compiling it.

Thousands of edits of one expression differ in one part each. What they share, the operands and the parts that were not
touched, is evaluated once and kept; an edit then costs the few operations on the way from the part to the whole.

Read next: frames.py.
"""

from __future__ import annotations

import ast
import builtins
import operator
import warnings
from collections.abc import Callable, Iterable
from typing import Any

BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.MatMult: operator.matmul, ast.Pow: operator.pow, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip
COMPARED: dict[type, Callable[[Any, Any], Any]] = {
    ast.Gt: operator.gt, ast.Lt: operator.lt, ast.GtE: operator.ge, ast.LtE: operator.le,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


KEPT = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Subscript)


class Kept:
    """Expressions that are evaluated once only in each frame; they are held, so that no other gets their identity."""

    def __init__(self, trees: Iterable[ast.expr] = (), whole: Iterable[ast.expr] = ()) -> None:
        """trees: by themselves. whole: with all expressions in them."""
        self.nodes = list(trees)
        self.nodes += [node for tree in whole for node in ast.walk(tree) if isinstance(node, (*KEPT, ast.Attribute))]
        self.ids = {id(node) for node in self.nodes if isinstance(node, (*KEPT, ast.Attribute))}


class Evaluator:
    """The variables of one visit, and the values of expressions that are asked for again and again."""

    def __init__(self, names: dict[str, Any], kept: Kept | None = None) -> None:
        self.names = names
        self.kept = kept or Kept()
        self.values: dict[int, tuple[Any, Exception | None]] = {}

    def value(self, tree: ast.expr) -> Any:
        """Return what an expression is. Raises what evaluating it raises."""
        if id(tree) not in self.kept.ids:
            return self._evaluated(tree)
        if id(tree) not in self.values:
            try:
                self.values[id(tree)] = self._evaluated(tree), None
            except Exception as error:
                self.values[id(tree)] = None, error
        value, failed = self.values[id(tree)]
        if failed is not None:
            raise failed
        return value

    def _evaluated(self, tree: ast.expr) -> Any:
        kind = type(tree)
        if isinstance(tree, ast.Name):
            return self.names[tree.id] if tree.id in self.names else getattr(builtins, tree.id)
        make = getattr(self, f"_{kind.__name__}", None)
        return make(tree) if make is not None else self._compiled(tree)

    def _compiled(self, tree: ast.expr) -> Any:
        return eval(compiled(tree), self.names)

    def _Constant(self, tree: ast.Constant) -> Any:
        return tree.value

    def _BinOp(self, tree: ast.BinOp) -> Any:
        return BINARY[type(tree.op)](self.value(tree.left), self.value(tree.right))

    def _UnaryOp(self, tree: ast.UnaryOp) -> Any:
        given = self.value(tree.operand)
        return -given if isinstance(tree.op, ast.USub) else +given if isinstance(tree.op, ast.UAdd) else (
            (not given) if isinstance(tree.op, ast.Not) else ~given
        )  # fmt: skip

    def _Attribute(self, tree: ast.Attribute) -> Any:
        return getattr(self.value(tree.value), tree.attr)

    def _Subscript(self, tree: ast.Subscript) -> Any:
        return self.value(tree.value)[self.value(tree.slice)]

    def _Slice(self, tree: ast.Slice) -> Any:
        return slice(*(None if one is None else self.value(one) for one in (tree.lower, tree.upper, tree.step)))

    def _Tuple(self, tree: ast.Tuple) -> Any:
        if any(isinstance(one, ast.Starred) for one in tree.elts):
            return self._compiled(tree)
        return tuple(self.value(one) for one in tree.elts)

    def _List(self, tree: ast.List) -> Any:
        if any(isinstance(one, ast.Starred) for one in tree.elts):
            return self._compiled(tree)
        return [self.value(one) for one in tree.elts]

    def _IfExp(self, tree: ast.IfExp) -> Any:
        return self.value(tree.body if self.value(tree.test) else tree.orelse)

    def _Compare(self, tree: ast.Compare) -> Any:
        if len(tree.ops) > 1 or type(tree.ops[0]) not in COMPARED:
            return self._compiled(tree)
        return COMPARED[type(tree.ops[0])](self.value(tree.left), self.value(tree.comparators[0]))

    def _Call(self, tree: ast.Call) -> Any:
        if any(isinstance(one, ast.Starred) for one in tree.args) or any(one.arg is None for one in tree.keywords):
            return self._compiled(tree)
        function = self.value(tree.func)
        return function(
            *map(self.value, tree.args), **{one.arg: self.value(one.value) for one in tree.keywords if one.arg}
        )


def compiled(tree: ast.expr) -> Any:
    """Return the code of an expression."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of edits that make no sense
        return compile(ast.fix_missing_locations(ast.Expression(tree)), "an edit", "eval")
