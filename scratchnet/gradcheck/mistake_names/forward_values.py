"""What the forward computed, to be recognised by its numbers: states, activations, weights, and what they hand back.

    seen = ForwardValues(subject)           at its last T
    seen.states                             values that come back as an operand one visit later
    seen.sigmoids, seen.tanhs               values that are sigmoid or tanh of some value of the forward

Nobody's names are read here: a value is what its numbers say.

Read next: known_forwards.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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


def all_same(one: Sequence[Array], other: Sequence[Array]) -> bool:
    """Tell whether two lists of arrays are the same."""
    return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))


@dataclass(eq=False)
class Values:
    """What one expression of the forward yields at its visits. adjoints: the derivatives of the loss in these."""

    node: Node
    arrays: list[Array]
    adjoints: list[Array]

    @cached_property
    def shape(self) -> tuple[tuple[int, ...], ...]:
        """The shape at each visit: in a ragged batch they differ."""
        return tuple(one.shape for one in self.arrays)

    @cached_property
    def flat(self) -> Array:
        """All its numbers in a row: values of one shape can so be added and multiplied at all visits at once."""
        return np.concatenate([np.ravel(one) for one in self.arrays])

    def has(self, array: Array) -> bool:
        """Tell whether an array, or its transpose, is the value at one of its visits."""
        return any(same(array, one) or same(array, one.T) for one in self.arrays)


@dataclass(eq=False)
class State:
    """A value that is an operand one visit later. uses: for each operand that it becomes, the derivatives there."""

    current: Values
    uses: list[Values]

    @property
    def previous(self) -> list[Array]:
        """What each visit was given."""
        return self.uses[0].arrays

    @cached_property
    def handed_back(self) -> list[Array]:
        """The derivatives in what each visit was given: the sums over all its uses."""
        # A name that is given to the value first has the derivative of all that is done with it.
        uses = [use for use in self.uses if not use.node.whole] or self.uses
        return [np.sum(each, axis=0) for each in zip(*(use.adjoints for use in uses), strict=True)]


class ForwardValues:
    """The values of a forward, at one T."""

    def __init__(self, subject: Subject) -> None:
        T = subject.times[-1]
        self.arrays = {key: np.asarray(array) for key, array in subject.arrays(T).kept.items()}
        run = subject.traced(T)
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
        parts = [one.flat for one in self.all] + [a.ravel() for a in self.arrays.values() if a.dtype.kind == "f"]
        self._entries = np.unique(np.concatenate([[-np.inf, np.inf], *parts]))

    @cached_property
    def distinct(self) -> list[Values]:
        """The arrays of the forward, each once: computed rather than read."""
        found: dict[tuple[Any, ...], Values] = {}
        for one in sorted(self.all, key=lambda one: one.node.use):
            if one.arrays[0].ndim and one.arrays[0].size > 1:
                found.setdefault((one.shape, *(round(float(a.sum()), 9) for a in one.arrays)), one)
        return list(found.values())

    def like(self, one: Values, among: Iterable[Values] | None = None) -> list[Values]:
        """Return the forward's other arrays that are visited as often and are of the same shape."""
        among = self.distinct if among is None else among
        return [other for other in among if other is not one and other.shape == one.shape]

    def find(self, flat: Array, like: Values) -> Values | None:
        """Return the array of the forward with these numbers, and of the shape of another."""
        return next((one for one in self.distinct if one.shape == like.shape and same(one.flat, flat)), None)

    def _made_by(self, inverse: Callable[[Array], Array], low: float) -> list[Values]:
        """Return the arrays that a function, of which the inverse is given, makes of values of the forward."""

        def made(y: Array) -> bool:
            if np.size(y) < 2 or not bool(((y > low) & (y < 1)).all()) or np.ptp(y) == 0:
                return False
            x = inverse(np.ravel(y))
            at = np.searchsorted(self._entries, x).clip(1, len(self._entries) - 1)
            nearest = np.minimum(x - self._entries[at - 1], self._entries[at] - x)
            return bool((nearest <= 1e-10 * np.maximum(1.0, np.abs(x))).all())

        return [one for one in self.distinct if all(made(a) for a in one.arrays)]

    @cached_property
    def sigmoids(self) -> list[Values]:
        """Those of the forward's arrays that are sigmoids."""
        return self._made_by(lambda y: np.log(y) - np.log1p(-y), 0.0)

    @cached_property
    def tanhs(self) -> list[Values]:
        """Those of the forward's arrays that are tanh of something."""
        return self._made_by(np.arctanh, -1.0)

    @cached_property
    def states(self) -> list[State]:
        """The values that come back as an operand one visit later, and are not there at once."""
        found = []
        for one in self.distinct:
            if one.node.use or len(one.arrays) < 2:
                continue
            uses = [
                use for use in self.like(one, self.all)
                if use.node.use and all_same(use.arrays[1:], one.arrays[:-1]) and not same(use.arrays[0], one.arrays[0])
            ]  # fmt: skip
            if uses:
                found.append(State(one, uses))
        return found

    def state_of(self, array: Array) -> tuple[State, bool, int] | None:
        """Return the state that an array is, whether as what a visit was given, and of which visit."""
        for state in self.states:
            for previous, arrays in ((False, state.current.arrays), (True, state.previous)):
                for k, one in enumerate(arrays):
                    if one.any() and (same(array, one) or same(array, one.T)):
                        return state, previous, k
        return None

    def is_weight(self, array: Array) -> bool:
        """Tell whether an array, or its transpose, is one of the harness's matrices, or a block of one."""
        matrices = [one for one in self.arrays.values() if one.dtype.kind == "f" and one.ndim == 2]
        return array.ndim == 2 and array.size > 1 and any(
            np.isin(np.round(array, 12), np.round(one, 12)).all() for one in matrices
        )  # fmt: skip

    def is_gradient(self, array: Array) -> bool:
        """Tell whether an array is the gradient of one of the harness's."""
        return any(same(array, true) for true in self.gradients.values())
