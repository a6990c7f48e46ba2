"""Where an error or a line lies: the file, the line, what went wrong, and the shapes that met there, all in one line.

A traceback through a library one does not know is of little help; the last frame of one's own file is.

Read next: line_runs.py.
"""

from __future__ import annotations

import inspect
import linecache
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

from scratchnet.usercode.notebook_cells import cell_file, cell_label, is_cell, with_other_cells

LIBRARY = str(Path(__file__).resolve().parent.parent)
NAMES = re.compile(r"[A-Za-z_][\w.]*")
# The base classes of every cell, and the wrappers around homework: nobody's own code.
SHARED = tuple(str(Path(LIBRARY) / part) for part in ("cells/base.py", "parameters.py", "gradcheck"))

ErrorLocator = Callable[[BaseException], str]


def files_of(classes: Iterable[type]) -> frozenset[str]:
    """Return the files in which these classes, and their bases outside the shared ones, are defined."""
    bases = {base for one in classes for base in one.__mro__}
    # Asked of the methods: a class itself only knows its module, and not every module is imported.
    methods = [method for base in bases for method in vars(base).values() if inspect.isfunction(method)]
    files = {method.__code__.co_filename for method in methods}
    return with_other_cells(frozenset(file for file in files if not file.startswith(SHARED)))


def files_around(function: Callable[..., Any]) -> frozenset[str]:
    """Return the file of a function; for one typed into a notebook, all cells."""
    return with_other_cells(frozenset([function.__code__.co_filename]))


def error_locator(classes: Iterable[type]) -> ErrorLocator:
    """Return the function that says in one line where in the files of these classes an error arose."""
    files = files_of(classes)
    return lambda error: locate_error(error, files)


def locate_error(error: BaseException, files: Iterable[str] = ()) -> str:
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
    chosen = chosen or [pair for pair in frames if not is_foreign(pair[0].f_code.co_filename)]
    if not chosen:
        return _message(error)
    frame, number = chosen[-1]
    file, line = frame.f_code.co_filename, source_line(frame.f_code.co_filename, number)
    where = f"{shown_path(file)}:{number}, in {frame.f_code.co_name}: {_message(error)}"
    shapes = _shapes(line, frame) if isinstance(error, (ValueError, TypeError, IndexError)) else ""
    return where + (f": `{line}`" if line else "") + (f"; shapes {shapes}" if shapes else "")


def user_frames(error: BaseException) -> tuple[str, ...]:
    """Return the frames of an error's traceback that lie in the user's files, a line each, outermost first."""
    frames = [(frame.f_code, number) for frame, number in traceback.walk_tb(error.__traceback__)]
    return tuple(
        f"{shown_path(code.co_filename)}:{number}, in {code.co_name}: {source_line(code.co_filename, number)}"
        for code, number in frames
        if not is_foreign(code.co_filename)
    )


def frames_running(thread: int) -> Iterator[tuple[str, int, str]]:
    """Yield (file, line number, function) of what a thread runs at this moment in the user's files, innermost first."""
    frame = sys._current_frames().get(thread)
    while frame is not None:
        if not is_foreign(frame.f_code.co_filename):
            yield frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name
        frame = frame.f_back


def line_of_caller(files: Iterable[str]) -> tuple[str, int] | None:
    """Return (file, line number) of the innermost call under way in one of these files, or None."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename not in files:
        frame = frame.f_back
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def source_line(file: str, number: int, whole: bool = False) -> str:
    """Return one line of a file without its comment and indentation, or the whole of it; "" where there is none.

    file: its name, or what `shown_path` made of it.
    """
    line = linecache.getline(cell_file(file), number)
    return line.rstrip() if whole else line.split("#")[0].strip()


def shown_path(file: str) -> str:
    """Return the path as one would type it here, relative to the current folder if inside it; "In[3]" for a cell."""
    if is_cell(file):
        return cell_label(file)
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return file


def is_foreign(file: str) -> bool:
    """Tell whether a file belongs to this library or to an installed package, and so is not the user's."""
    if is_cell(file):
        return False
    return file.startswith((LIBRARY, "<")) or "site-packages" in file or "importlib" in file


def _message(error: BaseException) -> str:
    if isinstance(error, AttributeError) and isinstance(error.obj, SimpleNamespace):
        there = ", ".join(vars(error.obj)) or "none"
        return f"no array is called {error.name!r}: the class says in state and saved which there are (here: {there})"
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


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
