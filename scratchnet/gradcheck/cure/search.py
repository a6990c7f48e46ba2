"""The search for the mistakes of a backward, and for the edits that undo them.

    cured = cure(subject)         Cured.text: the mended text of each module; Cured.wrong: what is still wrong

In this order: one edit that mends everything; then the statements that must yield other values (forcing.py), each
mended by itself; then whatever mends some gradients and breaks none. After every edit all begins anew.

Read next: ../mistake_names/__init__.py.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import takewhile
from typing import Any, TypeVar

import numpy as np

from scratchnet.gradcheck.cure.carries import missing_carries
from scratchnet.gradcheck.cure.derivatives import Forced, Needed, needed_of
from scratchnet.gradcheck.cure.described import Cured, described, differences
from scratchnet.gradcheck.cure.findings import Finding
from scratchnet.gradcheck.cure.forcing import Forcing
from scratchnet.gradcheck.cure.forward_search import ForwardSearch
from scratchnet.gradcheck.cure.interrupt import interruptible
from scratchnet.gradcheck.cure.judging import (
    total,
    verified,
    with_edits,
    with_text,
    without_effect,
)
from scratchnet.gradcheck.cure.matching import Matching
from scratchnet.gradcheck.cure.patch import original_line
from scratchnet.gradcheck.cure.place_edits import Edits, edits_of
from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.cure.putting_in import missing_statements
from scratchnet.gradcheck.cure.seen_values import label_of
from scratchnet.gradcheck.cure.sweep import Sweep
from scratchnet.gradcheck.cure.taking_out import LIKELY, taken_out
from scratchnet.gradcheck.cure.wide_search import WideSearch
from scratchnet.gradcheck.subjects.subject import Subject
from scratchnet.usercode import locate_error

SWEEP_SECONDS = 8.0
ON_THE_WALL = 1.3  # seconds for each of the processor's, at most
Found = TypeVar("Found")
Step = tuple[Subject, int, list[str], list[Forced]]


class Search:
    """One search."""

    def __init__(self, subject: Subject, seconds: float = 30.0, say: Callable[[str], None] | None = None) -> None:
        self.first = subject
        self.seconds, self.end = seconds, time.process_time() + seconds
        self.say = say or (lambda text: None)
        self.places: list[Finding] = []
        self.errors: list[Finding] = []  # of stages that ended by one
        self.wide = WideSearch(self.end, self.say)
        self.forward = ForwardSearch(self.end, self.say, self._explained)

    @np.errstate(all="ignore")
    def run(self) -> Cured:
        """Return the cure; or, of the changes that were made, those of the backward before any of the forward."""
        began = time.process_time()
        subject = self.first
        kept = subject
        start = wrong = total(subject)
        steps: list[str] = []
        forced: list[Forced] = []
        try:
            with interruptible(ON_THE_WALL * self.seconds):
                while wrong and time.process_time() < self.end:
                    found = self._try(self._step, subject, wrong)
                    if found is None:
                        break
                    subject, wrong, done, forced = found
                    steps += done
                    kept = subject if subject.same_loss_as(self.first) else kept
        except KeyboardInterrupt:
            self.errors.append(Finding("stopped"))
        if not wrong:  # what was forced and not changed in the end only followed from what was
            changed = {(file, one.line) for file, one in differences(self.first, Cured(subject.program.texts, 0, 0))}
            self.places = [one for one in self.places if (one.file, one.line) in changed]
        texts = (kept if wrong else subject).program.texts
        return Cured(dict(texts), wrong, start, steps, forced, time.process_time() - began)

    def _step(self, subject: Subject, wrong: int) -> Step | None:
        pool = Pool(subject)
        forcing = Forcing(subject, pool)
        kinds = self.wide.kinds
        if kinds and (best := self._try(self.wide.by_runs, subject, pool, wrong, kinds)) is not None:
            return *best, ["again"], []
        if subject is self.first and (one := self._try(self._alone, subject, forcing)) is not None:
            return one, 0, ["one edit"], []
        if self._try(_forgotten, subject) and (best := self._try(self.forward.search, subject, pool)) is not None:
            return *best, ["forward"], []
        if (best := self._try(self.wide.aimed, subject, pool)) is not None:
            return *best, ["aimed"], []
        for way in (self.wide.loops, self.wide.stored):
            if (best := self._try(way, subject, pool, wrong)) is not None:
                return *best, [way.__name__], []
        step, found, left = self._try(self._by_places, subject, forcing, wrong) or (None, [], wrong)
        if step is not None:
            return step
        if subject is not self.first and (one := self._try(self._alone, subject, forcing)) is not None:
            return one, 0, ["one edit"], []
        for way in (self._carry, self._put_in, self.wide.by_runs):
            if (best := self._try(way, subject, pool, wrong)) is not None:
                return *best, ["by runs"], found
        best = self._try(self.forward.search, subject, pool) if left else None  # not everything is explained
        return None if best is None else (*best, ["by runs"], found)

    def _by_places(self, subject: Subject, forcing: Forcing, wrong: int) -> tuple[Step | None, list[Forced], int]:
        """Find the statements that must yield other values, and mend them: the step, the places, what they leave."""
        pool = forcing.pool
        sweep = Sweep(subject, pool, min(self.end, time.process_time() + SWEEP_SECONDS), self.say)
        if (best := self._try(self.wide.beginnings, subject, sweep.leads_to)) is not None:
            return (*best, ["begins anew"], []), [], 0
        found = sweep.run()
        left = forcing.total(found)
        self.say(f"swept: {[pool.node(f.place).line for f in found]}, {left} left")
        if left:  # what is a derivative, though another one than it should be, shows in the gradients alone
            found, left = forcing.search(found if left < wrong else ())
        nothing: Edits = ([], set(), None)
        needed = [needed_of(pool, f) for f in found]
        edits, victims, helper = self._try(edits_of, pool, needed, sweep.look, sweep.leads) or nothing
        found = [f for f in found if f.place not in victims]
        self._note(pool, found)
        self.say(f"forced: {[pool.node(f.place).line for f in found]}, {left} left")
        self.say(f"matched: {[ast.unparse(match.tree) for _, match in edits]}")
        if helper is not None and ((rest := total(helper)) == 0 or sweep.leads_to(helper)):
            return (helper, rest, ["helper"], found), found, left
        # Where most of the places have an edit, they are hardly what follows from one mistake of the forward.
        most = 2 * len({one.place[0] for one, _ in edits}) > len({f.place[0] for f in found})
        if len(found) > 1:  # one edit of the forward, not many of what follows it
            best = self._try(self.forward.search, subject, pool, True)
            if best is not None:
                return (*best, ["forward"], []), found, left
        options: list[tuple[int, int, Subject, list[str]]] = []
        for chosen in ([edits] if len(edits) > 1 else []) + [[edit] for edit in edits]:
            made = with_edits(subject, pool, chosen)
            if made is not None:
                rest, texts = total(made), [ast.unparse(match.tree) for _, match in chosen]
                options.append((sweep.leads(made) if rest else 10**6, rest, made, texts))
                if not rest:
                    break
        leads, rest, made, texts = max(options, key=lambda one: one[0], default=(0, wrong, subject, []))
        if (
            rest and len(found) > 1 and not (most and leads > 0)
        ):  # one edit there may explain more than all edits of the backward do
            best = self._try(self.forward.most, subject, pool, sweep.first.count() + max(leads, 0) + 1)
            if best is not None:
                return (*best, ["forward"], []), found, left
        return ((made, rest, texts, found) if leads > 0 else None), found, left

    def _try(self, stage: Callable[..., Found], *given: Any) -> Found | None:
        """Return what a stage finds; None, and the error noted, where it ends by one: the others go on."""
        try:
            return stage(*given)
        except Exception as error:
            text = locate_error(error)
            self.say(f"  {getattr(stage, '__name__', stage)}: {text}")
            if text not in {one.text for one in self.errors}:
                self.errors.append(Finding("no search", text=text))
            return None

    def _explained(self, subject: Subject, pool: Pool) -> int:
        """Return how many values of a backward are derivatives of its own forward."""
        return Sweep(subject, pool, self.end, self.say).first.count()

    def _note(self, pool: Pool, found: list[Forced]) -> None:
        """Keep what places should be, by their line in the text as the learner wrote it."""
        for one in found:
            seen = described(pool, one)
            module = one.place[0][0]
            line = original_line(self.first.program.texts[module], pool.subject.program.texts[module], seen.line)
            if line and not any((place.file, place.line) == (seen.file, line) for place in self.places):
                self.places.append(replace(seen, line=line))

    def _carry(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
        """Return the subject with a gradient handed on from step to step that was not."""
        found = None
        for text in missing_carries(subject, pool):
            made = with_text(subject, text)
            if made is not None:
                rest = total(made)
                if rest < wrong and (found is None or rest < found[1]):
                    found = (made, rest)
                    self.say(f"  carry: {rest} line {text.line}")
        return found

    def _put_in(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
        """Return the subject with the one statement put in that was missing."""
        for candidate in missing_statements(subject, pool):
            made = with_text(subject, candidate)
            if made is not None and total(made) == 0 and verified(made):
                self.say(f"  {candidate.kind} line {candidate.line}")
                return made, 0
            if time.process_time() > self.end:
                break
        return None

    def _alone(self, subject: Subject, forcing: Forcing) -> Subject | None:
        """Return the subject with the one edit that mends everything."""
        options: list[tuple[float, Subject, Needed | None]] = []
        suspects, pool = forcing.alone(), forcing.pool
        self.say(f"alone: lines {[pool.node(n.place).line for n in suspects]}")
        for needed in suspects:
            if (out := taken_out(pool, needed)) is not None:
                made = with_edits(subject, pool, [(needed, out)])
                if made is not None and total(made) == 0 and verified(made):
                    options.append((out.odd, made, needed))
        for candidate in (
            () if options else takewhile(lambda one: one.odd <= LIKELY, self.wide.structural(subject, pool))
        ):
            made = with_text(subject, candidate)
            if made is not None and total(made, 1) == 0 and verified(made):
                options.append((candidate.odd, made, None))
        for needed in suspects if not options else ():
            for match in Matching(pool, [], needed).search(0.6):
                made = with_edits(subject, pool, [(needed, match)])
                if made is not None and total(made) == 0 and verified(made):
                    options.append((match.odd, made, needed))
                    self.say(f"  {match.odd:.2f} {ast.unparse(match.tree)}")
        for candidate in self.wide.structural(subject, pool) if not options else ():
            made = with_text(subject, candidate)
            if made is not None and total(made, 1) == 0 and verified(made):
                options.append((candidate.odd, made, None))
                self.say(f"  {candidate.odd:.2f} {candidate.kind} {candidate.line}")
            if time.process_time() > self.end:
                break
        if not options:
            return None
        _, made, right = min(options, key=lambda one: one[0])
        label = label_of(pool, right) if right is not None else None
        if right is not None and label is not None:
            self._note(pool, [Forced(right.place, label)])
        return made


def _forgotten(subject: Subject) -> bool:
    """Tell whether the forward computes nothing with an array: not one that has no effect by nature."""
    run = subject.traced(subject.times[-1])
    return any(entry == -1 and not run.uses(key) for key, entry in without_effect(subject))
