"""Limits for code that one does not know: an endless loop is ended, a flood of print is cut.

Read next: files_elsewhere.py.
"""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from scratchnet.errors import InputError
from scratchnet.usercode.locate import frames_running, shown_place, source_line

Frames = list[tuple[str, int, str]]


class LimitedOutput(io.TextIOBase):
    """A stream that hands its first lines on to standard error, as it is now, and drops the rest, once saying so."""

    def __init__(self, most: int = 20) -> None:
        self.left, self.to = most, sys.stderr

    def write(self, text: str) -> int:
        """Write the text, or drop it."""
        if self.left > 0:
            self.left -= text.count("\n")
            self.to.write(text if self.left > 0 else "... (what else it prints is not shown)\n")
        return len(text)

    encoding = "utf-8"

    def reconfigure(self, **named: object) -> None:
        """Stay as it is."""

    @property
    def buffer(self) -> io.BufferedIOBase:
        """The stream of its bytes: some programs wrap it anew."""
        return _Bytes(self)

    def writable(self) -> bool:
        """Say that it can be written to: some programs ask."""
        return True


class _Bytes(io.BufferedIOBase):
    def __init__(self, stream: LimitedOutput) -> None:
        self.stream = stream

    def write(self, data: Any) -> int:
        self.stream.write(bytes(data).decode("utf-8", "replace"))
        return len(data)

    def writable(self) -> bool:
        return True


class TimeIsUp(InputError):
    """Code that was stopped. seconds: after how many. frames: (file, line, function) of the user's, innermost
    first; None where they could not be had.
    """

    def __init__(self, what: str, seconds: float, frames: Frames | None = None) -> None:
        self.what, self.seconds, self.frames = what, seconds, frames
        at = ""
        for file, number, function in (frames or [])[:1]:
            at = f", when it was at {shown_place(file, number)}, in {function}: `{source_line(file, number)}`"
        super().__init__(
            f"{what} was stopped after {seconds:g} s{at}: an endless loop? More time: --time-limit SECONDS"
        )


@contextlib.contextmanager
def time_limit(seconds: float, what: str, stop: Callable[[TimeIsUp], None]) -> Iterator[None]:
    """Call `stop`, in another thread, unless the block ends within `seconds` (0: no limit).

    Code can swallow every exception that is raised in it, so `stop` should end the process. what: the block, for the
    message.
    """
    if seconds <= 0:
        yield
        return
    done, thread = threading.Event(), threading.get_ident()

    def watch() -> None:
        if not done.wait(seconds):
            stop(TimeIsUp(what, seconds, list(frames_running(thread))))

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()
