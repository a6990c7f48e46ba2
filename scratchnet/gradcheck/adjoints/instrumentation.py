"""The same code, with every expression that yields a number or an array reported as it is evaluated.

    a = x @ W + b        becomes        a = _r(4, _r(2, _r(0, x) @ _r(1, W)) + _r(3, b))

`_r` is a method of the recorder; it may note the value, replace it, or hand it on. A name, an attribute or a subscript
is reported where it is an operand: that is one *use* of it, and the derivative in one use is the share of the gradient
that goes through there. Loops report their turns, calls the place they are called from.

Read next: recorder.py.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from scratchnet.gradcheck.adjoints.instrumenter import Instrumenter
from scratchnet.gradcheck.adjoints.syntax import Node, call_of, place_of


@dataclass
class Instrumented:
    """A file's code with reports: `code` is to be run in a namespace that has the recorder's methods."""

    code: CodeType
    nodes: list[Node]
    tree: ast.Module
    statements: list[ast.stmt] = field(default_factory=list)


@functools.lru_cache(maxsize=256)  # a search loads the same files many times, most of them unedited
def instrument(source: str, file: str, stop: int | None = None, after: bool = False) -> Instrumented:
    """Return the code of a file with reports in it; before statement `stop`, or after it, it hands out its variables.

    Raises SyntaxError.
    """
    whole = ast.parse(source, file)
    made = Instrumenter(whole)
    changed = made.visit(ast.parse(source, file))
    if stop is not None:
        _hand_out_locals(changed, place_of(made.statements[stop]), after)
    ast.fix_missing_locations(changed)
    return Instrumented(compile(changed, file, "exec"), made.nodes, whole, made.statements)


def _hand_out_locals(tree: ast.Module, place: tuple[Any, ...], after: bool) -> None:
    """Put `_s(locals(), globals())` before the statement at this place, or after it."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            listed = getattr(node, name, None)
            if isinstance(listed, list):
                for k, one in enumerate(listed):
                    if isinstance(one, ast.stmt) and place_of(one) == place:
                        call = call_of("_s", *(call_of(name) for name in ("locals", "globals")))
                        listed.insert(k + after, ast.copy_location(ast.Expr(call), one))
                        return
