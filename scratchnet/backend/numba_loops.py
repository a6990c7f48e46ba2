"""Elementwise text as loops for Numba: each assignment its own loop over a row, which stays in the nearest cache.

    for r in range(rows):
        for j in range(width):
            i[j] = F(0.5) * tanh(F(0.5) * a_i[j]) + F(0.5)         one equation, at most four arrays: this vectorises
        for j in range(width):
            f[j] = ...

One loop with all the equations in it would have to know that its twelve arrays do not overlap, and would not be
vectorised. Numbers are printed as float32: next to a plain 1.0 Numba would go on in float64.

An output may be the very memory of an input (dc in, dc_prev out). A loop is vectorised only if that is known when it is
compiled, so it is part of the question: `same` says of each output which argument it is. `kernel` returns False before
it has done anything if that, or a shape, or a stride, is not so.

Read next: numba_primitives.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scratchnet.backend.elementwise import Dialect, ElementwiseFunction

HEAD = '''\
"""Loops made from the text of {name}: the equations, a row at a time."""

import math

import numpy as np
from numba import njit

from scratchnet.backend.numba_primitives import row, tanh

F = np.float32


@njit("boolean({signature})", nogil=True, cache=False, error_model="numpy", fastmath={fast})
def kernel({arguments}):
'''
FAST = '{"contract", "arcp", "nsz", "afn"}'  # not "nnan": a NaN must stay one
TILE = 2048  # elements of a flat array that are worked on at a time
FUNCTIONS = {
    "tanh": "tanh({})",
    "exp": "F(math.exp({}))",
    "log": "F(math.log({}))",
    "sqrt": "F(math.sqrt({}))",
    "square": "({0} * {0})",
    "negative": "(-{})",
    "reciprocal": "(F(1.0) / {})",
}
TYPES = {"m": "float32[:, :]", "f": "float32[::1]", "v": "float32[:]", "s": "float32"}


def print_loops(text: ElementwiseFunction, kinds: str, same: tuple[int, ...] = ()) -> str:
    """Return the source of a module whose `kernel(*inputs, *outputs)` evaluates the text.

    `kinds` has one letter for each argument: m a matrix, f a flat array, v a vector that is the same for each row,
    s a number. The outputs are matrices, or flat if an argument is. `same` has for each output the number of the
    argument whose memory it shares, or -1; none shares any when it is left out.
    """
    kind = "f" if "f" in kinds else "m"
    outputs = [f"out_{k}" for k in range(len(text.results))]
    signature = ", ".join(TYPES[letter] for letter in kinds + kind * len(outputs))
    head = HEAD.format(
        name=text.name,
        signature=signature,
        arguments=", ".join((*(f"in_{name}" for name in text.arguments), *outputs)),
        fast=FAST,
    )
    same = same or (-1,) * len(outputs)
    letters = dict(zip(text.arguments, kinds, strict=True))
    body = [*_checks(text, letters, kind, same), *_loops(text, letters, kind, same)]
    return head + "".join(f"    {line}\n" for line in body)


def _checks(text: ElementwiseFunction, kinds: dict[str, str], kind: str, same: tuple[int, ...]) -> Iterator[str]:
    """Yield what makes sure that the loops may run at all."""
    outputs = [f"out_{k}" for k in range(len(text.results))]
    inputs = [(f"in_{name}", letter) for name, letter in kinds.items()]
    yield "rows, width = out_0.shape" if kind == "m" else "total = out_0.shape[0]"
    for name, letter in (*inputs, *((name, kind) for name in outputs)):
        if letter == "m":
            wrong = f"{name}.shape[0] != rows or {name}.shape[1] != width or {name}.strides[1] != 4"
        else:
            wrong = f"{name}.shape[0] != {'width' if letter == 'v' else 'total'}"
        if letter != "s":
            yield f"if {wrong}:"
            yield "    return False"
    for output, shared in zip(outputs, same, strict=True):
        for m, (name, letter) in enumerate(inputs):
            if letter == kind:
                yield f"if {output}.ctypes.data {'!=' if m == shared else '=='} {name}.ctypes.data:"
                yield "    return False"


def _loops(text: ElementwiseFunction, kinds: dict[str, str], kind: str, same: tuple[int, ...]) -> Iterator[str]:
    """Yield the loops themselves."""
    written = {name: k for k, (name, _) in enumerate(text.assignments)}
    place: dict[str, str] = {}
    copies: list[tuple[str, str]] = []
    for k, (name, shared) in enumerate(zip(text.results, same, strict=True)):
        output = f"row_out_{k}" if shared < 0 else f"row_in_{text.arguments[shared]}"
        too_early = shared >= 0 and written[name] < _last_read(text, text.arguments[shared])
        if name in place or too_early:
            copies.append((output, name))
        else:
            place[name] = output
    for name, _ in text.assignments:
        if name not in place:
            place[name] = f"temporary_{name}"
            yield f"temporary_{name} = np.empty({'width' if kind == 'm' else TILE}, F)"
    yield "for at in range(rows):" if kind == "m" else f"for start in range(0, total, {TILE}):"
    if kind == "f":
        yield f"    width = min({TILE}, total - start)"
    arrays = [f"in_{name}" for name, letter in kinds.items() if letter in "mf"]
    for array in (*arrays, *(f"out_{k}" for k in range(len(text.results)))):
        yield f"    row_{array} = " + (f"row({array}, at)" if kind == "m" else f"{array}[start : start + width]")

    def variable(name: str) -> str:
        if name not in kinds:
            return place[name] + "[j]"
        return {"v": f"in_{name}[j]", "s": f"in_{name}"}.get(kinds[name], f"row_in_{name}[j]")

    dialect = Dialect(variable, lambda value: f"F({value!r})", FUNCTIONS)
    for name, expression in text.assignments:
        yield "    for j in range(width):"
        yield f"        {place[name]}[j] = {dialect.show(expression)}"
    for target, name in copies:
        yield "    for j in range(width):"
        yield f"        {target}[j] = {variable(name)}"
    yield "return True"


def _last_read(text: ElementwiseFunction, name: str) -> int:
    """Return the number of the last assignment that reads an argument, or -1."""
    reads = (k for k, (_, value) in enumerate(text.assignments) for node in ast.walk(value) if _is_name(node, name))
    return max(reads, default=-1)


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
