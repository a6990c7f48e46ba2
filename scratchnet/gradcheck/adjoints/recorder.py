"""What a run of instrumented code reports: values, visits, and values put in the place of others.

    recorder = Recorder(tape)                 every array that the code makes is traced on this tape
    recorder.forced[place] = [value, ...]     an expression that yields these values at its visits

A *place* is an expression and the path of calls that leads to it: a helper called at five places is five places. A
*visit* is one evaluation of it; `turns` are the counters of the loops around it, those of its callers included.

Read next: ../cure/__init__.py.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints.numbered_array import plain
from scratchnet.gradcheck.adjoints.tape import Tape
from scratchnet.gradcheck.adjoints.traced_array import TracedArray, made_of_list, traced

MOST_ENTRIES = 4096  # of an array that is noted
MOST_VISITS = 400000

OF_MATH = {
    getattr(math, name): getattr(np, name)
    for name in ("exp", "expm1", "log", "log2", "log10", "log1p", "sqrt", "tanh", "sinh", "cosh", "sin", "cos", "fabs")
}  # fmt: skip
OF_MATH[math.pow] = np.power

Place = tuple[Any, ...]  # (number of the node, number of the call, number of the call around it ...)


class Visit(NamedTuple):
    """One evaluation: the counters of the loops around it, the value, its numbers on the tape, its rank in time."""

    turns: tuple[int, ...]
    value: Array
    numbers: Any
    rank: int


class Recorder:
    """The other end of instrumented code. With `noting`, visits are kept; with a tape, arrays are traced."""

    def __init__(self, tape: Tape | None = None, noting: bool = True) -> None:
        self.tape, self.noting = tape, noting
        self.visits: dict[Place, list[Visit]] = {}
        self.forced: dict[Place, list[Any]] = {}
        self.stopped_in: tuple[Any, ...] | None = None  # the calls around the statement whose variables are wanted
        self.frames: list[dict[str, Any]] = []
        self.on_value: Callable[[Place, int, Any], Any] | None = None
        self.begin()

    def begin(self) -> None:
        """Begin another run."""
        self.calls: list[int] = []
        self.turns: list[int] = []
        self.marks: dict[tuple[int, int], tuple[int, int]] = {}
        self.counts: dict[Place, int] = {}
        self.visits = {}
        self.rank = 0

    def names(self, module: str) -> dict[str, Any]:
        """Return the names that a module's instrumented code needs."""
        return {
            "_r": lambda k, value, written=False: self.report((module, k), value, written),
            "_c": lambda k, function: self.call((module, k), function),
            "_l": self.loop,
            "_u": self.use,
            "_f": self.filled,
            "_s": self.stop,
            "_m": self.mark,
            "_e": self.end_of_error,
        }

    def report(self, key: Any, value: Any, written: bool = False) -> Any:
        """Take the value of an expression; return what stands in its place. written: into an array that was given."""
        calls = self.calls
        if calls and calls[-1] == key:
            calls.pop()
        kind = type(value)
        if kind is TracedArray or kind is np.ndarray or kind is float or kind is np.float64:
            self.rank += 1
            place = (key, *calls)
            if self.forced or self.on_value is not None:
                count = self.counts.get(place, 0)
                self.counts[place] = count + 1
                if place in self.forced and count < len(self.forced[place]):
                    given = self.forced[place][count]
                    if given is not None and written and isinstance(value, np.ndarray):
                        value[...] = given
                    elif given is not None:
                        value = self._like(given, value)
                        if self.tape is not None and isinstance(value, np.ndarray):
                            value = traced(value, self.tape, leaf=True)  # what is made of it is no constant
                if self.on_value is not None:
                    value = self.on_value(place, count, value)
            if self.tape is not None:
                value = self._traced(value)
            if self.noting:
                self._note(place, value)
        return value

    def _like(self, given: Any, value: Any) -> Any:
        return given.copy() if isinstance(value, np.ndarray) or np.ndim(given) else float(given)

    def _traced(self, value: Any) -> Any:
        if isinstance(value, TracedArray) or not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return value
        assert self.tape is not None
        return traced(value, self.tape)

    def use(self, value: Any) -> Any:
        """Return an operand with numbers of its own, so that its derivative is the share of this one use."""
        if isinstance(value, TracedArray) and self.tape is not None and value.numbers is not None:
            # A constant, too: a backward hands back the derivative in a state that begins as zeros.
            new = self.tape.add(value.shape, [(value.numbers, lambda g: g)])
            return value.used(new if new.any() else self.tape.numbers(value.shape))
        return value

    def filled(self, target: Any, value: float) -> Any:
        """Return a number that is written over an array as an array with a derivative: it may have to be another."""
        if not isinstance(target, np.ndarray) or target.dtype.kind != "f":
            return value
        made = np.full(target.shape, float(value))
        return made if self.tape is None else traced(made, self.tape, leaf=True)

    def _note(self, place: Place, value: Any) -> None:
        if self.rank > MOST_VISITS or np.size(value) > MOST_ENTRIES:
            return
        numbers = value.numbers.copy() if isinstance(value, TracedArray) and value.numbers is not None else None
        visit = Visit(tuple(self.turns), np.array(plain(value)), numbers, self.rank)
        self.visits.setdefault(place, []).append(visit)

    def stop(self, variables: dict[str, Any], shared: dict[str, Any]) -> None:
        """Keep a copy of a function's variables, and of the module's: both may be others after the run."""
        if self.stopped_in is None or tuple(self.calls) == self.stopped_in:
            data = {
                name: value
                for name, value in shared.items()
                if not name.startswith("_") and not callable(value) and not isinstance(value, ModuleType)
            }
            large = {name: value for name, value in data.items() if _is_large(value)}  # a data set, which stays
            small = {name: value for name, value in data.items() if name not in large}
            self.frames.append({**large, **copied({**small, **variables})})

    def call(self, key: Any, function: Any) -> Any:
        """Note that a call begins; return the function to be called."""
        self.calls.append(key)
        if self.tape is not None:
            if function in (np.array, np.asarray, np.asanyarray, np.ascontiguousarray):
                return self._array
            if function is float or function is np.float64:
                return lambda value=0.0: value if isinstance(value, TracedArray) else function(value)
            if function in OF_MATH:  # they would turn an entry into a number of Python
                return lambda *given: (
                    OF_MATH[function] if any(isinstance(one, TracedArray) for one in given) else function
                )(*given)
        return function

    def mark(self, key: int) -> None:
        """Note how deep the calls and loops are where a `try` begins."""
        self.marks[id(sys._getframe(1)), key] = len(self.calls), len(self.turns)

    def end_of_error(self, key: int) -> None:
        """Forget the calls and loops that an error has ended."""
        calls, turns = self.marks[id(sys._getframe(1)), key]
        del self.calls[calls:], self.turns[turns:]

    def _array(self, given: Any, dtype: Any = None, *rest: Any, **named: Any) -> Any:
        assert self.tape is not None
        made = made_of_list(given, self.tape)
        made = made.astype(dtype) if dtype is not None else made
        dims = named.get("ndmin", 0)
        while made.ndim < dims:
            made = made[None]
        return made

    def loop(self, key: int, iterable: Iterable[Any]) -> Iterator[Any]:
        """Hand on what a loop runs over, counting its turns."""
        self.turns.append(0)
        depth = len(self.turns)
        try:
            for value in iterable:
                yield value
                del self.turns[depth:]
                self.turns[depth - 1] += 1
        finally:
            del self.turns[depth - 1 :]


def _is_large(value: Any) -> bool:
    return (
        value.size if isinstance(value, np.ndarray) else len(value) if hasattr(value, "__len__") else 0
    ) > MOST_ENTRIES


def copied(value: Any, memo: dict[int, Any] | None = None) -> Any:
    """Return a copy in which every array, list, dictionary and object is another one; modules and functions are not."""
    memo = {} if memo is None else memo
    if id(value) in memo:
        return memo[id(value)]
    made: Any
    if isinstance(value, np.ndarray):
        made = memo[id(value)] = np.array(plain(value))
    elif type(value) is dict:
        made = memo[id(value)] = {}
        made.update((key, copied(one, memo)) for key, one in value.items())
    elif type(value) is list:
        made = memo[id(value)] = []
        made.extend(copied(one, memo) for one in value)
    elif type(value) is tuple:
        made = tuple(copied(one, memo) for one in value)
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        made = type(value)(*(copied(one, memo) for one in value))
    elif (
        hasattr(value, "__dict__")
        and not isinstance(value, (type, ModuleType, FunctionType, MethodType))
        and not callable(value)
    ):
        try:
            owner: Any = type(value)
            made = memo[id(value)] = owner.__new__(owner)  # object's would refuse a SimpleNamespace
            vars(made).update((key, copied(one, memo)) for key, one in vars(value).items())
        except TypeError:
            made = value
    else:
        made = value
    return made
