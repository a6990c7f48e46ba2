"""The files of the code under check, loaded as often as needed: plain, instrumented, or with edits.

Modules that stand in the same folder and are imported by it belong to the code; everything else is imported as usual.
Each load has modules of its own. They are in sys.modules while they are loaded or called, and only then.

Read next: stand_ins.py.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib
import importlib.machinery
import linecache
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from scratchnet.gradcheck.adjoints import Instrumented, Recorder, instrument
from scratchnet.gradcheck.subjects.module_state import ModuleState
from scratchnet.gradcheck.subjects.siblings import Siblings, entered_already, file_of
from scratchnet.usercode import read_source


class Program:
    """A file and its siblings. texts: {module name: source}, of those that were loaded so far.

    name: what others import the file as, package.module, where that is more than the name of the file.
    """

    def __init__(self, path: Path, text: str | None = None, name: str = "") -> None:
        self.path = Path(path)
        self.name = name or self.path.stem.replace(".", "_")
        self.folder = self.path.resolve().parents[self.name.count(".")]
        self.texts: dict[str, str] = {self.name: read_source(self.path) if text is None else text}
        self.files: dict[str, str] = {self.name: str(self.path)}
        self.absent: dict[str, ModuleNotFoundError] = {}  # packages that are not installed, and how that was seen
        self.trusted: frozenset[str] = frozenset()  # modules that are known to be right: no mistake is looked for there
        self.edited = self._keeping = False
        self._instrumented: dict[str, Instrumented] = {}
        self._stopping: dict[tuple[str, int, bool], Instrumented] = {}
        self._entered = entered_already(self.folder)

    @property
    def suspected(self) -> dict[str, str]:
        """The texts in which a mistake may be."""
        return {module: text for module, text in self.texts.items() if module not in self.trusted}

    def with_texts(self, texts: Mapping[str, str]) -> Program:
        """Return the same program with other sources."""
        made = copy.copy(self)
        made.texts, made.files, made.edited = dict(texts), dict(self.files), True
        made._instrumented, made._stopping = {}, {}
        return made

    def instrumented(self, module: str) -> Instrumented:
        """Return a module's code with reports in it."""
        if module not in self._instrumented:
            self._instrumented[module] = instrument(self.texts[module], self.files[module])
        return self._instrumented[module]

    def tree(self, module: str) -> Any:
        """Return the syntax of a module."""
        return self.instrumented(module).tree

    @contextlib.contextmanager
    def stopping(self, module: str, statement: int, after: bool = False) -> Iterator[None]:
        """Instrument a module so that the variables before a statement are handed out, or those after it."""
        before = self.instrumented(module)
        key = (module, statement, after)
        if key not in self._stopping:
            self._stopping[key] = instrument(self.texts[module], self.files[module], statement, after)
        self._instrumented[module] = self._stopping[key]
        try:
            yield
        finally:
            self._instrumented[module] = before

    def load(self, recorder: Recorder | None = None, edits: Mapping[str, str] | None = None) -> ModuleType:
        """Return the module, executed anew. recorder: gets its reports. edits: {module: its text instead}."""

        def prepare(name: str, file: Path) -> tuple[dict[str, Any], Any]:
            if name not in self.texts:
                self.texts[name], self.files[name] = read_source(file), str(file)
                linecache.checkcache(str(file))
            names = {} if recorder is None else recorder.names(name)
            return names, self._code(name, recorder is not None, edits or {})

        siblings = Siblings(self.folder, self.files, self.absent, prepare)
        try:
            with self._in_place_of_others(siblings):
                module = importlib.import_module(self.name)
        except ModuleNotFoundError as error:
            if not self._is_absent(error):
                raise
            return self.load(recorder, edits)
        except SystemExit as error:
            if self.edited:
                raise RuntimeError("an edit ends the process") from error
            raise
        siblings.state = ModuleState(list(siblings.modules.values()))
        return module

    def _is_absent(self, error: ModuleNotFoundError) -> bool:
        """Tell whether a module was not found for the first time and nowhere, so that another is to stand in for it."""
        package = (error.name or "").split(".")[0]
        if not package or package in self.absent or file_of(self.folder, package) is not None:
            return False
        if importlib.machinery.PathFinder.find_spec(package) is not None:
            return False
        self.absent[package] = error
        return True

    def _code(self, name: str, reporting: bool, edits: Mapping[str, str]) -> Any:
        if name in edits:
            return compiled(edits[name], self.files[name])
        return self.instrumented(name).code if reporting else compiled(self.texts[name], self.files[name])

    def modules(self, module: ModuleType) -> dict[str, ModuleType]:
        """Return the modules of the load that a module is of: itself and its siblings, by name."""
        return _siblings(module).modules

    @contextlib.contextmanager
    def entered(self, module: ModuleType) -> Iterator[None]:
        """Have the modules of a load in sys.modules, so that a call imports those; afterwards they are as before it."""
        siblings = _siblings(module)
        try:
            with self._in_place_of_others(siblings):
                yield
        finally:
            if not self._keeping:
                siblings.state.restore()

    @contextlib.contextmanager
    def keeping(self, module: ModuleType) -> Iterator[None]:
        """Leave what one call has left behind to the next, as where no check is made."""
        self._keeping = True
        try:
            yield
        finally:
            self._keeping = False
            _siblings(module).state.restore()

    @contextlib.contextmanager
    def _in_place_of_others(self, siblings: Siblings) -> Iterator[None]:
        names = (self.name, *self._entered, *siblings.modules)
        before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
        sys.modules.update(siblings.modules)
        sys.meta_path.insert(0, siblings)
        try:
            yield
        finally:
            sys.meta_path.remove(siblings)
            for name in siblings.modules:
                sys.modules.pop(name, None)
            if self.absent:
                for name in [name for name in sys.modules if name.split(".")[0] in self.absent]:
                    del sys.modules[name]
            sys.modules.update(before)


def _siblings(module: ModuleType) -> Siblings:
    found = module.__loader__
    assert isinstance(found, Siblings)
    return found


@functools.lru_cache(maxsize=256)  # an edit is of one file: the others are compiled once for all edits
def compiled(text: str, file: str) -> Any:
    """Return the code of a file. Raises SyntaxError."""
    return compile(text, file, "exec")
