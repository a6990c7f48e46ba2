"""What `recompute_every` costs and saves: a training step that keeps everything, or the states of every k-th step.

    python tests/benchmarks/recompute.py                         an LSTM, 100 steps, k = 0, 1, 5, 10, 25
    python tests/benchmarks/recompute.py --cell gru --steps 50

Forward and backward of the medium model (two layers, 256 units, batch 64, 8,000 words). All k take turns within one
process; a line's time is the median of its ratios to k = 0 of the same turn. Bytes are those of the recurrent layers'
tapes, counted. Before anything is timed, all gradients are compared, and must be equal to the bit.

Read next: scratchnet/backend/recompute.py.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from statistics import median

import numpy as np
from scratchnet.gradcheck.problem import tapes

from scratchnet.bench import CASES, ScratchnetImplementation
from scratchnet.cells import CELLS


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cell", default="lstm", choices=CELLS)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--every", type=int, nargs="+", default=[1, 5, 10, 25], metavar="K")
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    case = replace(CASES["medium"], lengths=(options.steps, options.steps), batches=1)
    timed = ScratchnetImplementation(case, options.cell, "numpy")
    timed.prepare(0, 1)
    model, batch = timed.model, timed.batch(0)
    tapes_of = {every: model.new_tape() for every in (0, *options.every)}

    def step(every: int) -> float:
        model.set_recompute(every)
        model.zero_gradients()
        start = time.perf_counter()
        model.forward(batch, tapes_of[every])
        model.backward(tapes_of[every])
        model.backend.synchronize()
        return time.perf_counter() - start

    bits = []
    for every in tapes_of:
        step(every)
        bits.append({name: array.tobytes() for name, array in timed.on_the_host(model.gradients()).items()})
    assert all(found == bits[0] for found in bits), "the gradients differ"
    turns = [{every: step(every) for every in tapes_of} for _ in range(options.turns)]
    rows = batch.packing.rows + batch.sources.packing.rows
    print(f"{options.cell}, {options.steps} steps, numpy {np.__version__}")
    print("k     bytes a row and layer    MB in all    time of forward and backward")
    for every, tape in tapes_of.items():
        parts = [part for half in (tape.encoder, tape.decoder) for part in tapes(half.layers)]
        size = sum(buffer.nbytes for part in parts for buffer in part.buffers().values())
        ratio = median(turn[every] / turn[0] for turn in turns)
        print(f"{every:<5}{size / rows / case.layers:>22,.0f}{size / 1e6:>13.1f}{ratio:>32.2f}")


if __name__ == "__main__":
    main()
