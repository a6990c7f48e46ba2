"""What every line of a user's code did, in numbers: the arrays it used, and those it left behind.

Names differ from one learner to the next; values do not.

Read next: notebook_cells.py.
"""

from __future__ import annotations

import ast
import contextlib
import linecache
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import CodeType, FrameType, SimpleNamespace
from typing import Any

import numpy as np

from scratchnet.usercode.trace import trace

Array = np.ndarray[Any, Any]

MOST_RUNS = 3000  # of lines; a learner's loops may be long
MOST_ENTRIES = 4096  # of an array
MOST_LINES = 12  # of a statement
MUTANT = "mutant of "


@dataclass
class LineRun:
    """One run of one line: the arrays that it used, and those that it bound, changed or returned, by name."""

    file: str
    number: int
    used: dict[str, Array]
    left: dict[str, Array] = field(default_factory=dict)


def runs_of_lines(run: Callable[[], Any], files: Iterable[str]) -> list[LineRun]:
    """Call `run`; return every run of a line in one of `files`, in order, also where it stops with an error."""
    found = list[LineRun]()
    open_frames: dict[int, tuple[dict[str, Array], LineRun | None]] = {}

    def assigned(frame: FrameType, line: LineRun | None) -> dict[str, Array]:
        """Return the parts of arrays that a line assigns."""
        return {} if line is None else evaluated(frame, targets(line.file, line.number))

    def close(frame: FrameType) -> tuple[dict[str, Array], LineRun | None]:
        """Note what the last line of a frame left behind; return the arrays there are, and that line."""
        before, last = open_frames.pop(id(frame), ({}, None))
        now = arrays_in(frame.f_locals) | assigned(frame, last)
        if last is not None:
            last.left |= {
                name: value for name, value in now.items() if name not in before or not same(before[name], value)
            }
        return now, last

    def line(frame: FrameType) -> bool:
        if len(found) < MOST_RUNS:
            now, _ = close(frame)
            found.append(LineRun(frame.f_code.co_filename, frame.f_lineno, operands(frame)))
            open_frames[id(frame)] = (now | assigned(frame, found[-1]), found[-1])
        return len(found) < MOST_RUNS

    def leave(frame: FrameType, result: Any) -> bool:
        _, last = close(frame)
        values = flat(result)
        if last is not None:
            last.left |= {f"return {k}": np.array(value) for k, value in enumerate(values)}
            if len(values) > 1 and all(value.shape == values[0].shape and value.ndim > 0 for value in values):
                last.left["return"] = np.concatenate(values, axis=-1)
        return True

    with contextlib.suppress(Exception):  # where it stops is said elsewhere
        trace(run, files, lambda frame: True, line, leave)
    return found


def same(one: Array, other: Array) -> bool:
    """Tell whether two arrays have the same entries; the same NaN are no difference."""
    return one.shape == other.shape and (bool((one == other).all()) or np.array_equal(one, other, equal_nan=True))


def operands(frame: FrameType) -> dict[str, Array]:
    """Return the arrays that the line about to run names, subscripts and attributes included."""
    return evaluated(frame, expressions(frame.f_code.co_filename, frame.f_lineno))


def evaluated(frame: FrameType, texts: Iterable[tuple[str, CodeType]]) -> dict[str, Array]:
    """Return the arrays that these expressions are in a frame."""
    found: dict[str, Array] = {}
    for text, code in texts:
        try:
            value = eval(code, frame.f_globals, frame.f_locals)
        except Exception:  # bound only by this very line
            continue
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and 0 < value.size <= MOST_ENTRIES:
            found[text] = np.array(value)
    return found


@cache
def expressions(file: str, number: int) -> tuple[tuple[str, CodeType], ...]:
    """Return (text, code) of the names, attributes and subscripts that a line reads; none where it is no statement."""
    found = {}
    tree = statement(file, number)
    whole = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}  # C in C[t] is not read
    for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
        if file.startswith(MUTANT) and ast.unparse(call.func) == "np.arctanh":  # the catalogue's way to c, from tanh(c)
            whole |= {id(node) for node in call.args}
    for node in ast.walk(tree):
        if id(node) in whole or not isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
            continue
        reads = isinstance(node, ast.Call) or isinstance(node.ctx, ast.Load)
        # Calls may have effects; those of functions such as np.tanh in the catalogue's own files have none.
        calls = [part for part in ast.walk(node) if isinstance(part, (ast.Call, ast.NamedExpr))]
        if reads and (not calls or (file.startswith(MUTANT) and all(_is_harmless(part) for part in calls))):
            text = ast.unparse(node)
            found[text] = compile(text, file, "eval")
    return tuple(found.items())


@cache
def targets(file: str, number: int) -> tuple[tuple[str, CodeType], ...]:
    """Return (text, code) of the parts of arrays that a line assigns: dC[t]."""
    found = {}
    for node in ast.walk(statement(file, number)):
        stored = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
        if stored and not any(isinstance(part, (ast.Call, ast.NamedExpr)) for part in ast.walk(node)):
            found[ast.unparse(node)] = compile(ast.unparse(node), file, "eval")
    return tuple(found.items())


@cache
def statement(file: str, number: int) -> ast.AST:
    """Return the statement that begins in a line; an empty one where none does."""
    text = linecache.getline(file, number).strip().rstrip(":")
    for more in range(1, MOST_LINES):
        try:
            return ast.parse(text)
        except SyntaxError:  # it goes on in the next line, or is the middle of a longer one
            text += "\n" + linecache.getline(file, number + more).rstrip("\n")
    return ast.Module([], [])


def _is_harmless(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).removeprefix("np.").isidentifier()


def arrays_in(names: Mapping[str, Any]) -> dict[str, Array]:
    """Return copies of all arrays that local names reach: themselves, in namespaces and dictionaries, gradients."""
    found = {}
    for name, value in names.items():
        if isinstance(value, np.ndarray):
            found[name] = value
            continue
        inside: Mapping[str, Any] = {}
        if isinstance(value, SimpleNamespace):
            inside = vars(value)
        elif isinstance(value, dict):
            inside = {str(key): part for key, part in value.items()}
        elif name == "self" and hasattr(value, "__dict__"):
            inside = {key: part for key, part in vars(value).items() if key.startswith(("d", "g"))}
        found |= {f"{name}.{key}": part for key, part in inside.items() if isinstance(part, np.ndarray)}
    return {
        name: np.array(value) for name, value in found.items() if value.dtype.kind == "f" and value.size <= MOST_ENTRIES
    }


def flat(value: Any) -> list[Array]:
    """Return the arrays of a returned value: itself, or those of a tuple or list."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, (tuple, list)) and all(isinstance(part, np.ndarray) for part in value):
        return list(value)
    return []
