"""What new memory costs: page faults and the system's time in a training step, as a size grows.

    python tests/benchmarks/faults.py                   numba and torch, half a minute
    python tests/benchmarks/faults.py V 4000 32000      other sizes: an axis of scaling.py and its sizes

Memory that was given back to the system comes again page by page, each at the cost of a fault.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time

from scaling import CELL, case_of

from scratchnet.bench.machine import cores
from scratchnet.bench.pairs import THREAD_SETTINGS
from scratchnet.bench.worker import make_peer

DEFAULT = ["V", "500", "2000", "4000", "8000", "T", "50", "B", "256"]
WARM, STEPS = 3, 4


def one(contestant: str, axis: str, value: int) -> str:
    """Take a few steps; return a line of the table."""
    peer = make_peer(contestant, case_of(axis, value), CELL, cores())
    peer.prepare(0, 2)
    for k in range(WARM):
        peer.finish(peer.step(k))
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    for k in range(STEPS):
        peer.finish(peer.step(k))
    after, wall = resource.getrusage(resource.RUSAGE_SELF), (time.perf_counter() - start) / STEPS
    faults, system = (after.ru_minflt - before.ru_minflt) / STEPS, (after.ru_stime - before.ru_stime) / STEPS
    times = f"{1e3 * system:6.0f} ms system {1e3 * wall:6.0f} ms a step"
    return f"{contestant:6} {axis} {value:<6,} {faults:9,.0f} faults {times}"


def main() -> None:
    """Print a line for each contestant and size, each in a process of its own."""
    if sys.argv[1:2] == ["--one"]:
        print(one(sys.argv[2], sys.argv[3], int(sys.argv[4])))
        return
    axis = ""
    for word in sys.argv[1:] or DEFAULT:
        if not word.isdigit():
            axis = word
            continue
        for contestant in ("numba", "torch"):
            settings = os.environ | {name: str(cores()) for name in THREAD_SETTINGS}
            subprocess.run([sys.executable, __file__, "--one", contestant, axis, word], env=settings, check=True)


if __name__ == "__main__":
    main()
