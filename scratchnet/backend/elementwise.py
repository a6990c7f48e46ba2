"""The text of an elementwise function, taken apart: what a compiler needs to know of the equations of a cell.

    def lstm_forward(a_i, a_f, a_g, a_o, c_prev):          ElementwiseFunction
        i = sigmoid(a_i)                                       i = 0.5 * tanh(0.5 * a_i) + 0.5
        ...                                                    ...
        return h, c, i, f, g, o, tanh_c                        results h, c, i, f, g, o, tanh_c

The function is a pure one of same-shaped arguments, its body a row of assignments and one return. Helpers such as
`sigmoid`, functions of one expression, are put in where they are called; a name that is assigned twice becomes two
names. NumPy runs the function itself; numba_loops.py and cupy_kernels.py print it in the dialects of Numba and CUDA.

Read next: numba_backend.py.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

FUNCTIONS = ("tanh", "exp", "log", "sqrt", "square", "reciprocal", "negative", "sin", "cos", "expm1", "log1p")
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class NotElementwise(Exception):
    """The function is more than a row of elementwise assignments; the message says where."""


@dataclass(frozen=True)
class ElementwiseFunction:
    """An elementwise function: its arguments, its assignments in order, and the names that it returns."""

    name: str
    arguments: tuple[str, ...]
    assignments: tuple[tuple[str, ast.expr], ...]
    results: tuple[str, ...]


@dataclass
class Dialect:
    """How an expression is printed: a variable, a number, and a function by its NumPy name."""

    variable: Callable[[str], str]
    number: Callable[[float], str]
    functions: dict[str, str] = field(default_factory=dict)

    def show(self, node: ast.expr) -> str:
        """Return the expression as text, with all its parentheses."""
        if isinstance(node, ast.Name):
            return self.variable(node.id)
        if isinstance(node, ast.Constant):
            return self.number(float(node.value))  # type: ignore[arg-type]
        if isinstance(node, ast.UnaryOp):
            return f"(-{self.show(node.operand)})"
        if isinstance(node, ast.BinOp):
            return f"({self.show(node.left)} {OPERATORS[type(node.op)]} {self.show(node.right)})"
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id not in self.functions:
            raise NotElementwise(f"numpy.{node.func.id} is not known here")
        return self.functions[node.func.id].format(*(self.show(argument) for argument in node.args))


def read_elementwise(maths: Callable[..., Any]) -> ElementwiseFunction:
    """Return the text of an elementwise function.

    Raises NotElementwise where it is anything else, or where its source cannot be read.
    """
    definition = _definition(maths)
    arguments = _argument_names(definition)
    reader = _Reader(maths.__globals__)
    reader.names = {name: name for name in arguments}
    results: tuple[str, ...] = ()
    for statement in definition.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        if isinstance(statement, ast.Return) and statement is definition.body[-1] and statement.value is not None:
            values = statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]
            results = tuple(reader.result(reader.expression(value)) for value in values)
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if not isinstance(target, ast.Name):
                raise NotElementwise(f"{maths.__name__}: {ast.unparse(statement)!r} assigns to more than a name")
            reader.assign(target.id, reader.expression(statement.value))
        else:
            raise NotElementwise(f"{maths.__name__}: {ast.unparse(statement)!r} is no assignment")
    return ElementwiseFunction(maths.__name__, arguments, tuple(reader.assignments), results)


class _Reader:
    """The assignments read so far, and which name of theirs a name of the function stands for."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self.scope = scope
        self.names: dict[str, str] = {}
        self.assignments: list[tuple[str, ast.expr]] = []

    def assign(self, name: str, value: ast.expr) -> str:
        """Record `name = value` under a name that is not taken yet, and return that."""
        taken = {known for known, _ in self.assignments} | set(self.names.values())
        fresh, number = name, 2
        while fresh in taken:
            fresh, number = f"{name}_{number}", number + 1
        self.assignments.append((fresh, value))
        self.names[name] = fresh
        return fresh

    def result(self, value: ast.expr) -> str:
        """Return the name of an assignment whose value this is, recorded now if it is not one yet."""
        known = {name for name, _ in self.assignments}
        return value.id if isinstance(value, ast.Name) and value.id in known else self.assign("value", value)

    def name_of(self, value: ast.expr) -> str:
        """Return a name for the value: its own, or a new one."""
        if isinstance(value, ast.Name):
            return value.id
        fresh = self.assign("value", value)
        del self.names["value"]
        return fresh

    def expression(self, node: ast.expr) -> ast.expr:
        """Return the expression in terms of the names recorded, its helpers put in."""
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return node
        if isinstance(node, ast.Name):
            if node.id in self.names:
                return ast.Name(self.names[node.id])
            if isinstance(self.scope.get(node.id), (int, float)):
                return ast.Constant(float(self.scope[node.id]))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return ast.UnaryOp(node.op, self.expression(node.operand))
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return ast.BinOp(self.expression(node.left), node.op, self.expression(node.right))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and getattr(node.right, "value", None) == 2:
            base = ast.Name(self.name_of(self.expression(node.left)))
            return ast.BinOp(base, ast.Mult(), base)
        if isinstance(node, ast.Call) and not node.keywords:
            return self.call(node)
        raise NotElementwise(f"{ast.unparse(node)!r} is not elementwise arithmetic")

    def call(self, node: ast.Call) -> ast.expr:
        """Return a call to one of NumPy's functions, or the expression of a helper."""
        called: Any = None
        if isinstance(node.func, ast.Name):
            called = self.scope.get(node.func.id)
        elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            owner = self.scope.get(node.func.value.id)
            called = getattr(owner, node.func.attr, None) if isinstance(owner, ModuleType) else None
        arguments = [self.expression(argument) for argument in node.args]
        if isinstance(called, np.ufunc) and called.__name__ in FUNCTIONS:
            return ast.Call(ast.Name(called.__name__), arguments, [])
        if isinstance(called, FunctionType):
            definition = _definition(called)
            names = _argument_names(definition)
            body = [s for s in definition.body if not isinstance(s, ast.Expr)]
            if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value and len(names) == len(arguments):
                inner = _Reader(called.__globals__)
                inner.assignments = self.assignments
                inner.names = {name: self.name_of(value) for name, value in zip(names, arguments, strict=True)}
                return inner.expression(body[0].value)
        raise NotElementwise(f"{ast.unparse(node)!r} calls what is no elementwise function")


def _definition(maths: Callable[..., Any]) -> ast.FunctionDef:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(maths)))
    except (OSError, TypeError, SyntaxError) as error:
        raise NotElementwise(f"the source of {getattr(maths, '__name__', maths)!r} cannot be read") from error
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef) or tree.body[0].decorator_list:
        raise NotElementwise(f"{getattr(maths, '__name__', maths)!r} is not a plain function")
    return tree.body[0]


def _argument_names(definition: ast.FunctionDef) -> tuple[str, ...]:
    given = definition.args
    if given.vararg or given.kwarg or given.kwonlyargs or given.defaults:
        raise NotElementwise(f"{definition.name} takes more than plain arguments")
    return tuple(argument.arg for argument in (*given.posonlyargs, *given.args))
