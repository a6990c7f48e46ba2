"""The expressions of a program, rewritten so that each is reported.

Read next: instrumenter.py.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from scratchnet.gradcheck.adjoints.syntax import (
    CHANGERS,
    READING_METHODS,
    UNTOUCHED,
    Node,
    bases,
    call_of,
    changed_in_place,
    is_use,
    place_of,
)


class ExpressionReports(ast.NodeTransformer):
    """Puts the reports in, and numbers the expressions, in the order in which they are met."""

    def __init__(self, tree: ast.Module) -> None:
        self.nodes: list[Node] = []
        self.statements: list[ast.stmt] = []
        self.original = {place_of(node): node for node in ast.walk(tree) if hasattr(node, "lineno")}
        self.numpy: set[str] = set()
        self.functions: list[str] = []
        self.statement = -1
        self.loops = self.tries = 0
        self.changed = changed_in_place(tree)

    def _value(self, node: ast.expr, use: bool = False) -> ast.expr:
        """Return a statement's value with reports; the parts of a tuple are its values.

        use: a name alone counts as a use of it, with a derivative of its own. Where an array is written into under its
        one name or the other this must not be: both are the same array.
        """
        if isinstance(node, (ast.Tuple, ast.List)):
            node.elts = [self._value(one, use and isinstance(node, ast.Tuple)) for one in node.elts]
            return node
        if isinstance(node, ast.Dict):
            node.values = [self._value(one) for one in node.values]
            return node
        if isinstance(node, ast.DictComp):
            node.generators = [self.visit(one) for one in node.generators]
            node.value = self._value(node.value)
            return node
        use = use and is_use(node) and self.changed.isdisjoint(bases(node))
        return self._report(node, node if isinstance(node, ast.Name) else self.visit(node), whole=True, use=use)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        new = ast.BinOp(self._operand(node.left), node.op, self._operand(node.right))
        return self._report(node, ast.copy_location(new, node))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not) or isinstance(node.operand, ast.Constant):
            return node
        return self._report(node, ast.copy_location(ast.UnaryOp(node.op, self._operand(node.operand)), node))

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        new = ast.IfExp(node.test, self._operand(node.body), self._operand(node.orelse))
        return self._report(node, ast.copy_location(new, node))

    def visit_Call(self, node: ast.Call) -> Any:
        return self._call(node, self._argument)

    def _argument(self, node: ast.expr) -> Any:
        """Return an argument with reports: what is computed for a call is a value, as a statement's is."""
        computed = isinstance(node, (ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Subscript))
        return self._value(node) if computed else self.visit(node)

    def _call(self, node: ast.Call, argument: Callable[[ast.expr], Any]) -> ast.expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        pure = self._is_numpy(node.func)
        operand = self._operand if pure else self.visit if name in UNTOUCHED else argument
        new = ast.Call(
            node.func, [operand(one) for one in node.args],
            [ast.keyword(one.arg, operand(one.value) if pure and one.arg not in ("out", "axis", "keepdims") else
                         self.visit(one.value) if pure else argument(one.value)) for one in node.keywords],
        )  # fmt: skip
        if isinstance(node.func, ast.Attribute) and not pure:
            base = node.func.value
            read = self._operand(base) if node.func.attr in READING_METHODS else self.visit(base)
            new.func = ast.copy_location(ast.Attribute(read, node.func.attr, ast.Load()), node.func)
        if name in UNTOUCHED:
            return ast.copy_location(new, node)
        number = self._add(node)
        new.func = call_of("_c", ast.Constant(number), new.func)
        report = call_of("_r", ast.Constant(number), ast.copy_location(new, node))
        if any(one.arg == "out" for one in node.keywords):
            report.args.append(ast.Constant(True))
        return ast.copy_location(report, node)

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        node.body = self._operand(node.body)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> Any:
        return node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        node.value = self.visit(node.value)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        node.iter = self._loop(self.visit(node.iter))
        return node

    def visit_ListComp(self, node: ast.ListComp) -> Any:
        node.generators = [self.visit(one) for one in node.generators]
        node.elt = self._operand(node.elt) if not isinstance(node.elt, ast.Tuple) else self.visit(node.elt)
        return node

    def _operand(self, node: ast.expr) -> ast.expr:
        if is_use(node) and not (isinstance(node, ast.Name) and hasattr(builtins, node.id)):
            return self._report(node, self.visit(node) if not isinstance(node, ast.Name) else node, use=True)
        if isinstance(node, (ast.Tuple, ast.List)):
            node.elts = [self._operand(one) for one in node.elts]
            return node
        found = self.visit(node)
        assert isinstance(found, ast.expr)
        return found

    def _report(self, before: ast.expr, new: ast.expr, whole: bool = False, use: bool = False) -> ast.expr:
        if isinstance(before, (ast.Constant, ast.JoinedStr, ast.Lambda, ast.List, ast.Dict, ast.ListComp, ast.Compare,
                               ast.BoolOp, ast.Set, ast.GeneratorExp, ast.DictComp, ast.Starred)):  # fmt: skip
            return new
        if isinstance(new, ast.Call) and isinstance(new.func, ast.Name) and new.func.id == "_r":
            if whole:  # reported already: it is only noted that it is a statement's value
                number = new.args[0].value  # type: ignore[attr-defined]
                self.nodes[number].whole = True
            return new
        number = self._add(before, whole, use)
        if use:
            new = ast.copy_location(call_of("_u", new), before)
        return ast.copy_location(call_of("_r", ast.Constant(number), new), before)

    def _add(self, node: ast.expr, whole: bool = False, use: bool = False) -> int:
        number = len(self.nodes)
        self.nodes.append(
            Node(
                number, node.lineno, self.original[place_of(node)], self.statement, ".".join(self.functions), whole, use
            )
        )  # fmt: skip
        return number

    def _loop(self, iterable: ast.expr) -> ast.expr:
        self.loops += 1
        return ast.copy_location(call_of("_l", ast.Constant(self.loops), iterable), iterable)

    def _is_numpy(self, function: ast.expr) -> bool:
        named = not self.numpy.isdisjoint(bases(function)) and isinstance(function, (ast.Name, ast.Attribute))
        return named and not (isinstance(function, ast.Attribute) and function.attr in CHANGERS)
