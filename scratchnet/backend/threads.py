"""How many threads compute: one number for BLAS, for the library's own workers and for Numba's.

    set_threads(2)                                from now on; set_threads("auto") for what the machine gives
    with StepThreads(backend, "auto") as threads:
        with threads.step(tokens):                the number that chooser.py finds; at the end all is as it was
            ...

The threads of BLAS wait for each other within each product. Beside other busy processes one of them is always without a
core, and two threads are then several times slower than one.

Read next: chooser.py.
"""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import numpy as np

from scratchnet.backend.chooser import Chooser, candidates
from scratchnet.backend.cores import SETTING, allowed_cores, number_set, usable_cores
from scratchnet.backend.numba_backend import limit_numba
from scratchnet.backend.numpy_backend import Backend
from scratchnet.errors import InputError

AUTO = "auto"
QUIET = 60.0  # seconds between two lines about changes
NO_POOL = "NumPy's matrix products choose their own threads: threadpoolctl cannot set those of this BLAS library"


class BlasPools:
    """The thread pools of the BLAS libraries that are loaded, whoever loaded them and when."""

    def __init__(self) -> None:
        from threadpoolctl import ThreadpoolController

        self.libraries: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers

    def numbers(self) -> list[int]:
        """Return the number of threads of each library."""
        return [library.get_num_threads() or 1 for library in self.libraries]

    def set(self, numbers: list[int]) -> None:
        """Give each library its number of threads."""
        for library, number in zip(self.libraries, numbers, strict=True):
            library.set_num_threads(number)

    def set_all(self, number: int) -> None:
        """Give every library the same number of threads."""
        self.set([number] * len(self.libraries))

    def describe(self) -> list[str]:
        """Return a line for each library: its name, version, kernels and threads."""
        found = []
        for library in self.libraries:
            facts = library.info()
            kernels = f", {facts['architecture']} kernels" if facts.get("architecture") else ""
            number = facts["num_threads"]
            name = f"{facts['internal_api']} {facts['version'] or '(version unknown)'}"
            found.append(f"{name}{kernels}, {number} thread{'s' * (number != 1)}")
        return found


def parse_threads(threads: int | str) -> int | str:
    """Return a number of threads, or "auto". Raises InputError for anything else."""
    text = str(threads).strip()
    if text == AUTO or (text.isdecimal() and int(text) > 0 and not isinstance(threads, bool)):
        return AUTO if text == AUTO else int(text)
    raise InputError(f"threads is {threads!r}: it must be a whole number of 1 or more, or auto")


def set_threads(threads: int | str = AUTO) -> None:
    """Compute with `threads` threads from now on, in this process and those that it starts; "auto": as many as allowed.

    The number holds for BLAS, the library's own workers and Numba's, and a training keeps to it. It is written to the
    environment as OPENBLAS_NUM_THREADS; "auto" removes it there. Raises InputError for what is no number of threads.
    """
    wanted = parse_threads(threads)
    if isinstance(wanted, int):
        warn_of_too_many(wanted, warnings.warn)
        os.environ[SETTING] = str(wanted)
    else:
        os.environ.pop(SETTING, None)
    pools = BlasPools()
    if not pools.libraries:
        warnings.warn(NO_POOL, stacklevel=2)
    pools.set_all(usable_cores())
    limit_numba(usable_cores())


def warn_of_too_many(number: int, say: Callable[[str], Any]) -> None:
    """Say so where a number of threads is larger than that of the cores."""
    cores = allowed_cores()
    if number > cores:
        say(f"{number} threads on {cores} core{'s' * (cores > 1)} wait for one another: {AUTO}, or {cores}, is faster")


class StepThreads:
    """The threads of work that is done in steps; a context manager that leaves all settings as it found them.

    threads: a number; "auto", for the fastest as it turns out, up to what BLAS has when the work begins; or None, for
    the number that the user has set (see `number_set`), else "auto". `say` gets a line when something is to be said.
    """

    def __init__(
        self, backend: Backend, threads: int | str | None = None, say: Callable[[str], Any] = lambda line: None
    ) -> None:
        wanted = number_set() or AUTO if threads is None else parse_threads(threads)
        self.backend, self.wanted, self.say = backend, wanted, say
        self.chooser: Chooser | None = None
        self.now = 0  # threads, once they are set
        self.line, self.said = "", -math.inf  # the latest line about a change that is still to be said; when one was

    def __enter__(self) -> Self:
        self.pools = BlasPools()
        self.before, self.limit = self.pools.numbers(), self.backend.workers.limit
        users = self.backend.users_of_threads  # side by side, the last one to leave restores what the first one found
        users.append(self)
        self.before, self.limit = users[0].before, users[0].limit
        on_host = self.backend.xp is np
        if not self.pools.libraries and on_host:
            self.say(NO_POOL)
        if isinstance(self.wanted, int):
            warn_of_too_many(self.wanted, self.say)
            self.use(self.wanted)
        elif on_host and self.before:
            choice = candidates(min(allowed_cores(), max(self.before)))
            self.chooser = Chooser(choice) if len(choice) > 1 else None
            self.use(choice[-1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.backend.users_of_threads.remove(self)
        if not self.backend.users_of_threads:
            self.pools.set(self.before)
            self.backend.limit_threads(self.limit)
        self.now = 0

    def use(self, number: int) -> None:
        """Compute with this many threads."""
        if number != self.now:
            self.pools.set_all(number)
            self.backend.limit_threads(number)
            self.now = number

    @contextmanager
    def step(self, work: float) -> Iterator[None]:
        """Time what is done inside, `work` units of it (tokens, say), and choose the threads of the next step."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        if self.chooser is not None:
            line = self.chooser.record(work, time.perf_counter() - wall, time.process_time() - cpu)
            self.use(self.chooser.threads)
            self.line = line or self.line
            if self.line and wall - self.said >= QUIET:
                self.say(self.line)
                self.line, self.said = "", wall
