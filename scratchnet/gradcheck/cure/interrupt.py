"""A search that is stopped, by Ctrl-C or by the clock on the wall, says what it has found so far.

The search counts the processor's seconds. On a busy machine these are long, and who waits has a limit of their own.

Read next: findings.py.
"""

from __future__ import annotations

import _thread
import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def interruptible(seconds: float) -> Iterator[None]:
    """Raise KeyboardInterrupt in the block on Ctrl-C, and after so many seconds on the wall.

    In another thread than the main one nothing is changed: signals do not reach it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # in a child it ends the process at once
    timer = threading.Timer(seconds, _thread.interrupt_main)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
