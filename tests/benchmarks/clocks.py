"""Two clocks for workers: the wall's, or, where a machine is never quiet, the processor's time of one thread.

    python tests/benchmarks/clocks.py       a worker of scratchnet.bench, timed by its processor time

With one thread, what a process gets done in a second of the processor hardly depends on who else runs; in a second of
the wall it does. What more threads bring, only the wall's clock can tell.

Read next: scaling.py.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

from scratchnet.bench import breakdown, worker
from scratchnet.bench.cases import Case
from scratchnet.bench.machine import cores
from scratchnet.bench.pairs import Worker

WALL, PROCESSOR = "wall", "processor"


def threads_of(clock: str) -> int:
    """Return how many threads are used under a clock."""
    return cores() if clock == WALL else 1


class CommandWorker(Worker):
    """A contestant's process, started by any command that serves as scratchnet.bench.worker does."""

    def __init__(self, contestant: str, command: Sequence[str], threads: int, tree: Path | None = None) -> None:
        """Start `command` on a number of threads; `tree` is a folder whose library it imports."""
        self.launch(contestant, command, threads, tree)


def start_worker(contestant: str, case: Case, cell: str, clock: str) -> Worker:
    """Start a contestant's process under a clock; whoever enters it waits until its model stands."""
    if clock == WALL:
        return Worker(contestant, case, cell, threads_of(clock))
    found = CommandWorker(contestant, [__file__], threads_of(clock))
    found.send({"contestant": contestant, "case": case.to_json(), "cell": cell, "threads": 1, "form": "fused"})
    return found


def use_processor_time(*modules: object) -> None:
    """Let modules that ask `time.perf_counter` get the processor time of this process."""
    for module in modules:
        vars(module)["time"] = SimpleNamespace(perf_counter=time.process_time)


if __name__ == "__main__":
    use_processor_time(worker, breakdown)
    worker.main()
