"""The search for the mistakes of a backward, and for the edits that undo them.

    cured = cure(subject)         Cured.text: the mended text of each module; Cured.wrong: what is still wrong

In this order: one edit that mends everything; then the statements that must yield other values (forcing.py), each
mended by itself; then whatever mends some gradients and breaks none. After every edit all begins anew.

Read next: ../judge_subject.py.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from scratchnet.gradcheck.cure.carries import missing_carries
from scratchnet.gradcheck.cure.derivatives import Forced, Needed
from scratchnet.gradcheck.cure.findings import Finding
from scratchnet.gradcheck.cure.forcing import Forcing
from scratchnet.gradcheck.cure.frames import Match
from scratchnet.gradcheck.cure.judging import (
    outwards,
    total,
    verified,
    with_edits,
    with_text,
    without_effect,
)
from scratchnet.gradcheck.cure.matching import Matching
from scratchnet.gradcheck.cure.patch import Change, changes
from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.cure.wide_search import WideSearch
from scratchnet.gradcheck.subjects.subject import Subject

RUN_SECONDS = 8.0


@dataclass
class Cured:
    """What a search found. texts: the mended modules. wrong: wrong entries left. forced: the places still forced."""

    texts: dict[str, str]
    wrong: int
    start: int
    steps: list[str] = field(default_factory=list)
    forced: list[Forced] = field(default_factory=list)
    seconds: float = 0.0


class Search:
    """One search."""

    def __init__(self, subject: Subject, seconds: float = 30.0, say: Callable[[str], None] | None = None) -> None:
        self.first = subject
        self.end = time.monotonic() + seconds
        self.say = say or (lambda text: None)
        self.places: list[Finding] = []
        self.wide = WideSearch(self.end, self.say)

    @np.errstate(all="ignore")
    def run(self) -> Cured:
        """Return the cure, or how far it got."""
        began = time.monotonic()
        subject = self.first
        start = wrong = total(subject)
        steps: list[str] = []
        forced: list[Forced] = []
        while wrong and time.monotonic() < self.end:
            found = self._step(subject, wrong)
            if found is None:
                break
            subject, wrong, done, forced = found
            steps += done
        return Cured(dict(subject.program.texts), wrong, start, steps, forced, time.monotonic() - began)

    def _step(self, subject: Subject, wrong: int) -> tuple[Subject, int, list[str], list[Forced]] | None:
        pool = Pool(subject)
        forcing = Forcing(subject, pool)
        if self.wide.kinds and (again := self.wide.by_runs(subject, pool, wrong, only=self.wide.kinds)) is not None:
            return again[0], again[1], ["again"], []
        one = self._alone(subject, forcing)
        if one is not None:
            if subject is self.first:
                lines = {change.line for _, change in differences(subject, Cured(dict(one.program.texts), 0, 0))}
                there = [f for f in forcing.candidates([])[:20] if pool.node(f.place).line in lines]
                self.places = [described(pool, f) for f in there[:1]]
            return one, 0, ["one edit"], []
        dead = without_effect(subject)
        for way in ([self.wide.forward] if dead else []) + [self.wide.loops, self._carry]:
            best = way(subject, pool, wrong)
            if best is not None:
                return best[0], best[1], [way.__name__], []
        found, left = forcing.search()
        if subject is self.first:
            self.places = [described(pool, f) for f in found]
        self.say(f"forced: {[(pool.node(f.place).line, f.mended) for f in found]}, {left} left")
        needed = [forcing.needed(f) for f in found]
        edits: list[tuple[Needed, Match]] = []
        for one_needed in needed:
            for outer in outwards(pool, one_needed):
                matching = Matching(pool, [n for n in needed if n is not one_needed], outer)
                if matching.frames and matching.fits(matching.node.tree):
                    break  # right as soon as the others are: a victim
                matches = matching.search()
                if matches:
                    edits.append((outer, matches[0]))
                    break
        self.say(f"matched: {[ast.unparse(match.tree) for _, match in edits]}")
        for chosen in ([edits] if len(edits) > 1 else []) + [[edit] for edit in edits]:
            made = with_edits(subject, pool, chosen)
            if made is not None and (rest := total(made)) < wrong:
                return made, rest, [ast.unparse(match.tree) for _, match in chosen], found
        for way in (self._by_runs_or_none, self.wide.forward):
            best = way(subject, pool, wrong)
            if best is not None:
                return best[0], best[1], ["by runs"], found
        return None

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

    def _by_runs_or_none(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
        return self.wide.by_runs(subject, pool, wrong)

    def _alone(self, subject: Subject, forcing: Forcing) -> Subject | None:
        """Return the subject with the one edit that mends everything."""
        options: list[tuple[float, Subject]] = []
        suspects = forcing.alone()
        self.say(f"alone: lines {[forcing.pool.node(n.place).line for n in suspects]}")
        for needed in suspects:
            for match in Matching(forcing.pool, [], needed).search(0.6):
                made = with_edits(subject, forcing.pool, [(needed, match)])
                if made is not None and total(made) == 0 and verified(made):
                    options.append((match.odd, made))
                    self.say(f"  {match.odd:.2f} {ast.unparse(match.tree)}")
        if options:
            return min(options, key=lambda one: one[0])[1]
        for candidate in self.wide.structural(subject):
            made = with_text(subject, candidate)
            if made is not None and total(made, 1) == 0 and verified(made):
                options.append((candidate.odd, made))
                self.say(f"  {candidate.odd:.2f} {candidate.kind} {candidate.line}")
            if time.monotonic() > self.end:
                break
        return min(options, key=lambda one: one[0])[1] if options else None


def described(pool: Pool, forced: Forced) -> Finding:
    """Return what a forced place is and should be, as a finding."""
    node, module = pool.node(forced.place), forced.place[0][0]
    files = pool.subject.program.files
    T = pool.subject.times[-1]
    values = pool.values(forced.label, T) or []
    visits = pool.runs[T].recorder.visits.get(forced.place, [])
    right = [bool(np.abs(v.value - w).max(initial=0.0) <= 1e-8) for v, w in zip(visits, values, strict=False)]
    numbers = {
        "right": sum(right),
        "visits": len(visits),
        "first_right": bool(right and right[0]),
        "value": forced.label.value,
    }
    place = forced.label.place
    if place[0] == "array":
        should, line = pool.subject.names(T).get(place[1], ""), 0
    else:
        should, line = pool.node(place).text, pool.node(place).line
    return Finding("place", "", files[module], node.line, node.text, should, line, numbers)


def clearest(subject: Subject, cured: Cured) -> dict[str, str]:
    """Return the mended texts without the changes that are not needed."""
    return {module: text for module, text in cured.texts.items() if text != subject.program.texts[module]}


def differences(subject: Subject, cured: Cured) -> list[tuple[str, Change]]:
    """Return the changes of each module: (file, change)."""
    return [
        (subject.program.files[module], change)
        for module, text in cured.texts.items()
        for change in changes(subject.program.texts[module], text)
    ]
