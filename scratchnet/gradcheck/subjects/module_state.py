"""What a module keeps between two runs, put back; and how many entries of a gradient are wrong.

Read next: subject.py.
"""

from __future__ import annotations

import copy
from types import ModuleType
from typing import Any

import numpy as np

from scratchnet.backend import Array

RELATIVE = 1e-6  # the error of a gradient entry, over the size of the gradient, above which it counts as wrong


FLOOR = 1e-9


class ModuleState:
    """The arrays, lists and numbers of a module's namespace, to be put back after a run."""

    def __init__(self, module: ModuleType) -> None:
        self.space = vars(module)
        self.kept: dict[str, tuple[Any, Any]] = {
            name: (value, copy.deepcopy(value) if isinstance(value, (np.ndarray, list, dict, set)) else value)
            for name, value in self.space.items()
            if not name.startswith("__") and isinstance(value, (np.ndarray, list, dict, set, int, float, str))
        }  # fmt: skip

    def restore(self) -> None:
        """Put everything back as it was."""
        for name, (value, before) in self.kept.items():
            if isinstance(value, np.ndarray):
                if value.shape == before.shape:
                    value[...] = before
            elif isinstance(value, list):
                value[:] = copy.deepcopy(before)
            elif isinstance(value, (dict, set)):
                value.clear()
                value.update(copy.deepcopy(before))
            self.space[name] = value


def wrong_entries(found: Any, true: Array) -> int:
    """Return how many entries of a gradient are wrong; all of them where it has another shape or is none."""
    if found is None or np.shape(found) != true.shape:
        return int(true.size)
    array = np.asarray(found, float)
    if not np.isfinite(array).all():
        return int(true.size)
    size = max(float(np.sqrt(np.mean(true**2))), FLOOR)
    return int((np.abs(array - true) > RELATIVE * size + FLOOR).sum())
