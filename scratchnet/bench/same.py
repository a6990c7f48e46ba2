"""Before anything is timed: do all contestants compute the same?

Everyone gets the same weights and the same batch, in a process that is not the one to be timed; loss and all gradients
are compared. What does not compute the same need not be timed.

Read next: pairs.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from scratchnet.bench.cases import DECODE, TRAIN, Case
from scratchnet.bench.pairs import Worker
from scratchnet.bench.worker import TORCH
from scratchnet.errors import InputError

TOLERANCE = 1e-4  # of a gradient's Euclidean norm: float32, sums over a batch in another order
OTHER_WORDS = 0.05  # share of sentences: two words that are all but equally likely may change places
SMALLER = {"source_words": 500, "target_words": 500, "embedding": 100, "hidden": 100, "batch": 8}


def compare(case: Case, cell: str, threads: int, names: Sequence[str]) -> tuple[dict[str, float], str]:
    """Compare what all contestants answer with what the first one does.

    Returns the largest relative difference of each, and PyTorch's fastest form of the optimizer. A case too large for
    two contestants in memory is compared at smaller sizes. Raises InputError where answers differ too much.
    """
    if case.alone:
        case = replace(case, **SMALLER)  # type: ignore[arg-type]
    found: dict[str, float] = {}
    form = "fused"
    with tempfile.TemporaryDirectory() as folder:
        weights = str(Path(folder) / "weights")
        expected: dict[str, Any] = {}
        for number, name in enumerate(names):
            with Worker(name, case, cell, threads) as worker:
                if number == 0:
                    worker.ask("weights", file=weights)
                worker.ask("answers", weights=weights, out=f"{weights}{number}")
                if name == TORCH and case.work == TRAIN:
                    form = worker.ask("form")["form"]
            answers = load_file(f"{weights}{number}")
            expected = expected or answers
            found[name] = difference(name, answers, expected, case.work)
    return found, form


def difference(name: str, answers: dict[str, Any], expected: dict[str, Any], work: str) -> float:
    """Return how far a contestant's answers are from what is expected; raise InputError where that is too far."""
    if answers.keys() != expected.keys():
        raise InputError(f"{name} has other gradients: {sorted(answers.keys() ^ expected.keys())}")
    if work == DECODE:
        if answers["words"].shape != expected["words"].shape:
            raise InputError(
                f"{name} writes {answers['words'].shape}, not {expected['words'].shape}: nothing was timed"
            )
        share = float((answers["words"] != expected["words"]).any(axis=1).mean())
        if share > OTHER_WORDS:
            raise InputError(f"{name} writes other words in {share:.0%} of the sentences: nothing was timed")
        return share
    distances = {key: relative(answers[key], expected[key]) for key in expected}
    worst = max(distances, key=lambda key: distances[key])
    if not all(distance <= TOLERANCE for distance in distances.values()):
        raise InputError(f"{name}: {worst} differs by {distances[worst]:.1e}, above {TOLERANCE}: nothing was timed")
    return distances[worst]


def relative(a: Any, b: Any) -> float:
    """Return |a - b| / |b| by Euclidean norms; 0 where both are zero."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    distance, size = float(np.linalg.norm(a - b)), float(np.linalg.norm(b))
    return distance / size if size else float(distance != 0)
