"""What a value of the backward could have to be: the derivatives of the loss in the values of the forward.

A *label* says which derivative, in which order of time and in which shape: the derivative in a place of the forward,
taken at its visits in the same order as the backward's, or in the reverse one, summed over them, stacked, sliced.

Read next: derivatives.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Node
from scratchnet.gradcheck.cure.orders import FORMS, formed, in_order, orders
from scratchnet.gradcheck.subjects.subject import Subject, TracedRun

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


NOTHING = "nothing"  # the place of a label that stands for zeros


def nothing(shapes: Shapes) -> Label:
    """Return the label of zeros of these shapes: of a term that must not be there."""
    return Label((NOTHING,), (NOTHING, shapes), value=True)


class Pool:
    """The derivatives of a subject's loss, at every T, by place."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.runs: dict[int, TracedRun] = {T: subject.traced(T) for T in subject.times}
        self._visits: dict[tuple[int, Place, bool], tuple[list[Array], list[tuple[int, ...]]]] = {}
        self._orders: dict[tuple[int, Place, Any, bool], list[Array] | None] = {}
        self._labels: dict[tuple[Shapes, bool], list[tuple[Label, dict[int, list[Array]]]]] = {}
        self._shares: dict[tuple[int, str], dict[Place, list[Array]]] = {}
        self._tables: dict[Shapes, tuple[list[Label], Array]] = {}

    @cached_property
    def places(self) -> list[Place]:
        """The places of the forward, and one for each array that the harness asked for."""
        last = self.subject.times[-1]
        run = self.runs[last]
        found: list[Place] = []
        for place, visits in run.recorder.visits.items():
            if any(v.numbers is not None and run.reaches[v.numbers].any() for v in visits):
                found.append(place)
        # Of values with one derivative the learner's own is named.
        found.sort(key=lambda place: place[0][0] in self.subject.program.trusted)
        return [("array", key) for key in run.gradients] + found

    @cached_property
    def backward(self) -> list[Place]:
        """The places whose values the loss does not depend on, and at least one gradient does."""
        last = self.subject.times[-1]
        run = self.runs[last]
        forward, trusted = set(self.places), self.subject.program.trusted
        return [
            place
            for place, visits in run.recorder.visits.items()
            if place not in forward
            and place[0][0] not in trusted
            and any(v.numbers is not None and run.serves[v.numbers].any() for v in visits)
        ]  # fmt: skip

    def node(self, place: Place) -> Node:
        """Return the expression of a place."""
        module, number = place[0]
        found: Node = self.subject.program.instrumented(module).nodes[number]
        return found

    def calls(self, place: Place) -> tuple[Any, ...]:
        """Return the calls that lead to the statement of a place: not those that it is an argument of."""
        module, number = place[0]
        nodes = self.subject.program.instrumented(module).nodes
        calls = list(place[1:])  # the innermost last
        while calls and calls[-1][0] == module and nodes[calls[-1][1]].statement == nodes[number].statement:
            calls.pop()
        return tuple(calls)

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
        return None if found is None else [formed(array, label.form) for array in found]

    def _ordered(self, T: int, place: Place, order: Any, value: bool) -> list[Array] | None:
        if place[0] == NOTHING:
            return [np.zeros(shape) for shape in dict(order[1]).get(T, ())]
        key = (T, place, order, value)
        if key not in self._orders:
            arrays, turns = self.visits(T, place, value)
            if order[0] == "part":
                listed = self._ordered(T, place, order[3], value)
                self._orders[key] = None if listed is None else listed[order[1] : order[2]]
            elif order[0] in ("total", "whole"):
                self._orders[key] = in_order(self._totals(T, place, order[0]), turns, order[1])
            else:
                self._orders[key] = in_order(arrays, turns, order)
        return self._orders[key]

    def _totals(self, T: int, place: Place, kind: str) -> list[Array]:
        """Return the sum of the shares of all uses that read the same in the same turn: what a step hands back.

        kind: "total", of the uses in the same call of a function; "whole", of all of them.
        """
        if (T, kind) not in self._shares:
            run = self.runs[T]
            source = {
                int(line.results.flat[0]): int(line.operands[0][0].flat[0])
                for line in run.tape.lines
                if len(line.operands) == 1 and line.results.size and line.operands[0][0].shape == line.results.shape
            }
            shares: dict[Any, list[Array]] = {}
            owners: dict[Place, list[Any]] = {}
            for one in self.places:
                if one[0] == "array" or not self.node(one).use:
                    continue
                for visit in run.recorder.visits.get(one, []):
                    first = 0 if visit.numbers is None or not visit.numbers.size else int(visit.numbers.flat[0])
                    call = self.calls(one) if kind == "total" else ()
                    key = (source.get(first, first), visit.value.shape, visit.turns, call)
                    owners.setdefault(one, []).append(key)
                    if first:
                        shares.setdefault(key, []).append(run.adjoints[visit.numbers])
            self._shares[T, kind] = {
                one: [np.sum(shares[key], axis=0) if key in shares else np.zeros(key[1]) for key in keys]
                for one, keys in owners.items()
            }
        return self._shares[T, kind].get(place, [])

    def labels(self, shapes: Shapes, value: bool = False) -> list[tuple[Label, dict[int, list[Array]]]]:
        """Return the labels that have these shapes, and their values: ((T, the shape at each visit) ...)."""
        if (shapes, value) not in self._labels:
            wanted, found, seen = dict(shapes), [], {}
            sizes = {T: [int(np.prod(shape)) for shape in listed] for T, listed in wanted.items()}
            for place, whole in self._all_orders:
                if value and whole[0] in ("sum", "running sum", "stack"):
                    continue
                given = {T: self._ordered(T, place, whole, value) for T in wanted}
                for order in self._parts(whole, given, wanted):
                    arrays = {T: self._ordered(T, place, order, value) or [] for T in wanted}
                    if any(a.size != size for T in wanted for a, size in zip(arrays[T], sizes[T], strict=True)):
                        continue
                    for form in FORMS:
                        values = {T: [formed(array, form) for array in listed] for T, listed in arrays.items()}
                        if all([a.shape for a in values[T]] == list(wanted[T]) for T in wanted):
                            marks = [(a * _weights(a.shape)).sum() for v in values.values() for a in v]
                            key = tuple(round(float(mark), 12) for mark in marks)
                            if key not in seen:
                                seen[key] = True
                                found.append((Label(place, order, form, value), values))
                            break
            self._labels[shapes, value] = found
        return self._labels[shapes, value]

    def table(self, shapes: Shapes) -> tuple[list[Label], Array]:
        """Return the labels that have these shapes, and their values at all visits, a row each."""
        if shapes not in self._tables:
            found = self.labels(shapes)
            rows = [np.concatenate([np.ravel(a) for v in values.values() for a in v]) for _, values in found]
            size = sum(int(np.prod(shape)) for _, listed in shapes for shape in listed)
            self._tables[shapes] = [label for label, _ in found], np.array(rows).reshape(len(rows), size)
        return self._tables[shapes]

    def _parts(self, whole: Any, given: dict[int, list[Array] | None], wanted: dict[int, Any]) -> list[Any]:
        """Return the whole of an order or the parts of it that have as many visits as are wanted."""
        if any(listed is None for listed in given.values()):
            return []
        less = {T: len(listed or ()) - len(wanted[T]) for T, listed in given.items()}
        if not any(less.values()):
            return [whole]
        if whole[0] not in ("signs", "slices", "slices back", "total", "whole"):
            return []
        if all(count == 1 for count in less.values()):
            return [("part", 1, None, whole), ("part", 0, -1, whole)]
        if all(len(one) == 1 for one in wanted.values()) and min(less.values()) >= 0:
            return [("part", 0, 1, whole), ("part", -1, None, whole)]
        return []

    @cached_property
    def _all_orders(self) -> list[tuple[Place, Any]]:
        last = self.subject.times[-1]
        found: list[tuple[Place, Any]] = []
        for place in self.places:
            listed = [
                order
                for order in orders(self.visits(last, place)[1])
                if order[0] not in ("sum", "running sum") or self._same(place)
            ]
            found += [(place, order) for order in listed]
            if place[0] != "array" and self.node(place).use:
                several = [order for order in listed if order[0] in ("as it is", "signs", "stack")]
                found += [(place, (kind, order)) for kind in ("total", "whole") for order in several]
        return found

    def _same(self, place: Place) -> bool:
        """Tell whether a place yields the same at every visit, as a weight does: the shares of a state are no sum."""
        values, _ = self.visits(self.subject.times[-1], place, value=True)
        return all(np.array_equal(one, values[0]) for one in values)


@cache
def _weights(shape: tuple[int, ...]) -> Array:
    return np.cos(np.arange(1, int(np.prod(shape)) + 1)).reshape(shape)
