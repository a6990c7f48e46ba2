"""What the forward computed, to be recognised by its numbers: states, activations, weights, and what they hand back.

    seen = ForwardValues(subject)           at its last T
    seen.states                             values that come back as an operand one visit later
    seen.is_sigmoid(y), seen.is_tanh(y)     whether y is one of some value of the forward

Nobody's names are read here: a value is what its numbers say.

Read next: known_forwards.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Node
from scratchnet.gradcheck.subjects import Subject

CLOSE = 1e-8


def same(one: Any, other: Any) -> bool:
    """Tell whether two arrays have one shape and the same numbers, up to rounding."""
    if np.shape(one) != np.shape(other):
        return False
    largest = max(1.0, float(np.max(np.abs(other), initial=0.0)))
    return bool(np.max(np.abs(np.subtract(one, other)), initial=0.0) <= CLOSE * largest)


@dataclass(eq=False)
class Values:
    """What one expression of the forward yields at its visits. adjoints: the derivatives of the loss in these."""

    node: Node
    arrays: list[Array]
    adjoints: list[Array]

    @property
    def shape(self) -> tuple[tuple[int, ...], ...]:
        """The shape at each visit: in a ragged batch they differ."""
        return tuple(one.shape for one in self.arrays)


@dataclass(eq=False)
class State:
    """A value that is an operand one visit later. uses: for each operand that it becomes, the derivatives there."""

    current: Values
    previous: list[Array]
    uses: list[Values]

    def handed_back(self, k: int) -> Array:
        """Return the derivative in what visit k was given: the sum over all its uses."""
        # A name that is given to the value first has the derivative of all that is done with it.
        uses = [use for use in self.uses if not use.node.whole] or self.uses
        return np.sum([use.adjoints[k] for use in uses], axis=0)


class ForwardValues:
    """The values of a forward, at one T."""

    def __init__(self, subject: Subject) -> None:
        self.T = subject.times[-1]
        self.arrays = dict(subject.arrays(self.T).kept)
        run = subject.traced(self.T)
        self.gradients = run.gradients
        self.all: list[Values] = []
        for place, visits in run.recorder.visits.items():
            seen = [v for v in visits if v.rank <= run.border and v.value.dtype.kind == "f"]
            if not seen:  # shapes may differ from visit to visit: a batch in which sentences end
                continue
            module, number = place[0]
            adjoints = [np.zeros(v.value.shape) if v.numbers is None else run.adjoints[v.numbers] for v in seen]
            node = subject.program.instrumented(module).nodes[number]
            self.all.append(Values(node, [v.value for v in seen], adjoints))
        parts = [np.ravel(a) for one in self.all for a in one.arrays] + [
            np.ravel(a) for a in self.arrays.values() if np.asarray(a).dtype.kind == "f"
        ]
        self._entries = np.unique(np.concatenate(parts) if parts else np.zeros(0))

    def known(self, wanted: Array) -> bool:
        """Tell whether every entry is an entry of some value of the forward."""
        flat = np.ravel(wanted)
        if not len(self._entries) or not np.isfinite(flat).all():
            return False
        at = np.clip(np.searchsorted(self._entries, flat), 1, max(1, len(self._entries) - 1))
        nearest = np.minimum(
            np.abs(self._entries[at - 1] - flat), np.abs(self._entries[np.minimum(at, len(self._entries) - 1)] - flat)
        )
        return bool((nearest <= 1e-10 * np.maximum(1.0, np.abs(flat))).all())

    def find(self, wanted: Sequence[Array], among: Iterable[Values] | None = None) -> Values | None:
        """Return the expression with these values at its visits; one that is computed before one that is read."""
        found = [
            one for one in (self.all if among is None else among)
            if len(one.arrays) == len(wanted) and all(same(a, b) for a, b in zip(one.arrays, wanted, strict=True))
        ]  # fmt: skip
        return min(found, key=lambda one: one.node.use, default=None)

    def is_sigmoid(self, y: Array) -> bool:
        """Tell whether these are sigmoids of values of the forward."""
        if np.size(y) < 2 or not bool(((y > 0) & (y < 1)).all()) or np.ptp(y) == 0:
            return False
        return self.known(np.log(y) - np.log1p(-y))

    def is_tanh(self, y: Array) -> bool:
        """Tell whether these are tanh of values of the forward."""
        if np.size(y) < 2 or not bool((np.abs(y) < 1).all()) or np.ptp(y) == 0:
            return False
        return self.known(np.arctanh(y))

    @cached_property
    def distinct(self) -> list[Values]:
        """The arrays of the forward, each once: computed rather than read."""
        found: dict[tuple[Any, ...], Values] = {}
        for one in sorted(self.all, key=lambda one: one.node.use):
            if one.arrays[0].ndim and one.arrays[0].size > 1:
                key = (len(one.arrays), one.shape, *(round(float(a.sum()), 9) for a in one.arrays))
                found.setdefault(key, one)
        return list(found.values())

    @cached_property
    def sigmoids(self) -> list[Values]:
        """Those of the forward's arrays that are sigmoids."""
        return [one for one in self.distinct if all(self.is_sigmoid(a) for a in one.arrays)]

    @cached_property
    def tanhs(self) -> list[Values]:
        """Those of the forward's arrays that are tanh of something."""
        return [one for one in self.distinct if all(self.is_tanh(a) for a in one.arrays)]

    @cached_property
    def slopes(self) -> list[tuple[Values, list[Array]]]:
        """The activations, and their derivatives by what goes in."""
        found = [(y, [a * (1.0 - a) for a in y.arrays]) for y in self.sigmoids]
        return found + [(y, [1.0 - a * a for a in y.arrays]) for y in self.tanhs]

    @cached_property
    def states(self) -> list[State]:
        """The values that come back as an operand one visit later, and are not there at once."""
        read = [one for one in self.all if one.node.use and len(one.arrays) > 1]
        found = []
        for one in self.distinct:
            if one.node.use or len(one.arrays) < 2:
                continue
            uses = [
                use for use in read
                if len(use.arrays) == len(one.arrays) and use.shape == one.shape
                and not same(use.arrays[0], one.arrays[0])
                and all(same(a, b) for a, b in zip(use.arrays[1:], one.arrays, strict=False))
            ]  # fmt: skip
            if uses:
                found.append(State(one, uses[0].arrays, uses))
        return found

    def weight_of(self, array: Array) -> bool:
        """Tell whether an array, or its transpose, is one of the harness's, or a block of one."""
        for kept in self.arrays.values():
            whole = np.asarray(kept)
            matrices = whole.dtype.kind == "f" and whole.ndim == 2 and array.ndim == 2 and array.size > 1
            if matrices and np.isin(np.round(array, 12), np.round(whole, 12)).all():
                return True
        return False
