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
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

from scratchnet.errors import InputError
from scratchnet.usercode.notebook_cells import cell_file, cell_label, is_cell, with_other_cells
from scratchnet.usercode.notebook_file import cell_and_line, is_notebook, read_source

LIBRARY = str(Path(__file__).resolve().parent.parent)
NAMES = re.compile(r"[A-Za-z_][\w.]*")
# The base classes of every cell, and the wrappers around homework: nobody's own code.
SHARED = tuple(str(Path(LIBRARY) / part) for part in ("cells/base.py", "parameters.py", "gradcheck"))

# Of Python 2: what the compiler of Python 3 says of its syntax, and names that are no more.
OLD_SYNTAX = ("Missing parentheses in call to 'print'", "leading zeros in decimal integer", "multiple exception types")
OLD_NAMES = ("xrange", "raw_input", "unicode", "basestring", "unichr", "iteritems", "itervalues", "iterkeys", "has_key")


def files_of(classes: Iterable[type]) -> frozenset[str]:
    """Return the files in which these classes, and their bases outside the shared ones, are defined."""
    bases = {base for one in classes for base in one.__mro__}
    # Asked of the methods: a class itself only knows its module, and not every module is imported.
    methods = [method for base in bases for method in vars(base).values() if inspect.isfunction(method)]
    files = {method.__code__.co_filename for method in methods}
    return with_other_cells(frozenset(file for file in files if not file.startswith(SHARED)))


def locate_error(error: BaseException, files: Iterable[str] = ()) -> str:
    """Return "file:line, in function: Error: message: `the line`; shapes ..." for the last frame of one's own.

    That is the last one in `files`; failing that, the last one outside this library and installed packages.
    """
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        line = source_line(error.filename, error.lineno)
        said = f"{shown_place(error.filename, error.lineno)}: {type(error).__name__}: {error.msg}{_old_python(error)}"
        return said + (f": `{line}`" if line else "")
    found = _last_frame(error, files)
    if found is None:
        return _message(error)
    frame, number = found
    file, line = frame.f_code.co_filename, source_line(frame.f_code.co_filename, number)
    where = f"{shown_place(file, number)}, in {frame.f_code.co_name}: {_message(error)}"
    shapes = _shapes(line, frame) if isinstance(error, (ValueError, TypeError, IndexError)) else ""
    return where + (f": `{line}`" if line else "") + (f"; shapes {shapes}" if shapes else "")


def place_of_error(error: BaseException, files: Iterable[str] = ()) -> tuple[str, int]:
    """Return (file, line) of the place that `locate_error` names, ("", 0) where it names none."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return error.filename, error.lineno
    found = _last_frame(error, files)
    return ("", 0) if found is None else (found[0].f_code.co_filename, found[1])


def _last_frame(error: BaseException, files: Iterable[str]) -> tuple[FrameType, int] | None:
    own = set(files)
    frames = list(traceback.walk_tb(error.__traceback__))
    chosen = [pair for pair in frames if pair[0].f_code.co_filename in own]
    chosen = chosen or [pair for pair in frames if not is_foreign(pair[0].f_code.co_filename)]
    return chosen[-1] if chosen else None


def user_frames(error: BaseException) -> tuple[str, ...]:
    """Return the frames of an error's traceback that lie in the user's files, a line each, outermost first."""
    frames = [(frame.f_code, number) for frame, number in traceback.walk_tb(error.__traceback__)]
    return tuple(
        f"{shown_place(code.co_filename, number)}, in {code.co_name}: {source_line(code.co_filename, number)}"
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


def source_line(file: str, number: int, whole: bool = False) -> str:
    """Return one line of a file without its comment and indentation, or the whole of it; "" where there is none.

    file: its name, or what `shown_path` made of it.
    """
    if is_notebook(file):
        line = dict(enumerate(_text_of(file).splitlines(), 1)).get(number, "")
    else:
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


def shown_place(file: str, number: int) -> str:
    """Return "file.py:12", or "file.ipynb, cell 3, line 5" of a line of a notebook's text."""
    if not is_notebook(file):
        return f"{shown_path(file)}:{number}"
    cell, line = cell_and_line(_text_of(file), number)
    return f"{shown_path(file)}, cell {cell}, line {line}"


def _text_of(notebook: str) -> str:
    try:
        return read_source(Path(notebook))
    except (OSError, ValueError, InputError):
        return ""


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
    return f"{type(error).__name__}: {first}{_old_python(error)}" if first else type(error).__name__


def _old_python(error: BaseException) -> str:
    """Return what to say of an error that nearly always comes of code for Python 2, "" of any other."""
    said = str(error)
    named = isinstance(error, (NameError, AttributeError)) and error.name in OLD_NAMES
    return ": is this Python 2? It runs with Python 3 only" if named or any(text in said for text in OLD_SYNTAX) else ""


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
