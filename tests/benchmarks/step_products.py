"""How fast the product of one time step is: by NumPy, in pieces, and backwards with the weights stored by columns.

    python tests/benchmarks/step_products.py        half a minute; one line for each shape, rates in GFLOP/s

These figures are the reason for scratchnet/backend/blas.py and Backend.recurrent_weights. The five ways take turns, and
the median is printed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console

from scratchnet.backend import NUMPY
from scratchnet.backend.blas import WORTHWHILE, quick_with_small_products, step_product
from scratchnet.bench import Table

ROWS, HIDDEN, GATES = (1, 4, 8, 16, 32, 64), (128, 256, 512), 4
TURNS, SECONDS = 9, 0.01


def rate(work: Callable[[], Any], operations: float) -> float:
    """Return 10^9 operations a second over about SECONDS."""
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        work()
        count += 1
    return operations * count / (time.perf_counter() - start) / 1e9


def main() -> None:
    """Print the table."""
    rng, threads = np.random.default_rng(0), NUMPY.workers.threads
    print(f"{threads} threads; pieces pay up to {WORTHWHILE // threads:,} multiplications here")
    table = Table(("rows", "H", "h @ W", "pieces", "da @ W.T", "W by columns", "both"), 0)
    for hidden in HIDDEN:
        weights = rng.standard_normal((hidden, GATES * hidden)).astype(np.float32)
        ordered = np.asfortranarray(weights)
        for rows in ROWS:
            h = rng.standard_normal((rows, hidden)).astype(np.float32)
            da = rng.standard_normal((rows, GATES * hidden)).astype(np.float32)
            ways: list[Callable[[], Any]] = [
                lambda h=h, w=weights: np.matmul(h, w),
                lambda h=h, w=weights: step_product(h, w, threads),
                lambda da=da, w=weights: np.matmul(da, w.T),
                lambda da=da, w=ordered: np.matmul(da, w.T),
                lambda da=da, w=ordered: step_product(da, w.T, threads),
            ]
            turns = [[rate(way, 2.0 * rows * weights.size) for way in ways] for _ in range(TURNS)]
            table.rows.append((str(rows), str(hidden), *(f"{median(rates):.0f}" for rates in zip(*turns, strict=True))))
    Console().print(table.on_screen())
    if not quick_with_small_products():
        print("this processor, or this NumPy, has no kernels for small products: nothing is cut here")


if __name__ == "__main__":
    main()
