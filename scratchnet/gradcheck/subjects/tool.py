"""What a harness calls `r`: it hands out the arrays, takes the loss, and so knows what to perturb.

    def harness(m, r):                                   # m: the module under check
        x, h0, Wx, Wh, b = r(2, r.T, 3), r(2, 4), r(3, 4), r(4, 4), r(4)
        h, cache = m.rnn_forward(x, h0, Wx, Wh, b)
        return zip((x, h0, Wx, Wh, b), m.rnn_backward(r.loss(h), cache))

The harness is run for every evaluation of the loss, with a tool of the same arrays each time. It returns pairs of an
array and its gradient.

Read next: program.py.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.errors import InputError
from scratchnet.gradcheck.adjoints import Tape, TracedArray, plain, traced

SCALE = 0.5  # standard deviation of what is drawn


class Border(Exception):
    """Raised where the forward ends, when nothing but the loss is wanted."""


class HarnessError(InputError):
    """The harness cannot be used; the message says why, and what to do."""


class Arrays:
    """The arrays of a harness at one T and one seed, by the order in which it asks for them."""

    def __init__(self, T: int, seed: int) -> None:
        self.T, self.seed = T, seed
        self.kept: dict[int, Any] = {}
        self.names: dict[int, str] = {}
        self.upstream: dict[int, Array] = {}

    def draw(self, key: int, make: Callable[[np.random.Generator], Any]) -> Any:
        """Return what stands at this place in the order, drawn when first asked for."""
        if key not in self.kept:
            self.kept[key] = make(np.random.default_rng([self.seed, self.T, key]))
        return self.kept[key]

    def upstream_of(self, key: int, shape: tuple[int, ...]) -> Array:
        """Return the random gradient for the loss's `key`-th array."""
        if key not in self.upstream or self.upstream[key].shape != shape:
            self.upstream[key] = np.random.default_rng([self.seed, self.T, key, 1]).normal(size=shape)
        return self.upstream[key]


class Tool:
    """One run's tool: `r(*shape)`, `r.ints`, `r.adopt`, `r.new`, `r.loss`, and `r.T`, the number of time steps."""

    def __init__(self, arrays: Arrays, tape: Tape | None = None, stop_after: int = 0) -> None:
        self.T, self._arrays, self._tape, self._stop = arrays.T, arrays, tape, stop_after
        self._asked = self._losses = 0
        self.owned: dict[int, tuple[int, Any]] = {}  # id of an array in use -> (its place in the order, the array)
        self.leaves: dict[int, Any] = {}
        self.value: Any = 0.0
        self.on_loss: Callable[[], None] = lambda: None

    def _next(self, make: Callable[[np.random.Generator], Any]) -> tuple[int, Any]:
        key = self._asked
        self._asked += 1
        return key, self._arrays.draw(key, make)

    def _in_use(self, key: int, master: Array) -> Array:
        made = master.copy() if self._tape is None else traced(master.copy(), self._tape, leaf=True)
        self.leaves[key] = made
        return made

    def __call__(self, *shape: int) -> Array:
        """Return a random float64 array of this shape: the same at every run."""
        key, master = self._next(lambda g: g.normal(size=shape) * SCALE)
        made = self._in_use(key, master)
        self.owned[id(made)] = (key, made)
        return made

    def ints(self, n: int, *shape: int) -> Any:
        """Return random whole numbers from 0 to n - 1: tokens, labels."""
        _, master = self._next(lambda g: g.integers(0, n, size=shape))
        return master.copy() if shape else int(master)

    def adopt(self, thing: Any) -> Any:
        """Take over every float64 array of an object, dictionary, list or module; return it."""
        for name, array, put in list(_floats(thing, "", set())):
            key, master = self._next(lambda g, shape=array.shape: g.normal(size=shape) * SCALE)  # type: ignore[misc]
            self._arrays.names.setdefault(key, name)
            leaf = self._in_use(key, master)
            if self._tape is not None and not isinstance(array, TracedArray):
                array = traced(array, self._tape)
                put(array)
            array[...] = leaf
            self.owned[id(array)] = (key, array)
        return thing

    def own(self, name: str, array: Array) -> Array:
        """Take over one array, with the values that it has at the first run; return it, or the one in its place."""
        key, master = self._next(lambda g: np.array(plain(array)))
        self._arrays.names.setdefault(key, name)
        if self._tape is not None and not isinstance(array, TracedArray):
            array = traced(array, self._tape)
        array[...] = self._in_use(key, master)
        self.owned[id(array)] = (key, array)
        return array

    def new(self, made_by: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Return an object made anew, with the same weights at every run."""
        state = np.random.get_state()
        np.random.seed(self._arrays.seed % 2**32)
        try:
            made = made_by(*arguments, **named)
        finally:
            np.random.set_state(state)
        return self.adopt(made)

    def loss(self, value: Any) -> Any:
        """Take the loss; or, of an array, return the gradient that comes from above: random, the loss its product."""
        self._losses += 1
        self.on_loss()
        given: Any = 1.0
        if np.ndim(value) == 0:
            self.value = self.value + value
        else:
            given = self._arrays.upstream_of(self._losses, np.shape(value)).copy()
            self.value = self.value + (value * given).sum()
        if self._stop and self._losses >= self._stop:
            raise Border
        return given

    @property
    def losses(self) -> int:
        """How many times the loss was given."""
        return self._losses

    def pairs(self, found: Any) -> list[tuple[int, Any]]:
        """Return (place in the order, gradient) of what a harness returned. Raises HarnessError."""
        try:
            listed = list(found.items() if isinstance(found, dict) else found)
        except TypeError:
            raise HarnessError(
                "the harness returns no pairs: it must return (array, gradient) for every array"
            ) from None
        pairs: list[tuple[int, Any]] = []
        for one in listed:
            if not isinstance(one, (tuple, list)) or len(one) != 2:
                raise HarnessError("the harness must return pairs of two: (array, gradient)")
            if id(one[0]) not in self.owned:
                raise HarnessError(
                    f"pair {len(pairs) + 1} of the harness: its array is none that r gave or adopted: is it a copy?"
                )
            pairs.append((self.owned[id(one[0])][0], one[1]))
        return pairs


def _floats(thing: Any, name: str, seen: set[int]) -> Iterator[tuple[str, Any, Callable[[Any], None]]]:
    """Yield (name, array, how to put another in its place) for every float64 array that is reached from something."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    for key, value, put in _members(thing):
        inner = f"{name}[{key!r}]" if not isinstance(key, str) or (isinstance(thing, dict) and name) else key
        inner = inner if isinstance(thing, (dict, list, tuple)) or not name else f"{name}.{key}"
        if isinstance(value, np.ndarray):
            if value.dtype == np.float64 and id(value) not in seen:
                seen.add(id(value))
                yield inner, value, put
        elif not isinstance(value, (type, types.FunctionType, types.ModuleType, str)):
            yield from _floats(value, inner, seen)


def _members(thing: Any) -> Iterator[tuple[Any, Any, Callable[[Any], None]]]:
    if isinstance(thing, dict):
        for key in list(thing):
            yield key, thing[key], lambda value, key=key: thing.__setitem__(key, value)  # type: ignore[misc]
    elif isinstance(thing, (list, tuple)):
        for k in range(len(thing)):
            yield k, thing[k], lambda value, k=k: _put_into(thing, k, value)  # type: ignore[misc]
    elif hasattr(thing, "__dict__"):
        for key in [one for one in vars(thing) if not one.startswith("__")]:
            yield key, vars(thing)[key], lambda value, key=key: setattr(thing, key, value)  # type: ignore[misc]


def _put_into(thing: Any, k: int, value: Any) -> None:
    if isinstance(thing, list):
        thing[k] = value
