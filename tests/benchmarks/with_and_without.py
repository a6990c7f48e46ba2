"""What one idea is worth: a training step with it and without it, turn by turn in one process.

    python tests/benchmarks/with_and_without.py                     medium, ragged, small: a minute and a half
    python tests/benchmarks/with_and_without.py large --cell gru    these cases only
    python tests/benchmarks/with_and_without.py --turns 20          more turns

The idea: recurrent weights that lie as a time loop reads them, and whose products with few rows go their own way
(Backend.recurrent_weights). A ratio above 1 says that a step is faster with it: the median over the turns, in brackets
the smallest and the largest.
"""

from __future__ import annotations

import argparse
import time
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from scratchnet.backend import Backend, available_backends
from scratchnet.bench.cases import CASES
from scratchnet.bench.own_peer import OwnPeer

SECONDS = 0.25  # of a turn, about


def plain(self: Backend, weights: Any, backwards: bool = False) -> Any:
    """Stand in for `recurrent_weights`: the weights as they are."""
    return weights


def seconds_of_a_step(peer: OwnPeer, steps: int) -> float:
    """Return how long a step takes, after one that is not counted."""
    peer.finish(peer.step(0))
    start = time.perf_counter()
    for k in range(steps):
        loss = peer.step(k)
    peer.finish(loss)
    return (time.perf_counter() - start) / steps


def ratios(case: str, cell: str, backend: str, turns: int) -> list[float]:
    """Return for each turn how many times as fast a step is with the idea."""
    peer, idea = OwnPeer(CASES[case], cell, backend), Backend.recurrent_weights
    peer.prepare(0, CASES[case].batches)
    steps = max(1, round(SECONDS / seconds_of_a_step(peer, 1)))
    found = []
    try:
        for _ in range(turns):
            Backend.recurrent_weights = plain  # type: ignore[method-assign]
            without = seconds_of_a_step(peer, steps)
            Backend.recurrent_weights = idea  # type: ignore[method-assign]
            found.append(without / seconds_of_a_step(peer, steps))
    finally:
        Backend.recurrent_weights = idea  # type: ignore[method-assign]
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", default=["medium", "ragged", "small"])
    parser.add_argument("--cell", default="lstm")
    parser.add_argument("--turns", type=int, default=10)
    options = parser.parse_args()
    table = Table("case", "cell", "backend", "with the idea")
    for case in options.cases:
        for backend, state in available_backends().items():
            if backend != "cupy" and state.startswith("ready"):
                found = ratios(case, options.cell, backend, options.turns)
                spread = f"{median(found):.2f} ({min(found):.2f}-{max(found):.2f})"
                table.add_row(case, options.cell, backend, spread)
    Console().print(table)


if __name__ == "__main__":
    main()
