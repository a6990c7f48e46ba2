"""The learner's own lines: of a gradient by its name, of a gate by its values, of gates joined in a wrong order.

Read next: homework.py.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.textbook.calls import Learner
from scratchnet.gradcheck.textbook.find_pairs import Pair, tree_of
from scratchnet.gradcheck.textbook.learner_names import gradient_named
from scratchnet.gradcheck.textbook.name_roles import gradient_of, match_gradients
from scratchnet.usercode import SourceLine, arrays_left, files_around

JOINING = ("hstack", "vstack", "concatenate", "concat", "column_stack", "stack", "block", "row_stack", "r_", "c_")
MOST = 4
KEY = "key:"  # before a name that is a key in a dictionary; a star after it, where only its beginning is known


def functions_behind(pair: Pair) -> list[Callable[..., Any]]:
    """Return the backward and all functions of the same file that it calls, directly or not."""
    found, files = list[Callable[..., Any]]([pair.backward]), files_around(pair.backward)
    for function in found:
        for node in ast.walk(tree_of(function)):
            called = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called = getattr(function, "__globals__", {}).get(node.func.id)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and pair.owner is not None:
                called = getattr(pair.owner, node.func.attr, None)
            own = inspect.isfunction(called) and called.__code__.co_filename in files
            if own and called not in found:
                found.append(called)  # type: ignore[arg-type]
    return found


def naming(learner: Learner, targets: Sequence[str]) -> tuple[SourceLine, ...]:
    """Return the lines that assign the gradients of these weights or states."""
    found: list[tuple[bool, SourceLine]] = []
    exact = {gradient_named(learner, target) for target in targets}
    known = {"x": "x", **{state: state for state in learner.states}, **dict.fromkeys(learner.weights.names, "weight")}
    for function, node, name in _assignments(learner.pair):
        key = name.startswith(KEY)
        plain = name.removeprefix(KEY)
        told = match_gradients([plain], known, learner.pair.reads) if key or gradient_of(plain) else {}
        begins = plain.endswith("*") and any(
            f"d{t}".startswith(plain[:-1]) or t.startswith(plain[:-1]) for t in targets
        )
        if told.get(plain) in targets or begins or plain in exact:
            found.append((plain in exact or key, line_at(function, node.lineno)))
    # Where a name is what the backward returns, others that would mean the same are only on the way there.
    told_lines = [line for named, line in found if named] or [line for _, line in found] or _returning(learner.pair)
    return tuple(dict.fromkeys(told_lines))[:MOST]


def _returning(pair: Pair) -> list[SourceLine]:
    """Return the last return of the backward, if it computes: what has no name is computed there."""
    returns = [node for node in ast.walk(tree_of(pair.backward)) if isinstance(node, ast.Return)]
    computes = returns and any(isinstance(part, (ast.BinOp, ast.Call)) for part in ast.walk(returns[-1]))
    return [line_at(pair.backward, returns[-1].lineno)] if computes else []


def assigning_names(pair: Pair, names: Sequence[str]) -> tuple[SourceLine, ...]:
    """Return the lines of the backward that assign one of these names."""
    found = [
        line_at(function, node.lineno) for function, node, name in _assignments(pair) if name.removeprefix(KEY) in names
    ]
    return tuple(dict.fromkeys(found))[:MOST]


def overwriting(pair: Pair, lines: Sequence[SourceLine]) -> tuple[SourceLine, ...]:
    """Return those lines, or else those that write an entry of a table by a name, that assign within a loop."""
    loops = [
        (function, loop)
        for function in functions_behind(pair)
        for loop in ast.walk(tree_of(function))
        if isinstance(loop, (ast.For, ast.While))
    ]
    nodes = [(f, node) for f, loop in loops for node in ast.walk(loop) if isinstance(node, ast.Assign)]
    numbers = {node.lineno for _, node in nodes}
    inside = [line for line in lines if line.number in numbers]
    by_name = [
        line_at(function, node.lineno)
        for function, node in nodes
        if isinstance(node.targets[0], ast.Subscript) and isinstance(node.targets[0].slice, ast.Name)
        and isinstance(node.value, (ast.Subscript, ast.Name))
    ]  # fmt: skip
    return tuple(dict.fromkeys(inside or by_name))


def joining(pair: Pair, gates: int) -> tuple[SourceLine, ...]:
    """Return the lines of the backward that join as many arrays as there are gates."""
    found = []
    for function in functions_behind(pair):
        for node in ast.walk(tree_of(function)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Attribute, ast.Name)):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            several = node.args and isinstance(node.args[0], (ast.Tuple, ast.List)) and len(node.args[0].elts) == gates
            if called in JOINING and several:
                found.append(line_at(function, node.lineno))
    return tuple(found)


def holding(learner: Learner, run: Callable[[], Any], wanted: Array) -> tuple[SourceLine, ...]:
    """Return the first line of the backward after which some array holds these values, as a whole or as a block."""
    functions = {(f.__code__.co_filename, f.__code__.co_name): f for f in functions_behind(learner.pair)}
    for left in arrays_left(run, files_around(learner.pair.backward)):
        function = _around(functions, left.file, left.number)
        if function is not None and any(_same(block, wanted) for block in _blocks(left.value, wanted.shape)):
            return (line_at(function, left.number),)
    return ()


def line_at(function: Callable[..., Any], number: int) -> SourceLine:
    """Return a line of a function's source."""
    lines, first = inspect.getsourcelines(function)
    text = lines[number - first].split("#")[0].strip()
    name = function.__code__.co_name
    return SourceLine(function.__code__.co_filename, number, text, name, frozenset(), frozenset())


def _assignments(pair: Pair) -> Iterator[tuple[Callable[..., Any], ast.stmt | ast.expr, str]]:
    """Yield (function, statement, name) for every name, attribute and key that the backward assigns."""
    for function in functions_behind(pair):
        for table in [node for node in ast.walk(tree_of(function)) if isinstance(node, ast.Dict)]:
            for key, value in zip(table.keys, table.values, strict=True):
                computed = not isinstance(value, (ast.Name, ast.Attribute))
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and computed:
                    yield function, value, KEY + key.value
        nodes = [node for node in ast.walk(tree_of(function)) if isinstance(node, (ast.Assign, ast.AugAssign))]
        for node in sorted(nodes, key=lambda node: node.lineno):
            unpacks = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple)
            if (unpacks and isinstance(node.value, (ast.Name, ast.Subscript))) or _is_buffer(node.value):
                continue  # taken out of the cache, or a buffer of zeros: nothing is computed here
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for part in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                    yield from ((function, node, name) for name in _names(part))


def _is_buffer(node: ast.expr) -> bool:
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
    return all(isinstance(part, ast.Call) and "zeros" in ast.unparse(part.func) for part in parts)


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Subscript):
        first = node.slice.left if isinstance(node.slice, ast.BinOp) else node.slice
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield KEY + first.value + ("*" if first is not node.slice else "")
        else:
            yield from _names(node.value)


def _around(functions: dict[tuple[str, str], Any], file: str, number: int) -> Callable[..., Any] | None:
    for (own, _), function in functions.items():
        lines, first = inspect.getsourcelines(function)
        if own == file and first < number < first + len(lines):
            return function  # type: ignore[no-any-return]
    return None


def _blocks(value: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """Yield the array, and its blocks of columns or rows of this shape (n, H), as (n, H)."""
    rows, size = shape
    for laid in (value, value.T) if value.ndim == 2 else (value.reshape(1, -1),) if value.ndim == 1 else ():
        if laid.shape[0] == rows and laid.shape[1] % size == 0:
            yield from (laid[:, k : k + size] for k in range(0, laid.shape[1], size))


def _same(one: Array, two: Array) -> bool:
    return bool(np.any(two)) and np.allclose(one, two, rtol=1e-9, atol=1e-12 * float(np.abs(two).max()))
