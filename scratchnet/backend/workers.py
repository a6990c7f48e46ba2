"""The processor's cores, for work that falls into blocks: what NumPy itself would do on one core only.

Matrix products are spread over the cores by the BLAS library. Everything else that is large (a softmax over N x V, an
optimizer's pass over all parameters) is cut into blocks that fit the cache, and the cores take them one by one. NumPy
lets go of Python's lock while it computes, so threads are enough.

Read next: recompute.py.
"""

from __future__ import annotations

import contextvars
import ctypes
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from scratchnet.backend.cores import usable_cores

WORTHWHILE = 16  # parts: below that, waking the others up takes as long as they save
Part = slice
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # as <malloc.h> numbers them; 32 MiB is the most that the second takes
Work = Callable[[Part], None]


class Workers:
    """At most `limit` threads; without a limit, as many as there are cores to use (see cores.py)."""

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self._pool: ThreadPoolExecutor | None = None
        self._size = self._process = 0

    @property
    def threads(self) -> int:
        """How many threads work, the caller's among them."""
        return self.limit or usable_cores()

    def run(self, work: Work, parts: list[Part]) -> None:
        """Call `work` once for each part, each core taking the next one; the first error is raised here."""
        others = min(self.threads, len(parts)) - 1 if len(parts) >= WORTHWHILE else 0
        if others < 1:
            for part in parts:
                work(part)
            return
        left = iter(parts)  # taking the next element of a list is one step that no other thread can come between
        helpers = [self.pool().submit(contextvars.copy_context().run, _take, work, left) for _ in range(others)]
        try:
            _take(work, left)
        finally:
            errors = [helper.exception() for helper in helpers]
        for error in errors:
            if error is not None:
                raise error

    def pool(self) -> ThreadPoolExecutor:
        """Return the threads, made when they are first needed, and anew in a forked process or when more are needed."""
        others = max(1, self.threads - 1)
        if self._pool is None or self._process != os.getpid() or self._size < others:
            self._pool = ThreadPoolExecutor(others, thread_name_prefix="scratchnet")
            self._process, self._size = os.getpid(), others
        return self._pool


def _take(work: Work, left: Iterator[Part]) -> None:
    for part in left:
        work(part)


def keep_freed_memory() -> None:
    """Tell the C library to keep freed memory for the next array, instead of giving it back to the system.

    A training step makes and drops the same temporary arrays again and again. By default glibc returns large ones at
    once, and the next touch of every page costs a fault: a quarter of a small training step. Elsewhere
    this does nothing.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, 512 << 20)
