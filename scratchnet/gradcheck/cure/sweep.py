"""The wrong statements of a backward, in the order in which it runs: each is forced right before the next is looked at.

At its first visit a statement sees no gradient from later steps, and everything before it has been looked at already.
So the first value there that is no derivative is wrong by itself. It is forced to the derivative with which most of
what is computed from it becomes one, too; what small edits of it yield is tried first. When every first visit is right,
a value that is wrong at a later one reads something wrong that was handed on: what hands it on is forced.

Read next: interrupt.py.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.gradcheck.adjoints import Node
from scratchnet.gradcheck.cure.derivatives import Forced, forced_run, numbers_of_visit
from scratchnet.gradcheck.cure.frames import CLOSE
from scratchnet.gradcheck.cure.pool import NOTHING, Label, Place, Pool, Shapes
from scratchnet.gradcheck.cure.seen_values import Look, Seen, backward_places, compared, shapes_of
from scratchnet.gradcheck.cure.sweep_options import SURE, Options
from scratchnet.gradcheck.subjects.subject import Subject, TracedRun

MOST_FORCED = 14
MOST_ROOTS = 4  # of which the best is taken, where none is sure
PLENTY = 10
MOST_LABELS = 8  # that are tried in a run


class Sweep:
    """One sweep through a backward."""

    def __init__(self, subject: Subject, pool: Pool, end: float, say: Callable[[str], None]) -> None:
        self.subject, self.pool, self.end, self.say = subject, pool, end, say
        self.last = subject.times[-1]
        self.forced: list[Forced] = []
        runs = self._runs()
        self.shapes: dict[Place, Shapes] = {  # of what each statement of the backward yields
            place: shapes_of({T: [v.value for v in run.recorder.visits.get(place, [])] for T, run in runs.items()})
            for place in backward_places(runs[self.last])
            if self._node(place).whole and place[0][0] not in subject.program.trusted
        }
        self.sums = {place: other for place in self.shapes if (other := self._added_in(place)) is not None}
        self.look = self.first = self._seen_in(runs)

    def run(self) -> list[Forced]:
        """Return the places that were forced, those left out that come right when the others are."""
        passed: set[Place] = set()
        while len(self.forced) < MOST_FORCED and time.process_time() < self.end:
            taken = {one.place for one in self.forced}
            wrong = [one for one in self.look.seen.values() if not one.right and one.place not in passed | taken]
            if not wrong:
                break
            best: tuple[float, Forced] | None = None
            now = self._seen_in({self.last: self.look.runs[self.last]})
            # Of dh += dh_next the sum is a derivative, or what is added: it is wrong where neither is, the sum first.
            parts = {self.sums[one.place]: one for one in self.look.seen.values() if one.place in self.sums}
            right = {part for part, one in parts.items() if one.right} | {
                place for place, part in self.sums.items() if part in self.look.seen and self.look.seen[part].right
            }
            wrong = [one for one in wrong if one.place not in right]
            if not wrong:
                break
            order = {one.place: one.rank for one in wrong}
            order |= {whole.place: order[part] - 0.5 for part, whole in parts.items() if part in order}
            for root in sorted(wrong, key=lambda one: order[one.place])[:MOST_ROOTS]:
                option = None if self._half_done(root) else self._choice(root, now)
                if option is None:
                    passed.add(root.place)
                elif best is None or option[0] > best[0]:
                    best = option
                if best is not None and best[0] > SURE:  # an edit that fits and mends nothing is not sure
                    break
            if best is None:
                continue
            choice = best[1]
            self.forced.append(choice)
            self.look = self._seen_in(self._runs())
            node = self.pool.node(choice.place)
            self.say(f"  sweep: line {node.line} {node.text} := {self._text(choice.label)}")
        return self.forced

    def _added_in(self, place: Place) -> Place | None:
        """Return the place of what is added, or multiplied, where a place is what a variable is afterwards."""
        code = self.subject.program.instrumented(place[0][0])
        node = code.nodes[place[0][1]]
        statement = code.statements[node.statement]
        if not isinstance(statement, ast.AugAssign) or getattr(node.tree, "right", None) is not statement.value:
            return None
        found = (((place[0][0], one.number), *place[1:]) for one in code.nodes if one.tree is statement.value)
        return next((one for one in found if one in self.shapes), None)

    def _text(self, label: Label) -> str:
        place = label.place
        return f"{place if place[0] in ('array', NOTHING) else self.pool.node(place).text} {label.order[0]}"

    def _node(self, place: Place) -> Node:
        module, number = place[0]
        node: Node = self.subject.program.instrumented(module).nodes[number]
        return node

    def leads_to(self, made: Subject) -> bool:
        """Tell whether more values are derivatives in an edited subject of the same forward."""
        return self.leads(made) > 0

    def leads(self, made: Subject) -> int:
        """Return how many more values are derivatives in an edited subject of the same forward."""
        return Sweep(made, self.pool, self.end, self.say).first.count() - self.first.count()

    # what is there

    def _runs(self) -> dict[int, TracedRun]:
        """Run with the places forced, at every T."""
        return {T: forced_run(self.subject, self.pool, self.forced, T) for T in self.subject.times}

    def _glance(self, one: Forced) -> Look:
        """Return what is seen at the last T alone, with one more place forced."""
        return self._seen_in({self.last: forced_run(self.subject, self.pool, [*self.forced, one], self.last)}, one)

    def _seen_in(self, runs: dict[int, TracedRun], more: Forced | None = None) -> Look:
        """Compare every statement's values with the derivatives, in runs at some T. more: what is forced beside."""
        taken = {one.place for one in self.forced} | ({more.place} if more else set())
        seen: dict[Place, Seen] = {}
        for place, shapes in self.shapes.items():
            if place not in taken and place in runs[self.last].recorder.visits:
                one = compared(self.pool, place, runs, shapes)
                if one is not None:
                    seen[place] = one
        right = 0
        for T, run in runs.items():
            for key, true in self.subject.true(T).items():
                gradient: Any = run.result.gradients.get(key)
                right += np.shape(gradient) == true.shape and bool(np.abs(gradient - true).max(initial=0.0) <= CLOSE)
        return Look(runs, seen, right * len(self.subject.times) // len(runs))  # a gradient counts at every T

    def _half_done(self, root: Seen) -> bool:
        """Tell whether something right is computed from a value that is no derivative: then it is half a one."""
        run = self.look.runs[self.last]
        visits = [v for v in run.recorder.visits[root.place] if v.rank == root.rank]
        follows = run.tape.depending(np.concatenate([numbers_of_visit(v) for v in visits]))
        return any(
            follows[v.numbers].all() and np.abs(v.value).max(initial=0.0) > 1e-9
            for place, one in self.look.seen.items()
            if one.right and place != root.place
            for v in run.recorder.visits[place]
            if v.numbers is not None and v.numbers.size
        )

    # what it should be

    def _choice(self, root: Seen, now: Look) -> tuple[float, Forced] | None:
        """Return what is to be forced so that a root comes right, and most of what is computed from it.

        And how many values come right beside those that are now, at the last T; more where a small edit yields it:
        a few may do so by chance.
        """
        options = Options(self.subject, self.pool, self.look, self.forced)
        listed = options.handed_on(root) if root.first else options.first(root)
        best: tuple[bool, float, Forced] | None = None
        for place, label, edited in listed[:MOST_LABELS]:
            one = Forced(place, label)
            after = self._glance(one)
            gain = after.count(but=place) - now.count(but=place)
            if gain <= 0 and self._as_before(after, now):
                continue  # nothing reads it, as where it is only written over
            by_edit = bool(edited) and gain > 0  # it is likelier than what mends more, but no edit yields
            if gain + bool(edited) > 0 and (best is None or (by_edit, gain + edited) > best[:2]):
                best = by_edit, gain + edited, one
            if best is not None and best[1] >= PLENTY:
                break
        return best if best is None else (best[1], self._copied(best[2]))

    def _as_before(self, after: Look, now: Look) -> bool:
        """Tell whether no gradient is another one."""
        found: dict[int, Any] = after.runs[self.last].result.gradients
        before: dict[int, Any] = now.runs[self.last].result.gradients
        return all(np.array_equal(found.get(key, 0.0), before.get(key, 0.0)) for key in self.subject.true(self.last))

    def _copied(self, one: Forced) -> Forced:
        """Return a forced place that is right by itself as the last statement that only gives its value a name."""
        here = self.look.seen[one.place]
        for place, copy in self.look.seen.items():
            if here.first and isinstance(self._node(place).tree, ast.Name):
                pairs = [(a, b) for T in here.values for a, b in zip(here.values[T], copy.values[T], strict=False)]
                if copy.shapes == here.shapes and all(np.array_equal(a, b) for a, b in pairs):
                    return Forced(place, one.label)
        return one
