"""Before anything is timed: do all implementations compute the same?

Each gets the same weights and the same batch, in a process other than the one that is timed; the loss and all gradients
are compared, or the words of a decoding case.

Read next: implementation.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from scratchnet.bench.cases import DECODE, Case
from scratchnet.bench.worker import Worker, start_worker
from scratchnet.errors import InputError

TOLERANCE = 1e-4  # of a gradient's Euclidean norm: float32, sums in another order
OTHER_WORDS = 0.05  # share of sentences: of two words that are almost equally likely, either may win
SMALLER = {"source_words": 500, "target_words": 500, "embedding": 100, "hidden": 100, "batch": 8}


def compare(case: Case, cell: str, threads: int, names: Sequence[str]) -> dict[str, float]:
    """Start each implementation, and compare all answers with those of the first one; see `compare_workers`.

    A case too large for two implementations in memory is compared at smaller sizes.
    """
    if case.alone:
        case = replace(case, **SMALLER)  # type: ignore[arg-type]

    def workers() -> Iterator[Worker]:
        for name in names:
            with start_worker(name, case, cell, threads) as worker:
                yield worker

    return compare_workers(workers(), case.work)


def compare_workers(workers: Iterable[Any], work: str) -> dict[str, float]:
    """Give all workers the weights of the first one, and compare their answers with its own.

    Returns the largest relative difference of each. Raises InputError where answers differ too much.
    """
    found: dict[str, float] = {}
    expected: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        weights, out = str(Path(folder) / "weights"), str(Path(folder) / "answers")
        for worker in workers:
            if not expected:
                worker.ask("weights", file=weights)
            worker.ask("answer", weights=weights, out=out)
            answers = load_file(out)
            expected = expected or answers
            found[worker.name] = difference(worker.name, answers, expected, work)
    return found


def difference(name: str, answers: dict[str, Any], expected: dict[str, Any], work: str) -> float:
    """Return the largest relative difference from the expected answers; raise InputError where it is too large."""
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
