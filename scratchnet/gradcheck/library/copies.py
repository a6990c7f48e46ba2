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
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from scratchnet.gradcheck.library.definitions import needed_text
from scratchnet.gradcheck.library.reference_text import PACKAGE, edited_files, reference_texts
from scratchnet.gradcheck.subjects import Program
from scratchnet.usercode import cells_run, is_cell, joined_cells, notebook_of, read_source

COPY = "library"  # what the library's own files are called as the code under check
PART = "part"
LOOP = "_Recurrent"
WHOLE = re.compile(r"^import scratchnet(?: as (\w+))?$", re.MULTILINE)
CELLS_FACE = f"""
from {COPY}.cells.base import Cell
from {COPY}.cells.gru import GRUCell, GRUResetBeforeCell
from {COPY}.cells.lstm import LSTMCell
from {COPY}.cells.rnn import RNNCell

def __getattr__(name):
    import scratchnet.cells
    return getattr(scratchnet.cells, name)
"""
FACE = f"""
from {COPY}.cells import Cell, GRUCell, GRUResetBeforeCell, LSTMCell, RNNCell
from {COPY}.recurrent import Recurrent

def __getattr__(name):
    import scratchnet
    return getattr(scratchnet, name)
"""
IMPORTED = re.compile(r"^from scratchnet\.([\w.]+) import", re.MULTILINE)


class LibraryProgram(Program):
    """Code that is written for the library, and those files of the library that have a backward, executed anew with it.

    Without the library's own files the values that a cell leaves on the tape could not be followed. The module under
    check gets names of the copy behind its last line. imports: "cells.lstm: LSTMCell", one a file.
    """

    def __init__(self, path: Path, text: str, imports: Sequence[str] = (), name: str = "") -> None:
        added = [line.split(": ") for line in dict.fromkeys([f"recurrent: Recurrent as {LOOP}", *imports])]
        lines = [f"from {COPY}.{file} import {names}" for file, names in added]
        super().__init__(path, "\n".join([as_copy(text), *lines, ""]), name=name)
        for package, its_text in ((COPY, FACE), (f"{COPY}.cells", CELLS_FACE)):
            self.files[package] = str(PACKAGE / package.replace(".", "/") / "__init__.py")
            self.texts[package] = its_text
        for file in reference_texts():
            module = f"{COPY}.{file.removesuffix('.py').replace('/', '.')}"
            self.files[module] = str(PACKAGE / file)
            self.texts[module] = as_copy((PACKAGE / file).read_text("utf-8"))
        right = (module for module, file in self.files.items() if not _changed(file))
        self.trusted = frozenset(module for module in right if module.startswith(COPY))


def _changed(file: str) -> bool:
    return Path(file).is_relative_to(PACKAGE) and Path(file).relative_to(PACKAGE).as_posix() in edited_files()


def of_library(imports: Sequence[str]) -> LibraryProgram:
    """Return the program of some of the library's own classes. imports: as for LibraryProgram."""
    return LibraryProgram(PACKAGE / f"{PART}.py", "", imports, PART)


def import_of(thing: Any) -> str:
    """Return how a class of the library is imported from the copy, "cells.lstm: LSTMCell"; "" for any other."""
    file = Path(_file(thing) or ".").resolve()
    inside = file.relative_to(PACKAGE).as_posix() if PACKAGE in file.parents else ""
    name = thing.__qualname__
    return f"{inside.removesuffix('.py').replace('/', '.')}: {name}" if inside in reference_texts() else ""


def as_copy(text: str) -> str:
    """Return a text with its imports of what is on record made imports of the copy's, every line at its number."""

    def to_copy(found: re.Match[str]) -> str:
        on_record = found[1] == "cells" or found[1].replace(".", "/") + ".py" in reference_texts()
        return f"from {COPY}.{found[1]} import" if on_record else found[0]

    text = WHOLE.sub(lambda found: f"import {COPY} as {found[1] or 'scratchnet'}", text)
    return IMPORTED.sub(to_copy, text.replace("from scratchnet import", f"from {COPY} import"))


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


def program_of(thing: Any, folder: Path | None = None, imports: Sequence[str] = ()) -> Program:
    """Return the program of a class or function at the top level of its file, notebook or of the library.

    folder: where a notebook of typed-in cells may be written. imports: what else of the library is needed.
    """
    name, module, file = thing.__qualname__, sys.modules.get(thing.__module__), _file(thing)
    own = LiveProgram(name, **{thing.__name__: thing})
    if "." in name or getattr(module, name, None) is not thing or not file:
        return own
    if line := import_of(thing):
        return of_library([line, *imports])
    try:
        if is_cell(file):
            return own if folder is None else program_in(typed_in([thing], folder), name, imports)
        return program_in(Path(file), name, imports)
    except (OSError, SyntaxError):
        return own


def program_in(path: Path, name: str, imports: Sequence[str] = ()) -> Program:
    """Return the program of a class in a file. Raises OSError, SyntaxError as reading it does."""
    return LibraryProgram(path, needed_text(read_source(path), [name]), imports)


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
    functions = (
        [thing] if inspect.isfunction(thing) else [one for one in vars(thing).values() if inspect.isfunction(one)]
    )
    return functions[0].__code__.co_filename if functions else ""
