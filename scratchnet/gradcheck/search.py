"""Which known mistake makes exactly this gradient: the learner's gradient beside that of every mutant.

    1. every single mistake that the learner's parts can have; then, in gate_subsets.py, in some of the gates alone
    2. every single mistake times one constant factor
    3. pairs of mistakes, only those that together change just what is wrong, the likeliest first

All on the same problem, with the same weights, by real arithmetic: a mutant costs about a millisecond.

Read next: single_parts.py.
"""

from __future__ import annotations

import copy
import math
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.mistakes import Mistake, compatible, mistakes_of
from scratchnet.gradcheck.mistakes.mutant import Mutant, changed_lines, mutant_of
from scratchnet.gradcheck.problem import PROJECTED
from scratchnet.gradcheck.reference import Reference, walk
from scratchnet.usercode import runs_of_lines

Gradients = Mapping[str, Array]
Run = Callable[[Any], Gradients]

FORWARD = "(forward)"  # beside the gradients: what the forward pass gave
IDENTICAL = 1e-10  # two ways to compute one gradient differ by rounding: about 1e-15
SHARE = 1e-5  # blocks smaller than this share of the largest are measured against that share
MOST_PAIRS = 400


@dataclass(frozen=True)
class Candidate:
    """Mistakes, made together, whose gradient is near the learner's.

    residual: the largest relative difference of a block. distance: the mean over all blocks, at most 1 each.
    factor: the learner's gradient is this times theirs. gates: those in which alone it stands; () for all.
    tolerance: the largest residual that counts as none.
    """

    mistakes: tuple[Mistake, ...]
    residual: float
    distance: float
    factor: float = 1.0
    tolerance: float = IDENTICAL
    gates: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the two gradients are one."""
        return self.residual <= self.tolerance


class Search:
    """The comparison of one learner's gradient with those of all mutants of one reference."""

    def __init__(self, reference: Reference, run: Run, learners: Gradients, tolerance: float = IDENTICAL) -> None:
        self.reference, self.run, self.tolerance = reference, run, tolerance
        self.right = self._try(())
        self.learners = dict(learners)
        if self.right is not None:
            self.learners = {
                key: array for key, array in reference.in_library_terms(learners).items() if key in self.right
            }
        sizes = [] if self.right is None else [float(np.sqrt(np.mean(a**2))) for a in self.right.values() if a.size]
        self.floor = SHARE * max(sizes, default=0.0)
        # A forward that computes the reference's values has none of the mistakes of forward passes.
        self.mistakes = tuple(
            found for found in mistakes_of(reference.hosts) if not (found.forward and reference.matches)
        )
        self.found: dict[str, Gradients | None] = {}
        self.cut_short = False  # whether the pairs took too long

    def singles(self) -> list[Candidate]:
        """Return all single mistakes, the nearest first; where gradients are identical, in the catalogue's order."""
        for mistake in self.mistakes:
            if mistake.id not in self.found:
                self.found[mistake.id] = self._try((mistake,))
        candidates = [self.compared((mistake,), self.found[mistake.id]) for mistake in self.mistakes]
        if self.reference.forward:
            candidates.insert(0, self.compared((), self.right))
        return sorted(candidates, key=lambda found: (not found.fits, 0.0 if found.fits else found.distance))

    def scaled(self) -> list[Candidate]:
        """Return the single mistakes, and none at all, that fit when they are multiplied with one factor."""
        choices: list[tuple[tuple[Mistake, ...], Gradients | None]] = [((), self.right)]
        choices += [((mistake,), self.found.get(mistake.id)) for mistake in self.mistakes]
        found = []
        for mistakes, gradients in choices:
            factor = self._factor(gradients)
            if factor is not None:
                scaled = {key: array if key == FORWARD else factor * array for key, array in (gradients or {}).items()}
                candidate = self.compared(mistakes, scaled, factor)
                found += [candidate] if candidate.fits else []
        return found

    def pairs(self, seconds: float = math.inf) -> list[Candidate]:
        """Return the pairs of mistakes that fit, of those that are tried within `seconds`, the most promising first."""
        end = time.monotonic() + seconds
        wrong = self.signature(self.learners)
        marks = {
            mistake.id: self.signature(gradients)
            for mistake in self.mistakes
            if (gradients := self.found.get(mistake.id)) is not None and not mistake.forward
        }
        suspects = [
            mistake
            for mistake in self.mistakes
            if mistake.id in marks and marks[mistake.id].any() and not (marks[mistake.id] & ~wrong).any()
        ]
        explained = {mistake.id: self._explained(mistake) for mistake in suspects}
        couples = [
            (float(np.mean(explained[one.id] | explained[two.id])), one, two)
            for one, two in combinations(suspects, 2)
            if ((marks[one.id] | marks[two.id]) == wrong).all()
        ]
        couples.sort(key=lambda couple: -couple[0])
        found, least = list[Candidate](), 0.0
        for promise, one, two in couples[:MOST_PAIRS]:
            self.cut_short = time.monotonic() > end
            if self.cut_short or (found and promise < least):
                break
            if not compatible(one, two):
                continue
            candidate = self.compared((one, two), self._try((one, two)))
            if candidate.fits:
                found.append(candidate)
                least = promise
        return found

    def undetected(self) -> list[Mistake]:
        """Return the mistakes that this problem cannot show: their gradient is the right one, though their line ran."""
        self.singles()
        found = []
        for mistake in self.mistakes:
            gradients = self.found[mistake.id]
            if self.right is None or gradients is None:
                continue
            if self.difference(gradients, self.right)[0] <= self.tolerance:
                found.append(mistake)
        return found

    def applies(self, mistake: Mistake) -> bool:
        """Tell whether the line of a mistake runs here at all: a layer that reads left to right mirrors nothing."""
        lines = changed_lines([mistake])
        changed = mutated_copy(self.reference, (mistake,))
        return any(run.number in lines[run.file] for run in runs_of_lines(lambda: self.run(changed), lines))

    def compared(self, mistakes: tuple[Mistake, ...], gradients: Gradients | None, factor: float = 1.0) -> Candidate:
        """Return the candidate for these gradients; infinitely far where they could not be had."""
        if gradients is None:
            return Candidate((*self.reference.forward, *mistakes), math.inf, math.inf, factor, self.tolerance)
        return Candidate(
            (*self.reference.forward, *mistakes), *self.difference(self.learners, gradients), factor, self.tolerance
        )

    def difference(self, one: Gradients, two: Gradients) -> tuple[float, float]:
        """Return (largest, mean) relative difference over the blocks; the same NaN are no difference."""
        each = []
        for key, array in one.items():
            other = two[key]
            bad = ~np.isfinite(array)
            if array.shape != other.shape or (bad != ~np.isfinite(other)).any():
                each.append(math.inf)
                continue
            a, b = np.where(bad, 0.0, array), np.where(bad, 0.0, other)
            size = max(float(np.linalg.norm(a)), float(np.linalg.norm(b)), self.floor * math.sqrt(max(a.size, 1)))
            each.append(float(np.linalg.norm(a - b)) / size if size > 0.0 else 0.0)
        return max(each, default=math.inf), float(np.mean([min(value, 1.0) for value in each])) if each else math.inf

    def signature(self, gradients: Gradients) -> Array:
        """Return what differs from the right gradient: by gate and row of a_x, by gate or row elsewhere."""
        assert self.right is not None
        found = []
        gates = {match.cell_class.gates for match in self.reference.matches.values()}
        count = len(next(iter(gates))) if len(gates) == 1 else 1
        for key, right in self.right.items():
            if key not in self.learners:
                continue
            array = gradients[key]
            by_gate = key.rpartition(".")[2] in ("W_ih", "W_hh", "b", PROJECTED) and right.shape[-1] % count == 0
            by_row = key == PROJECTED or key == "x" or key.startswith("initial ")
            shape = (right.shape[0] if by_row else -1, count if by_gate else 1, -1)
            if not by_row:
                shape = (-1, count, right.shape[-1] // count) if by_gate else (1, 1, -1)
            size = self.floor + np.sqrt(np.mean(right**2))
            gap = np.where(np.isfinite(array), np.abs(array - right), np.inf).reshape(shape)
            found.append((gap.max(axis=2) if by_row else gap.max(axis=(0, 2))[None]).ravel() > IDENTICAL * size)
        return np.concatenate(found)

    def _explained(self, mistake: Mistake) -> Array:
        """Return for each entry of the learner's gradient whether this mistake alone explains it."""
        gradients = self.found[mistake.id] or {}
        return np.concatenate([
            np.isclose(gradients[key], array, rtol=1e-9, atol=IDENTICAL * self.floor, equal_nan=True).ravel()
            for key, array in self.learners.items()
        ])  # fmt: skip

    def _factor(self, gradients: Gradients | None) -> float | None:
        if gradients is None:
            return None
        keys = [name for name in self.learners if name != FORWARD]
        key = max(keys, key=lambda name: float(np.linalg.norm(gradients[name])))
        square = float((gradients[key] ** 2).sum())
        if not np.isfinite(square) or square == 0.0 or not np.isfinite(self.learners[key]).all():
            return None
        factor = float((self.learners[key] * gradients[key]).sum()) / square
        return factor if abs(factor) > 1e-12 and abs(factor - 1.0) > 1e-9 else None

    def _try(self, mistakes: tuple[Mistake, ...]) -> Gradients | None:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return self.run(mutated_copy(self.reference, mistakes))
        except Exception:  # a mistake that does not even run here, or whose line is no longer in the library
            return None


def mutated_copy(reference: Reference, mistakes: Sequence[Mistake]) -> Any:
    """Return a copy of the reference whose learner's parts have these mistakes; raise InputError if they cannot."""
    root = copy.deepcopy(reference.root)
    if not mistakes:
        return root
    edits = tuple(edit for mistake in (*reference.forward, *mistakes) for edit in mistake.edits)
    mutant = mutant_of(edits) if len(mistakes) == 1 else Mutant(edits)
    for path, part in walk(root):
        if hasattr(part, "use_mutant"):
            part.use_mutant(mutant)
            continue
        original = type(part)
        guilty = reference.culprits.get(f"{path}:{original.__name__}")
        # Parts that only import what is edited must know the edited one, too.
        if guilty is not None or file_unedited(mutant, original):
            part.__class__ = mutant.class_for(original)
    return root


def file_unedited(mutant: Mutant, original: type) -> bool:
    """Tell whether a part's own file stands as it is."""
    return original.__module__.removeprefix("scratchnet.").replace(".", "/") + ".py" not in mutant.files
