"""Expressions made of expressions: their parts, each with the way to put another in its place, and small new ones.

Read next: call_edits.py.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any


@dataclass
class Vocabulary:
    """What an edit may use: operands that stand in the code, unary functions, index expressions, counts."""

    atoms: list[ast.expr]
    functions: list[ast.expr]
    indices: list[ast.expr]
    counts: list[ast.expr]
    methods: list[str] = field(default_factory=list)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def named(self) -> list[tuple[str, ast.expr]]:
        """The operands, with their text."""
        return [(ast.unparse(atom), atom) for atom in self.atoms]

    @cached_property
    def factors(self) -> list[tuple[str, float, ast.expr]]:
        """What may be multiplied with: the text, how odd it is, the expression."""
        return [
            (ast.unparse(form), 1.5 if kind == "factor" else 1.8, form)
            for atom in self.atoms
            for form, kind in forms(atom)
        ]

    @cached_property
    def applied(self) -> list[tuple[str, ast.expr]]:
        """The functions, with their text."""
        return [(ast.unparse(function), function) for function in self.functions]


Build = Callable[[ast.expr], ast.expr]


def spots(tree: ast.expr) -> Iterator[tuple[ast.expr, Build]]:
    """Yield (part, how to put another in its place) for every expression within an expression, itself first."""

    def walk(node: ast.AST, path: tuple[tuple[str, int | None], ...]) -> Iterator[tuple[ast.expr, Build]]:
        if isinstance(node, ast.expr) and not isinstance(node, (ast.Slice,)):
            yield node, partial(_put, tree, path)
        if isinstance(node, (ast.Lambda, ast.JoinedStr)):
            return
        for name, value in ast.iter_fields(node):
            if name in ("ctx", "op", "func") and not (
                name == "func" and isinstance(value, ast.Attribute) and not is_module(value)
            ):
                continue
            if isinstance(value, ast.AST):
                if name == "func" and isinstance(value, ast.Attribute):
                    yield from walk(value.value, (*path, (name, None), ("value", None)))
                else:
                    yield from walk(value, (*path, (name, None)))
            elif isinstance(value, list):
                for k, one in enumerate(value):
                    if isinstance(one, ast.AST):
                        yield from walk(one, (*path, (name, k)))

    yield from walk(tree, ())


def is_module(node: ast.Attribute) -> bool:
    """Tell whether an attribute is one of NumPy or math."""
    return isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy", "math")


def _put(tree: ast.expr, path: tuple[tuple[str, int | None], ...], new: ast.expr) -> ast.expr:
    if not path:
        return new
    made = copy.copy(tree)
    (name, k), rest = path[0], path[1:]
    value = getattr(made, name)
    if k is None:
        setattr(made, name, _put(value, rest, new))
    else:
        listed = list(value)
        listed[k] = _put(value[k], rest, new)
        setattr(made, name, listed)
    return made


def binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    """Return left op right."""
    return ast.BinOp(left, op, right)


def one_minus(x: ast.expr) -> ast.expr:
    """Return 1 - x."""
    return binary(ast.Constant(1), ast.Sub(), x)


def square(x: ast.expr) -> ast.expr:
    """Return x ** 2."""
    return binary(x, ast.Pow(), ast.Constant(2))


def numpy_call(name: str, *arguments: ast.expr, **named: Any) -> ast.expr:
    """Return np.name(...)."""
    keywords = [ast.keyword(key, ast.Constant(value)) for key, value in named.items()]
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), list(arguments), keywords)


def transposed(x: ast.expr) -> ast.expr:
    """Return x.T, or x of x.T."""
    if isinstance(x, ast.Attribute) and x.attr == "T":
        return x.value
    return ast.Attribute(x, "T", ast.Load())


def forms(x: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """Yield what backwards multiply with, made of one value: derivatives of sigmoid and tanh, complements."""
    yield x, "factor"
    yield one_minus(x), "1 - x"
    yield binary(x, ast.Mult(), one_minus(x)), "the derivative of sigmoid"
    yield one_minus(square(x)), "the derivative of tanh"
    yield numpy_call("tanh", x), "tanh"
    yield one_minus(square(numpy_call("tanh", x))), "the derivative of tanh"


def is_function(node: ast.expr) -> bool:
    """Tell whether an expression is a function of a module, as np.tanh is."""
    return isinstance(node, ast.Attribute) and is_module(node)
