"""Edits of a call: another function, its operands in another order or transposed, another axis, none at all.

Read next: edits.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from scratchnet.gradcheck.cure.expressions import (
    Vocabulary,
    is_module,
    transposed,
)

CALLS = {"sum": ("mean",), "mean": ("sum",), "dot": (), "tanh": (), "hstack": ("vstack",), "vstack": ("hstack",),
         "zeros_like": ("ones_like",), "ones_like": ("zeros_like",), "zeros": ("ones",), "ones": ("zeros",),
         "maximum": ("minimum",), "outer": (), "multiply": ("dot",)}  # fmt: skip


def call_edits(node: ast.Call, words: Vocabulary) -> Iterator[tuple[ast.expr, str, float]]:
    """Yield (what may stand in the place of a call, the kind of the edit, how odd it is)."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if node.args:
        yield node.args[0], f"without {name}", 1.2
    if isinstance(node.func, ast.Attribute) and not is_module(node.func):
        yield node.func.value, f"without {name}", 1.3
    if isinstance(node.func, ast.Attribute) and not is_module(node.func):
        for other in words.methods:
            if other != name:
                yield (
                    ast.Call(ast.Attribute(node.func.value, other, ast.Load()), node.args, node.keywords),
                    f"{name} -> {other}",
                    1.1,
                )
    for other in CALLS.get(name, ()):
        assert isinstance(node.func, (ast.Attribute, ast.Name))
        renamed: ast.expr = (
            ast.Attribute(node.func.value, other, ast.Load())
            if isinstance(node.func, ast.Attribute)
            else ast.Name(other, ast.Load())
        )
        yield ast.Call(renamed, node.args, node.keywords), f"{name} -> {other}", 1.1
    for function in words.functions:
        if ast.unparse(function) != ast.unparse(node.func) and len(node.args) == 1:
            yield ast.Call(function, node.args, []), f"{name} -> {ast.unparse(function)}", 1.1
    if len(node.args) == 2:
        yield ast.Call(node.func, node.args[::-1], node.keywords), "order of operands", 1.2
        if name in ("dot", "matmul", "outer"):
            a, b = node.args
            for left, right in (
                (transposed(a), b),
                (a, transposed(b)),
                (transposed(b), a),
                (b, transposed(a)),
                (transposed(b), transposed(a)),
            ):
                yield ast.Call(node.func, [left, right], node.keywords), "transpose", 1.2
    if name == "dot" and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
        a, b = node.func.value, node.args[0]
        for left, right in ((b, a), (transposed(b), a), (b, transposed(a)), (transposed(b), transposed(a))):
            yield ast.Call(ast.Attribute(left, "dot", ast.Load()), [right], []), "order of operands", 1.3
    if name in ("sum", "mean", "max", "concatenate", "stack", "softmax"):
        axes: list[Any] = [0, 1, 2, -1, None, (0, 1)]
        rest = [one for one in node.keywords if one.arg != "axis"]
        kept = node.args if _module_call(node) or name not in ("sum", "mean", "max") else []
        for axis in axes:
            value = ast.parse(repr(axis), mode="eval").body
            for arguments in {id(kept): kept, 0: node.args[:1] if _module_call(node) else []}.values():
                more = [] if axis is None else [ast.keyword("axis", value)]
                yield ast.Call(node.func, arguments, [*rest, *more]), f"axis={axis}", 1.0
                if name in ("sum", "mean", "max"):
                    keep = [one for one in rest if one.arg != "keepdims"]
                    if len(keep) == len(rest):
                        keep = [*rest, ast.keyword("keepdims", ast.Constant(True))]
                    yield ast.Call(node.func, arguments, [*keep, *more]), f"axis={axis}, keepdims", 1.2


def _module_call(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and is_module(node.func)
