"""A file that says how somebody's code is to be checked: what it imports is the code, what stands in it is the harness.

Two forms. A function, run again at every size and seed (tool.py):

    import lstm

    def harness(m, r): ...                 # m: the module lstm; or harness(r)

or, with fixed sizes, three names:

    parameters = {"W": lstm.W, "x": x}     # arrays, perturbed in place
    def loss(): ...                        # a number
    def gradients(): ...                   # {"W": dW, "x": dx}

A file that imports no neighbour is checked itself.

Read next: ../adjoints/__init__.py.
"""

from __future__ import annotations

import ast
import inspect
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from scratchnet.errors import InputError
from scratchnet.gradcheck.subjects.harness_form import neighbours, reached, top_names
from scratchnet.gradcheck.subjects.left_out import replacements_in, with_replacements
from scratchnet.gradcheck.subjects.program import Program
from scratchnet.gradcheck.subjects.subject import Subject
from scratchnet.gradcheck.subjects.tool import HarnessError
from scratchnet.usercode import FileFails, read_source, shown_path

TIMES = (1, 2, 3)


def subject_of(path: Path, code: Path | None = None, seed: int = 0) -> Subject:
    """Return the subject of a harness file; code: the file under check, where the harness does not import it.

    Raises HarnessError where the file is not of one of the two forms, InputError where it cannot be imported.
    """
    name, code = code_of(path) if code is None else ("", code)
    tree = ast.parse(read_source(path))
    instead = replacements_in(tree)
    program = Program(code, with_replacements(read_source(code), instead) if instead else None, name=name)
    simple = "harness" not in top_names(tree)
    try:
        return Subject(program, _HarnessFile(path, program), TIMES[:2] if simple else TIMES, seed, varied=simple)
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise FileFails.of(code, error, program.files.values()) from error


def code_of(path: Path) -> tuple[str, Path]:
    """Return the module that a harness file checks, (name, file): the one beside it that it imports, or itself.

    Of several it is the one that imports the others. Raises HarnessError where there is none such.
    """
    found = neighbours(path)
    if not found:
        return "", path
    for name, file in found.items():
        if found.keys() - {name} <= reached(file, path.parent):
            return name, file
    raise HarnessError(
        f"{path} imports {', '.join(file.name for file in found.values())}: which of them is to be checked? "
        "Import one, and let it import the others"
    )


class _HarnessFile:
    """A harness file, executed anew for every load of the module under check."""

    def __init__(self, path: Path, program: Program) -> None:
        self.path, self.is_code = path, path.resolve() == program.path.resolve()
        self.code = compile(read_source(path), str(path), "exec")
        self._spaces: dict[int, tuple[ModuleType, dict[str, Any]]] = {}

    def __call__(self, module: ModuleType, tool: Any) -> Any:
        space = self._space(module)
        harness = space.get("harness")
        if harness is None:
            return simple_pairs(space, tool, self.path)
        if not callable(harness):
            raise HarnessError(f"{self.path}: harness must be a function: harness(m, r)")
        wanted = len(inspect.signature(harness).parameters)
        if wanted not in (1, 2):
            raise HarnessError(f"{self.path}: harness takes {wanted} arguments: write harness(m, r), or harness(r)")
        try:
            return harness(module, tool) if wanted == 2 else harness(tool)
        except HarnessError as error:
            lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if self._is_here(frame)]
            raise HarnessError(f"{shown_path(str(self.path))}:{lines[-1]}: {error}" if lines else str(error)) from None

    def _is_here(self, frame: Any) -> bool:
        return bool(frame.f_code.co_filename == str(self.path))

    def _space(self, module: ModuleType) -> dict[str, Any]:
        """Return the names of the harness file, executed with a load of the code under check."""
        if self.is_code:
            return vars(module)
        if id(module) not in self._spaces or self._spaces[id(module)][0] is not module:
            if len(self._spaces) > 8:
                self._spaces.clear()
            space: dict[str, Any] = {"__name__": "harness", "__file__": str(self.path)}
            sys.path.insert(0, str(self.path.resolve().parent))
            try:
                exec(self.code, space)
            finally:
                sys.path.pop(0)
            self._spaces[id(module)] = (module, space)
        return self._spaces[id(module)][1]


def simple_pairs(space: dict[str, Any], tool: Any, where: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of the simple form, whose three names `space` has. where: it stands, for what is raised."""
    parameters = space["parameters"]
    if not isinstance(parameters, dict) or not parameters:
        raise HarnessError(f"{where}: parameters must be a dictionary of arrays, by name")
    for name, array in parameters.items():
        if not isinstance(array, np.ndarray) or array.dtype != np.float64:
            kind = f"an array of {array.dtype}" if isinstance(array, np.ndarray) else f"a {type(array).__name__}"
            raise HarnessError(f"{where}: parameters[{name!r}] is {kind}, wanted an array of float64")
        made = tool.own(name, array)
        if made is not array:  # on a tape, the array is another one: under all names that it has here
            parameters = {**parameters, name: made}
            for other in [key for key, one in space.items() if one is array]:
                space[other] = made
    value = space["loss"]()
    if np.ndim(value) != 0 or isinstance(value, (str, bytes)) or np.iscomplexobj(value) or value is None:
        raise HarnessError(f"{where}: loss() returned {type(value).__name__}, wanted one real number")
    tool.loss(value)
    given = space["gradients"]()
    if not isinstance(given, Mapping):
        raise HarnessError(f"{where}: gradients() returned {type(given).__name__}, wanted a dictionary by name")
    if unknown := [name for name in given if name not in parameters]:
        known = ", ".join(map(str, parameters))
        raise HarnessError(f"{where}: gradients() returned {', '.join(map(str, unknown))}, parameters has {known}")
    space["parameters"] = parameters
    return [(parameters[name], given.get(name)) for name in parameters]
