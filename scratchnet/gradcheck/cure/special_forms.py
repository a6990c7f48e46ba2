"""Edits found in numbers: another value at the first or last step, a common factor, a product of other matrices.

Read next: two_edits.py.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from scratchnet.gradcheck.cure.expressions import Vocabulary, binary, numpy_call
from scratchnet.gradcheck.cure.frames import Frame, Match, calls_of, equal, evaluated, parts_of
from scratchnet.gradcheck.cure.table import Table


def boundaries(
    tree: ast.expr, frames: list[Frame], words: Vocabulary, fits: Callable[[ast.expr], bool]
) -> Iterator[Match]:
    """Yield the expression with another value at the first or last turn of a loop."""
    right = [equal(evaluated(tree, frame), frame.needed) for frame in frames]
    if not any(right):
        return
    counters = [name for name, value in frames[0].names.items() if type(value) is int]
    ends = [ast.Name(name, ast.Load()) for name in counters]
    for name in counters:
        values: list[Any] = [frame.names.get(name) for frame in frames]
        if any(type(value) is not int for value in values):
            continue
        counter = ast.Name(name, ast.Load())
        tests: list[tuple[ast.expr, list[bool]]] = [
            (ast.Compare(counter, [ast.Gt()], [ast.Constant(0)]), [v > 0 for v in values])
        ]
        for end in ends:
            last: list[Any] = [frame.names.get(end.id) for frame in frames]
            if end.id != name and all(type(v) is int for v in last):
                bound = ast.Compare(counter, [ast.Lt()], [binary(end, ast.Sub(), ast.Constant(1))])
                tests.append((bound, [v < n - 1 for v, n in zip(values, last, strict=True)]))
        for test, inside in tests:
            if not any(inside) or all(inside) or any(not ok and there for ok, there in zip(right, inside, strict=True)):
                continue
            others: list[ast.expr] = [numpy_call("zeros_like", tree), ast.Constant(0.0), *words.atoms]
            for other in others:
                new = ast.IfExp(test, tree, other)
                if fits(new):
                    yield Match(new, "at the first or last step", 1.5)
                    break


def common_factors(tree: ast.expr, frames: list[Frame], words: Vocabulary) -> Iterator[Match]:
    """Yield the expression times a number that is the same for all entries: a count, or one over it."""
    ratios = []
    for frame in frames:
        value = evaluated(tree, frame)
        if (
            not isinstance(value, np.ndarray)
            or value.shape != frame.needed.shape
            or not np.abs(value).max(initial=0.0) > 1e-9
        ):
            return
        k = np.unravel_index(int(np.abs(value).argmax()), value.shape)
        ratio = float(frame.needed[k] / value[k])
        if not equal(value * ratio, frame.needed):
            return
        ratios.append(ratio)
    counts: list[ast.expr] = [ast.Constant(1), *words.counts]
    for atom in words.atoms:
        counts += [ast.Attribute(atom, "size", ast.Load()), ast.Call(ast.Name("len", ast.Load()), [atom], [])]
        counts += [ast.Subscript(ast.Attribute(atom, "shape", ast.Load()), ast.Constant(k), ast.Load()) for k in (0, 1)]
    numbers = []
    for count in counts:
        values = [evaluated(count, frame) for frame in frames]
        if all(isinstance(v, (int, np.integer)) and v > 0 for v in values):
            numbers.append((count, np.array(values, float)))
    wanted = np.array(ratios)
    for scale in (1.0, 2.0, 0.5, -1.0):
        for one, up in numbers:
            for two, down in numbers:
                if np.allclose(wanted, scale * up / down, rtol=1e-8):
                    made = tree
                    if scale != 1.0:
                        number = int(scale) if scale == int(scale) else scale
                        made = binary(ast.Constant(number), ast.Mult(), made)
                    if not isinstance(one, ast.Constant):
                        made = binary(made, ast.Mult(), one)
                    if not isinstance(two, ast.Constant):
                        made = binary(made, ast.Div(), two)
                    yield Match(made, "a common factor", 1.6)
                    return


def products_anew(
    tree: ast.expr, frames: list[Frame], words: Vocabulary, fits: Callable[[ast.expr], bool], trees: list[ast.Module]
) -> Iterator[Match]:
    """Yield products of matrices, also of columns cut out of them, and of what methods yield anywhere in a program."""
    if not any(isinstance(node, ast.MatMult) for node in ast.walk(tree)):
        return
    calls = [one for one in calls_of(trees) if isinstance(evaluated(one, frames[0]), np.ndarray)]
    parts = parts_of(words.atoms, words.indices, frames[0].evaluator)
    table = Table(frames, replace(words, atoms=[*words.atoms, *calls, *parts]))
    for new in table.matrix_products(table.needed):
        if fits(new):
            yield Match(new, "written anew", 3.1)
