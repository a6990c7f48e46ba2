"""What is reached from an object, a dictionary, a list or a module; and what a thing is called in a message.

Read next: tool.py.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

Put = Callable[[Any], None]


def described(thing: Any) -> str:
    """Return what a thing is, in words: "a tuple of 2", "None", "an array of complex128"."""
    if thing is None:
        return "None"
    if isinstance(thing, (np.ndarray, np.generic)):
        return f"an array of {thing.dtype}" if np.ndim(thing) else f"a {thing.dtype}"
    name = type(thing).__name__
    article = "an" if name[0] in "aeiou" else "a"
    return f"{article} {name}" + (f" of {len(thing)}" if isinstance(thing, (list, tuple, dict, set)) else "")


@dataclass
class Reached:
    """A float64 array that is reached from something: its name, and how others are put in its place, everywhere."""

    name: str
    array: Any
    puts: list[Put]


def floats_in(thing: Any) -> list[Reached]:
    """Return every float64 array that is reached from something, those in the memory of another one left out."""
    found: dict[int, Reached] = {}
    views: list[Any] = []
    for name, array, put in _walk(thing, "", set()):
        if id(array) in found:
            found[id(array)].puts.append(put)
            continue
        # Two arrays that own their memory share none.
        others = views if array.base is None else [one.array for one in found.values()]
        if not any(np.shares_memory(one, array) for one in others):
            found[id(array)] = Reached(name, array, [put])
            views += [array] if array.base is not None else []
    return list(found.values())


def _walk(thing: Any, name: str, seen: set[int]) -> Iterator[tuple[str, Any, Put]]:
    if id(thing) in seen:
        return
    seen.add(id(thing))
    for key, value, put in _members(thing):
        inner = f"{name}[{key!r}]" if not isinstance(key, str) or (isinstance(thing, dict) and name) else key
        inner = inner if isinstance(thing, (dict, list, tuple)) or not name else f"{name}.{key}"
        if isinstance(value, np.ndarray):
            if value.dtype == np.float64:
                yield inner, value, put
        elif not isinstance(value, (type, types.FunctionType, types.ModuleType, str)):
            yield from _walk(value, inner, seen)


def _members(thing: Any) -> Iterator[tuple[Any, Any, Put]]:
    if isinstance(thing, dict):
        for key in list(thing):
            yield key, thing[key], partial(thing.__setitem__, key)
    elif isinstance(thing, (list, tuple)):
        for k in range(len(thing)):
            yield k, thing[k], partial(thing.__setitem__, k) if isinstance(thing, list) else _left_as_it_is
    else:
        slots = [name for one in type(thing).__mro__ for name in vars(one).get("__slots__", ())]
        for key in [*getattr(thing, "__dict__", ()), *slots]:
            if not key.startswith("__") and hasattr(thing, key):
                yield key, getattr(thing, key), partial(setattr, thing, key)


def _left_as_it_is(array: Any) -> None:
    """Put nothing into a tuple."""
