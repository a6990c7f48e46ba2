"""Whether a class has the contract of a cell, before anything is run; what is missing is said with what is wanted.

Read next: check_class.py.
"""

from __future__ import annotations

import inspect
from typing import IO, Any

from scratchnet.cells import Cell
from scratchnet.errors import InputError
from scratchnet.usercode import load_class, split_target

WANTED = {
    "forward_step": ("a_x", "prev", "new", "saved"),
    "backward_step": ("d", "prev", "new", "saved", "da_x", "da_h"),
    "project_inputs": ("x", "a_x"),
    "accumulate_gradients": ("x", "tape", "dx"),
}
NAMES = ("state", "gates", "saved", "accumulated")


def check_contract(cell_class: Any) -> None:
    """Raise InputError, in one line, unless `cell_class` is a class with the methods and names of a cell."""
    if not inspect.isclass(cell_class):
        raise InputError(f"{cell_class!r} is not a class: give the cell's class itself")
    name = cell_class.__name__
    for method, arguments in WANTED.items():
        signature = f"{method}(self, {', '.join(arguments)})"
        found = getattr(cell_class, method, None)
        if found is None or (method in vars(Cell) and method.endswith("_step") and found is vars(Cell)[method]):
            base = "" if issubclass(cell_class, Cell) else f"; write class {name}(Cell), and the rest is given"
            raise InputError(f"{name} has no {method}: wanted {signature}{base}")
        try:
            inspect.signature(found).bind(None, *arguments)
        except TypeError:
            raise InputError(f"{name}.{method} takes {inspect.signature(found)}: wanted {signature}") from None
    if not issubclass(cell_class, Cell) and not hasattr(cell_class, "parameters"):
        raise InputError(f"{name} has no parameters(): write class {name}(Cell), and it is given")
    for attribute in NAMES:
        _check_names(name, attribute, getattr(cell_class, attribute, None))


def load_cell(spec: str, output: IO[str] | None = None) -> type:
    """Return the cell class that "path/to/file.py:ClassName" names; output: see `run_file`.

    Raises InputError, in one line: no such file, a folder, no class named, a file that does not run (with its own file
    and line), no such class (with those there are), a class without the contract of a cell.
    """
    found = load_class(spec, output)
    try:
        check_contract(found)
    except InputError as error:
        raise InputError(f"{split_target(spec)[0]}: {error}") from None
    return found


def _check_names(cell: str, attribute: str, found: Any) -> None:
    if isinstance(found, str):
        raise InputError(f'{cell}.{attribute} is the text {found!r}: wanted a tuple of names, ("{found}",)')
    if not isinstance(found, (tuple, list)) or not all(isinstance(name, str) for name in found):
        raise InputError(f"{cell}.{attribute} is {found!r}: wanted a tuple of names")
    if not found and attribute not in ("saved", "accumulated"):
        raise InputError(f"{cell}.{attribute} is empty: wanted at least one name")
    twice = sorted({name for name in found if list(found).count(name) > 1})
    if twice:
        raise InputError(f"{cell}.{attribute} has {', '.join(twice)} twice: names must differ")
