"""What a value of the backward could have to be: the derivatives of the loss in the values of the forward.

A *label* says which derivative, in which order of time and in which shape: the derivative in a place of the forward,
taken at its visits in the same order as the backward's, or in the reverse one, summed over them, stacked, sliced.

Read next: derivatives.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Node
from scratchnet.gradcheck.subjects.subject import Subject, TracedRun

FORMS = ("", "T", "flat", "row", "column", "swapped")
Place = tuple[Any, ...]
Shapes = tuple[tuple[int, tuple[tuple[int, ...], ...]], ...]


@dataclass(frozen=True)
class Label:
    """The derivative in a place. order: how its visits are taken; form: how each array is turned.

    value: it stands for what the place yields, not for the derivative in it.
    """

    place: Place
    order: Any
    form: str = ""
    value: bool = False


class Pool:
    """The derivatives of a subject's loss, at every T, by place."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.runs: dict[int, TracedRun] = {T: subject.traced(T) for T in subject.times}
        self._visits: dict[tuple[int, Place, bool], tuple[list[Array], list[tuple[int, ...]]]] = {}
        self._orders: dict[tuple[int, Place, Any, bool], list[Array] | None] = {}
        self._labels: dict[tuple[Shapes, bool], list[tuple[Label, dict[int, list[Array]]]]] = {}

    @cached_property
    def places(self) -> list[Place]:
        """The places of the forward, and one for each array that the harness asked for."""
        last = self.subject.times[-1]
        run = self.runs[last]
        found: list[Place] = []
        for place, visits in run.recorder.visits.items():
            if any(v.numbers is not None and run.reaches[v.numbers].any() for v in visits):
                found.append(place)
        return [("array", key) for key in run.gradients] + found

    @cached_property
    def backward(self) -> list[Place]:
        """The places whose values the loss does not depend on, and at least one gradient does."""
        last = self.subject.times[-1]
        run = self.runs[last]
        forward = set(self.places)
        return [
            place for place, visits in run.recorder.visits.items()
            if place not in forward and any(v.numbers is not None and run.serves[v.numbers].any() for v in visits)
        ]  # fmt: skip

    def node(self, place: Place) -> Node:
        """Return the expression of a place."""
        module, number = place[0]
        found: Node = self.subject.program.instrumented(module).nodes[number]
        return found

    def visits(self, T: int, place: Place, value: bool = False) -> tuple[list[Array], list[tuple[int, ...]]]:
        """Return the derivative at each visit of a place, or what it yields, and the turns of the loops around it."""
        key = (T, place, value)
        if key not in self._visits:
            run = self.runs[T]
            if place[0] == "array":
                there = place[1] in run.gradients  # an object may have more arrays for a longer T
                source = self.subject.arrays(T).kept if value else run.gradients
                self._visits[key] = ([source[place[1]]], [()]) if there else ([], [])
            else:
                seen = run.recorder.visits.get(place, [])
                if (
                    seen and seen[0].rank <= run.border
                ):  # a forward that is run again for the backward is not the loss's
                    seen = [v for v in seen if v.rank <= run.border]
                arrays = [
                    v.value if value else np.zeros(v.value.shape) if v.numbers is None else run.adjoints[v.numbers]
                    for v in seen
                ]
                self._visits[key] = arrays, [v.turns for v in seen]
        return self._visits[key]

    def values(self, label: Label, T: int) -> list[Array] | None:
        """Return the arrays that a label stands for; None where it does not apply at this T."""
        found = self._ordered(T, label.place, label.order, label.value)
        return None if found is None else [_formed(array, label.form) for array in found]

    def _ordered(self, T: int, place: Place, order: Any, value: bool) -> list[Array] | None:
        key = (T, place, order, value)
        if key not in self._orders:
            arrays, turns = self.visits(T, place, value)
            self._orders[key] = _in_order(arrays, turns, order)
        return self._orders[key]

    def labels(self, shapes: Shapes, value: bool = False) -> list[tuple[Label, dict[int, list[Array]]]]:
        """Return the labels that have these shapes, and their values: ((T, the shape at each visit) ...)."""
        if (shapes, value) not in self._labels:
            wanted, found, seen = dict(shapes), [], {}
            for place, order in self._all_orders:
                if value and order[0] in ("sum", "running sum", "stack"):
                    continue
                arrays = {T: self._ordered(T, place, order, value) for T in wanted}
                if any(given is None or len(given) != len(wanted[T]) for T, given in arrays.items()):
                    continue
                for form in FORMS:
                    values = {T: [_formed(array, form) for array in given or ()] for T, given in arrays.items()}
                    if all([a.shape for a in values[T]] == list(wanted[T]) for T in wanted):
                        key = tuple(round(float((a * _weights(a.shape)).sum()), 12) for v in values.values() for a in v)
                        if key not in seen:
                            seen[key] = True
                            found.append((Label(place, order, form, value), values))
                        break
            self._labels[shapes, value] = found
        return self._labels[shapes, value]

    @cached_property
    def _all_orders(self) -> list[tuple[Place, Any]]:
        last = self.subject.times[-1]
        return [(place, order) for place in self.places for order in orders(self.visits(last, place)[1])]


@cache
def _weights(shape: tuple[int, ...]) -> Array:
    return np.cos(np.arange(1, int(np.prod(shape)) + 1)).reshape(shape)


def _formed(array: Array, form: str) -> Array:
    if form == "T":
        return array.T
    if form == "swapped":
        return array.swapaxes(0, 1) if array.ndim > 2 else array
    if form == "flat":
        return array.reshape(-1)
    if form == "row":
        return array.reshape(1, -1)
    if form == "column":
        return array.reshape(-1, 1)
    return array


def orders(turns: list[tuple[int, ...]]) -> Iterator[Any]:
    """Yield the ways in which visits may be taken."""
    if len(turns) == 1:
        yield from (("as it is",), ("slices", 0), ("slices", 1), ("slices", 2), ("slices back", 0), ("slices back", 1))
        return
    depth = max(len(one) for one in turns)
    moving = [k for k in range(depth) if len({one[k] if k < len(one) else 0 for one in turns}) > 1]
    for signs in product((-1, 1), repeat=min(3, len(moving))):
        yield ("signs", tuple(zip(moving, signs, strict=False)))
    yield ("sum",)
    yield ("running sum", -1)
    yield ("running sum", 1)
    for axis in (0, 1):
        yield ("stack", axis)


def _in_order(arrays: list[Array], turns: list[tuple[int, ...]], order: Any) -> list[Array] | None:
    kind = order[0]
    if kind == "as it is":
        return arrays if len(arrays) == 1 else None
    if kind in ("slices", "slices back"):
        if len(arrays) != 1 or arrays[0].ndim <= order[1]:
            return None
        parts = list(np.moveaxis(arrays[0], order[1], 0))
        return parts[::-1] if kind == "slices back" else parts
    if kind == "signs":

        def rank(k: int) -> tuple[int, ...]:
            return tuple(sign * (turns[k][depth] if depth < len(turns[k]) else 0) for depth, sign in order[1])

        return [arrays[k] for k in sorted(range(len(arrays)), key=lambda k: (rank(k), k))]
    if any(array.shape != arrays[0].shape for array in arrays) or not arrays:
        return None
    if kind == "sum":
        return [np.sum(arrays, axis=0)]
    if kind == "running sum":
        return list(np.cumsum(np.array(arrays[:: order[1]]), axis=0))
    if kind == "stack":
        return [np.stack(arrays, axis=order[1])] if arrays[0].ndim >= order[1] else None
    return None
