"""What a learner's functions return, sorted by name and shape: states, cache, gradients.

Read next: sequence.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.textbook.layouts import Layout
from scratchnet.gradcheck.textbook.name_roles import CACHE, MASK, TARGET, WEIGHT, C, H, X, match_gradients, role_of
from scratchnet.gradcheck.textbook.weight_container import gradients_on


class CallMismatch(Exception):
    """The functions cannot be called this way; the message says why."""


@dataclass
class ForwardCall:
    """One forward call, and all that its backward needs.

    instance: of the learner's class, or None. given: its arguments by name and by role. steps, batch: their numbers.
    shapes: of the weights. h: (n, H) of a step, (n, T, H) of a sequence. c: of the same shape, None where the forward
    does not return it. final: the last states (n, H) that it returns.
    """

    instance: Any
    given: dict[str, Any]
    steps: int
    batch: int
    shapes: dict[str, tuple[int, ...]]
    h: Array = None
    c: Array | None = None
    final: dict[str, Array] = field(default_factory=dict)
    cache: Any = None


@dataclass(frozen=True)
class Results:
    """What functions of one layout return. role: returns what a name means."""

    layout: Layout
    sequence: bool
    role: Callable[[str], str] = role_of

    def states(self, result: Any, names: list[Any], function: str, passed: ForwardCall) -> None:
        """Tell the states, the last states and the cache of a forward's result apart, and note them in `passed`.

        names: as the function's return has them. Raises CallMismatch where there is no state.
        """
        steps, batch = passed.steps, passed.batch
        if isinstance(result, dict) and not (self.sequence and all(isinstance(key, int) for key in result)):
            parts, names = list(result.values()), list(result)
        else:
            parts = list(result) if isinstance(result, tuple) else [result]
        names = names if len(names) == len(parts) else [""] * len(parts)
        found: dict[str, Array] = {}
        cache: Any = None
        for name, part in zip(names, parts, strict=True):
            role = self.role(name) if isinstance(name, str) and name else ""
            leaves = [part]
            if isinstance(part, tuple) and 0 < len(part) <= 2 and role != CACHE:
                inner = [self._as_state(leaf, steps, batch) for leaf in part]
                if all(leaf is not None for leaf in inner):
                    leaves = list(part)
            taken = False
            for k, leaf in enumerate(leaves):
                of = name[k] if isinstance(name, list) and len(name) == len(leaves) else name
                taken |= self._place(found, of if isinstance(of, str) else "", leaf, steps, batch)
            if not taken and (cache is None or role == CACHE) and role != TARGET:
                cache = part
        if H not in found:
            raise CallMismatch(f"{function} returns no state of shape (batch, units) or its like")
        passed.final = {key.removeprefix("final "): array for key, array in found.items() if key.startswith("final ")}
        passed.h, passed.c, passed.cache = found[H], found.get(C), cache

    def _as_state(self, leaf: Any, steps: int, batch: int) -> tuple[str, Array] | None:
        """Return ("", rows) for a state, ("all", ...) for a sequence of them, None for anything else."""
        try:
            if self.sequence:
                whole = self.layout.sequence_back(leaf, steps)
                if whole.shape[:2] == (batch, steps) and whole.dtype.kind in "fc":
                    return "all", whole
        except (ValueError, TypeError, KeyError, IndexError):
            pass
        if not isinstance(leaf, np.ndarray) or leaf.dtype.kind not in "fc":
            return None
        rows = self.layout.state_back(leaf)
        return ("", rows) if rows.ndim == 2 and len(rows) == batch else None

    def _place(self, found: dict[str, Array], name: str, leaf: Any, steps: int, batch: int) -> bool:
        told = self._as_state(leaf, steps, batch)
        role = self.role(name) if name else ""
        if told is None or role in (CACHE, TARGET, MASK, X):
            return False
        kind, array = told
        prefix = "final " if self.sequence and kind != "all" else ""
        key = prefix + (role if role in (H, C) else H if prefix + H not in found else C)
        if key in found:
            return False
        found[key] = array
        return True

    def gradients(
        self, result: Any, names: list[Any], passed: ForwardCall, states: tuple[str, ...]
    ) -> dict[str, Array]:
        """Return the gradients in a backward's result, and those that it leaves in the instance, by target.

        names: as the function's return has them. states: those that the forward takes.
        """
        flat: list[tuple[str, Any]] = []
        _flatten(result, names, flat)
        weights = list(passed.shapes)
        targets = {X: X, **{state: state for state in states}, **dict.fromkeys(weights, WEIGHT)}
        told = match_gradients([name for name, _ in flat if name], targets, self.role)
        found: dict[str, Any] = {}
        for name, value in flat:
            if name in told and told[name] not in found:
                found[told[name]] = value
        left = [value for name, value in flat if told.get(name) not in found or not name]
        for value in left:  # without a name: the first target of this shape that has no gradient yet
            wanted = {X: np.shape(passed.given[X]), **{s: np.shape(passed.given[s]) for s in states}, **passed.shapes}
            fitting = [target for target, shape in wanted.items() if shape == np.shape(value) and target not in found]
            if fitting and np.ndim(value):
                found[fitting[0]] = value
        rest = [value for name, value in flat if not name and not any(value is other for other in found.values())]
        missing = [name for name in weights if name not in found]
        if len(rest) == len(missing) == 1 and passed.instance is None:
            found[missing[0]] = rest[0]  # of the wrong shape, which is to be said
        if passed.instance is not None:
            found = gradients_on(passed.instance, weights) | found
        return {name: self._back(name, value, passed.steps) for name, value in found.items()}

    def _back(self, name: str, value: Any, steps: int) -> Array:
        try:
            if name == X:
                return self.layout.sequence_back(value, steps) if self.sequence else self.layout.state_back(value)
            return self.layout.state_back(value) if name in (H, C) else np.asarray(value)
        except (ValueError, TypeError, KeyError, IndexError):
            return np.asarray(value)


def _flatten(result: Any, names: Any, flat: list[tuple[str, Any]]) -> None:
    """List (name, value) of everything in a backward's result, dictionaries and tuples opened."""
    by_time = (isinstance(result, list) and isinstance(names, str)) or (
        isinstance(result, dict) and all(isinstance(key, int) for key in result)
    )
    if by_time:
        flat.append((names if isinstance(names, str) else "", result))
    elif isinstance(result, dict):
        flat.extend((str(name), value) for name, value in result.items())
    elif isinstance(result, (tuple, list)):
        fitting = names if isinstance(names, list) and len(names) == len(result) else [""] * len(result)
        for name, part in zip(fitting, result, strict=True):
            _flatten(part, name, flat)
    elif result is not None:
        flat.append((names if isinstance(names, str) else names[0] if len(names) == 1 else "", result))
