"""Where the code of a cell, a layer or a function lies, as a program that can be executed again with edits in it.

A class of a file: that file, and what stands beside it. A class that was typed into a notebook: the cells of the
session, written as a notebook of their own. A class of the library itself: a package `library`, which is those files of
the library that have a backward, as they are now; each module has its own file's lines. What has no text that can be
executed alone, such as a class within a function, is a program of which nothing but the numbers can be known.

Read next: definitions.py.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import linecache
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from scratchnet.gradcheck.library.definitions import needed_text
from scratchnet.gradcheck.library.reference_text import PACKAGE, reference_texts
from scratchnet.gradcheck.subjects import Program
from scratchnet.usercode import cells_run, is_cell, joined_cells, notebook_of, read_source

COPY = "library"  # what the library's own files are called as the code under check
PART = "part"
LOOP = "recurrent: Recurrent"
IMPORTED = re.compile(r"^from scratchnet\.([\w.]+) import", re.MULTILINE)


class LibraryProgram(Program):
    """Some of the library's classes and functions, and the files of the library that they come from.

    imports: what the module under check imports, "cells.lstm: LSTMCell, ...".
    """

    def __init__(self, imports: Sequence[str]) -> None:
        self.imports = list(imports)
        lines = (line.split(": ") for line in dict.fromkeys([LOOP, *imports]))
        text = "".join(f"from {COPY}.{file} import {names}\n" for file, names in lines)
        super().__init__(PACKAGE / f"{PART}.py", text, name=PART)
        for package in (COPY, f"{COPY}.cells"):
            self.files[package] = str(PACKAGE / package.replace(".", "/") / "__init__.py")
            self.texts[package] = ""
        for file in reference_texts():
            name = f"{COPY}.{file.removesuffix('.py').replace('/', '.')}"
            self.files[name] = str(PACKAGE / file)
            self.texts[name] = as_copy((PACKAGE / file).read_text("utf-8"))


def as_copy(text: str) -> str:
    """Return a file's text with its imports of other files on record made imports of the copy's."""

    def to_copy(found: re.Match[str]) -> str:
        on_record = found[1].replace(".", "/") + ".py" in reference_texts()
        return f"from {COPY}.{found[1]} import" if on_record else found[0]

    return IMPORTED.sub(to_copy, text)


class LiveProgram(Program):
    """Things as they are: nothing is executed anew, and nothing is known of their text."""

    def __init__(self, name: str, **things: Any) -> None:
        super().__init__(Path(name), "", name=PART)
        self.texts, self.files = {}, {}
        self._module = ModuleType(PART)
        vars(self._module).update(things)

    def load(self, recorder: Any = None, edits: Any = None) -> ModuleType:
        """Return the things, as a module's names."""
        return self._module

    def modules(self, module: ModuleType) -> dict[str, ModuleType]:
        """Return no modules: what an object remembers is its own affair."""
        return {}

    @contextlib.contextmanager
    def entered(self, module: ModuleType) -> Iterator[None]:
        """Call it as it is."""
        yield

    @contextlib.contextmanager
    def keeping(self, module: ModuleType) -> Iterator[None]:
        """Call it as it is."""
        yield


def program_of(thing: type | Any, folder: Path | None = None) -> Program:
    """Return the program of a class or function at the top level of its file, notebook or of the library.

    folder: where a notebook of typed-in cells may be written.
    """
    name, module = thing.__qualname__, sys.modules.get(thing.__module__)
    own = LiveProgram(name, **{thing.__name__: thing})
    if "." in name or getattr(module, name, None) is not thing:
        return own
    file = _file(thing)
    inside = Path(file).resolve().relative_to(PACKAGE).as_posix() if PACKAGE in Path(file).resolve().parents else ""
    if inside in reference_texts():
        return LibraryProgram([f"{inside.removesuffix('.py').replace('/', '.')}: {name}"])
    try:
        if is_cell(file):
            return own if folder is None else Program(typed_in([thing], folder))
        path = Path(file)
        return Program(path, needed_text(read_source(path), [name])) if path.is_file() else own
    except (OSError, SyntaxError):
        return own


def typed_in(things: Sequence[Any], folder: Path) -> Path:
    """Write the cells of the session that define these things as a notebook; return its path.

    Each cell has the number that it was run under, and of what was run twice the last counts.
    """
    texts = {number: "".join(linecache.getlines(file)) for number, file in cells_run() if _parses(file)}
    whole = joined_cells([texts.get(number, "") for number in range(1, max(texts) + 1)])
    path = folder / "notebook.ipynb"
    path.write_text(notebook_of(needed_text(whole, [thing.__name__ for thing in things])), "utf-8")
    return path


def _parses(file: str) -> bool:
    try:
        ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return False
    return True


def _file(thing: Any) -> str:
    """Return the file that a function, or the first function of a class, was compiled from; "" for none."""
    functions = [thing] if inspect.isfunction(thing) else [one for one in vars(thing).values() if inspect.isfunction(one)]
    return functions[0].__code__.co_filename if functions else ""
