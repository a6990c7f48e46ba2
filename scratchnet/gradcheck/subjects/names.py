"""What the arrays of a harness are called: by its variables, and by what else holds the same values.

Read next: quotients.py.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.subjects.reached import floats_in

Owned = Mapping[int, tuple[int, Any]]  # by the id of an array: its place in the order, and itself


def names_in(function: str, run: Callable[[], Any], owned: Owned) -> dict[int, str]:
    """Return the names that arrays have in a function of a run as it returns, by their place in the order."""
    found: dict[int, str] = {}

    def look(frame: Any, event: str, argument: Any) -> None:
        if event == "return" and frame.f_code.co_name == function:
            found.update({place: name for name, place in reversed(list(_owned_in(frame.f_locals, owned)))})

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        with contextlib.suppress(Exception):
            run()
    finally:
        sys.setprofile(before)
    return found


def _owned_in(variables: Mapping[str, Any], owned: Owned) -> Iterator[tuple[str, int]]:
    """Yield (name, place in the order) of arrays: of a variable, or of what stands in a dictionary or list."""
    for name, value in variables.items():
        inside: Any = value.items() if isinstance(value, dict) else ()
        if isinstance(value, (list, tuple)):
            inside = [(f"{name}[{k}]", one) for k, one in enumerate(value)]
        for inner, one in [(name, value), *inside]:
            if id(one) in owned:
                yield str(inner), owned[id(one)][0]


def unlike(names: Mapping[int, str]) -> dict[int, str]:
    """Return names no two of which are equal: the second W is "W (2)"."""
    found: dict[int, str] = {}
    counts: dict[str, int] = {}
    for place, name in names.items():
        counts[name] = counts.get(name, 0) + 1
        found[place] = f"{name} ({counts[name]})" if counts[name] > 1 else name
    return found


def twin_of(values: Array | None, modules: Iterable[ModuleType], owned: Owned) -> str:
    """Return the name of another array of the modules with these values, "" where there is none."""
    if values is None or not values.any():
        return ""
    others = (one for module in modules for one in floats_in(module) if id(one.array) not in owned)
    return next((one.name for one in others if np.array_equal(one.array, values)), "")
