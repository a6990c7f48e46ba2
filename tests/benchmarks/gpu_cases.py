"""The cases of gpu.py: what is timed on a device, each case a row of a table.

Batches are on the device before the clock starts, and the clock stops when the device has finished. With `place` "cpu"
all of it runs without a GPU.

Read next: scaling.py.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from scratchnet import bench
from scratchnet.backend import get_backend
from scratchnet.bench import CASES, MATMUL, TORCH, Case, Timings

HIDDEN, BATCHES = (128, 256, 512, 1024, 2048), (64, 128, 256, 512, 1024)
TINY = {"source_words": 40, "target_words": 40, "embedding": 6, "hidden": 6, "batch": 4, "lengths": (3, 3)}
PAPER_RATE = 6_300  # words/s of the paper's eight GPUs
TARGETS = {"small": "1.0", "medium": "1.0", "large": "0.7"}  # wanted ratios to PyTorch
BACKENDS = {"cuda": "cupy", "cpu": "numpy"}
VERSUS = "Against PyTorch"
PAPER = "The model of Sutskever, Vinyals and Le (2014)"
SWEEP = "From small to large (two layers, LSTM, 20 steps)"


@dataclass(frozen=True)
class Plan:
    """What to run and where: `place` is "cuda" or "cpu"; `seconds` of a block, and how many blocks each."""

    place: str
    seconds: float = 0.5
    blocks: int = 7
    sweep: tuple[tuple[int, int], ...] = tuple((h, b) for h in HIDDEN for b in BATCHES)
    torch: bool = True

    @property
    def own(self) -> str:
        """This library's backend."""
        return BACKENDS[self.place]

    def case(self, name: str) -> Case:
        """Return a case, tiny in a dry run."""
        return CASES[name] if self.place == "cuda" else replace(CASES[name], **TINY)  # type: ignore[arg-type]

    def work(self) -> Iterator[tuple[str, str, Callable[[], tuple[str, ...]]]]:
        """Yield (table, case, what measures a row of it) for all cases, the most important first."""
        for name in TARGETS:
            for cell in bench.CELL_NAMES:
                yield VERSUS, f"{name} {cell}", lambda name=name, cell=cell: versus(self, name, cell)
        for name in (self.own, *([TORCH] if self.torch else [])):
            yield PAPER, f"paper {name}", lambda name=name: paper(self, name)
        for hidden, batch in self.sweep:
            yield SWEEP, f"H {hidden} batch {batch}", lambda h=hidden, b=batch: sizes(self, h, b)


class LocalWorker:
    """A worker in this process: a device takes its orders one by one anyway."""

    def __init__(self, name: str, case: Case, cell: str, place: str) -> None:
        self.name = name
        kinds: dict[str, Callable[[], Any]] = {
            TORCH: lambda: bench.TorchImplementation(case, cell, threads=1, device=place),
            MATMUL: lambda: bench.MatmulBound(case, cell, BACKENDS[place]),
        }
        self.implementation = kinds.get(name, lambda: bench.ScratchnetImplementation(case, cell, name))()

    def ask(self, do: str, **values: Any) -> dict[str, Any]:
        """Do what a worker would."""
        return bench.obey(self.implementation, {"do": do, **values})


def measure(plan: Plan, case: Case, cell: str, names: Sequence[str]) -> Timings:
    """Compare what the implementations compute, then let them take turns. Raises InputError where they differ."""
    free_memory(plan)
    workers: Any = [LocalWorker(name, case, cell, plan.place) for name in names]
    compared = [worker for worker in workers if worker.name != MATMUL]
    if len(compared) > 1:
        bench.compare_workers(compared, case.work)
    return bench.take_turns(workers, plan.blocks, Timings(bench.steps_per_block(workers, plan.seconds)))


def free_memory(plan: Plan) -> None:
    """Give back what both libraries keep of freed memory; the next model of the other may need it."""
    gc.collect()
    if plan.place == "cuda":
        get_backend("cupy").xp.get_default_memory_pool().free_all_blocks()
        if plan.torch:
            import torch

            torch.cuda.empty_cache()


def versus(plan: Plan, name: str, cell: str) -> tuple[str, ...]:
    """Return a case's row: this library with and without recorded time loops, PyTorch, and the matmul bound."""
    own, case = plan.own, plan.case(name)
    timings = measure(plan, case, cell, [own, *([TORCH] if plan.torch else []), MATMUL])
    with patch.dict(os.environ, SCRATCHNET_CUDA_GRAPHS="0"):
        plain = measure(replace(plan, blocks=3), case, cell, [own]).rate(own)
    torch = (f"{timings.rate(TORCH)['median']:,.0f}", ratio(timings, own, TORCH)) if plan.torch else ("", "")
    rates = f"{timings.rate(own)['median']:,.0f}", f"{plain['median']:,.0f}"
    return (name, cell, *rates, *torch, ratio(timings, own, MATMUL), TARGETS[name])


def paper(plan: Plan, name: str) -> tuple[str, ...]:
    """Return the row of one implementation of the paper's model; two of them may not fit into the memory together."""
    timings = measure(replace(plan, blocks=3), plan.case("paper"), "lstm", [name])
    return name, *paper_figures(timings.rate(name, "words")["median"])


def sizes(plan: Plan, hidden: int, batch: int) -> tuple[str, ...]:
    """Return the row of one size: milliseconds of a step, and the share of the matmul bound."""
    case = replace(plan.case("medium"), hidden=hidden, embedding=hidden, batch=batch)
    timings = measure(replace(plan, blocks=3), case, "lstm", [plan.own, MATMUL])
    steps = (f"{1e3 * timings.seconds_per_step(name):,.2f}" for name in (plan.own, MATMUL))
    rate = f"{timings.rate(plan.own)['median']:,.0f}"
    return str(hidden), str(batch), rate, *steps, ratio(timings, plan.own, MATMUL)


def paper_figures(rate: float) -> tuple[str, str, str]:
    """Return a rate in words per second, how many times the paper's it is, and the days of the paper's training."""
    return f"{rate:,.0f}", f"{rate / PAPER_RATE:,.1f}", f"{bench.paper_days(rate):,.1f}"


def ratio(timings: Timings, name: str, other: str) -> str:
    """Return how many times as fast `name` is: the median, and the smallest and largest of all pairs of blocks."""
    return bench.spread(timings.ratio(name, other), 2)
