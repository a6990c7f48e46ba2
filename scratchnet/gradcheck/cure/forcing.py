"""Which statements of a backward are wrong: each is made to yield a true derivative, and what that mends is counted.

The backward is linear in each of its values. With the derivatives of all gradients in all its values (one reverse pass
of the tape for each entry), the effect of putting any value in the place of another is known without a run:

    (1)  gradients with e forced to v = gradients + d(gradients)/d(e) (v - e)

A forced place is kept where it mends most and breaks nothing; of equals the one that runs first. Then the rest is
looked at with that place forced, until all gradients are right: several mistakes come apart one by one.

Read next: expressions.py.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Node, Recorder
from scratchnet.gradcheck.cure.derivatives import (
    Forced,
    Needed,
    State,
    additions,
    derivatives,
    forced_run,
    numbers_of_gradient,
    numbers_of_visit,
    solved,
    values_of,
)
from scratchnet.gradcheck.cure.orders import orders
from scratchnet.gradcheck.cure.pool import Label, Place, Pool, Shapes
from scratchnet.gradcheck.subjects.module_state import FLOOR, RELATIVE, wrong_entries
from scratchnet.gradcheck.subjects.subject import Result, Subject, TracedRun


class Forcing:
    """The search for the places to be forced."""

    def __init__(self, subject: Subject, pool: Pool) -> None:
        self.subject, self.pool = subject, pool
        self.true = {T: subject.true(T) for T in subject.times}

    def wrong(self, run: TracedRun, T: int) -> dict[int, int]:
        """Return the number of wrong entries of each gradient of a run."""
        return {key: wrong_entries(run.result.gradients.get(key), true) for key, true in self.true[T].items()}

    def gradients(self, forced: list[Forced], T: int, state: State) -> Array:
        """Return the gradients of a run with places forced, as a state has them in one row."""
        result = self._forced_run(forced, T)
        found = [np.ravel(result.gradients[key]) for key in state.keys if key in result.gradients]
        row = np.concatenate([np.asarray(one, float) for one in found]) if found else np.zeros(0)
        return row if row.shape == state.current.shape else np.full(state.current.shape, np.nan)

    def _forced_run(self, forced: list[Forced], T: int) -> Result:
        recorder = Recorder(noting=False)
        module = self.subject.program.load(recorder)
        recorder.begin()
        recorder.forced = values_of(self.pool, forced, T)
        return self.subject.run(T, module)

    def total(self, forced: Iterable[Forced]) -> int:
        """Return the number of wrong gradient entries at all T, with places forced."""
        recorder = Recorder(noting=False)
        module = self.subject.program.load(recorder)
        total = 0
        for T in self.subject.times:
            recorder.begin()
            recorder.forced = values_of(self.pool, forced, T)
            result = self.subject.run(T, module)
            total += sum(wrong_entries(result.gradients.get(key), true) for key, true in self.true[T].items())
        return total

    def search(self, given: Iterable[Forced] = (), most: int = 12) -> tuple[list[Forced], int]:
        """Return the places to be forced, those given first, and how many entries are wrong in the end."""
        found = list(given)
        left = self.total(found)
        while left and len(found) < most:
            best = None
            for one in self.candidates(found)[:12]:
                rest = self.total([*found, one])
                if best is None or rest < best[0]:
                    best = (rest, one)
                if rest == 0:
                    break
            if best is None or best[0] >= left:
                break
            best[1].mended = (left, best[0])
            left = best[0]
            found.append(best[1])
        return found, left

    def state(self, forced: list[Forced], T: int, only: Callable[[Place], bool] | None = None) -> State:
        """Return the gradients at a T, with places forced, beside what they should be, and their derivatives."""
        run = forced_run(self.subject, self.pool, forced, T)
        true = self.true[T]
        found: dict[int, Any] = run.result.gradients
        keys = [key for key in true if getattr(found.get(key), "shape", None) == true[key].shape]

        def joined(parts: Iterable[Array]) -> Array:
            return np.concatenate([np.ravel(part) for part in parts] or [np.zeros(0)])

        current, wanted = joined(run.result.gradients[key] for key in keys), joined(true[key] for key in keys)
        bound = joined(
            np.full(true[key].size, RELATIVE * (np.sqrt(np.mean(true[key] ** 2)) + FLOOR) + FLOOR) for key in keys
        )
        own = {
            place: np.concatenate([numbers_of_visit(v) for v in visits])
            for place, _, visits in self.places(run)
            if only is None or only(place)
        }
        injected, later = derivatives(run, [numbers_of_gradient(run.returned[key]) for key in keys], own)
        return State(run, current, wanted, bound, injected, later, len(keys) == len(true), keys)

    def places(self, run: TracedRun, inner: bool = True) -> Iterator[tuple[Place, Node, Any]]:
        """Yield the backward's places that can be forced: (place, expression, visits)."""
        for place in self.pool.backward:
            node = self.pool.node(place)
            if place in run.recorder.visits and (inner or node.whole):
                yield place, node, run.recorder.visits[place]

    def candidates(self, forced: list[Forced]) -> list[Forced]:
        """Return the places and labels that mend most by (1), best first; of equals the one that goes wrong first."""
        T = self.subject.probe
        state = self.state(forced, T)
        wrong_now = state.wrong(state.current)
        ranked = []
        taken = {one.place for one in forced}
        for place, node, visits in self.places(state.run):
            shapes = self._shapes(place)
            if place in taken or shapes is None:
                continue
            effect = state.effect(place)
            if not effect[wrong_now].any():
                continue
            value = np.concatenate([np.ravel(v.value) for v in visits])
            read = isinstance(node.tree, (ast.Name, ast.Attribute, ast.Subscript))
            labels = [
                *(self.pool.labels(shapes) if node.whole or not read else []),
                *(self.pool.labels(shapes, True) if read else []),
            ]
            for label, values in labels:
                change = np.concatenate([np.ravel(a) for a in values[T]]) - value
                if np.abs(change).max() <= 1e-9:
                    continue
                mostly = label.value and self._mostly(place, label)
                if mostly:  # a factor may enter in other ways than linearly: this one is run
                    after = self.gradients([*forced, Forced(place, label)], T, state)
                else:
                    after = state.current + effect @ change
                wrong = state.wrong(after)
                mends = int((wrong_now & ~wrong).sum())
                if mends and not (wrong & ~wrong_now).any():
                    ranked.append(
                        (not mostly, -mends, self._first(visits, values[T]), not node.whole, Forced(place, label))
                    )
        ranked.sort(key=lambda one: one[:4])
        found = [one[4] for one in ranked]
        if not found or isinstance(self.pool.node(found[0].place).tree, (ast.Name, ast.Attribute, ast.Subscript)):
            found = [*self._of_other_shapes(forced, state), *found]
        return found

    def _of_other_shapes(self, forced: list[Forced], state: State) -> Iterator[Forced]:
        """Yield places that mend a gradient by an array of another shape, such as a sum over another axis."""
        T = self.subject.probe
        before = {key: wrong_entries(state.run.result.gradients.get(key), true) for key, true in self.true[T].items()}
        for key in [key for key, count in before.items() if count]:
            shape = self.true[T][key].shape
            labels = [Label(("array", key), ("as it is",))]
            master = self.subject.arrays(T).kept[key]
            for place in self.pool.places:
                seen = [] if place[0] == "array" else state.run.recorder.visits.get(place, [])
                if seen and seen[0].value.shape == shape and np.array_equal(seen[0].value, master):
                    labels += [
                        Label(place, order) for order in orders(self.pool.visits(self.subject.times[-1], place)[1])
                    ]
            for place, _, visits in self.places(state.run, inner=False):
                if visits[0].value.shape == shape:
                    continue
                for label in labels:
                    values = self.pool.values(label, T)
                    if values is None or len(values) != len(visits):
                        continue
                    result = self._forced_run([*forced, Forced(place, label)], T)
                    after = {k: wrong_entries(result.gradients.get(k), true) for k, true in self.true[T].items()}
                    if not after[key] and all(after[k] <= before[k] for k in after):
                        yield Forced(place, label)
                        break

    def alone(self, only: Callable[[Place], bool] | None = None) -> list[Needed]:
        """Return the statements that could be the only wrong one, with the values that they would have to yield.

        A statement whose values, whatever they are, cannot make all gradients right is none of them. only: of these.
        """
        states = {T: self.state([], T, only) for T in self.subject.times}
        if not all(state.whole for state in states.values()):
            return []
        found = []
        for place, _, _ in list(self.places(states[self.subject.times[-1]].run, inner=False)):
            if only is not None and not only(place):
                continue
            needed = {T: solved(state, place) for T, state in sorted(states.items(), reverse=True)}
            if all(one is not None for one in needed.values()):
                found.append(
                    Needed(
                        place,
                        {T: one[0] for T, one in needed.items() if one},
                        {T: one[1] for T, one in needed.items() if one},
                        {T: additions(state, place) for T, state in states.items()} if only is not None else {},
                    )
                )
        return found

    def _mostly(self, place: Place, label: Label) -> bool:
        """Tell whether a place yields a value of the forward at some of its visits, and another value at others."""
        T = self.subject.times[-1]
        visits, values = self.pool.runs[T].recorder.visits[place], self.pool.values(label, T) or []
        same = [np.abs(v.value - wanted).max(initial=0.0) <= 1e-9 for v, wanted in zip(visits, values, strict=True)]
        return any(same) and not all(same)

    def _first(self, visits: Any, arrays: list[Array]) -> int:
        """Return when a place first yields another value than it should."""
        for visit, wanted in zip(visits, arrays, strict=True):
            if np.abs(visit.value - wanted).max() > 1e-9:
                return int(visit.rank)
        return int(visits[-1].rank)

    def _shapes(self, place: Place) -> Shapes | None:
        found = []
        for T in self.subject.times:
            visits = self.pool.runs[T].recorder.visits.get(place, [])
            if any(v.numbers is None for v in visits):
                return None
            found.append((T, tuple(v.value.shape for v in visits)))
        return tuple(found)
