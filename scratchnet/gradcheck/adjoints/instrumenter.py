"""The statements of a program, rewritten so that every expression in them is reported.

Read next: instrumentation.py.
"""

from __future__ import annotations

import ast
from typing import Any

from scratchnet.gradcheck.adjoints.expression_reports import ExpressionReports
from scratchnet.gradcheck.adjoints.syntax import (
    Node,
    call_of,
    changed_in_place,
    place_of,
    read_again,
    writes_number,
    written_out,
)  # fmt: skip


class Instrumenter(ExpressionReports):
    """Puts the reports into all statements."""

    def visit_Import(self, node: ast.Import) -> Any:
        self.numpy |= {one.asname or one.name for one in node.names if one.name.split(".")[0] == "numpy"}
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        if (node.module or "").split(".")[0] == "numpy":
            self.numpy |= {one.asname or one.name for one in node.names}
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.functions.append(node.name)
        outer, self.statement, changed = self.statement, -1, self.changed
        self.changed = changed_in_place(node)
        node.body = self._block(node.body)
        self.statement, self.changed = outer, changed
        self.functions.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        self.functions.append(node.name)
        node.body = self._block(node.body)
        self.functions.pop()
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        self._begin(node)
        target, before = node.targets[0], node.value
        if writes_number(node):
            filled = call_of("_f", read_again(target), before)
            node.value = ast.copy_location(call_of("_r", ast.Constant(self._add(before, whole=True)), filled), before)
            return node
        node.value = self._value(before, use=len(node.targets) == 1 and ast.unparse(target) not in self.changed)
        return node

    def visit_Return(self, node: ast.Return | ast.AugAssign | ast.AnnAssign) -> Any:
        self._begin(node)
        if node.value is not None:
            node.value = self._value(node.value)
        return node

    visit_AnnAssign = visit_Return

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """Report the value; of a variable, what it is afterwards, too: dh += dh_next is an edit of a sum."""
        found = self.visit_Return(node)
        if not isinstance(node.target, ast.Name):
            return found
        before = self.original[place_of(node)]
        assert isinstance(before, ast.AugAssign)
        number = len(self.nodes)
        text = ".".join(self.functions)
        self.nodes.append(Node(number, node.lineno, written_out(before), self.statement, text, whole=True))
        name = node.target.id
        after = call_of("_r", ast.Constant(number), ast.Name(name, ast.Load()))
        return [found, ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], after), node)]

    def visit_Expr(self, node: ast.Expr) -> Any:
        if isinstance(node.value, ast.Constant):
            return node
        self._begin(node)
        call = node.value if isinstance(node.value, ast.Call) else None  # what it does is done with what it is given
        node.value = self._report(call, self._call(call, self._value), whole=True) if call else self.visit(node.value)
        return node

    def visit_For(self, node: ast.For) -> Any:
        self._begin(node)
        node.iter = self._loop(self.visit(node.iter))
        node.body = self._block(node.body)
        node.orelse = self._block(node.orelse)
        return node

    def visit_If(self, node: ast.If | ast.While) -> Any:
        self._begin(node)
        node.body = self._block(node.body)
        node.orelse = self._block(node.orelse)
        return node

    visit_While = visit_If

    def visit_Try(self, node: ast.Try) -> Any:
        self.tries = key = self.tries + 1
        self.generic_visit(node)
        _put_first(node.body, "_m", key)
        for block in [handler.body for handler in node.handlers] + [node.finalbody] * bool(node.finalbody):
            _put_first(block, "_e", key)
        return node

    def _block(self, block: list[ast.stmt]) -> list[Any]:
        found = [self.visit(one) for one in block]
        return [one for each in found for one in (each if isinstance(each, list) else [each])]

    def _begin(self, node: ast.stmt) -> None:
        self.statement = len(self.statements)
        found = self.original[place_of(node)]
        assert isinstance(found, ast.stmt)
        self.statements.append(found)


def _put_first(block: list[ast.stmt], name: str, key: int) -> None:
    block.insert(0, ast.copy_location(ast.Expr(call_of(name, ast.Constant(key))), block[0]))
