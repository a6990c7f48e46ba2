"""What of a program's syntax is reported: uses of names, calls of NumPy, what is written into.

Read next: expression_reports.py.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# Calls that are left as they are: they look at the frame that calls them, or yield nothing to differentiate.
UNTOUCHED = {"super", "locals", "globals", "vars", "dir", "eval", "exec", "print", "range", "len", "isinstance",
             "enumerate", "zip", "reversed", "type", "hasattr", "getattr", "setattr", "input", "open", "set",
             "property", "staticmethod", "classmethod"}  # fmt: skip


CHANGERS = {
    "copyto",
    "put",
    "place",
    "putmask",
    "fill_diagonal",
    "at",
    "shuffle",
}  # NumPy's functions that write into an argument


READING_METHODS = {"dot", "sum", "mean", "max", "min", "std", "var"}


@dataclass
class Node:
    """One expression of the code. statement: number of the statement it stands in. whole: it is a statement's value.

    tree: its syntax. use: it is a name, attribute or subscript as an operand.
    """

    number: int
    line: int
    tree: Any
    statement: int
    function: str
    whole: bool = False
    use: bool = False

    @cached_property
    def text(self) -> str:
        """The expression, as Python writes it."""
        return ast.unparse(self.tree)


def changed_in_place(function: ast.AST) -> set[str]:
    """Return what a function writes into: `dW` of dW += ..., dW[t] = ..., dW.fill(0)."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.AugAssign):
            found.add(ast.unparse(node.target.value if isinstance(node.target, ast.Subscript) else node.target))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found.add(ast.unparse(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fill":
            found.add(ast.unparse(node.func.value))
    return found


def is_use(node: ast.expr) -> bool:
    """Tell whether an expression reads a variable: a name, an attribute or a subscript."""
    return isinstance(node, (ast.Name, ast.Attribute, ast.Subscript))


def bases(node: ast.expr) -> set[str]:
    """Return an expression, and what it is a part or a view of: {"h[t]", "h"}."""
    found = {ast.unparse(node)}
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
        found.add(ast.unparse(node))
    return found


def writes_number(node: ast.Assign) -> bool:
    """Tell whether a number is written over a part of an array, h[t] = 0.0, of which both may be evaluated twice."""
    value = node.value.operand if isinstance(node.value, ast.UnaryOp) else node.value
    number = isinstance(value, ast.Constant) and type(value.value) in (int, float)
    calls = any(isinstance(one, (ast.Call, ast.NamedExpr, ast.Await)) for one in ast.walk(node))
    return number and isinstance(node.targets[0], ast.Subscript) and not calls


def read_again(target: ast.expr) -> ast.expr:
    """Return what reads the place that is written to: `h[t]` of h[t] = 0.0."""
    made = copy.copy(target)
    made.ctx = ast.Load()  # type: ignore[attr-defined]
    return made


def written_out(statement: ast.AugAssign) -> ast.BinOp:
    """Return what `dh += dh_next` computes: dh + dh_next."""
    made = ast.BinOp(read_again(statement.target), statement.op, statement.value)
    return ast.copy_location(made, statement)


def call_of(name: str, *arguments: ast.expr) -> ast.Call:
    """Return a call of one of the recorder's methods."""
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def place_of(node: Any) -> tuple[Any, ...]:
    """Return where a node stands in its file."""
    return type(node), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
