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
import json
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
from scratchnet.bench import CASES, TORCH, Case, Table, Worker, cpu_backends, make_implementation, torch_installed
from scratchnet.errors import InputError

CGROUPS = Path("/sys/fs/cgroup")
NAMES = ("small", "medium", "large", "ragged")
BUSY = [sys.executable, "-c", "while True: pass"]
LEARNING = 3.0  # times a turn: how long everybody steps in a new situation before the clock counts


# --- a contestant's process -------------------------------------------------------------------------------------------


def take_steps(implementation: Any, at: int, seconds: float, threads: StepThreads | None) -> dict[str, Any]:
    """Take steps from batch `at` on for some seconds; return how many, and how long they took."""
    steps, begin = 0, time.perf_counter()
    while (spent := time.perf_counter() - begin) < seconds or not steps:
        with contextlib.nullcontext() if threads is None else threads.step(implementation.data.tokens(at + steps)):
            implementation.finish(implementation.step(at + steps))
        steps += 1
    return {"steps": steps, "seconds": spent}


def serve() -> None:
    """Be a contestant: read orders from standard input, one JSON object a line, until it ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    setup = json.loads(sys.stdin.readline())
    try:
        case = Case(**setup["case"])
        threads: StepThreads | None = None
        if setup["contestant"] == TORCH:
            import torch

            number = setup["threads"] or torch.get_num_threads()
            implementation = make_implementation(TORCH, case, setup["cell"], number)
        else:
            implementation = make_implementation(setup["contestant"], case, setup["cell"], allowed_cores())
            said: list[str] = []
            threads = StepThreads(implementation.model.backend, setup["threads"] or "auto", said.append).__enter__()
        implementation.prepare(0, case.batches)
        print(json.dumps({"pid": os.getpid()}), file=answers)
        at = 0
        for line in sys.stdin:
            found = take_steps(implementation, at, json.loads(line)["seconds"], threads)
            at += found["steps"]
            print(json.dumps({**found, "threads": None if threads is None else threads.now}), file=answers)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}".splitlines()[0]}), file=answers)
        raise


class Contestant(Worker):
    """A process that takes steps; `threads` 0 stands for automatic ones, or for PyTorch's own choice."""

    def __init__(self, name: str, contestant: str, threads: int, case: Case, cell: str) -> None:
        super().__init__(name, threads or allowed_cores(), [__file__, "--serve"])
        self.send({"contestant": contestant, "threads": threads, "case": asdict(case), "cell": cell})

    def turn(self, seconds: float) -> dict[str, Any]:
        """Return what came of a turn."""
        self.send({"seconds": seconds})
        return self.receive()


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


def measure(contestants: list[Contestant], seconds: float, turns: int, learn: float) -> dict[str, dict[str, Any]]:
    """Let everybody step for a while, then take turns; return of each its rates and its threads at the end."""
    for contestant in contestants:
        contestant.turn(learn * seconds)
    found: dict[str, dict[str, Any]] = {one.name: {"rates": []} for one in contestants}
    for number in range(turns):
        for contestant in contestants if number % 2 == 0 else contestants[::-1]:
            answer = contestant.turn(seconds)
            found[contestant.name]["rates"].append(answer["steps"] / answer["seconds"])
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
    parser.add_argument("--backend", choices=cpu_backends(), default="numpy", help="of ours")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("error: ended"))  # busy processes and quotas end with it
    many = max(2, allowed_cores())
    ours = options.backend
    who = [("ours, auto", ours, 0), ("ours, 1", ours, 1), (f"ours, {many}", ours, many)]
    who += [("torch, default", TORCH, 0), ("torch, 1", TORCH, 1)] if torch_installed() else []
    names = [name for name, _, _ in who]
    table = Table(("steps a second", *names, "auto vs best"), 1)
    with contextlib.ExitStack() as stack:
        case = CASES[options.case]
        contestants = [stack.enter_context(Contestant(*one, case, options.cell)) for one in who]
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
