"""One implementation in a process of its own: thread pools of two libraries in one process compete for the cores.

The benchmark writes requests to the worker's standard input and reads answers from its standard output, one JSON object
a line. In between the process sleeps, so that it does not disturb the others.

    {"do": "run", "first": 24, "steps": 8, "warm": 1}    ->  {"seconds": 0.31, "tokens": 5120, "loss": 7.6}

Read next: ../cli/__init__.py.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scratchnet.bench.breakdown import measure_breakdown
from scratchnet.bench.cases import Case
from scratchnet.bench.implementation import Implementation
from scratchnet.bench.matmul_bound import MatmulBound
from scratchnet.bench.scratchnet_implementation import ScratchnetImplementation
from scratchnet.bench.torch_implementation import TorchImplementation
from scratchnet.errors import InputError

TORCH, TORCH_UNPADDED, MATMUL = "torch", "torch, unpadded", "matmul bound"
THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
SERVE = ("-c", "from scratchnet.bench.worker import serve; serve()")


class Worker:
    """The process of one implementation, kept alive between its turns. An error there is an InputError here."""

    def __init__(self, name: str, threads: int, command: Sequence[str] = SERVE, tree: Path | None = None) -> None:
        """Start Python with `command` on a number of threads; `tree` is a folder whose library it imports instead."""
        self.name = name
        environment = os.environ | {setting: str(threads) for setting in THREAD_SETTINGS}
        if tree is not None:
            environment["PYTHONPATH"] = str(tree)
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - until __exit__; a pipe nobody reads would fill up
        self.process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=environment,
        )

    def send(self, message: dict[str, Any]) -> None:
        """Write one line to the worker."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # receive() then reads the worker's last words
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Return the worker's next answer."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {}
        if not line:
            code = self.process.wait()
            self.errors.seek(0)
            lines = self.errors.read().strip().splitlines()
            answer = {"error": f"its process ended with code {code}{': ' + lines[-1] if lines else ''}"}
        if "error" in answer:
            raise InputError(f"{self.name}: {answer['error']}")
        return answer

    def ask(self, do: str, **values: Any) -> dict[str, Any]:
        """Send a request and return the answer."""
        self.send({"do": do, **values})
        return self.receive()

    def __enter__(self) -> Self:
        self.receive()  # the first answer says that the model is ready
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            with contextlib.suppress(BrokenPipeError):  # what was still to be written
                if stream is not None:
                    stream.close()


def start_worker(name: str, case: Case, cell: str, threads: int) -> Worker:
    """Start the process of an implementation; entering it as a context waits until its model is ready."""
    worker = Worker(name, threads)
    worker.send({"name": name, "case": asdict(case), "cell": cell, "threads": threads})
    return worker


def make_implementation(name: str, case: Case, cell: str, threads: int) -> Implementation:
    """Return an implementation: a backend of this library by its name, TORCH, TORCH_UNPADDED or MATMUL."""
    if name == MATMUL:
        return MatmulBound(case, cell)
    if name in (TORCH, TORCH_UNPADDED):
        return TorchImplementation(case, cell, threads, name == TORCH_UNPADDED)
    return ScratchnetImplementation(case, cell, name)


def run_steps(implementation: Any, first: int, steps: int, warm: int = 0) -> dict[str, Any]:
    """Take `steps` steps from batch `first` on, after `warm` steps that are not timed; return their time."""
    implementation.prepare(first - warm, steps + warm)
    for k in range(first - warm, first):
        implementation.finish(implementation.step(k))
    loss = None
    start = time.perf_counter()
    for k in range(first, first + steps):
        loss = implementation.step(k)
    last = implementation.finish(loss)
    seconds = time.perf_counter() - start
    if not math.isfinite(last):
        raise InputError(f"the loss is {last} after batch {first + steps - 1}, so the times mean nothing")
    data, done = implementation.data, range(first, first + steps)
    return {
        "seconds": seconds,
        "loss": last,
        "tokens": sum(map(data.tokens, done)),
        "words": sum(map(data.words, done)),
    }


def obey(implementation: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Do what one request asks for; return the answer."""
    match request.pop("do"):
        case "run":
            return run_steps(implementation, **request)
        case "usage":
            return usage()
        case "weights":
            implementation.save_weights(**request)
            return {}
        case "answer":
            implementation.answer(**request)
            return {}
        case "tune":
            return {"variant": implementation.tune_optimizer()}
        case "breakdown":
            return {"seconds": measure_breakdown(implementation, **request)}
        case "matmul bound":
            return {"flops": implementation.flops(**request), "best_rate": implementation.best_rate()}
        case unknown:
            raise InputError(f"a worker does not know the request {unknown!r}")


def usage() -> dict[str, float | None]:
    """Return this process's peak memory in MiB, page faults and system seconds; None where the system cannot tell."""
    try:
        import resource
    except ImportError:  # Windows
        return {"peak_mib": None, "page_faults": None, "system_seconds": None}
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = used.ru_maxrss / (1024 if sys.platform != "darwin" else 2**20)
    return {"peak_mib": peak, "page_faults": used.ru_minflt, "system_seconds": used.ru_stime}


def serve(do: Callable[[Any, dict[str, Any]], dict[str, Any]] = obey) -> None:
    """Be a worker: make an implementation, and answer requests with do(implementation, request) until input ends."""
    # What a library prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    setup = json.loads(sys.stdin.readline())
    try:
        implementation = make_implementation(**{**setup, "case": Case(**setup["case"])})
        print(json.dumps({"pid": os.getpid()}), file=answers)
        for line in sys.stdin:
            print(json.dumps(do(implementation, json.loads(line))), file=answers)
    except Exception as error:
        kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
        print(json.dumps({"error": (kind + str(error)).splitlines()[0]}), file=answers)
        if not isinstance(error, InputError):
            raise
