"""Many calls in processes of their own, several at a time: none that fails, hangs or is killed holds up the others.

    for number, found, seconds in side_by_side("some.module:check", many_arguments, files, workers=4): ...

Read next: trace.py.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from scratchnet.errors import InputError
from scratchnet.usercode.child import call_in_child

# One thread each: the calls share the cores already.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def side_by_side(
    calls: Sequence[tuple[str, Mapping[str, Any]]], files: Sequence[str], *, workers: int, seconds: float
) -> Iterator[tuple[int, Any, float]]:
    """Yield (which call, its result or the InputError that it raised, seconds) in the order in which they are done.

    calls: a function, "module:name", and its arguments, each. files: the user's, for messages. seconds: that each may
    take, 0 for any time. When the caller stops asking, or Ctrl-C is pressed, all that still runs is ended.
    """
    stopped = threading.Event()
    environment = {name: os.environ.get(name, number) for name, number in ONE_THREAD.items()}

    def call(number: int) -> tuple[int, Any, float]:
        began = time.monotonic()
        found: Any = None
        if not stopped.is_set():
            function, arguments = calls[number]
            try:
                found = call_in_child(
                    function, arguments, file=files[number], seconds=seconds, quiet=True, environment=environment,
                    cancelled=stopped.is_set,
                )  # fmt: skip
            except InputError as error:
                found = error
        return number, found, time.monotonic() - began

    pool = ThreadPoolExecutor(max(1, workers))
    try:
        for done in as_completed([pool.submit(call, number) for number in range(len(calls))]):
            yield done.result()
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
