"""A tape of every arithmetic operation of a run, and its reverse pass.

Every entry of every array has a number. An array that is traced carries, beside its values, an array of these numbers
with the same shape and the same memory layout. What only moves entries (a slice, a transpose, a stack, an assignment
into a buffer) moves the numbers the same way, so views and buffers written in place need no thought. What computes
(a sum, a product, tanh) gives its results new numbers and puts one line on the tape:

    (1)  operands (numbers), results (numbers), and the function that takes dL/d(results) to dL/d(operands)

for any number of losses at once: gradients have one axis more than their arrays, the first.
The reverse pass walks the tape from its end. Number 0 stands for every constant.

Read next: operations.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from scratchnet.backend import Array

Share = Callable[[Array], Array]  # dL/d(result), (losses, *its shape) -> dL/d(operand), (losses, *its shape)


class Line(NamedTuple):
    """One operation: the numbers of its results, and for each operand its numbers and its share of the gradient."""

    results: Array
    operands: Sequence[tuple[Array, Share]]


class Tape:
    """The operations of one run, in order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.count = 1

    def numbers(self, shape: tuple[int, ...]) -> Array:
        """Return new numbers for the entries of an array."""
        size = int(np.prod(shape, dtype=int))
        made = np.arange(self.count, self.count + size).reshape(shape)
        self.count += size
        return made

    def add(self, shape: tuple[int, ...], operands: Sequence[tuple[Array, Share]]) -> Array:
        """Put an operation on the tape; return the numbers of its results, of this shape."""
        # Copied, since an array that is written into changes its numbers in place.
        operands = [(given.copy(), share) for given, share in operands if given.any()]
        if not operands:
            return np.zeros(shape, int)
        results = self.numbers(shape)
        self.lines.append(Line(results, operands))
        return results

    def adjoints(self, numbers: Any, seed: Any = 1.0) -> Array:
        """Return dL/d(entry) by number, L = sum(seed * the entries with these numbers)."""
        start = np.zeros((1, self.count))
        np.add.at(start[0], numbers, seed)
        return self._back(start)[0]

    def jacobian(self, numbers: Array) -> Array:
        """Return d(entry i)/d(entry j), (rows, count): i of the entries with these numbers, j of all of the run."""
        start = np.zeros((len(numbers), self.count))
        start[np.arange(len(numbers)), numbers] = 1.0
        return self._back(start)

    def depending(self, numbers: Array) -> Array:
        """Return which entries are computed with the entries of these numbers, by number."""
        found = np.zeros(self.count, bool)
        found[numbers] = True
        found[0] = False
        for line in self.lines:
            if any(found[operand].any() for operand, _ in line.operands):
                # Entry by entry would be finer; no use is made of that.
                found[line.results] = True
        return found

    def _back(self, found: Array) -> Array:
        """Walk the tape from its end, for several losses at once: (losses, count)."""
        found[:, 0] = 0.0
        for line in reversed(self.lines):
            gradient = found[:, line.results]
            some = gradient.reshape(len(gradient), -1).any(axis=1)
            if not some.any():
                continue
            rows = np.flatnonzero(some)  # most losses depend on few of the values
            every = len(rows) == len(found)
            gradient = gradient if every else gradient[rows]
            for operand, share in line.operands:
                given = share(gradient)
                if not _distinct(operand):
                    np.add.at(found, (rows.reshape(-1, *[1] * operand.ndim), operand), given)
                elif every:
                    found[:, operand] += given
                else:
                    found[rows.reshape(-1, *[1] * operand.ndim), operand] += given
        found[:, 0] = 0.0
        return found


def _distinct(numbers: Array) -> bool:
    """Tell whether no number but 0 occurs twice."""
    flat = np.sort(numbers, axis=None)
    return not bool(((flat[1:] == flat[:-1]) & (flat[1:] != 0)).any())
