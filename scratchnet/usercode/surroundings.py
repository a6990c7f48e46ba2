"""What a file that is run finds around it: no arguments of ours, nobody who types, no screen, no place to write to.

Read next: child.py.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from unittest import mock

from scratchnet.usercode.files_elsewhere import files_elsewhere
from scratchnet.usercode.limits import LimitedOutput


class _Nobody(io.StringIO):
    """Standard input of which nothing comes."""

    def readline(self, size: int | None = -1) -> NoReturn:
        """Say that nobody is there."""
        raise EOFError('nobody types during a check: put what asks for input under if __name__ == "__main__":')

    read = readline


def _ending(thread: int, real: Callable[[int], NoReturn]) -> Callable[[int], NoReturn]:
    """Return an os._exit that says where it is called, in one thread: the others are not the user's."""

    def end(status: int) -> NoReturn:
        if threading.get_ident() == thread:
            raise SystemExit(status)
        real(status)

    return end


@contextlib.contextmanager
def as_if_alone(file: Path, *beside: Path) -> Iterator[list[str]]:
    """Run a user's code as if it had been started by itself; yield the names of the files that it writes.

    file: which code it is. beside: more folders in which it may find what it reads. To be used in a process of its own.
    """
    output = LimitedOutput()
    sys.stdout.flush()
    # What C code prints, and os.write: it must not get into a report.
    os.dup2(2, 1)
    os.environ.setdefault("MPLBACKEND", "Agg")
    with (
        mock.patch.object(sys, "argv", [str(file)]),
        mock.patch.object(sys, "stdin", _Nobody()),
        mock.patch.object(sys, "dont_write_bytecode", True),
        mock.patch.object(os, "_exit", _ending(threading.get_ident(), os._exit)),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        warnings.catch_warnings(),
        files_elsewhere([file.resolve().parent, *beside]) as written,
    ):
        warnings.simplefilter("ignore")
        yield written
