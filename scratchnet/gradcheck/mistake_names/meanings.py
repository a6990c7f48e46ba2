"""What a value is in the forward, and what a factor is: a gate, a count, how many places are padded, a mask.

Read next: statements.py.
"""

from __future__ import annotations

import ast

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.mistake_names.around import Around
from scratchnet.gradcheck.mistake_names.forward_values import ForwardValues, Values
from scratchnet.gradcheck.mistake_names.known_forwards import Cell
from scratchnet.gradcheck.mistake_names.relations import Arrays, activations
from scratchnet.gradcheck.mistake_names.tree_changes import levels

COUNTED = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.BinOp)


class Meanings:
    """The values of the forward, and of the variables around a statement, as the things that they are."""

    def __init__(self, seen: ForwardValues, cell: Cell | None, around: Around) -> None:
        self.seen, self.cell, self.around = seen, cell, around
        self.roles = cell.roles if cell is not None else {}

    def role(self, arrays: Arrays | None) -> str:
        """Return the role of a value in the known cell, or ""."""
        return next((name for name, one in self.roles.items() if arrays and all(map(one.has, arrays))), "")

    def gate(self, arrays: Arrays | None) -> Values | None:
        """Return the activation of which arrays are the derivative in its input."""
        if not arrays or not arrays[0].ndim or not any(x.any() for x in arrays):
            return None
        for y, of in activations(self.seen):
            inputs = Values(y.node, [d * of.slope(v) for d, v in zip(y.adjoints, y.arrays, strict=True)], [])
            if all(map(inputs.has, arrays)):
                return y
        return None

    def is_slope(self, y: Values, arrays: Arrays) -> bool:
        """Tell whether arrays are the derivative of an activation."""
        slopes = [Values(y.node, [of.slope(v) for v in y.arrays], []) for z, of in activations(self.seen) if z is y]
        return any(all(map(slope.has, arrays)) for slope in slopes)

    def sends_state_out(self, y: Values) -> bool:
        """Tell whether a state goes out through an activation: tanh(c), or h = tanh(a) but for padded rows."""
        if self.cell is not None and self.cell.kind == "lstm":
            return y is self.roles["tanh_c"]
        states = [state.current for state in self.seen.states if state.current.shape == y.shape]
        return y in self.seen.tanhs and any(
            all(bool((a == b).reshape(len(a), -1).all(1).any()) for a, b in zip(state.arrays, y.arrays, strict=True))
            for state in states
        )

    def constant(self, a: ast.expr, b: ast.expr, one: Arrays, two: Arrays) -> str:
        """Return the key of a constant ratio: a count that is missing, another count, or just a constant."""
        if all(isinstance(tree, ast.Constant) for tree in list(levels(a, b))[-1]):
            return "constant"
        texts = [{ast.unparse(x): x for x in ast.walk(tree) if isinstance(x, COUNTED)} for tree in (a, b)]
        only = [[x for text, x in mine.items() if text not in others] for mine, others in (texts, texts[::-1])]
        counts = [[count for x in trees for count in self._count(x)] for trees in only]
        if not any(counts):
            more = [any(not isinstance(x, ast.BinOp) for x in trees) for trees in only]
            return "factor missing" if more[1] else "factor too many" if more[0] else "constant"
        if two[0].ndim and len({x.shape for x in two}) == 1 and self.seen.is_gradient(np.sum(two, axis=0)):
            return "bias axis"
        ratio = max(float(np.abs(x).max()) for x in two) / max(float(np.abs(x).max()) for x in one)
        return "padded count" if self._is_padded(1.0 / ratio if self._count(b) else ratio) else "count"

    def _count(self, tree: ast.expr) -> list[float]:
        """Return a whole number above 1 that an expression is at all visits; one that is written out, above 2."""
        found = self.around.arrays(tree)
        least = 2 if isinstance(tree, ast.Constant) else 1
        if found is None or any(x.ndim or x <= least or x != round(float(x)) for x in found):
            return []
        return [float(found[0])]

    def _is_padded(self, ratio: float) -> bool:
        """Tell whether a ratio is that of all entries of an array of zeros and ones to its ones."""
        names = [x for x in self.around.frames[0].values() if isinstance(x, np.ndarray)]
        masks = [x for x in (*self.seen.arrays.values(), *names) if x.size > 1 and np.isin(x, (0, 1)).all()]
        return any(0 < x.sum() < x.size and abs(float(x.size / x.sum()) - ratio) < 1e-9 for x in masks)

    def mask(self, one: Arrays, two: Arrays) -> str:
        """Return the key of zeros that are missing: those of a ReLU, those of padding, or others."""
        zeros = [(x, (y == 0) & (x != 0)) for x, y in zip(one, two, strict=True)]
        signed = [v for each in self.seen.distinct for v in each.arrays if (v < 0).any()]
        for x, zero in zeros:
            if not zero.all() and any(v.shape == x.shape and ((v > 0) != zero)[x != 0].all() for v in signed):
                return "activation"
        return "loss mask" if all(not zero.any() or self._is_padding(x, zero) for x, zero in zeros) else "mask"

    def _is_padding(self, before: Array, zero: Array) -> bool:
        """Tell whether what is set to zero is all of some rows, which whole numbers tell: labels, lengths, a mask."""
        whole = [x for x in self.seen.arrays.values() if x.dtype.kind in "iub" or np.isin(x, (0, 1)).all()]
        parts = [part for x in whole if x.ndim for part in (x, *np.moveaxis(x, -1, 0))]
        for k in range(1, zero.ndim):
            line = zero.any(axis=tuple(range(k, zero.ndim)))
            told = any(p.shape == line.shape and not {*p[line].tolist()} & {*p[~line].tolist()} for p in parts)
            if told and bool((zero == (line.reshape(*line.shape, *[1] * (zero.ndim - k)) & (before != 0))).all()):
                return True
        return False
