"""Limits for code that one does not know: an endless loop ends in one line, a flood of print is cut.

Read next: nan.py.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from types import FrameType

from scratchnet.errors import InputError
from scratchnet.gradcheck.blame import foreign, shown_path, source_line

PATIENCE = 5  # alarms that a learner's own bare `except:` may swallow


class FewLines(io.TextIOBase):
    """A stream that hands its first lines on to standard error and drops the rest, once saying so."""

    def __init__(self, most: int = 20) -> None:
        self.left = most

    def write(self, text: str) -> int:
        """Write the text, or drop it."""
        if self.left > 0:
            self.left -= text.count("\n")
            sys.stderr.write(text if self.left > 0 else "... (what else it prints is not shown)\n")
        return len(text)


class TimeUp(BaseException):
    """Raised where the code is when its time is up; no `except Exception` catches it."""


@contextlib.contextmanager
def time_limit(seconds: float, what: str) -> Iterator[None]:
    """Raise InputError, with the line that was running, unless the block ends within `seconds` (0: no limit).

    Only on systems with alarm signals, and in the main thread; elsewhere the block may take as long as it likes.
    """
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if seconds <= 0 or not usable:
        yield
        return
    rung = 0

    def ring(number: int, frame: FrameType | None) -> None:
        nonlocal rung
        rung += 1
        if rung > PATIENCE:
            print(f"error: {_said(seconds, what, _line(frame))}", file=sys.stderr, flush=True)
            os._exit(2)
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    except TimeUp as up:
        frames = [frame for frame, _ in traceback.walk_tb(up.__traceback__)]
        own = [frame for frame in frames if not foreign(frame.f_code.co_filename)]
        numbers = dict(traceback.walk_tb(up.__traceback__))
        where = _line(own[-1], numbers[own[-1]]) if own else ""
        raise InputError(_said(seconds, what, where)) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def _said(seconds: float, what: str, where: str) -> str:
    at = f", when it was at {where}" if where else ""
    return f"{what} was stopped after {seconds:g} s{at}: an endless loop? More time: --time-limit SECONDS"


def _line(frame: FrameType | None, number: int | None = None) -> str:
    while frame is not None and foreign(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return ""
    file, number = frame.f_code.co_filename, number or frame.f_lineno
    return f"{shown_path(file)}:{number}, in {frame.f_code.co_name}: `{source_line(file, number)}`"
