"""What `recompute_every` costs and saves: a training step with everything kept, and with every k-th step kept.

    python tests/benchmarks/recompute.py                         an LSTM, 100 steps, k = 0, 1, 5, 10, 25
    python tests/benchmarks/recompute.py --cell gru --steps 50

Forward and backward of a model of medium size (two layers, 256 units, batch 64, 8,000 words). All k take turns within
one process; a line's time is the median of its ratios to k = 0 of the same turn. Bytes are those of the recurrent
layers' tapes, counted, and the same gradients are asked for, every bit, before anything is timed.

Read next: scratchnet/segments.py.
"""

from __future__ import annotations

import argparse
import time
from statistics import median
from typing import Any

import numpy as np
from helpers import make_model

from scratchnet.cells import CELLS
from scratchnet.data import make_batch
from scratchnet.gradcheck.problem import tapes

WORDS, SIZE, LAYERS, BATCH = 8_000, 256, 2, 64


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cell", default="lstm", choices=CELLS)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--every", type=int, nargs="+", default=[1, 5, 10, 25], metavar="K")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--backend", default="numpy")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    sources, targets = (
        [rng.integers(4, WORDS, options.steps - ends).tolist() for _ in range(BATCH)] for ends in (0, 1)
    )
    place: dict[str, Any] = {"cell": CELLS[options.cell], "backend": options.backend}
    model = make_model(WORDS, WORDS, embedding_size=SIZE, hidden_size=SIZE, layers=LAYERS, **place)
    batch = make_batch(sources, targets).to(model.backend)
    ways = [0, *options.every]
    made = {every: model.new_tape() for every in ways}

    def step(every: int) -> float:
        model.set_recompute(every)
        model.zero_gradients()
        start = time.perf_counter()
        model.forward(batch, made[every])
        model.backward(made[every])
        model.backend.synchronize()
        return time.perf_counter() - start

    bits = []
    for every in ways:
        step(every)
        bits.append({name: model.backend.to_numpy(array).tobytes() for name, array in model.gradients().items()})
    assert all(found == bits[0] for found in bits), "the gradients differ"
    turns = [{every: step(every) for every in ways} for _ in range(options.turns)]
    rows = batch.packing.rows + batch.sources.packing.rows
    print(f"{options.cell}, {options.steps} steps, {options.backend}, numpy {np.__version__}")
    print("k     bytes a row and layer    MB in all    time of forward and backward")
    for every in ways:
        size = sum(b.nbytes for side in ("encoder", "decoder") for b in buffers(getattr(made[every], side).layers))
        ratio = median(turn[every] / turn[0] for turn in turns)
        print(f"{every:<5}{size / rows / LAYERS:>22,.0f}{size / 1e6:>13.1f}{ratio:>32.2f}")


def buffers(tape: Any) -> list[Any]:
    """Return all buffers of all layers' tapes."""
    return [buffer for part in tapes(tape) for buffer in part.buffers().values()]


if __name__ == "__main__":
    main()
