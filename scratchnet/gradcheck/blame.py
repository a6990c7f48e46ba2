"""Errors in a learner's code, said in one line: the file, the line, what went wrong, and the shapes that met there.

A traceback through a library one does not know is of little help; the last frame of one's own file is.

Read next: models.py.
"""

from __future__ import annotations

import inspect
import linecache
import re
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

from scratchnet.cells import Cell
from scratchnet.parameters import Module

LIBRARY = str(Path(__file__).resolve().parent.parent)
NAMES = re.compile(r"[A-Za-z_][\w.]*")

Blame = Callable[[BaseException], str]


class Stopped(Exception):
    """The check cannot go on; the message is the one line that says why."""


def files_of(things: Iterable[type]) -> frozenset[str]:
    """Return the files in which these classes, and their bases outside the shared ones, are defined."""
    bases = {base for thing in things for base in thing.__mro__ if base not in (Cell, Module, object)}
    bases = {base for base in bases if not base.__module__.startswith("scratchnet.gradcheck.")}  # the wraps of homework
    # Asked of the methods: a class itself only knows its module, and not every module is imported.
    return frozenset(
        method.__code__.co_filename for base in bases for method in vars(base).values() if inspect.isfunction(method)
    )


def blamer(things: Iterable[type]) -> Blame:
    """Return the function that says in one line where in the files of these classes an error arose."""
    files = files_of(things)
    return lambda error: blame(error, files)


def blame(error: BaseException, files: Iterable[str] = ()) -> str:
    """Return "file:line, in function: Error: message: `the line`; shapes ..." for the last frame of one's own.

    That is the last one in `files`; failing that, the last one outside this library and installed packages.
    """
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        line = source_line(error.filename, error.lineno)
        said = f"{shown_path(error.filename)}:{error.lineno}: {type(error).__name__}: {error.msg}"
        return said + (f": `{line}`" if line else "")
    own = set(files)
    frames = list(traceback.walk_tb(error.__traceback__))
    chosen = [pair for pair in frames if pair[0].f_code.co_filename in own]
    chosen = chosen or [pair for pair in frames if not foreign(pair[0].f_code.co_filename)]
    if not chosen:
        return _message(error)
    frame, number = chosen[-1]
    file, line = frame.f_code.co_filename, source_line(frame.f_code.co_filename, number)
    where = f"{shown_path(file)}:{number}, in {frame.f_code.co_name}: {_message(error)}"
    shapes = _shapes(line, frame) if isinstance(error, (ValueError, TypeError, IndexError)) else ""
    return where + (f": `{line}`" if line else "") + (f"; shapes {shapes}" if shapes else "")


def source_line(file: str, number: int, whole: bool = False) -> str:
    """Return one line of a file without its comment and indentation, or the whole of it; "" where there is none."""
    line = linecache.getline(file, number)
    return line.rstrip() if whole else line.split("#")[0].strip()


def shown_path(file: str) -> str:
    """Return the path as one would type it here: relative to the current folder where it lies inside it."""
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return file


def _message(error: BaseException) -> str:
    if isinstance(error, AttributeError) and isinstance(error.obj, SimpleNamespace):
        there = ", ".join(vars(error.obj)) or "none"
        return f"no array is called {error.name!r}: the class says in state and saved which there are (here: {there})"
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def foreign(file: str) -> bool:
    """Tell whether a file belongs to this library or to an installed package."""
    return file.startswith((LIBRARY, "<")) or "site-packages" in file or "importlib" in file


def _shapes(line: str, frame: FrameType) -> str:
    """Return the shapes of all arrays that the line names: "da_x (4, 24), self.W_hh (6, 24)"."""
    found = {}
    for name in NAMES.findall(line):
        first, *rest = name.rstrip(".").split(".")
        value: Any = frame.f_locals.get(first)
        # The longest part of "self.W_hh.sum" that is an array.
        for k in range(len(rest) + 1):
            if hasattr(value, "shape") and hasattr(value, "dtype"):
                found[".".join([first, *rest[:k]])] = tuple(value.shape)
                break
            value = vars(value).get(rest[k]) if k < len(rest) and hasattr(value, "__dict__") else None
    return ", ".join(f"{name} {shape}" for name, shape in found.items())
