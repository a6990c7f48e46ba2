"""The modules of one load of a program: found in its folder, and executed as that load has them.

Read next: module_state.py.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from scratchnet.gradcheck.subjects.stand_ins import StandInLoader

LIBRARY = Path(__file__).resolve().parents[2]  # a copy of it may be checked, but never is it a sibling itself


def file_of(folder: Path, name: str) -> Path | None:
    """Return the file that a module's name stands for in a folder, None where there is none.

    A folder without __init__.py is one, too, unless there is another module of this name.
    """
    path = folder / name.replace(".", "/")
    for file in (path.with_name(path.name + ".py"), path / "__init__.py"):
        if file.is_file():
            return None if LIBRARY in file.resolve().parents else file
    if not path.is_dir() or not any(any(path.glob(pattern)) for pattern in ("*.py", "*/*.py", "*/*/*.py")):
        return None
    return path if "." in name or importlib.machinery.PathFinder.find_spec(name) is None else None


def entered_already(folder: Path) -> set[str]:
    """Return the modules of a folder that are in sys.modules."""
    found = set()
    for name, module in list(sys.modules.items()):
        file = vars(module).get("__file__") if isinstance(module, ModuleType) else None
        if isinstance(file, str) and name != "__main__" and file.startswith(str(folder)):
            there = file_of(folder, name)
            if there is not None and there.resolve() == Path(file).resolve():
                found.add(name)
    return found


class Siblings(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of a folder, and stand-ins for packages that are absent.

    files: those that are known already, by the modules' names. prepare(name, file): what is to be in a module's names
    beforehand, and its code.
    """

    def __init__(
        self,
        folder: Path,
        files: Mapping[str, str],
        absent: Container[str],
        prepare: Callable[[str, Path], tuple[dict[str, Any], Any]],
    ) -> None:
        self.folder, self.files, self.absent, self.prepare = folder, files, absent, prepare
        self.modules: dict[str, ModuleType] = {}
        self.state: Any = None  # what is put back after each call

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return how a module is found, where it is one of this folder or absent."""
        if name.split(".")[0] in self.absent:
            return StandInLoader().find(name)
        known = self.files.get(name)
        file = file_of(self.folder, name) if known is None else Path(known)
        if file is None:
            return None
        package = file.name == "__init__.py" or (known is None and file.is_dir())
        return importlib.machinery.ModuleSpec(name, self, origin=str(file), is_package=package)

    def create_module(self, spec: Any) -> None:
        """Return None: an ordinary module."""
        return

    def exec_module(self, module: ModuleType) -> None:
        """Execute a module as the load has it."""
        name, file = module.__name__, Path(str(module.__spec__ and module.__spec__.origin))
        self.modules[name] = module
        if name not in self.files and file.is_dir():
            return
        names, code = self.prepare(name, file)
        module.__file__ = str(file)
        vars(module).update(names)
        try:
            exec(code, vars(module))
        except BaseException:
            del self.modules[name]
            raise
