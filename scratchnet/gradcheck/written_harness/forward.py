"""A forward that runs: its arrays, what it returns, and how a loss of that changes with each array.

Read next: pairing.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.subjects import Arrays, Tool
from scratchnet.gradcheck.written_harness.sizes import Sizes, Specs
from scratchnet.gradcheck.written_harness.specs import make, texts
from scratchnet.gradcheck.written_harness.trial import Outcome, QuickArrays, Trials

STEP = 1e-5
DEEP = 4


@dataclass
class Setting:
    """What runs before any backward: imports of arrays, objects, the arguments and the forward's call.

    adopt: whether the module's own arrays are taken over. create: the text that makes the object `net`, or "".
    call: the text of the forward. names: what its results are called. start: lines after the object was made.
    """

    specs: Specs
    sizes: Sizes
    adopt: bool
    create: str
    call: str
    names: list[str] = field(default_factory=list)
    start: list[str] = field(default_factory=list)

    def lines(self, time: str = "", of: dict[str, int] | None = None, with_call: bool = True) -> list[str]:
        """Return the lines up to the call of the forward."""
        found = ["r.adopt(m)"] if self.adopt else []
        variables: list[tuple[str, str]] = []
        for name, spec in self.specs.items():
            more, _ = texts(name, spec, self.sizes.of if of is None else of, time)
            variables += [one for one in more if one[0] not in dict(variables)]
        found += [f"{name} = {text}" for name, text in variables]
        return found + self.calls(with_call, of)

    def calls(self, with_call: bool = True, of: dict[str, int] | None = None) -> list[str]:
        """Return the lines that make the object and call the forward."""
        sizes = self.sizes.of if of is None else of
        given = {name: texts(name, spec, sizes)[1] for name, spec in self.specs.items() if spec.kind != "default"}
        create, call = ([fill(text, given)] if text else [] for text in (self.create, self.call if with_call else ""))
        return [*create, *self.start, *call]

    def prepare(self, space: dict[str, Any], tool: Tool) -> None:
        """Put everything into a namespace that stands before the calls."""
        if self.adopt:
            tool.adopt(space["m"])
        for name, spec in self.specs.items():
            make(name, spec, self.sizes.of, tool, space)

    def run(
        self, trials: Trials, arrays: Arrays, more: Sequence[str] = (), watch: bool = True, with_call: bool = True
    ) -> Outcome:
        """Run it, and more lines after it."""
        return trials.run([*self.calls(with_call), *more], arrays, watch, self.prepare)


def fill(text: str, given: dict[str, str]) -> str:
    """Return "f({x}, {h}, k={k})" with the arguments put in; one that is not given is left out."""
    head, _, rest = text.partition("(")
    parts = []
    named = False
    for part in filter(None, rest.rstrip(")").split(", ")):
        name = part.strip("{}")
        if part.startswith("{") and name in given:
            parts.append(f"{name}={given[name]}" if named else given[name])
        elif part.startswith("{"):
            named = True
        else:
            parts.append(part)
    return f"{head}({', '.join(parts)})"


def leaves(value: Any, text: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield (how it is reached, an array or a number) for every one of floats within a value."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            yield text, value
        elif value.dtype == object and depth < DEEP:
            yield from leaves(list(value), text, depth + 1)
        return
    if isinstance(value, (float, np.floating)):
        yield text, float(value)
        return
    if depth >= DEEP:
        return
    if isinstance(value, (list, tuple)):
        if stacked(value) is not None:
            yield (f"np.array({text})"), stacked(value)
        for k, one in enumerate(value[:12]):
            yield from leaves(one, f"{text}[{k}]", depth + 1)
    elif isinstance(value, dict):
        steps = [value[k] for k in range(len(value)) if k in value]
        if steps and stacked(steps) is not None:
            yield f"np.array([{text}[t] for t in range({len(steps)})])", stacked(steps)
        for key, one in list(value.items())[:40]:
            yield from leaves(one, f"{text}[{key!r}]", depth + 1)


def stacked(values: Any) -> Array | None:
    """Return several arrays of one shape as one array, or None."""
    if not len(values) or not all(isinstance(one, (np.ndarray, float, np.floating)) for one in values):
        return None
    if len({np.shape(one) for one in values}) > 1:
        return None
    found = np.array(values)
    return found if found.dtype.kind == "f" else None


class Forward:
    """A setting whose call runs. outputs: {how it is reached: its values}."""

    def __init__(self, setting: Setting, trials: Trials, seed: int = 0, T: int = 2) -> None:
        self.setting, self.trials = setting, trials
        self.arrays = QuickArrays(T, seed)
        self.outcome = self.run()
        self.outputs = dict(leaves(self.outcome.values.get("out"), "out")) if self.outcome.ok else {}
        self.outputs = {key: np.array(value) for key, value in self.outputs.items()}
        self._slopes: dict[Any, float] = {}
        self._own = set(self.arrays.kept)
        self._target = ""

    def run(self, more: Sequence[str] = (), watch: bool = False) -> Outcome:
        """Run the forward, and more lines after it; targets, if there are any, are made by the first of these."""
        target = more[0] if more and more[0].startswith("y = ") else ""
        if target and target != self._target:  # other targets are drawn anew
            self._target = target
            for key in set(self.arrays.kept) - self._own:
                del self.arrays.kept[key]
        return self.setting.run(self.trials, self.arrays, more, watch)

    @property
    def keys(self) -> list[int]:
        """Return the places of the float arrays."""
        return [
            key for key, value in self.arrays.kept.items() if isinstance(value, np.ndarray) and value.dtype == float
        ]

    def direction(self, key: int, which: int) -> Array:
        """Return a direction of an array: a random one, or for `which` from 0 on, that of one entry."""
        shape = self.arrays.kept[key].shape
        if which < 0:
            return np.random.default_rng([key, -which]).normal(size=shape)
        found = np.zeros(shape)
        found.flat[which] = 1.0
        return found

    def slope(self, loss: Sequence[str], key: int, which: int) -> float:
        """Return how the loss changes with an array along a direction; NaN where it cannot be had."""
        place = (tuple(loss), key, which)
        if place not in self._slopes:
            master = self.arrays.kept[key]
            before, direction = master.copy(), self.direction(key, which)
            values = []
            for sign in (1.0, -1.0):
                master[...] = before + sign * STEP * direction
                outcome = self.run(loss)
                values.append(outcome.tool.value if outcome.ok else float("nan"))
            master[...] = before
            self._slopes[place] = float((values[0] - values[1]) / (2 * STEP))
        return self._slopes[place]

    def effect(self, loss: Sequence[str], key: int) -> bool:
        """Tell whether the loss depends on an array."""
        return any(abs(self.slope(loss, key, which)) > 1e-8 for which in (-1, -2))

    def steady(self) -> bool:
        """Tell whether two runs return the same numbers."""
        again = dict(leaves(self.run().values.get("out"), "out"))
        return all(
            name in again and np.array_equal(value, again[name], equal_nan=True) for name, value in self.outputs.items()
        )

    def scalars(self) -> list[str]:
        """Return the outputs that are one number: a loss may be among them."""
        return [
            name
            for name, value in self.outputs.items()
            if value.ndim == 0 and math.isfinite(float(value)) and "[" not in name.replace("out[", "", 1)
        ]


def has_floats(value: object) -> bool:
    """Tell whether a value is, or holds, an array of float64."""
    if isinstance(value, np.ndarray):
        return bool(value.dtype == np.float64)
    if isinstance(value, (list, tuple)):
        return any(map(has_floats, value))
    return isinstance(value, dict) and any(map(has_floats, value.values()))
