"""Taking turns: every contestant a block of the same steps, again and again, so that a slow minute slows all alike.

    A B A B A B A B        each pair of neighbouring blocks gives one ratio, and the median of the ratios is the result

A machine's rate drifts by tens of percent over minutes; the ratio of two blocks a second apart hardly does.

Read next: floor.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

from scratchnet.bench.cases import Case
from scratchnet.errors import InputError

THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Spread:
    """The smallest, the median and the largest of some figures."""

    minimum: float
    median: float
    maximum: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Return the spread of one figure or more."""
        return cls(min(figures), median(figures), max(figures))


class Worker:
    """A contestant's process, kept alive between its turns. Raises InputError with its words when it fails."""

    def __init__(self, contestant: str, case: Case, cell: str, threads: int, form: str = "fused") -> None:
        self.launch(contestant, ["-m", "scratchnet.bench.worker"], threads)
        setup = {"contestant": contestant, "case": case.to_json(), "cell": cell, "threads": threads, "form": form}
        self.send(setup)

    def launch(self, contestant: str, command: Sequence[str], threads: int, tree: Path | None = None) -> None:
        """Start Python with `command` on a number of threads; `tree` is a folder whose library it imports instead."""
        self.contestant = contestant
        environment = os.environ | {name: str(threads) for name in THREAD_SETTINGS}
        if tree is not None:
            environment["PYTHONPATH"] = str(tree)
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - until __exit__; a pipe nobody reads would fill up
        self.process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            text=True,
            env=environment,
        )

    def send(self, message: dict[str, Any]) -> None:
        """Write one line to the worker."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return  # receive() reads what the worker said last

    def receive(self) -> dict[str, Any]:
        """Return the worker's next answer."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {}
        if not line:
            code = self.process.wait()
            self.said.seek(0)
            said = self.said.read().strip().splitlines()
            answer = {"error": f"its process ended with code {code}{': ' + said[-1] if said else ''}"}
        if "error" in answer:
            raise InputError(f"{self.contestant}: {answer['error']}")
        return answer

    def ask(self, do: str, **values: Any) -> dict[str, Any]:
        """Say what to do and return the answer."""
        self.send({"do": do, **values})
        return self.receive()

    def __enter__(self) -> Self:
        self.receive()  # the first answer says that the model stands
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.said):
            with contextlib.suppress(BrokenPipeError):  # what it was to be told, and never will be
                if stream is not None:
                    stream.close()


@dataclass
class Turns:
    """What came of taking turns: the steps of a block, and for each contestant what each of its blocks came to."""

    steps: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    tokens: dict[str, list[int]] = field(default_factory=dict)
    words: dict[str, list[int]] = field(default_factory=dict)

    def add(self, contestant: str, block: dict[str, Any]) -> None:
        """Take note of a block."""
        for name in ("seconds", "tokens", "words"):
            getattr(self, name).setdefault(contestant, []).append(block[name])

    def rate(self, contestant: str, what: str = "tokens") -> Spread:
        """Return tokens (or words) per second over the blocks of one contestant."""
        counts = getattr(self, what)[contestant]
        return Spread.of([n / seconds for n, seconds in zip(counts, self.seconds[contestant], strict=True)])

    def ratio(self, contestant: str, other: str) -> Spread:
        """Return how many times as fast as `other` a contestant is, pair by pair: above one, it is faster."""
        mine, theirs = self.seconds[contestant], self.seconds[other]
        return Spread.of([b / a for a, b in zip(mine, theirs, strict=True)])

    def seconds_per_step(self, contestant: str) -> float:
        """Return the median time of one step."""
        return median(self.seconds[contestant]) / self.steps


def steps_of_a_block(workers: Sequence[Worker], block_seconds: float) -> int:
    """Return how many steps the slowest worker takes in about `block_seconds`, at least one. Warms everyone up."""
    slowest: float = max(worker.ask("run", first=1, steps=1, warm=1)["seconds"] for worker in workers)
    if slowest < block_seconds:  # the first steps are slower than all that follow
        slowest = max(worker.ask("run", first=1, steps=3)["seconds"] / 3 for worker in workers)
    return max(1, round(block_seconds / slowest))


def take_turns(workers: Sequence[Worker], pairs: int, steps: int, first: int = 1) -> Turns:
    """Let every worker take the same steps, block by block, `pairs` times in turn.

    The step before a block, in which caches and threads come back, is taken once more, but not timed.
    """
    turns = Turns(steps)
    for block in range(pairs):
        for worker in workers:
            turns.add(worker.contestant, worker.ask("run", first=first + block * steps, steps=steps, warm=1))
    return turns
