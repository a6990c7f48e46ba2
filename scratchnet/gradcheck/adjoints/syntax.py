"""What of a program's syntax is reported: uses of names, calls of NumPy, what is written into.

Read next: instrumenter.py.
"""

from __future__ import annotations

import ast
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


def call_of(name: str, *arguments: ast.expr) -> ast.Call:
    """Return a call of one of the recorder's methods."""
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def place_of(node: Any) -> tuple[Any, ...]:
    """Return where a node stands in its file."""
    return type(node), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
