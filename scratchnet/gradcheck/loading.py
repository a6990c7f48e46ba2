"""A cell class out of a learner's file: path/to/file.py:ClassName.

The file is compiled from its text every time, never from a cached compilation: it may have been saved a moment ago.

Read next: command.py.
"""

from __future__ import annotations

import contextlib
import difflib
import inspect
import linecache
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType

from scratchnet.errors import InputError
from scratchnet.gradcheck.blame import blame, foreign, shown_path, source_line
from scratchnet.gradcheck.contract import check_contract
from scratchnet.gradcheck.limits import FewLines


class CannotImport(InputError):
    """A file that does not run. frames: its own frames of the traceback, outermost first, a line each."""

    frames: tuple[str, ...] = ()


def load_class(spec: str) -> type:
    """Return the cell class that "path/to/file.py:ClassName" names.

    Raises InputError, in one line: no such file, a folder, no class named, a file that does not run (with its own file
    and line), no such class (with those there are), a class without the contract of a cell.
    """
    path, name = split_target(spec)
    file = Path(path)
    if not name:
        classes = _classes(run_file(file))
        there = f" (there: {', '.join(classes)})" if classes else ""
        raise InputError(f"{path} does not say which class: write {path}:{classes[0] if classes else 'Name'}{there}")
    module = run_file(file)
    found = vars(module).get(name)
    if not inspect.isclass(found):
        classes = _classes(module)
        near = difflib.get_close_matches(name, classes, 1)
        there = f"its classes are {', '.join(classes)}" if classes else "it defines no class at all"
        raise InputError(f"{path} has no class {name}: {there}" + (f"; {near[0]}?" if near else ""))
    try:
        check_contract(found)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return found


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


def run_file(file: Path) -> ModuleType:
    """Run a file as a module, beside which it may import others; raise CannotImport where it fails.

    What it prints goes to standard error: standard output is for the report. It opens no windows.
    """
    full = str(file.resolve())
    module = ModuleType(f"learner_{file.stem}")
    module.__file__ = full
    linecache.checkcache(full)
    sys.modules[module.__name__] = module  # where classes look for the module they are defined in
    sys.path.insert(0, str(file.resolve().parent))
    os.environ.setdefault("MPLBACKEND", "Agg")
    try:
        with contextlib.redirect_stdout(FewLines()):
            exec(compile(file.read_bytes(), full, "exec"), vars(module))
    except (Exception, SystemExit) as error:
        refused = CannotImport(f"{file} cannot be imported: {blame(error, [full])}")
        refused.frames = own_frames(error)
        raise refused from error
    finally:
        sys.path.pop(0)
    return module


def own_frames(error: BaseException) -> tuple[str, ...]:
    """Return the frames of a traceback that lie in files of the learner's, a line each, outermost first."""
    frames = [(frame.f_code, number) for frame, number in traceback.walk_tb(error.__traceback__)]
    return tuple(
        f"{shown_path(code.co_filename)}:{number}, in {code.co_name}: {source_line(code.co_filename, number)}"
        for code, number in frames
        if not foreign(code.co_filename)
    )


def _classes(module: ModuleType) -> list[str]:
    """Return the names of the classes that a module itself defines."""
    return [
        name for name, value in vars(module).items() if inspect.isclass(value) and value.__module__ == module.__name__
    ]
