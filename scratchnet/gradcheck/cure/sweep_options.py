"""What could be forced so that a wrong value of a backward comes right: derivatives, in the place of it or before it.

What that does to the values that are computed from it is known without a run:

    (1)  values computed from e, with e forced to v = values + d(values)/d(e) (v - e)

Read next: sweep.py.
"""

from __future__ import annotations

import ast
import time

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.cure.derivatives import Forced, Needed, needed_of, numbers_of_visit
from scratchnet.gradcheck.cure.edits import variants
from scratchnet.gradcheck.cure.frames import CLOSE, evaluated
from scratchnet.gradcheck.cure.matching import Matching
from scratchnet.gradcheck.cure.pool import Label, Place, Pool, nothing
from scratchnet.gradcheck.cure.seen_values import Look, Seen, columns_at, first_at
from scratchnet.gradcheck.cure.taking_out import neutral
from scratchnet.gradcheck.subjects.subject import Subject, TracedRun

SURE = 3  # as much as this many values that come right: a small edit yields it
EDIT_SECONDS = 0.6
MOST_BEFORE = 2  # statements before a wrong one of which edits are tried, too
READ = (ast.Name, ast.Attribute, ast.Subscript)


class Options:
    """What could be forced, as a run with some places forced already looks. Each: (place, derivative, how sure)."""

    def __init__(self, subject: Subject, pool: Pool, look: Look, forced: list[Forced]) -> None:
        self.subject, self.pool, self.look, self.forced = subject, pool, look, forced

    def first(self, root: Seen) -> list[tuple[Place, Label, int]]:
        """Return what could be forced so that a root is a derivative at its first visit, the most useful first.

        That is the root itself, what small edits of it yield before others; or an earlier value that is a derivative
        already, but another one than it should be.
        """
        T = self.subject.probe
        run = self.look.runs[T]
        wrong = [
            one for one in self.look.seen.values()
            if not one.first and not one.right and run.recorder.visits.get(one.place)
        ]  # fmt: skip
        numbers = [numbers_of_visit(run.recorder.visits[one.place][0]) for one in wrong]
        if root not in wrong:
            return []
        effect = run.tape.jacobian(np.concatenate(numbers))
        ends = np.cumsum([len(some) for some in numbers])
        rows = {one.place: slice(end - len(some), end) for one, some, end in zip(wrong, numbers, ends, strict=True)}
        found: list[tuple[float, float, tuple[Place, Label, int]]] = []
        before: list[tuple[Seen, Array, Array]] = []  # what is read, as it would have to be for the root to be right
        near: dict[int, float] = {}
        for one in self.look.seen.values():
            visits = run.recorder.visits.get(one.place)
            if not visits:
                continue
            part = effect[:, numbers_of_visit(visits[0])]
            if one is not root and not part[rows[root.place]].any():
                continue
            labels, table = self.pool.table(one.shapes)
            after = {other.place: part[rows[other.place]] for other in wrong if other is not one}
            after = {place: some for place, some in after.items() if some.any()}
            gains, mends = self._gains(one, table, after, root)
            if one is root and neutral(self.pool, one.place) == 0.0:
                zeros = np.zeros((1, table.shape[1]))
                (gain,), _ = self._gains(one, zeros, after, root, zeros=True)
                found.append((-float(gain), 9.4, (one.place, nothing(one.shapes), 0)))
            if one is root and labels:
                near = self._by_edits(root, table)
            if one is root and not gains.any() and labels:
                gains = self._later_gains(root, table)
            if one is not root and mends.any():
                before.append((one, gains, mends))
            for k, label in enumerate(labels):
                by_edit = one is root and k in near
                if (one is root or mends[k]) and (gains[k] or by_edit or (one is root and label.place[0] == "array")):
                    score = gains[k] + (2 if by_edit else 0)
                    odd = near[k] if by_edit else 9.0 if one is root else 9.5
                    found.append((-score, odd, (one.place, label, SURE if by_edit else 0)))
        for one, gains, mends in sorted(before, key=lambda one: -one[0].rank)[:MOST_BEFORE] if not near else ():
            labels, table = self.pool.table(one.shapes)
            for k, odd in self._by_edits(one, table).items():
                if mends[k]:
                    found.append((-gains[k] - 2, odd, (one.place, labels[k], SURE)))
        return [option for _, _, option in sorted(found, key=lambda one: one[:2])]

    def _by_edits(self, root: Seen, table: Array, every: bool = False) -> dict[int, float]:
        """Return the rows of a table that small edits yield at the first visit, or at all, and how odd the edit is."""
        forced = [needed_of(self.pool, one) for one in self.forced]
        matching = Matching(self.pool, forced, Needed(root.place, root.values))
        frames = [frame for frame in matching.frames if every or frame.visit == 0]
        columns, start = {}, 0
        for T, listed in root.values.items():
            for visit, array in enumerate(listed):
                columns[T, visit] = slice(start, start + array.size)
                start += array.size
        found: dict[int, float] = {}
        others = elsewhere(self.pool, self.look, root.place, forced)
        end = time.process_time() + EDIT_SECONDS
        with np.errstate(all="ignore"):
            for one in sorted(variants(matching.tree, matching.words), key=lambda one: one.odd):
                if isinstance(one.tree, READ) and not isinstance(matching.tree, READ):
                    continue  # that a variable is a derivative says nothing of this statement
                rows, zero = np.arange(len(table)), True
                for frame in frames:
                    value = evaluated(one.tree, frame)
                    fits = isinstance(value, np.ndarray) and value.shape == frame.needed.shape
                    if not fits or not np.isfinite(value).all():  # what is infinite is close to everything
                        rows = rows[:0]
                    else:
                        zero = zero and not np.abs(value).max(initial=0.0) > 1e-9
                        there = table[rows, columns[frame.T, frame.visit]]
                        off = np.abs(there - value.reshape(-1)).max(axis=1, initial=0.0)
                        rows = rows[off <= CLOSE * (1.0 + np.abs(value).max(initial=0.0))]
                    if not len(rows):
                        break
                for row in rows if not zero else ():  # zeros are easily made
                    if int(row) not in found and all(two.fits(one.tree) for two in others):
                        found[int(row)] = one.odd
                if time.process_time() > end:
                    break
        return found

    def _gains(
        self, one: Seen, table: Array, after: dict[Place, Array], root: Seen, zeros: bool = False
    ) -> tuple[Array, Array]:
        """Return how many more values at first visits are derivatives, by (1), with each of a table in one's place.

        And whether the root is one of them. after: d(values of a later place)/d(values of this one).
        """
        T = self.subject.probe
        run = self.look.runs[T]
        value = np.ravel(run.recorder.visits[one.place][0].value)
        there = table[:, first_at(one, T)]
        change, given = there - value, np.abs(there).max(axis=1, initial=0.0) > 1e-9
        given |= zeros
        gains, mends = np.zeros(len(table), int), np.zeros(len(table), bool)
        for place, effect in after.items():
            other = self.look.seen[place]
            now = np.ravel(run.recorder.visits[place][0].value)
            predicted = now + change @ effect.T
            part = self.pool.table(other.shapes)[1][:, first_at(other, T)]
            fits = close_rows(part, predicted) & given  # zeros make many a sum right
            gains += fits
            if other is root:
                mends |= fits
        return gains, mends

    def _later_gains(self, root: Seen, table: Array) -> Array:
        """Return how many statements are derivatives at all visits, by (1), with each of a table in place of a root."""
        T = self.subject.times[-1]
        run = self.look.runs[T]
        own, change = self._put_in(root, table, T)
        others = [one for one in self.look.seen.values() if not one.right and one is not root]
        numbers = [_numbers(run, one.place) for one in others]
        gains = np.zeros(len(table), int)
        if not numbers:
            return gains
        effect = run.tape.jacobian(np.concatenate(numbers))[:, own]
        begin = 0
        for one, some in zip(others, numbers, strict=True):
            part = effect[begin : begin + len(some)]
            begin += len(some)
            if part.any():
                now = _values(run, one.place)
                wanted = self.pool.table(one.shapes)[1][:, columns_at(one, T)]
                gains += close_rows(wanted, now + (part @ change).T)
        return gains

    def _put_in(self, one: Seen, table: Array, T: int) -> tuple[Array, Array]:
        """Return the numbers of a place's values, and what must be added to them for each of a table, in columns.

        What is put in at a visit changes what is there at later ones, and so what must be put in there.
        """
        run = self.look.runs[T]
        numbers, value = _numbers(run, one.place), _values(run, one.place)
        later = run.tape.jacobian(numbers)[:, numbers]
        later[:, numbers == 0] = 0.0
        np.fill_diagonal(later, 1.0)
        return numbers, np.linalg.lstsq(later, (table[:, columns_at(one, T)] - value).T, rcond=None)[0]

    def handed_on(self, root: Seen) -> list[tuple[Place, Label, int]]:
        """Return what else could be forced so that a root which is right at first is right later, too: (1) again."""
        labels, table = self.pool.table(root.shapes)
        found: list[tuple[Place, Label, int]] = []
        T = self.subject.times[-1]
        run = self.look.runs[T]
        effect = run.tape.jacobian(_numbers(run, root.place))
        wanted = table[root.first][:, columns_at(root, T)]
        now = _values(run, root.place)
        for place, one in self.look.seen.items():
            if place == root.place or not effect[:, _numbers(run, place)].any():
                continue
            others, values = self.pool.table(one.shapes)
            numbers, change = self._put_in(one, values, T)
            fits = close_rows(wanted, now + (effect[:, numbers] @ change).T)
            found += [(place, others[k], SURE) for k in np.flatnonzero(fits) if k not in one.rows]
        near = self._by_edits(root, table, every=True)
        found += [(root.place, labels[k], SURE) for k in root.first if k in near]
        return [*found, *((root.place, labels[k], 0) for k in root.first if k not in near)]


def elsewhere(pool: Pool, look: Look, here: Place, forced: list[Needed]) -> list[Matching]:
    """Return a wrong statement where other calls lead to it, and it is right: an edit must leave it so there."""
    return [
        Matching(pool, forced, Needed(place, one.values))
        for place, one in look.seen.items()
        if place[0] == here[0] and place != here and one.right
    ]


def _numbers(run: TracedRun, place: Place) -> Array:
    """Return the numbers on the tape of all that a place yields, in one row."""
    return np.concatenate([numbers_of_visit(v) for v in run.recorder.visits[place]])


def _values(run: TracedRun, place: Place) -> Array:
    """Return all that a place yields, in one row."""
    return np.concatenate([np.ravel(v.value) for v in run.recorder.visits[place]])


def close_rows(wanted: Array, given: Array) -> Array:
    """Tell which rows of an array are equal to any row of another."""
    found = np.zeros(len(given), bool)
    for k, row in enumerate(given):
        bound = CLOSE * (1.0 + np.abs(row).max(initial=0.0))
        found[k] = bool((np.abs(wanted - row).max(axis=1, initial=0.0) <= bound).any()) and bool(
            np.abs(row).max() > bound
        )
    return found
