"""Steps per second with automatic and with fixed threads, on an idle machine and on one that is not.

    python tests/benchmarks/threads.py                      eleven minutes
    python tests/benchmarks/threads.py --seconds 1 --turns 2 --case small      whether it works

Ours with threads chosen automatically, one, and two (or all); PyTorch as it comes, and with one. Each is a process of
its own, and they take turns of `--seconds` at the same batches: nobody else's sleep disturbs a turn. The situations:
nobody else computes; one busy process; two; and the time of one core only. A busy process is Python counting; it is
started here and ended by its own number.

Read next: recompute.py.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from scratchnet.backend import StepThreads, allowed_cores
from scratchnet.bench import (
    CASES,
    TORCH,
    Case,
    ScratchnetImplementation,
    Table,
    Worker,
    serve,
    torch_installed,
)
from scratchnet.errors import InputError

CGROUPS = Path("/sys/fs/cgroup")
NAMES = ("small", "medium", "large", "ragged")
BUSY = [sys.executable, "-c", "while True: pass"]
LEARNING = 3.0  # times a turn: how long everybody steps in a new situation before the clock counts


# --- a contestant's process -------------------------------------------------------------------------------------------


class Turns:
    """What a contestant does when it is asked to: steps for some seconds, from where its last turn ended.

    threads: of ours, a number or "auto"; PyTorch has what it was started with.
    """

    def __init__(self, threads: str) -> None:
        self.setting, self.at = threads, 0
        self.threads: StepThreads | None = None

    def __call__(self, implementation: Any, request: dict[str, Any]) -> dict[str, Any]:
        if not self.at:
            implementation.prepare(0, implementation.case.batches)
            if isinstance(implementation, ScratchnetImplementation):
                self.threads = StepThreads(implementation.model.backend, self.setting).__enter__()
        steps, begin = 0, time.perf_counter()
        while (spent := time.perf_counter() - begin) < request["seconds"] or not steps:
            with self.threads.step(implementation.data.tokens(self.at)) if self.threads else contextlib.nullcontext():
                implementation.finish(implementation.step(self.at))
            steps, self.at = steps + 1, self.at + 1
        return {"rate": steps / spent, "threads": self.threads.now if self.threads else None}


def start_contestant(label: str, name: str, threads: int, case: Case, cell: str) -> Worker:
    """Start the process of an implementation; `threads` 0 stands for automatic ones, or for PyTorch's own choice."""
    number = threads or allowed_cores()
    contestant = Worker(label, number, [__file__, "--serve", str(threads or "auto")])
    contestant.send({"name": name, "case": asdict(case), "cell": cell, "threads": number})
    return contestant


# --- situations -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def busy(number: int) -> Iterator[str]:
    """Let so many processes compute beside us."""
    started = [subprocess.Popen(BUSY) for _ in range(number)]
    try:
        yield f"beside {number} busy process{'es' * (number > 1)}" if number else "idle machine"
    finally:
        for process in started:
            process.kill()
            process.wait()


@contextlib.contextmanager
def quota_of_one_core(pids: list[int]) -> Iterator[str]:
    """Give these processes the time of one core: by a cgroup, or, where none can be made, by binding them to one."""
    old = (CGROUPS / "cpu").is_dir()
    parent = CGROUPS / "cpu" if old else CGROUPS
    group = parent / f"scratchnet-threads-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        before = {pid: os.sched_getaffinity(pid) for pid in pids}
        try:
            for pid in pids:
                bind(pid, {min(before[pid])})
            yield f"bound to one core (no cgroup can be made: {error.strerror})"
        finally:
            for pid in pids:
                bind(pid, before[pid])
        return
    try:
        if old:
            (group / "cpu.cfs_period_us").write_text("100000")
            (group / "cpu.cfs_quota_us").write_text("100000")
        else:
            (group / "cpu.max").write_text("100000 100000")
        for pid in pids:
            (group / "cgroup.procs").write_text(str(pid))
        yield "quota of one core (a cgroup, set while they run)"
    finally:
        for pid in pids:
            (parent / "cgroup.procs").write_text(str(pid))
        group.rmdir()


def bind(pid: int, allowed: set[int]) -> None:
    """Let all threads of a process run on these cores only."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread), allowed)


# --- turns ------------------------------------------------------------------------------------------------------------


def measure(contestants: list[Worker], seconds: float, turns: int, learn: float) -> dict[str, dict[str, Any]]:
    """Let everybody step for a while, then take turns; return of each its rates and its threads at the end."""
    for contestant in contestants:
        contestant.ask("turn", seconds=learn * seconds)
    found: dict[str, dict[str, Any]] = {one.name: {"rates": []} for one in contestants}
    for number in range(turns):
        for contestant in contestants if number % 2 == 0 else contestants[::-1]:
            answer = contestant.ask("turn", seconds=seconds)
            found[contestant.name]["rates"].append(answer["rate"])
            found[contestant.name]["threads"] = answer["threads"]
    return found


def row(situation: str, found: dict[str, dict[str, Any]], names: list[str]) -> tuple[str, ...]:
    """Return a row: the median rates, the threads chosen in brackets, and automatic ones against the best of ours."""
    rates = {name: median(found[name]["rates"]) for name in names}
    best = max(rate for name, rate in rates.items() if name.startswith("ours") and name != names[0])
    auto = f"{rates[names[0]]:.2f} ({found[names[0]]['threads']})"
    return (situation, auto, *(f"{rates[name]:.2f}" for name in names[1:]), f"{rates[names[0]] / best:.2f}")


def main() -> None:
    """Measure, and print a line after each situation and the table at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="of a turn")
    parser.add_argument("--turns", type=int, default=5, help="of each contestant in each situation")
    parser.add_argument("--learn", type=float, default=LEARNING, help="turns that a new situation goes on uncounted")
    parser.add_argument("--case", choices=NAMES, default="medium")
    parser.add_argument("--cell", default="lstm")
    parser.add_argument("--backend", choices=("numpy", "numba"), default="numpy", help="of ours")
    parser.add_argument("--serve", metavar="THREADS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(Turns(options.serve))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("error: ended"))  # busy processes and quotas end with it
    many = max(2, allowed_cores())
    ours = options.backend
    who = [("ours, auto", ours, 0), ("ours, 1", ours, 1), (f"ours, {many}", ours, many)]
    who += [("torch, default", TORCH, 0), ("torch, 1", TORCH, 1)] if torch_installed() else []
    names = [name for name, _, _ in who]
    table = Table(("steps a second", *names, "auto vs best"), 1)
    with contextlib.ExitStack() as stack:
        case = CASES[options.case]
        contestants = [stack.enter_context(start_contestant(*one, case, options.cell)) for one in who]
        pids = [contestant.process.pid for contestant in contestants]
        for make in (lambda: busy(0), lambda: busy(1), lambda: busy(2), lambda: quota_of_one_core(pids)):
            with make() as situation:
                found = measure(contestants, options.seconds, options.turns, options.learn)
            cells = row(situation, found, names)
            table.rows.append(cells)
            heads = zip((*names, "auto vs best"), cells[1:], strict=True)
            print(f"{situation}: " + "; ".join(f"{head} {cell}" for head, cell in heads), flush=True)
    print("\n" + table.markdown())
    return None


if __name__ == "__main__":
    try:
        main()
    except (InputError, KeyboardInterrupt) as error:
        sys.exit(f"error: {error or 'interrupted'}")
