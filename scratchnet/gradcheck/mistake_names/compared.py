"""What the rules share: one changed statement, its values before and after, and what they are in the forward.

Read next: syntax_names.py.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.mistake_names.around import Around
from scratchnet.gradcheck.mistake_names.derivative_forms import Factor
from scratchnet.gradcheck.mistake_names.forward_values import ForwardValues, Values, same
from scratchnet.gradcheck.mistake_names.known_forwards import Cell
from scratchnet.gradcheck.mistake_names.tree_changes import StatementChange, levels, value_of


@dataclass(frozen=True)
class Named:
    """A key of the catalogue. role: of a known cell's value that is concerned, "f"; "" where it is not known."""

    key: str
    role: str = ""


COUNTED = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant)


class Compared:
    """One changed statement, and what can be told of sums, counts and constants in it."""

    def __init__(self, seen: ForwardValues, cell: Cell | None, around: Around, change: StatementChange) -> None:
        self.seen, self.cell, self.around, self.change = seen, cell, around, change

    def reduced(self, a: ast.expr, b: ast.expr) -> Named | None:
        """A sum over another axis, or a mean, of the same array."""
        one, two = (self.around.arrays(x) for x in (a, b))
        if two is None or not two[0].size:
            return None
        for part in [x for x in ast.walk(b) if isinstance(x, ast.expr)]:
            inner = self.around.arrays(part)
            if inner is None or inner[0].ndim < 2 or inner[0].size <= two[0].size:
                continue
            for axis in axes_of(inner[0].ndim):
                sums = [x.sum(axis=axis) for x in inner]
                if not all_same([x.reshape(-1) for x in sums], [x.reshape(-1) for x in two]):
                    continue
                if one is None or self._another_reduction(inner, one) or self._reduces(a, part, b):
                    return Named("bias axis")
        return None

    def _reduces(self, a: ast.expr, part: ast.expr, b: ast.expr) -> bool:
        """Tell whether the old expression makes another sum of the very same array."""
        calls = [x for x in ast.walk(a) if isinstance(x, ast.Call)]
        given = [y for x in calls for y in (getattr(x.func, "value", x.func), *x.args)]
        return b is not part and ast.unparse(part) in [ast.unparse(y) for y in given]

    def _another_reduction(self, inner: Sequence[Array], found: Sequence[Array]) -> bool:
        flat = [np.ravel(x) for x in found]
        for axis in axes_of(inner[0].ndim):
            ways = [np.mean(x, axis=axis) for x in inner], [np.sum(x, axis=axis) for x in inner]
            rows = [np.take(x, 0, axis[0]) for x in inner], [np.take(x, -1, axis[0]) for x in inner]
            if any(all_same([np.ravel(x) for x in made], flat) for made in (*ways, *rows)):
                return True
        return False

    def constant(self, found: Factor, a: ast.expr, b: ast.expr) -> Named:
        """Name a constant ratio: a count that is missing, another count, or just a constant."""
        if all(isinstance(tree, ast.Constant) for tree in list(levels(a, b))[-1]):
            return Named("constant")
        inner = [(self.around.values(x), self.around.values(y)) for x, y in levels(a, b)]
        one, two = next((pair for pair in inner if all(v is not None and np.ndim(v[0]) == 0 for v in pair)), inner[0])
        texts = [{ast.unparse(x): x for x in ast.walk(tree) if isinstance(x, COUNTED)} for tree in (a, b)]
        counts = [
            [tree for text, tree in texts[k].items() if text not in texts[1 - k] and self._is_count(tree)]
            for k in (0, 1)
        ]
        if not any(counts):
            only = [text for k in (0, 1) for text in texts[k] if text not in texts[1 - k]]
            return Named(
                "constant" if not only else "factor missing" if any(t in texts[1] for t in only) else "factor too many"
            )
        if self._is_parameter_gradient(inner[0][1]):
            return Named("bias axis")
        scalars = one is not None and two is not None and np.ndim(one[0]) == 0 and np.ndim(two[0]) == 0
        values = [
            given if scalars else [one for tree in counts[k] for one in (self.around.values(tree) or [])[:1]]
            for k, given in enumerate((one, two))
        ]
        larger = bool(values[0]) and bool(values[1]) and max(values[0] or ()) > max(values[1] or ())
        return Named("padded count" if larger and self._masks_counted(values[1]) else "count")

    def _is_count(self, tree: ast.expr) -> bool:
        """Tell whether an expression is a whole number above 1; one that is written out, above 2."""
        if isinstance(tree, ast.Constant):
            return isinstance(tree.value, int) and tree.value > 2
        found = self.around.values(tree)
        return found is not None and all(
            np.ndim(x) == 0 and isinstance(x, (int, float, np.number)) and x > 1 and x == round(float(x)) for x in found
        )

    def _masks_counted(self, values: Sequence[Any] | None) -> bool:
        """Tell whether one of these is how many ones there are in an array of zeros and ones."""
        counts = {float(x) for x in values or ()}
        arrays = [np.asarray(x) for x in self.seen.arrays.values()]
        arrays += [
            np.asarray(x) for names in self.around.frames[:1] for x in names.values() if isinstance(x, np.ndarray)
        ]
        return any(
            x.size > 1 and bool(np.isin(x, (0, 1)).all()) and 0 < x.sum() < x.size and float(x.sum()) in counts
            for x in arrays
        )

    def _is_parameter_gradient(self, values: Sequence[Any] | None) -> bool:
        """Tell whether these, or their sum over all visits, are the gradient of one of the harness's matrices alone."""
        if values is None or np.ndim(values[0]) == 0:
            return False
        total = np.sum([np.asarray(x) for x in values], axis=0) if len({np.shape(x) for x in values}) == 1 else None
        return total is not None and any(same(total, true) for true in self.seen.gradients.values())

    def is_padding(self, one: Sequence[Array], two: Sequence[Array]) -> bool:
        """Tell whether what is set to zero depends on whole numbers alone: on labels, lengths, a mask."""
        for x, y in zip(one, two, strict=True):
            zero = (y == 0) & (x != 0)
            rows = zero.reshape(zero.shape[0], -1) if zero.ndim else zero.reshape(1, 1)
            lines = [zero.any(axis=tuple(range(k, zero.ndim))) for k in range(1, zero.ndim)]
            lines = [line for line in lines if _spread(line, zero, x)]
            if rows.any() and not any(self._told_by_whole_numbers(line) for line in lines):
                return False
        return True

    def _told_by_whole_numbers(self, line: Array) -> bool:
        for kept in self.seen.arrays.values():
            whole = np.asarray(kept)
            if whole.dtype.kind not in "iub" and not np.isin(whole, (0, 1)).all():
                continue
            for part in (whole, *np.moveaxis(whole, -1, 0)) if whole.ndim else ():
                if part.shape == line.shape and not set(part[line].tolist()) & set(part[~line].tolist()):
                    return True
        return False

    def is_relu(self, one: Sequence[Array], two: Sequence[Array]) -> bool:
        """Tell whether what is set to zero is where a value of the forward is negative."""
        for x, y in zip(one, two, strict=True):
            through = (y != 0) | (x == 0)
            if any(
                v.shape == y.shape and bool(((v > 0) == (y != 0))[x != 0].all()) and bool((v < 0).any())
                for each in self.seen.distinct for v in each.arrays
            ) and through.any():  # fmt: skip
                return True
        return False


def operands(tree: ast.expr) -> list[ast.expr]:
    """Return the operands of a product, a @ b, np.dot(a, b) or a.dot(b), without their transposes taken off."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.MatMult, ast.Mult)):
        return [*operands(tree.left), *operands(tree.right)]
    if isinstance(tree, ast.Call) and len(tree.args) == 2:
        return [*operands(tree.args[0]), *operands(tree.args[1])]
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute) and len(tree.args) == 1:
        return [*operands(tree.func.value), *operands(tree.args[0])]
    return [tree]


def adds_at(statement: ast.stmt) -> bool:
    """Tell whether a statement is np.add.at(...)."""
    value = value_of(statement)
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "at"


def all_same(one: Sequence[Array], other: Sequence[Array]) -> bool:
    """Tell whether two lists of arrays are the same."""
    return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))


def among(array: Array, value: Values) -> bool:
    """Tell whether an array is a value at one of its visits."""
    return any(same(array, one) or same(array, one.T) for one in value.arrays)


def fits(one: Sequence[Array], two: Sequence[Array]) -> bool:
    """Tell whether the first of each two can be spread to the shape of the second."""
    try:
        return all(np.broadcast_shapes(a.shape, b.shape) == b.shape for a, b in zip(one, two, strict=True))
    except ValueError:
        return False


def axes_of(ndim: int) -> list[tuple[int, ...]]:
    """Return every choice of axes."""
    return [axes for n in range(1, ndim + 1) for axes in combinations(range(ndim), n)]


def turned(array: Array, like: Array) -> bool:
    """Tell whether an array is another with its axes in another order, and not that one itself."""
    if array.ndim < 2 or array.ndim != like.ndim or array.ndim > 4 or same(array, like):
        return False
    return any(same(array.transpose(order), like) for order in permutations(range(array.ndim)))


def _spread(line: Array, zero: Array, before: Array) -> bool:
    """Tell whether what is set to zero is all of some rows."""
    rows = line.reshape(*line.shape, *[1] * (zero.ndim - line.ndim))
    return bool((zero == (rows & (before != 0))).all())
