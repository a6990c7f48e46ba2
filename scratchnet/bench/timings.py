"""Taking turns: every implementation times a block of the same steps, again and again.

    A B A B A B A B        each pair of neighbouring blocks gives one ratio, and the median of the ratios is the result

The speed of a machine drifts by tens of percent over minutes; the ratio of two blocks a second apart hardly does.

Read next: torch_implementation.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from scratchnet.bench.worker import Worker

Spread = dict[str, float]


@dataclass
class Timings:
    """Steps per block, and for each implementation the seconds, target tokens and words of its blocks."""

    steps: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    tokens: dict[str, list[int]] = field(default_factory=dict)
    words: dict[str, list[int]] = field(default_factory=dict)

    def add(self, name: str, block: dict[str, Any]) -> None:
        """Add one block of the implementation `name`."""
        for what in ("seconds", "tokens", "words"):
            getattr(self, what).setdefault(name, []).append(block[what])

    def rate(self, name: str, what: str = "tokens") -> Spread:
        """Return tokens (or words) per second over the blocks of one implementation."""
        counts = getattr(self, what)[name]
        return spread_of([n / seconds for n, seconds in zip(counts, self.seconds[name], strict=True)])

    def ratio(self, name: str, other: str) -> Spread:
        """Return how many times as fast as `other` an implementation is, pair of blocks by pair of blocks."""
        return spread_of([b / a for a, b in zip(self.seconds[name], self.seconds[other], strict=True)])

    def seconds_per_step(self, name: str) -> float:
        """Return the median time of one step."""
        return median(self.seconds[name]) / self.steps


def spread_of(figures: Sequence[float]) -> Spread:
    """Return the minimum, the median and the maximum of some figures, by these names."""
    return {"minimum": min(figures), "median": median(figures), "maximum": max(figures)}


def steps_per_block(workers: Sequence[Worker], block_seconds: float) -> int:
    """Return how many steps the slowest worker takes in about `block_seconds`, at least one; all warm up here."""
    slowest: float = max(worker.ask("run", first=1, steps=1, warm=1)["seconds"] for worker in workers)
    if slowest < block_seconds:  # the first steps are slower than all that follow
        slowest = max(worker.ask("run", first=1, steps=3)["seconds"] / 3 for worker in workers)
    return max(1, round(block_seconds / slowest))


def take_turns(workers: Sequence[Worker], repeats: int, timings: Timings, first: int = 1) -> Timings:
    """Let every worker time the same steps, block by block, `repeats` times in turn; add all to `timings`.

    One step before each block is not timed: it brings caches and threads back.
    """
    for block in range(repeats):
        for worker in workers:
            request = {"first": first + block * timings.steps, "steps": timings.steps, "warm": 1}
            timings.add(worker.name, worker.ask("run", **request))
    return timings
