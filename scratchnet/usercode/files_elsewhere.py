"""What code writes is kept from its real place: a file that is checked a hundred times must not write a hundred times.

    with files_elsewhere([folder of the file]) as written: ...     written: the names of the files, as asked for

A file that is opened to be written is one of a temporary folder instead, also when it is read again; a file that is to
be read and is not there is looked for beside the code. What would write in any other way gets a PermissionError.

Read next: surroundings.py.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = ("os.remove", "os.rename", "os.rmdir", "os.truncate", "os.link", "os.symlink", "os.chmod", "shutil.")
STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork", "os.startfile")


class _Elsewhere:
    """The files of one temporary folder that stand for others."""

    def __init__(self, folder: Path, beside: Sequence[Path]) -> None:
        self.folder, self.beside = folder, beside
        self.there: dict[str, Path] = {}
        self.written: list[str] = []
        self.thread = threading.get_ident()  # the watch that ends an endless loop writes, too, and is our own
        self.on = True
        self.real = io.open

    def active(self) -> bool:
        """Tell whether it is the checked code that asks."""
        return self.on and threading.get_ident() == self.thread

    def open(self, file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        """Open a file, or the one that stands for it."""
        if self.active() and isinstance(file, int):
            raise OSError("a number is no file: closing it would close one of ours")
        if self.active() and isinstance(file, (str, os.PathLike)) and str(file) != os.devnull:
            path = os.path.abspath(os.fspath(file))
            if set(mode) & set("wax+"):
                file = self._place(str(file), path, "w" not in mode)
            else:
                file = self.there.get(path) or self._found(str(file))
        return self.real(file, mode, *rest, **named)

    def _place(self, file: str, path: str, keep: bool) -> Path:
        if path not in self.there and self.folder not in Path(path).parents:
            self.there[path] = self.folder / f"{len(self.there)}{Path(path).suffix}"
            self.written.append(file)
            if keep and os.path.isfile(path):
                shutil.copyfile(path, self.there[path])
        return self.there.get(path, Path(path))

    def _found(self, file: str) -> str:
        options = [file, *(str(folder / file) for folder in self.beside)]
        return next((one for one in options if os.path.exists(one)), file)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise PermissionError where code writes in another way, or starts a program."""
        if not self.active():
            return
        if event in STARTS:
            raise PermissionError("it starts another program, which a check does not do")
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if not writes and not event.startswith(CHANGES):
            return
        path = arguments[0]
        name = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else os.devnull
        if name != os.devnull and self.folder not in Path(os.path.abspath(name)).parents:
            raise PermissionError(f"it changes {name}, which a check does not do")


@contextlib.contextmanager
def files_elsewhere(beside: Sequence[Path]) -> Iterator[list[str]]:
    """Keep what this thread writes in a temporary folder; yield the names of what was written so far.

    beside: folders in which files that are to be read are looked for, too. For a process that ends soon: what watches
    over it cannot be taken out again.
    """
    with tempfile.TemporaryDirectory(prefix="scratchnet-") as folder:
        elsewhere = _Elsewhere(Path(folder).resolve(), beside)
        sys.addaudithook(elsewhere.hook)
        with contextlib.ExitStack() as stack:
            for module in (builtins, io):
                stack.enter_context(mock.patch.object(module, "open", elsewhere.open))
            stack.enter_context(mock.patch.object(os, "mkdir", _as_if(elsewhere, os.mkdir, None)))
            stack.enter_context(mock.patch.object(os, "system", _as_if(elsewhere, os.system, 0)))
            stack.enter_context(mock.patch.object(tempfile, "tempdir", str(elsewhere.folder)))
            try:
                yield elsewhere.written
            finally:
                elsewhere.on = False


def _as_if(elsewhere: _Elsewhere, real: Any, result: Any) -> Any:
    """Return a function that does nothing when the checked code calls it."""

    def call(*arguments: Any, **named: Any) -> Any:
        return result if elsewhere.active() else real(*arguments, **named)

    return call
