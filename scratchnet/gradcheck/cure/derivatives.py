"""The derivatives of all gradients in all values of a backward, and what a value would have to be.

Read next: forcing.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Recorder
from scratchnet.gradcheck.cure.pool import Label, Place, Pool
from scratchnet.gradcheck.subjects.subject import Subject, TracedRun


@dataclass
class Forced:
    """A place that must yield other values. mended: wrong gradient entries before and after it was forced."""

    place: Place
    label: Label
    mended: tuple[int, int] = (0, 0)
    rivals: list[Label] = field(default_factory=list)


@dataclass
class Needed:
    """The values that a place must yield, at each T and visit; effects: d(gradients)/d(them), if only some matter.

    added: d(gradients)/d(what is added to them at each visit), and what must be.
    """

    place: Place
    values: dict[int, list[Array]]
    effects: dict[int, Array] = field(default_factory=dict)
    added: dict[int, tuple[Array, Array]] = field(default_factory=dict)


def values_of(pool: Pool, forced: Iterable[Forced], T: int) -> dict[Place, list[Array]]:
    """Return what each forced place yields at a T, as a recorder wants it."""
    return {one.place: list(pool.values(one.label, T) or []) for one in forced}


def needed_of(pool: Pool, one: Forced) -> Needed:
    """Return the values that a forced place must yield."""
    return Needed(one.place, {T: values_of(pool, [one], T)[one.place] for T in pool.subject.times})


def forced_run(subject: Subject, pool: Pool, forced: Iterable[Forced], T: int) -> TracedRun:
    """Return a traced run with places forced."""
    recorder = Recorder()
    recorder.forced = values_of(pool, forced, T)
    return subject.traced(T, recorder=recorder)


@dataclass
class State:
    """All gradients of a run in one row, as they are and should be. whole: none is missing or of another shape."""

    run: TracedRun
    current: Array
    wanted: Array
    bound: Array
    injected: dict[Place, Array]  # d(gradients)/d(what is added to the values of a place)
    later: dict[Place, Array]  # d(the values of a place)/d(what is added to them), where it is visited more than once
    whole: bool
    keys: list[int]

    def wrong(self, gradients: Array) -> Array:
        """Tell which entries are wrong."""
        return np.asarray(~(np.abs(gradients - self.wanted) <= self.bound))

    def effect(self, place: Place) -> Array:
        """Return d(gradients)/d(the values of a place), each visit's by itself.

        What a visit changes in a later one of the same place does not count: (2) forced = injected (I + M), where M is
        what the injections do to later visits, so that d/d(forced) = d/d(injected) (I + M)^-1.
        """
        if place not in self.later:
            return self.injected[place]
        try:
            return np.asarray(np.linalg.solve(self.later[place].T, self.injected[place].T).T)
        except np.linalg.LinAlgError:  # some change of a visit undoes itself in a later one
            return np.asarray(np.linalg.lstsq(self.later[place].T, self.injected[place].T, rcond=None)[0].T)


ROWS = 256  # losses that are differentiated at once


def derivatives(
    run: TracedRun, gradients: list[Array], own: dict[Place, Array]
) -> tuple[dict[Place, Array], dict[Place, Array]]:
    """Return d(gradients)/d(values) and d(later values)/d(values) of every place, by the numbers of its values."""
    columns = np.concatenate(list(own.values()) or [np.zeros(0, int)])
    rows = np.concatenate(gradients or [np.zeros(0, int)])
    parts = [run.tape.jacobian(rows[k : k + ROWS])[:, columns] for k in range(0, len(rows), ROWS)]
    whole = np.concatenate(parts) if parts else np.zeros((0, len(columns)))
    ends = np.cumsum([len(numbers) for numbers in own.values()])[:-1]
    injected = dict(zip(own, np.split(whole, ends, axis=1), strict=True)) if own else {}
    later: dict[Place, Array] = {}
    group: list[Place] = []
    several = [place for place in own if len(run.recorder.visits[place]) > 1 and injected[place].any()]
    for k, place in enumerate(several):
        group.append(place)
        if sum(len(own[one]) for one in group) >= ROWS or k == len(several) - 1:
            found = run.tape.jacobian(np.concatenate([own[one] for one in group]))
            start = 0
            for one in group:
                block = found[start : start + len(own[one]), own[one]].copy()
                block[:, own[one] == 0] = 0.0
                np.fill_diagonal(block, 1.0)
                later[one] = block
                start += len(own[one])
            group = []
    return injected, later


def numbers_of_visit(visit: Any) -> Array:
    """Return the numbers on the tape of what was evaluated, in one row."""
    return np.zeros(visit.value.size, int) if visit.numbers is None else np.ravel(visit.numbers)


def solved(state: State, place: Place) -> tuple[list[Array], Array] | None:
    """Return the values with which all gradients are right, and their effect; None where there are none."""
    visits = state.run.recorder.visits.get(place, [])
    if not visits:
        return [], np.zeros((len(state.current), 0))
    effect = state.effect(place)
    rest = state.wanted - state.current
    if not (np.isfinite(effect).all() and np.isfinite(rest).all()):
        return None
    change = np.linalg.lstsq(effect, rest, rcond=1e-10)[0]
    if state.wrong(state.current + effect @ change).any():
        return None
    ends = np.cumsum([v.value.size for v in visits])[:-1]
    parts = np.split(change, ends)
    return [v.value + part.reshape(v.value.shape) for v, part in zip(visits, parts, strict=True)], effect


def additions(state: State, place: Place) -> tuple[Array, Array]:
    """Return d(gradients)/d(what is added at each visit of a place), and what makes all gradients right, in one row."""
    if place not in state.run.recorder.visits:
        return np.zeros((len(state.current), 0)), np.zeros(0)
    effect = state.injected[place]
    return effect, np.linalg.lstsq(effect, state.wanted - state.current, rcond=1e-10)[0]


def numbers_of_gradient(gradient: Any) -> Array:
    """Return the numbers on the tape of a returned gradient, in one row; zeros for a constant."""
    numbers = getattr(gradient, "numbers", None)
    return np.zeros(np.size(gradient), int) if numbers is None else np.ravel(numbers)
