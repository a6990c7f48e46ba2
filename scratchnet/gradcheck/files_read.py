"""Which file a check read, and whether the library's own files are as they are known to be right.

Read next: first_wrong_place.py.
"""

from __future__ import annotations

import importlib
import inspect
from os.path import isfile
from pathlib import Path
from typing import Any

from scratchnet.gradcheck.mistakes import edited_files
from scratchnet.gradcheck.mistakes.reference_text import PACKAGE, edited_lines, module_name, reference_texts

MOST_NUMBERS = 5


def files_of_subject(subject: Any) -> tuple[str, ...]:
    """Return the files that define a class or function, or a layer's or model's class and the classes of its cells."""
    if inspect.isclass(subject) or inspect.isfunction(subject):
        defined = [subject]
    else:
        defined = [type(subject), *(type(cell) for cell in getattr(subject, "cells", ()))]
    found = [_file(one) for one in defined]
    return tuple(dict.fromkeys(file for file in found if file and isfile(file)))


def edited_paths() -> frozenset[str]:
    """Return the paths of the library's files that are not as they are on record."""
    return frozenset(str(importlib.import_module(module_name(file)).__file__) for file in edited_files())


def edited_lines_at(path: str) -> frozenset[int]:
    """Return the numbers of the lines at a path that somebody changed in the library; none for any other file."""
    return edited_lines(found) if (found := _within_library(path)) in edited_files() else frozenset()


def files_in_words(files: tuple[str, ...]) -> str:
    """Return "file: scratchnet/cells/lstm.py, differs from the reference", and what else of the library does."""
    said, own = [], set[str]()
    for file in files:
        inside = _within_library(file)
        own.add(inside)
        state = f", differs from the reference{_where(inside)}" if inside in edited_files() else ", as in the reference"
        said.append(short_path(file) + (state if inside in reference_texts() else ""))
    others = [file + _where(file) for file in edited_files() if file not in own]
    if others:
        said.append(f"changed in the library: {', '.join(others)}")
    return f"file{'s' if len(files) > 1 else ''}: {'; '.join(said)}" if said else ""


def library_folder() -> str:
    """Return the folder that the library was loaded from."""
    return short_path(PACKAGE)


def short_path(file: str | Path) -> str:
    """Return a path from the current folder, or else from the home folder (~), or else the whole of it."""
    whole = Path(file).resolve()
    for base, sign in ((Path.cwd, ""), (Path.home, "~/")):
        try:
            return sign + whole.relative_to(base().resolve()).as_posix()
        except (ValueError, OSError, RuntimeError):  # elsewhere; or there is no such folder
            continue
    return str(whole)


def _where(file: str) -> str:
    numbers = [str(number) for number in sorted(edited_lines(file))]
    if not numbers:
        return ""
    shown = ", ".join(numbers[:MOST_NUMBERS]) + (", ..." if len(numbers) > MOST_NUMBERS else "")
    return f" (line{'s' if len(numbers) > 1 else ''} {shown})"


def _within_library(file: str) -> str:
    try:
        return Path(file).resolve().relative_to(PACKAGE).as_posix()
    except ValueError:
        return ""


def _file(defined: Any) -> str:
    functions = (
        [defined] if inspect.isfunction(defined) else [f for f in vars(defined).values() if inspect.isfunction(f)]
    )
    return functions[0].__code__.co_filename if functions else ""
