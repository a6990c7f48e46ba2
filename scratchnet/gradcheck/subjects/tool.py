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

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.errors import InputError
from scratchnet.gradcheck.adjoints import Tape, TracedArray, plain, traced
from scratchnet.gradcheck.subjects.arrays import SCALE, Arrays
from scratchnet.gradcheck.subjects.reached import described, floats_in


class Border(BaseException):
    """Raised where the forward ends, when nothing but the loss is wanted; past what a learner's code may catch."""


class HarnessError(InputError):
    """The harness cannot be used; the message says why, and what to do."""


class Tool:
    """One run's tool: `r(*shape)`, `r.ints`, `r.adopt`, `r.new`, `r.loss`, and `r.T`, the number of time steps."""

    def __init__(self, arrays: Arrays, tape: Tape | None = None, stop_after: int = 0) -> None:
        self.T, self._arrays, self._tape, self._stop = arrays.T, arrays, tape, stop_after
        self._asked = self._losses = self._adopted = 0
        self.owned: dict[int, tuple[int, Any]] = {}  # id of an array in use -> (its place in the order, the array)
        self.leaves: dict[int, Any] = {}
        self.upstream: list[Any] = []  # the gradients from above that were handed out
        self.value: Any = 0.0
        self.on_loss: Callable[[], None] = lambda: None

    def _in_use(self, key: int, master: Array) -> Array:
        made = master.copy() if self._tape is None else traced(master.copy(), self._tape, leaf=True)
        self.leaves[key] = made
        return made

    def _next(self) -> int:
        self._asked += 1
        return self._asked - 1

    def __call__(self, *shape: int, name: str = "") -> Array:
        """Return a random float64 array of this shape: the same at every run. name: in reports."""
        shape = _shape(shape, "r")
        key = self._next()
        if name:
            self._arrays.names[key] = name
        made = self._in_use(key, self._arrays.draw(key, lambda g: g.normal(size=shape) * SCALE))
        self.owned[id(made)] = (key, made)
        return made

    def ints(self, n: int, *shape: int) -> Any:
        """Return random whole numbers from 0 to n - 1: tokens, labels."""
        shape = _shape(shape, "r.ints")
        if not isinstance(n, (int, np.integer)) or n < 1:
            raise HarnessError(f"r.ints({n!r}): write r.ints(10, 2, 3) for numbers from 0 to 9 in the shape (2, 3)")
        master = self._arrays.draw(self._next(), lambda g: g.integers(0, n, size=shape))
        return master.copy() if shape else int(master)

    def adopt(self, thing: Any) -> Any:
        """Take over every float64 array of an object, dictionary, list or module; return it."""
        self._adopted += 1
        for one in floats_in(thing):
            made = self._take(*self._arrays.adopt((self._adopted, one.name), plain(one.array)), one.array)
            if made is not one.array:
                for put in one.puts:
                    put(made)
        return thing

    def own(self, name: str, array: Array) -> Array:
        """Take over one array, with the values that it has at the first run; return it, or the one in its place."""
        key = self._next()
        return np.asanyarray(self._take(key, self._arrays.own(key, name, plain(array)), array))

    def _take(self, key: int, master: Array, array: Any) -> Any:
        """Have an array hold what the tool says; return it, or the one in its place on a tape."""
        name = self._arrays.names.get(key)
        if master.shape != array.shape:
            raise HarnessError(
                f"{name} had the shape {master.shape} at the first run, now {array.shape}: it may depend on r.T only"
            )
        if not array.flags.writeable:
            raise HarnessError(f"{name} cannot be written into: make it an array of its own, by .copy()")
        leaf = self._in_use(key, master)
        self.owned[id(array)] = (key, array)
        if self._tape is not None and not isinstance(array, TracedArray):
            array = traced(array, self._tape)
        array[...] = leaf
        self.owned[id(array)] = (key, array)
        return array

    def new(self, made_by: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Return an object made anew, with the same weights at every run.

        What is drawn afterwards follows from what was drawn before, and differs from run to run where that does.
        """
        after = int(np.random.random_sample() * 2**32)  # putting the whole state back takes as long as a small run
        np.random.seed(self._arrays.seed % 2**32)
        try:
            made = made_by(*arguments, **named)
        finally:
            np.random.seed(after)
        return self.adopt(made)

    def loss(self, value: Any) -> Any:
        """Take the loss; or, of an array, return the gradient that comes from above: random, the loss its product."""
        _hold_to_be_a_loss(value)
        self._losses += 1
        self.on_loss()
        given: Any = 1.0
        if np.ndim(value) == 0:
            self.value = self.value + value
        else:
            given = self._arrays.upstream_of(self._losses, np.shape(value)).copy()
            self.value = self.value + (value * given).sum()
        if self._tape is not None:
            # What a backward makes of it alone is no constant. The loss above has it as plain numbers: else it would
            # depend on this leaf, and such values would count as the forward's.
            given = traced(np.array(given), self._tape, leaf=True)
        self.upstream.append(given)
        if self._stop and self._losses >= self._stop:
            raise Border
        return given

    @property
    def losses(self) -> int:
        """How many times the loss was given."""
        return self._losses

    def pairs(self, found: Any) -> list[tuple[int, Any]]:
        """Return (place in the order, gradient) of what a harness returned. Raises HarnessError."""
        if not self._losses and not isinstance(found, (str, bytes, type(None))):
            raise HarnessError("the harness has taken no loss: call r.loss(y) with what the forward returned")
        try:
            parts = iter(found.items() if isinstance(found, dict) else found)
        except TypeError:
            raise HarnessError(
                f"the harness returns no pairs but {described(found)}: return (array, gradient) for every array"
            ) from None
        pairs: list[tuple[int, Any]] = []
        for one in parts:  # a generator: the backward may run only now
            if not isinstance(one, (tuple, list)) or len(one) != 2:
                which = f"number {len(pairs) + 1} is {described(one)}"
                raise HarnessError(f"the harness must return pairs of two: (array, gradient); {which}")
            if id(one[0]) not in self.owned:
                raise HarnessError(f"pair {len(pairs) + 1} of the harness: {self._stranger(one[0])}")
            place = self.owned[id(one[0])][0]
            if place in [earlier for earlier, _ in pairs]:
                first = [earlier for earlier, _ in pairs].index(place)
                raise HarnessError(f"pair {len(pairs) + 1} of the harness: its array is that of pair {first + 1} again")
            pairs.append((place, one[1]))
        if not self._losses:
            raise HarnessError("the harness has taken no loss: call r.loss(y) with what the forward returned")
        # Copied, since what a module or an object of it holds is put back after the run.
        return [(place, one.copy() if isinstance(one, np.ndarray) else one) for place, one in pairs]

    def _stranger(self, thing: Any) -> str:
        """Return what is wrong with an array of a pair that the tool has never seen."""
        if not isinstance(thing, np.ndarray):
            return f"its first part is {described(thing)}, wanted an array that r gave or adopted"
        if thing.dtype != np.float64:
            return f"its array is one of {thing.dtype}, wanted float64: differences need its digits; x.astype(float)"
        said = "its array is none that r gave or adopted"
        for _, array in self.owned.values():
            if np.shares_memory(plain(array), plain(thing)):
                return f"{said}, but a view of one: return the one that r gave"
        equal = any(np.array_equal(plain(array), plain(thing)) for _, array in self.owned.values())
        return f"{said}, but a copy of one: return the one that r gave" if equal else said


def _shape(shape: Any, name: str) -> tuple[int, ...]:
    if not all(isinstance(one, (int, np.integer)) and one >= 0 for one in shape):
        given = ", ".join(map(repr, shape))
        raise HarnessError(f"{name}({given}) asks for no shape: sizes are whole numbers, as in r(2, 3)")
    return tuple(int(one) for one in shape)


def _hold_to_be_a_loss(value: Any) -> None:
    """Raise HarnessError for what has no gradient."""
    array = value if isinstance(value, np.ndarray) else None if isinstance(value, (list, tuple)) else np.asarray(value)
    if array is None or array.dtype.kind not in "fiub":
        raise HarnessError(
            f"r.loss was given {described(value)}, wanted one array (of a list: np.array) or a real number"
        )
    if array.ndim and array.dtype.kind != "f":
        raise HarnessError(f"r.loss was given {described(value)}: whole numbers have no gradient")
    if not array.size:
        raise HarnessError(f"r.loss was given an empty array, of shape {array.shape}")
