"""The files of the code under check, loaded as often as needed: plain, instrumented, or with edits.

Modules that stand in the same folder and are imported by it belong to the code; everything else is imported as usual.
No module of it is entered in sys.modules for longer than it takes to load it.

Read next: module_state.py.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from scratchnet.gradcheck.adjoints import Instrumented, Recorder, instrument


class Program:
    """A file and its siblings. texts: {module name: source}, of those that were loaded so far."""

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = Path(path)
        self.folder = self.path.resolve().parent
        self.name = self.path.stem
        self.texts: dict[str, str] = {self.name: self.path.read_text("utf-8-sig") if text is None else text}
        self.files: dict[str, str] = {self.name: str(self.path)}
        self._instrumented: dict[str, Instrumented] = {}
        self._stopping: dict[tuple[str, int, bool], Instrumented] = {}
        self._compiled: dict[str, Any] = {}

    def tree(self, module: str) -> ast.Module:
        """Return the syntax of a module."""
        return self.instrumented(module).tree

    def instrumented(self, module: str) -> Instrumented:
        """Return a module's code with reports in it."""
        if module not in self._instrumented:
            self._instrumented[module] = instrument(self.texts[module], self.files[module])
        return self._instrumented[module]

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
        with self._siblings(recorder, edits or {}):
            return self._execute(self.name, recorder, edits or {})

    def _execute(self, name: str, recorder: Recorder | None, edits: Mapping[str, str]) -> ModuleType:
        module = ModuleType(name)
        module.__file__ = self.files[name]
        vars(module)["__builtins__"] = __builtins__
        before = sys.modules.get(name)
        sys.modules[name] = module
        try:
            if name in edits:
                code: Any = compile(edits[name], self.files[name], "exec")
            elif recorder is not None:
                vars(module).update(recorder.names(name))
                code = self.instrumented(name).code
            else:
                if name not in self._compiled:
                    self._compiled[name] = compile(self.texts[name], self.files[name], "exec")
                code = self._compiled[name]
            exec(code, vars(module))
        finally:
            if before is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = before
        return module

    @contextlib.contextmanager
    def _siblings(self, recorder: Recorder | None, edits: Mapping[str, str]) -> Iterator[None]:
        finder = _Finder(self, recorder, edits)
        before = set(sys.modules)
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)
            for name in set(sys.modules) - before:
                if name in self.texts:
                    del sys.modules[name]


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the siblings of a file, and executes them as the program does."""

    def __init__(self, program: Program, recorder: Recorder | None, edits: Mapping[str, str]) -> None:
        self.program, self.recorder, self.edits = program, recorder, edits

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        file = self.program.folder / (name.replace(".", "/") + ".py")
        package = self.program.folder / name.replace(".", "/") / "__init__.py"
        if name not in self.program.texts:
            found = file if file.exists() else package if package.exists() else None
            if found is None:
                return None
            self.program.texts[name] = found.read_text("utf-8-sig")
            self.program.files[name] = str(found)
            linecache.checkcache(str(found))
        elif name == self.program.name:
            return None
        spec = importlib.machinery.ModuleSpec(name, self, is_package=package.exists() and not file.exists())
        return spec

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        module.__file__ = self.program.files[name]
        if name in self.edits:
            code: Any = compile(self.edits[name], self.program.files[name], "exec")
        elif self.recorder is not None:
            vars(module).update(self.recorder.names(name))
            code = self.program.instrumented(name).code
        else:
            code = compile(self.program.texts[name], self.program.files[name], "exec")
        exec(code, vars(module))
