"""The explanation of a check, made when it is first asked for: diagnosis, coverage, and the forward pass.

A check that passes inside a test never pays for it.

Read next: files_read.py.
"""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from scratchnet.gradcheck.compare import GradientComparison
from scratchnet.gradcheck.coverage import Coverage, of_batch, of_problem
from scratchnet.gradcheck.diagnose import diagnose
from scratchnet.gradcheck.diagnosis import Diagnosis
from scratchnet.gradcheck.forward import Forward, compare_forward
from scratchnet.gradcheck.known_cells import problem_for
from scratchnet.gradcheck.problem import Problem, Trial, poison
from scratchnet.gradcheck.reference import Reference, is_library_class, refer
from scratchnet.gradcheck.search import FORWARD, IDENTICAL, Gradients, Run, Search
from scratchnet.usercode import SourceLine


class Explanation:
    """What a report says beyond right and wrong.

    root: the learner's layer or model. run: gradients of such a root. gradients: the learner's. ok: whether all is
    right, so that there is nothing to diagnose. blocks: for constant ratios. faults, files: as in `diagnose`.
    tolerance: the largest difference to a known mistake's gradient that counts as none. pointed, pair_seconds: as in
    `diagnose`.
    """

    def __init__(
        self,
        root: Any,
        run: Run,
        gradients: Gradients,
        *,
        ok: bool,
        blocks: Sequence[GradientComparison] = (),
        faults: Sequence[str] = (),
        files: frozenset[str] = frozenset(),
        tolerance: float = IDENTICAL,
        pointed: Sequence[SourceLine] = (),
        pair_seconds: float = math.inf,
    ) -> None:
        self.root, self.run, self.gradients = root, run, gradients
        self.ok, self.blocks, self.faults, self.files, self.tolerance = ok, blocks, faults, files, tolerance
        self.pointed, self.pair_seconds = pointed, pair_seconds

    @cached_property
    def reference(self) -> Reference:
        """The same layer or model out of the library's own parts."""
        return refer(self.root)

    @cached_property
    def search(self) -> Search:
        """The comparison with all mutants."""
        learners = dict(self.gradients)
        with contextlib.suppress(Exception):  # a backward that stops is told elsewhere
            learners |= {key: array for key, array in self.run(copy.deepcopy(self.root)).items() if key == FORWARD}
        return Search(self.reference, self.run, learners, self.tolerance)

    @cached_property
    def diagnosis(self) -> Diagnosis | None:
        """The mistake; None where nothing is wrong."""
        if self.ok:
            return None
        search = self.search if self.reference.culprits else None
        return diagnose(
            self.root, self.run, self.reference, search, faults=self.faults, files=self.files, ratios=self.ratios,
            pointed=self.pointed, pair_seconds=self.pair_seconds,
        )  # fmt: skip

    @property
    def ratios(self) -> Mapping[str, str]:
        """The constant factors of the wrong gradients, in words, where every wrong one has one."""
        wrong = [block for block in self.blocks if not block.ok]
        found = {block.name: block.remark for block in wrong if block.ratio is not None}
        return found if len(found) == len(wrong) else {}

    @cached_property
    def coverage(self) -> Coverage | None:
        """What the input exercised."""
        return None

    @cached_property
    def forward(self) -> Forward | None:
        """The forward beside the library's; None where there is no single cell."""
        return None

    @cached_property
    def undetected(self) -> tuple[tuple[str, ...], int]:
        """The known mistakes that this input does not show, and how many were tried; no behaviour checks."""
        if not self.reference.culprits or self.search.right is None:
            return (), 0
        own = is_library_class(type(self.root))  # the loop around a cell is not what is checked
        shown = [
            found for found in self.search.mistakes
            if not found.behaviour and not (own and set(found.hosts) == {type(self.root).__name__})
        ]  # fmt: skip
        undetected = {found.id: self.search.applies(found) for found in self.search.undetected()}
        shown = [found for found in shown if undetected.get(found.id, True)]
        return tuple(found.name for found in shown if found.id in undetected), len(shown)


class LayerExplanation(Explanation):
    """The explanation of a layer's check."""

    def __init__(self, problem: Problem, gradients: Gradients, **given: Any) -> None:
        self.problem = problem
        super().__init__(problem.layer, gradients_of(problem), gradients, **given)

    @cached_property
    def coverage(self) -> Coverage | None:
        """What the problem exercised."""
        return of_problem(self.problem, *self.undetected)

    @cached_property
    def forward(self) -> Forward | None:
        """The cell's forward beside the library's."""
        cells = self.problem.layer.cells
        return compare_forward(copy.deepcopy(cells[0])) if len(cells) == 1 else None


class ModelExplanation(Explanation):
    """The explanation of a model's check on a batch."""

    def __init__(
        self, model: Any, run: Run, gradients: Gradients, batch: Any, scale: float | None, **given: Any
    ) -> None:
        self.batch, self.scale = batch, scale
        super().__init__(model, run, gradients, **given)

    @cached_property
    def coverage(self) -> Coverage | None:
        """What the batch exercised."""
        return of_batch(self.root, self.batch, self.scale, *self.undetected)


def gradients_of(problem: Problem) -> Run:
    """Return the function that runs a layer on a problem, on buffers full of NaN, and returns its gradients."""

    def run(layer: Any) -> Gradients:
        trial = Trial(problem_for(problem, layer))
        trial.forward()
        poison(trial.tape)
        outputs, final = trial.forward()
        values = np.concatenate([outputs.ravel(), *(a.ravel() for states in final for a in states.values())])
        poison(trial.tape, "da_")  # the forward pass left a_x in it
        return {**trial.backward(), FORWARD: values}

    return run
