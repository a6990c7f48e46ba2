"""A user's file as a module, and a class out of it: path/to/file.py:ClassName.

The file is compiled from its text every time, never from a cached compilation: it may have been saved a moment ago.

Read next: limits.py.
"""

from __future__ import annotations

import contextlib
import difflib
import inspect
import linecache
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import IO

from scratchnet.errors import InputError
from scratchnet.usercode.limits import LimitedOutput
from scratchnet.usercode.locate import locate_error, place_of_error, user_frames
from scratchnet.usercode.notebook_file import is_notebook, read_source


class FileFails(InputError):
    """A file that stops with an error; the error itself is the __cause__.

    frames: those of its traceback that lie in the user's files, outermost first, a line each. place: the file and the
    line where it stops, ("", 0) where that is not known.
    """

    frames: tuple[str, ...] = ()
    place: tuple[str, int] = ("", 0)

    @classmethod
    def of(cls, file: Path, error: BaseException, files: Iterable[str]) -> FileFails:
        """Return what is raised of a file that an error stops; files: those that belong to it."""
        own = tuple(files)
        refused = cls(f"{file} cannot be imported: {locate_error(error, own)}")
        refused.frames, refused.place = user_frames(error), place_of_error(error, own)
        return refused


def split_target(spec: str) -> tuple[str, str]:
    """Return (path, name) of "path/to/file.py:Name", name "" where none is given; raise InputError for no such file."""
    path, colon, name = spec.rpartition(":")
    # A drive such as C:\cell.py has a colon, too.
    if not colon or not name or name.startswith(("\\", "/")) or name.endswith(".py"):
        path, name = spec.rstrip(":"), ""
    if Path(path).is_dir():
        raise InputError(f"{path} is a folder: give the Python file in it, {path.rstrip('/')}/file.py:ClassName")
    if not Path(path).is_file():
        raise InputError(f"there is no file {path}: give path/to/file.py:ClassName")
    return path, name


def run_file(file: Path, text: str | None = None, output: IO[str] | None = None) -> ModuleType:
    """Run a file as a module, beside which it may import others; raise FileFails where it stops. It opens no windows.

    text: what the file holds, if it has been read already. output: where to print to; by default the first lines go to
    standard error, since standard output is for reports.
    """
    full = str(file.resolve())
    module = ModuleType(f"learner_{file.stem}")
    module.__file__ = full
    linecache.checkcache(full)
    sys.modules[module.__name__] = module  # where classes look for the module they are defined in
    sys.path.insert(0, str(file.resolve().parent))
    os.environ.setdefault("MPLBACKEND", "Agg")
    try:
        with contextlib.redirect_stdout(output or LimitedOutput()):
            exec(compile(_program(file) if text is None else text, full, "exec"), vars(module))
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise FileFails.of(file, error, [full]) from error
    finally:
        sys.path.pop(0)
    return module


def _program(file: Path) -> str | bytes:
    return read_source(file) if is_notebook(file) else file.read_bytes()  # bytes: a file may declare its encoding


def load_class(spec: str, output: IO[str] | None = None) -> type:
    """Return the class that "path/to/file.py:ClassName" names; output: see `run_file`.

    Raises InputError, in one line: no such file, a folder, no class named, a file that does not run (with its own file
    and line), no such class (with those there are).
    """
    path, name = split_target(spec)
    module = run_file(Path(path), output=output)
    classes = classes_of(module)
    if not name:
        there = f" (there: {', '.join(classes)})" if classes else ""
        raise InputError(f"{path} does not say which class: write {path}:{classes[0] if classes else 'Name'}{there}")
    found = vars(module).get(name)
    if inspect.isclass(found):
        return found
    near = difflib.get_close_matches(name, classes, 1)
    there = f"its classes are {', '.join(classes)}" if classes else "it defines no class at all"
    raise InputError(f"{path} has no class {name}: {there}" + (f"; {near[0]}?" if near else ""))


def classes_of(module: ModuleType) -> list[str]:
    """Return the names of the classes that a module itself defines."""
    return [
        name for name, value in vars(module).items() if inspect.isclass(value) and value.__module__ == module.__name__
    ]
