"""What a module keeps between two runs, put back; and how many entries of a gradient are wrong.

Read next: arrays.py.
"""

from __future__ import annotations

from collections.abc import Collection
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from scratchnet.backend import Array

RELATIVE = 1e-6  # the error of a gradient entry, over the size of the gradient, above which it counts as wrong
FLOOR = 1e-9
FIXED = (int, float, complex, str, bytes, bool, type(None))
LEFT_ALONE = (ModuleType, FunctionType, BuiltinFunctionType, MethodType, *FIXED)


class ModuleState:
    """Everything that is reached from some modules' namespaces, to be put back after a run.

    That is what each array holds, what stands in each list, dictionary and set, and the attributes of each object and
    class: what an object kept of one run must not be there in the next.
    """

    def __init__(self, modules: Collection[ModuleType]) -> None:
        self.kept: list[tuple[Any, Any]] = []  # a thing, and a copy of it: of what it holds, not of what that holds
        self._seen: set[int] = set()
        self._names = {module.__name__ for module in modules}
        for module in modules:
            self._keep({name: value for name, value in vars(module).items() if not name.startswith("__")})
            self.kept[0:0] = [(vars(module), dict(vars(module)))]

    def _keep(self, thing: Any) -> None:
        if id(thing) in self._seen or isinstance(thing, LEFT_ALONE):
            return
        self._seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            self.kept.append((thing, thing.copy()))
        elif isinstance(thing, type):
            if thing.__module__ in self._names:
                attributes = {key: value for key, value in vars(thing).items() if not key.startswith("__")}
                self.kept.append((thing, attributes))
                self._keep_all(attributes.values())
        elif isinstance(thing, (list, set, dict)):
            self.kept.append((thing, thing.copy()))
            self._keep_all(thing.values() if isinstance(thing, dict) else thing)
        elif isinstance(thing, tuple):
            self._keep_all(thing)
        elif type(getattr(thing, "__dict__", None)) is dict:
            self.kept.append((vars(thing), dict(vars(thing))))
            self._keep_all(vars(thing).values())

    def _keep_all(self, things: Collection[Any]) -> None:
        if not set(map(type, things)) <= {*FIXED}:  # as are the words of a text, which may be many
            for thing in list(things):
                self._keep(thing)

    def restore(self) -> None:
        """Put everything back as it was."""
        for thing, before in self.kept:
            if isinstance(thing, np.ndarray):
                if thing.shape == before.shape and thing.flags.writeable:
                    thing[...] = before
            elif isinstance(thing, list):
                thing[:] = before
            elif isinstance(thing, (type, dict)):
                _put_back(thing, before)
            else:
                thing.clear()
                thing.update(before)


def _put_back(thing: Any, before: dict[Any, Any]) -> None:
    """Put back what is another: a namespace that is emptied and filled again makes the code that reads it slow."""
    now = vars(thing) if isinstance(thing, type) else thing
    for name, value in before.items():
        if name not in now or now[name] is not value:
            setattr(thing, name, value) if isinstance(thing, type) else thing.update({name: value})
    if isinstance(thing, dict) and len(now) != len(before):
        for name in now.keys() - before.keys():
            del thing[name]


def as_numbers(found: Any) -> Array | None:
    """Return a gradient as an array of float64; None where it is none, or no array of real numbers."""
    try:
        array = np.asarray(found)
        return None if found is None or array.dtype.kind not in "fiub" else array.astype(float)
    except (ValueError, TypeError):  # lists of several lengths, among others
        return None


def wrong_entries(found: Any, true: Array) -> int:
    """Return how many entries of a gradient are wrong; all of them where it has another shape or is none."""
    return int(true.size - right_entries(as_numbers(found), true).sum())


def right_entries(array: Array | None, true: Array) -> Array:
    """Return which entries of a gradient are right, none of them where it has another shape or is none."""
    if array is None or array.shape != true.shape or not np.isfinite(array).all():
        return np.zeros(true.shape, bool)
    size = max(float(np.sqrt(np.mean(true**2))) if true.size else 0.0, FLOOR)
    return np.asarray(np.abs(array - true) <= RELATIVE * size + FLOOR)
