"""The functions of a learner's file that belong together: a forward and the backward of the same name.

    lstm_step_forward, lstm_step_backward       two functions
    class LSTM: forward, backward               two methods

Read next: gradient_lines.py.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from scratchnet.errors import InputError
from scratchnet.gradcheck.textbook.name_roles import STATE, TARGET, WEIGHT, C, H, X, is_s, role_of

FORWARD = re.compile(r"(?:^|_)(forward|fwd|fprop|forwardprop|feedforward)(?:_?(?:prop|pass|propagation))?(?=_|$)")
BACKWARD = re.compile(
    r"(?:^|_)(backward|bwd|bprop|backprop|backpropagation|bptt|back|backwards)(?:_?(?:prop|pass|propagation))?(?=_|$)"
)


ADAPTER = (
    'ADAPTER = {"forward": "my_forward", "backward": "my_backward", "arguments": {"what_goes_in": "x", "memory": "h"}}'
)
OWN_ATTRIBUTES = frozenset((*dir(dict), *dir(np.ndarray)))  # of a dictionary or an array: no weights
SAME_ARRAY = ("copy", "reshape", "astype", "transpose")


@dataclass(frozen=True)
class Pair:
    """A forward and its backward. owner: the class whose methods they are, or None. roles: of arguments, if given."""

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    owner: type | None = None
    roles: tuple[tuple[str, str], ...] = ()

    def role_of(self, argument: str) -> str:
        """Return what an argument is: as the learner says in ADAPTER, or judged by its name."""
        told, guessed = dict(self.roles), self.reads(argument)
        if argument in told or not told:
            return told.get(argument, guessed)
        return WEIGHT if guessed in (X, H, C, STATE, TARGET) else guessed  # of a list of arguments, those left out

    def reads(self, name: str) -> str:
        """Return a name's role, where s beside h is the cell's memory."""
        role = role_of(name)
        if role != H or not is_s(name):
            return role
        others = [p.name for p in self.arguments(self.forward) if not is_s(p.name)]
        return C if H in map(role_of, others) and C not in map(role_of, others) else H

    @property
    def said(self) -> str:
        """The two names as the file has them."""
        inside = f"{self.owner.__name__}." if self.owner else ""
        return f"{inside}{self.forward.__name__} and {inside}{self.backward.__name__}"

    def arguments(self, function: Callable[..., Any]) -> list[inspect.Parameter]:
        """Return a function's arguments, without self."""
        found = list(inspect.signature(function).parameters.values())
        method = self.owner is not None and not isinstance(
            inspect.getattr_static(self.owner, function.__name__), staticmethod
        )
        return found[1:] if method else found

    @property
    def loops(self) -> bool:
        """Whether the forward has a loop, as one over time."""
        return any(isinstance(node, (ast.For, ast.While)) for node in ast.walk(tree_of(self.forward)))


@lru_cache(maxsize=64)
def tree_of(function: Callable[..., Any]) -> ast.AST:
    """Return the syntax tree of a function, its lines numbered as in the file; empty where there is no source."""
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return ast.Module([], [])
    return ast.increment_lineno(tree, first - 1)


def stem(name: str, pattern: re.Pattern[str]) -> str | None:
    """Return a name without its "forward" or "backward", or None where it has none."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return pattern.sub("", snake, count=1).strip("_") if pattern.search(snake) else None


def find_pairs(module: ModuleType) -> tuple[list[Pair], list[str]]:
    """Return the pairs of a module, in its order, and a line for each one that cannot be taken."""
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__}
    functions: dict[str, Callable[..., Any]] = {name: value for name, value in own.items() if inspect.isfunction(value)}
    found, left = [], []
    for pair in _pairs_among(functions, module.__name__.removeprefix("learner_"), None):
        found.append(pair)
    for name, value in own.items():
        if inspect.isclass(value):
            methods = {
                key: getattr(value, key)
                for base in reversed(value.__mro__)
                if base is not object
                for key, part in vars(base).items()
                if inspect.isfunction(part) or isinstance(part, (staticmethod, classmethod))
            }
            found += list(_pairs_among(methods, name, value))
    found = _adapted(module, functions) or found
    for pair in list(found):
        asked = [
            p.name for p in pair.arguments(pair.forward) if pair.role_of(p.name) == TARGET and p.default is p.empty
        ]
        if asked:
            found.remove(pair)
            left.append(f"{pair.said}: skipped, because it wants targets ({', '.join(asked)}): a loss is inside")
    return found, left


def _adapted(module: ModuleType, functions: dict[str, Callable[..., Any]]) -> list[Pair]:
    """Return the pair that a file's ADAPTER names, if it has one; raise InputError where it names what is not there."""
    adapter = getattr(module, "ADAPTER", None)
    if adapter is None:
        return []
    if not isinstance(adapter, dict) or not {"forward", "backward"} <= adapter.keys():
        raise InputError(f"ADAPTER is {adapter!r}: wanted {ADAPTER}")
    for part in ("forward", "backward"):
        if adapter[part] not in functions:
            raise InputError(f"ADAPTER names {part} {adapter[part]!r}, and there is no such function: {ADAPTER}")
    forward, backward = functions[adapter["forward"]], functions[adapter["backward"]]
    roles = tuple(dict(adapter.get("arguments", {})).items())
    return [Pair(forward.__name__, forward, backward, None, roles)]


def _pairs_among(functions: dict[str, Callable[..., Any]], home: str, owner: type | None) -> Iterator[Pair]:
    forwards = {part: name for name in functions if (part := stem(name, FORWARD)) is not None}
    backwards = {part: name for name in functions if (part := stem(name, BACKWARD)) is not None}
    if owner is not None and not forwards and "__call__" in functions and "" in backwards:
        forwards[""] = "__call__"
    for part, name in forwards.items():
        if part in backwards:
            title = home if not part else f"{home}.{part}" if owner else part
            yield Pair(title, functions[name], functions[backwards[part]], owner)


@lru_cache(maxsize=64)
def returned_names(function: Callable[..., Any]) -> list[Any]:
    """Return the names in a function's last return, nested as its tuples are; "" for what has no name of its own."""
    returns = [node for node in ast.walk(tree_of(function)) if isinstance(node, ast.Return) and node.value is not None]
    if not returns:
        return []
    value = returns[-1].value
    return _names_in(value) if isinstance(value, (ast.Tuple, ast.List)) else [_name(value)]


def _names_in(node: ast.Tuple | ast.List) -> list[Any]:
    return [_names_in(part) if isinstance(part, (ast.Tuple, ast.List)) else _name(part) for part in node.elts]


def _name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr if node.attr != "T" else _name(node.value)
    if isinstance(node, ast.Subscript):
        return str(node.slice.value) if isinstance(node.slice, ast.Constant) else _name(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SAME_ARRAY:
        return _name(node.func.value)
    return ""


def asked_of(function: Callable[..., Any], argument: str, depth: int = 3) -> tuple[str, list[str]]:
    """Return how a function opens a container of weights, and the names it takes out: ("dict", ["Wf", "bf", ...]).

    The first is "dict", "tuple", "object", or "" where the argument is not opened at all. Functions of the same file
    that it is handed on to are looked into, too.
    """
    keys: dict[str, list[str]] = {"dict": [], "tuple": [], "object": []}
    nodes = [node for node in ast.walk(tree_of(function)) if isinstance(node, (ast.expr, ast.stmt))]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node, ast.Subscript) and _is(node.value, argument) and isinstance(node.slice, ast.Constant):
            if isinstance(node.slice.value, str):
                keys["dict"].append(node.slice.value)
        elif isinstance(node, ast.Call):
            called = _opened_by_call(node, function, argument, depth)
            if called[0]:
                keys[called[0]] += called[1]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and _is(node.value, argument):
            keys["tuple"] += [_name(part) for part in node.targets[0].elts]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript) and _is(node.value.value, argument):
            keys["tuple"].append(_name(node.targets[0]))
        elif isinstance(node, ast.Attribute) and _is(node.value, argument) and node.attr not in OWN_ATTRIBUTES:
            keys["object"].append(node.attr)
    for kind, names in keys.items():
        names = list(dict.fromkeys(names))
        if names:
            return kind, names
    return "", []


def _opened_by_call(node: ast.Call, function: Callable[..., Any], argument: str, depth: int) -> tuple[str, list[str]]:
    """Return what a call takes out of the argument: params.get("W"), or a function of the file that gets all of it."""
    if isinstance(node.func, ast.Attribute) and _is(node.func.value, argument):
        taken = node.func.attr in ("get", "pop") and node.args and isinstance(node.args[0], ast.Constant)
        return ("dict", [str(node.args[0].value)]) if taken else ("", [])  # type: ignore[attr-defined]
    callee = getattr(function, "__globals__", {}).get(node.func.id) if isinstance(node.func, ast.Name) else None
    if not inspect.isfunction(callee) or callee is function or not depth:
        return "", []
    parameters = list(inspect.signature(callee).parameters)
    handed = [name for name, part in zip(parameters, node.args, strict=False) if _is(part, argument)]
    handed += [word.arg for word in node.keywords if word.arg and _is(word.value, argument)]
    return asked_of(callee, handed[0], depth - 1) if handed else ("", [])


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
