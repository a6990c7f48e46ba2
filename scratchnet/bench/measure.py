"""One measurement: a case, with one cell, on some number of threads, all implementations taking turns.

The figures are plain values by name, as they are kept in a file of results:

    block_seconds       of every implementation, block by block
    tokens_per_second   target tokens; minimum, median and maximum over the blocks
    ratios              of each of this library's backends to PyTorch and to the matmul bound, the same three
    peak_mib            the most memory that each process ever held; null where the system cannot tell
    breakdown           seconds of a step by kind, for each backend
    flops, best_rate    of a step's products, and of the fastest large product here, per second

Read next: report.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from scratchnet.bench.cases import TRAIN, Case, paper_days
from scratchnet.bench.equivalence import compare
from scratchnet.bench.timings import Timings, steps_per_block, take_turns
from scratchnet.bench.worker import MATMUL, TORCH, TORCH_UNPADDED, Worker, start_worker

Result = dict[str, Any]


@dataclass(frozen=True)
class Effort:
    """How long to measure: blocks of each implementation, and seconds of a block. quick: as little as makes sense."""

    repeats: int = 9
    seconds: float = 1.0
    quick: bool = False

    def plan(self, case: Case, workers: Sequence[Worker]) -> tuple[int, int]:
        """Return (blocks, steps of a block) for a case. Real text is read once, from the first batch to the last."""
        if case.alone:
            return (1, 1) if self.quick else (2, 1)
        if case.text and not self.quick:
            return self.repeats, -(-case.batches // self.repeats)
        return self.repeats, steps_per_block(workers, self.seconds)


QUICK = Effort(3, 0.25, True)


def implementations(case: Case, backends: Sequence[str], torch: bool) -> list[str]:
    """Return the names of all implementations of a case, without the matmul bound."""
    variants = [TORCH, TORCH_UNPADDED] if case.ragged and case.work == TRAIN else [TORCH]
    return [*backends, *(variants if torch else [])]


def measure_case(case: Case, cell: str, threads: int, backends: Sequence[str], torch: bool, effort: Effort) -> Result:
    """Compare the implementations, then measure a case with one cell on a number of threads.

    Raises InputError where an implementation fails, or computes something else.
    """
    names = implementations(case, backends, torch)
    differences = compare(case, cell, threads, names)
    names.append(MATMUL)
    timings, result = Timings(1), Result(peak_mib={}, breakdown={}, optimizer_variants={})
    for group in [[name] for name in names] if case.alone else [names]:
        with ExitStack() as stack:
            workers = [stack.enter_context(start_worker(name, case, cell, threads)) for name in group]
            for worker in workers:
                if worker.name in (TORCH, TORCH_UNPADDED) and case.work == TRAIN:
                    result["optimizer_variants"][worker.name] = worker.ask("tune")["variant"]
            repeats, timings.steps = effort.plan(case, workers)
            take_turns(workers, repeats, timings)
            add_usage(result, workers, case, timings.steps)
    others = [name for name in (TORCH, TORCH_UNPADDED, MATMUL) if name in timings.seconds]
    result |= {
        "case": case.name,
        "cell": cell,
        "threads": threads,
        "repeats": len(timings.seconds[MATMUL]),
        "steps_per_block": timings.steps,
        "block_seconds": timings.seconds,
        "tokens_per_second": {name: timings.rate(name) for name in timings.seconds},
        "seconds_per_step": {name: timings.seconds_per_step(name) for name in timings.seconds},
        "ratios": {name: {other: timings.ratio(name, other) for other in others} for name in backends},
        "relative_differences": differences,
    }
    if case.name == "paper":
        result["words_per_second"] = {name: timings.rate(name, "words")["median"] for name in timings.seconds}
        result["days"] = {name: paper_days(rate) for name, rate in result["words_per_second"].items()}
    return result


def add_usage(result: Result, workers: Sequence[Worker], case: Case, steps: int) -> None:
    """Add to `result` the peak memory of each worker, the breakdown of a step, and the work of its products."""
    for worker in workers:
        result["peak_mib"][worker.name] = worker.ask("usage")["peak_mib"]
        if worker.name == MATMUL:
            result |= worker.ask("matmul bound", first=1, steps=steps)
        elif worker.name not in (TORCH, TORCH_UNPADDED) and case.work == TRAIN:
            parts = worker.ask("breakdown", first=1, steps=min(steps, 20))
            result["breakdown"][worker.name] = parts["seconds"]
