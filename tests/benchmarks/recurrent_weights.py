"""What the layout of the recurrent weights is worth: a training step with it and without it, in turns in one process.

    python tests/benchmarks/recurrent_weights.py                     medium, ragged, small: a minute and a half
    python tests/benchmarks/recurrent_weights.py large --cell gru    these cases only

`Backend.recurrent_weights` stores the weights in the order in which the time loop reads them, and multiplies few rows
by a method of their own. A ratio above 1 says that a step is faster with it: the median over the turns, in brackets the
smallest and the largest.
"""

from __future__ import annotations

import argparse
from unittest.mock import patch

from rich.console import Console

from scratchnet.backend import Backend
from scratchnet.bench import CASES, ScratchnetImplementation, Table, Timings, cpu_backends, run_steps, spread

TURNS, SECONDS = 10, 0.25  # of a turn, about


def measure(case: str, cell: str, backend: str) -> Timings:
    """Return the times of blocks of steps "with" the layout and "without" it."""
    implementation = ScratchnetImplementation(CASES[case], cell, backend)
    steps = max(1, round(SECONDS / run_steps(implementation, 0, 1, warm=1)["seconds"]))
    timings = Timings(steps)
    for _ in range(TURNS):
        with patch.object(Backend, "recurrent_weights", lambda self, weights, backwards=False: weights):
            timings.add("without", run_steps(implementation, 0, steps, warm=1))
        timings.add("with", run_steps(implementation, 0, steps, warm=1))
    return timings


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", default=["medium", "ragged", "small"])
    parser.add_argument("--cell", default="lstm")
    options = parser.parse_args()
    table = Table(("case", "cell", "backend", "with / without"), 3)
    for case in options.cases:
        for backend in cpu_backends():
            ratio = measure(case, options.cell, backend).ratio("with", "without")
            table.rows.append((case, options.cell, backend, spread(ratio, 2)))
    Console().print(table.on_screen())


if __name__ == "__main__":
    main()
