"""Runs of a harness that are watched, with arrays of another size, or with the objects of the run before.

    run(subject, T)                          loss, gradients as they were returned
    run(subject, T, tool=SharingTool(...))   r.new hands out the objects of an earlier run again

Read next: asked_twice.py.
"""

from __future__ import annotations

import contextlib
import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np

from scratchnet.gradcheck.adjoints import plain
from scratchnet.gradcheck.subjects import Subject, Tool


@dataclass
class Outcome:
    """What a run returned. gradients: by the place of the array, as the code returned them. error: what stopped it."""

    loss: Any = float("nan")
    gradients: dict[int, Any] = field(default_factory=dict)
    error: BaseException | None = None


def run(subject: Subject, T: int, module: ModuleType | None = None, tool: Tool | None = None) -> Outcome:
    """Run a harness once; module: the program's, loaded anew where there is none given."""
    module = module or subject.program.load()
    tool = tool or Tool(subject.arrays(T))
    try:
        pairs = subject._pairs(module, tool)
    except Exception as error:
        return Outcome(error=error)
    return Outcome(plain(tool.value), {place: plain(gradient) for place, gradient in pairs})


class SharingTool(Tool):
    """A tool whose `new` hands out the objects of another tool's run, their arrays filled anew."""

    def __init__(self, arrays: Any, before: SharingTool | None = None) -> None:
        super().__init__(arrays)
        self.made: list[tuple[Any, list[tuple[int, Any]], tuple[int, int]]] = []
        self.shared = list(before.made) if before is not None else []

    def new(self, made_by: Any, *arguments: Any, **named: Any) -> Any:
        """Return an object made anew, or that of the other run in its place."""
        if self.shared:
            thing, arrays, asked = self.shared.pop(0)
            self._asked, self._adopted = self._asked + asked[0], self._adopted + asked[1]
            for key, array in arrays:
                array[...] = self._arrays.kept[key]
                self.owned[id(array)] = (key, array)
        else:
            before, counts = set(self.owned), (self._asked, self._adopted)
            thing = super().new(made_by, *arguments, **named)
            arrays = [one for identity, one in self.owned.items() if identity not in before]
            asked = self._asked - counts[0], self._adopted - counts[1]
        self.made.append((thing, arrays, asked))
        return thing


def scaled_arrays(subject: Subject, T: int, arrays: float, upstream: float) -> Any:
    """Return the arrays of a subject times a factor, and the gradients from above times another."""
    made = copy.copy(subject.arrays(T))
    made.kept = {
        key: np.asarray(value) * arrays if np.asarray(value).dtype.kind == "f" and arrays != 1.0 else value
        for key, value in made.kept.items()
    }
    made.upstream = {key: value * upstream for key, value in made.upstream.items()}
    return made


@contextlib.contextmanager
def same_chance(module: ModuleType) -> Iterator[None]:
    """Have everything drawn as if for the first time: by NumPy, by random, and by the generators that a module has."""
    states = random.getstate(), np.random.get_state()
    random.seed(0)
    np.random.seed(0)
    generators = [one for one in vars(module).values() if isinstance(one, np.random.Generator)]
    kept = [copy.deepcopy(one.bit_generator.state) for one in generators]
    seeded = np.random.default_rng
    try:
        with mock.patch.object(np.random, "default_rng", lambda seed=None: seeded(0 if seed is None else seed)):
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        for one, state in zip(generators, kept, strict=True):
            one.bit_generator.state = state


def differs(one: Any, other: Any) -> bool:
    """Tell whether two losses, arrays, or lists of them, are not the same up to rounding."""
    try:
        a, b = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    except (TypeError, ValueError):
        return False
    if a.shape != b.shape:
        return True
    finite = np.isfinite(a) & np.isfinite(b)
    size = float(np.abs(a[finite]).max(initial=0.0)) if a.ndim else abs(float(a))
    return bool((np.isfinite(a) != np.isfinite(b)).any()) or bool(
        (np.abs(a - b)[finite] > 1e-12 * (1.0 + size)).any()
    )  # fmt: skip
