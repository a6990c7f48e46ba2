"""The values of the backward's statements beside the derivatives that they could be.

Read next: sweep_options.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.cure.derivatives import Needed, numbers_of_visit
from scratchnet.gradcheck.cure.frames import CLOSE
from scratchnet.gradcheck.cure.pool import Label, Place, Pool, Shapes, nothing
from scratchnet.gradcheck.cure.taking_out import neutral, taken_out
from scratchnet.gradcheck.subjects.subject import TracedRun


@dataclass
class Seen:
    """A statement's values in a run. rows: the derivatives, by their row in the table, that they are at all visits;
    first: those that they are at the first visit."""

    place: Place
    values: dict[int, list[Array]]
    shapes: Shapes
    rank: int  # of the first visit that is wrong
    rows: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)

    @property
    def fits(self) -> int:
        """At how many visits it is a derivative; where it is none at all of them, the first counts."""
        return max(len(listed) for listed in self.values.values()) if self.rows else int(bool(self.first))

    @property
    def right(self) -> bool:
        return bool(self.rows)


@dataclass
class Look:
    """What is seen in one run at every T: the statements, and how many gradients are right."""

    runs: dict[int, TracedRun]
    seen: dict[Place, Seen]
    right: int

    def count(self, but: Place = ()) -> int:
        """Return how many values are derivatives, and gradients right; one place left aside."""
        return self.right + sum(one.fits for place, one in self.seen.items() if place != but)


def first_at(one: Seen, T: int) -> slice:
    """Return where the first visit at a T stands in a row of all visits."""
    start = sum(a.size for t in one.values if t < T for a in one.values[t])
    return slice(start, start + (one.values[T][0].size if one.values[T] else 0))


def columns_at(one: Seen, T: int) -> slice:
    """Return where all visits at a T stand in such a row."""
    start = sum(a.size for t in one.values if t < T for a in one.values[t])
    return slice(start, start + sum(a.size for a in one.values[T]))


def compared(pool: Pool, place: Place, runs: dict[int, TracedRun], shapes: Shapes) -> Seen | None:
    """Return a statement's values beside the derivatives of a pool; None where they are zero, or of other shapes.

    shapes: those at all T; the runs may be of some T only. What serves no gradient may be anything, such as the state
    handed on by the last step; None, too, where nothing does.
    """
    last = max(runs)
    visits = {T: run.recorder.visits.get(place, []) for T, run in runs.items()}
    values = {T: [v.value for v in listed] for T, listed in visits.items()}
    if not any(np.abs(a).max(initial=0.0) > 1e-9 for listed in values.values() for a in listed):
        return None
    if not {*shapes_of(values)} <= {*shapes}:
        return None
    free = np.concatenate([unread(runs[T], v) for T, listed in visits.items() for v in listed])
    if free.all():
        return None
    labels, table = pool.table(shapes)
    one = Seen(place, values, shapes, visits[last][0].rank)
    if labels:
        row = np.concatenate([np.ravel(a) for listed in values.values() for a in listed])
        close = np.abs(table[:, columns_of(shapes, values)] - row) <= CLOSE * (1.0 + np.abs(row).max())
        close |= free
        first = first_columns(values)
        one.rows = [int(k) for k in np.flatnonzero(close.all(axis=1))]
        one.first = [int(k) for k in np.flatnonzero(close[:, first].all(axis=1))] if row[first].any() else []
        if one.first and not one.rows:
            start = sum(a.size for T in values if last != T for a in values[T])
            for visit in visits[last]:
                part = close[one.first, start : start + visit.value.size]
                one.rank = visit.rank
                if not part.all(axis=1).any():
                    break
                start += visit.value.size
    return one


def unread(run: TracedRun, visit: Any) -> Array:
    """Tell of each entry of what was evaluated whether no gradient is computed from it; of a constant nobody knows."""
    numbers = numbers_of_visit(visit)
    return (numbers != 0) & ~run.serves[numbers]


def shapes_of(values: dict[int, list[Array]]) -> Shapes:
    """Return the shape at each visit, at each T."""
    return tuple((T, tuple(a.shape for a in listed)) for T, listed in values.items())


def columns_of(shapes: Shapes, values: dict[int, list[Array]]) -> Array:
    """Return where the values at some T stand in a row of all visits at all T."""
    found, start = [], 0
    for T, listed in shapes:
        size = sum(int(np.prod(shape)) for shape in listed)
        found += [np.arange(start, start + size)] if T in values else []
        start += size
    return np.concatenate(found) if found else np.zeros(0, int)


def first_columns(values: dict[int, list[Array]]) -> Array:
    """Return where the first visit at each T stands in a row of all visits."""
    found, start = [], 0
    for listed in values.values():
        if listed:
            found.append(np.arange(start, start + listed[0].size))
        start += sum(a.size for a in listed)
    return np.concatenate(found) if found else np.zeros(0, int)


def backward_places(run: TracedRun) -> list[Place]:
    """Return the places that compute with the gradient from above, or, where it is 1, with what serves gradients."""
    given = [np.ravel(one.numbers) for one in run.upstream if one.numbers is not None]
    follows = run.tape.depending(np.concatenate(given) if given else np.zeros(0, int))
    read = {
        _first(line.results): _first(line.operands[0][0])
        for line in run.tape.lines
        if len(line.operands) == 1 and line.operands[0][0].shape == line.results.shape
    }
    found, without = [], []
    for place, visits in run.recorder.visits.items():
        numbers = [v.numbers for v in visits if v.numbers is not None]
        if not numbers or any(run.reaches[n].any() or run.reaches[read.get(_first(n), 0)] for n in numbers):
            continue  # a value of the forward, or one that is kept for the backward
        if any(follows[n].any() for n in numbers):
            found.append(place)
        elif any(run.serves[n].any() for n in numbers):
            without.append(place)
    return found or without


def _first(numbers: Array) -> int:
    return int(numbers.flat[0]) if numbers.size else 0


def label_of(pool: Pool, needed: Needed) -> Label | None:
    """Return a derivative that a place may yield at all visits for all gradients to be right; None where none does."""
    listed = dict(sorted(needed.values.items()))
    if neutral(pool, needed.place) == 0.0 and taken_out(pool, needed) is not None:
        return nothing(shapes_of(listed))
    labels, table = pool.table(shapes_of(listed))
    fits, start = np.ones(len(labels), bool), 0
    for T, arrays in listed.items():
        row = np.concatenate([np.ravel(a) for a in arrays] or [np.zeros(0)])
        off, start = table[:, start : start + row.size] - row, start + row.size
        if T in needed.effects:  # of several values that do, the one that was found need be no derivative
            off = off @ needed.effects[T].T
        fits &= (np.abs(off) <= CLOSE * (1.0 + np.abs(row).max(initial=0.0))).all(axis=1)
    return labels[int(np.flatnonzero(fits)[0])] if fits.any() else None
