"""What new memory costs: page faults and system time of a training step, as a size grows.

    python tests/benchmarks/page_faults.py                   numba and torch, half a minute
    python tests/benchmarks/page_faults.py V 4000 32000      other sizes: an axis of scaling.py and its sizes

Memory that was given back to the system comes again page by page, and every page costs a fault.
"""

from __future__ import annotations

import sys

from scaling import CELL, case_of

from scratchnet.backend import allowed_cores
from scratchnet.bench import start_worker

DEFAULT = ["V", "500", "2000", "4000", "8000", "T", "50", "B", "256"]
WARM, STEPS = 3, 4


def main() -> None:
    """Print a line for each size and implementation, each in a process of its own."""
    axis = ""
    for word in sys.argv[1:] or DEFAULT:
        if not word.isdigit():
            axis = word
            continue
        for name in ("numba", "torch"):
            with start_worker(name, case_of(axis, int(word)), CELL, allowed_cores()) as worker:
                worker.ask("run", first=0, steps=WARM)
                before, run, after = worker.ask("usage"), worker.ask("run", first=0, steps=STEPS), worker.ask("usage")
            faults, system = ((after[key] - before[key]) / STEPS for key in ("page_faults", "system_seconds"))
            times = f"{1e3 * system:6.0f} ms system {1e3 * run['seconds'] / STEPS:6.0f} ms a step"
            print(f"{name:6} {axis} {int(word):<6,} {faults:9,.0f} faults {times}")


if __name__ == "__main__":
    main()
