"""NumPy arrays whose entries have numbers: what moves entries moves the numbers with them.

Read next: traced_array.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Return a value with every traced array in it, also in lists and tuples, as a plain array of the same memory."""
    if isinstance(value, NumberedArray):
        return value.view(np.ndarray)
    if type(value) in (list, tuple):
        return type(value)(plain(one) for one in value)
    return value


def numbers_of(value: Any) -> Any:
    """Return the numbers of an array, or of the arrays in a list or tuple; zeros for constants."""
    if isinstance(value, NumberedArray):
        return value.numbers
    if isinstance(value, (list, tuple)):
        return [numbers_of(one) for one in value]
    return np.zeros(np.shape(value), int)


class NumberedArray(np.ndarray):
    """An array whose entries have numbers on a tape."""

    numbers: Any
    tape: Any

    def __array_finalize__(self, given: Any) -> None:
        self.numbers = None if self.dtype.kind != "f" else np.zeros_like(self.view(np.ndarray), dtype=int, subok=False)
        self.tape = getattr(given, "tape", None)

    def _with(self, values: Any, numbers: Any) -> Any:
        made = np.asarray(values).view(type(self))
        made.numbers, made.tape = numbers, self.tape
        return made

    def _moved(self, function: Any, *arguments: Any, **named: Any) -> Any:
        values = function(plain(self), *arguments, **named)
        numbers = function(self.numbers, *arguments, **named)
        return self._with(values, np.asarray(numbers))

    def __getitem__(self, key: Any) -> Any:
        return self._moved(lambda array: array[plain(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        key, numbers = plain(key), numbers_of(value)
        plain(self)[key] = plain(value)
        self.numbers[key] = np.asarray(numbers) if isinstance(numbers, list) else numbers

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    @property
    def T(self) -> Any:
        return self._moved(np.transpose)

    @property
    def flat(self) -> Any:
        return self._moved(np.ravel)

    def astype(self, dtype: Any, *rest: Any, **named: Any) -> Any:
        values = plain(self).astype(dtype, *rest, **named)
        return self._with(values, self.numbers.copy()) if values.dtype.kind == "f" else values

    def copy(self, order: Any = "C") -> Any:
        return self._moved(lambda array: array.copy(order))

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy("K")

    def __copy__(self) -> Any:
        return self.copy("K")

    def fill(self, value: Any) -> None:
        self[...] = value

    def argmax(self, *arguments: Any, **named: Any) -> Any:
        return plain(self).argmax(*arguments, **named)

    def argmin(self, *arguments: Any, **named: Any) -> Any:
        return plain(self).argmin(*arguments, **named)

    def argsort(self, *arguments: Any, **named: Any) -> Any:
        return plain(self).argsort(*arguments, **named)


for _name in ("reshape", "transpose", "swapaxes", "squeeze", "ravel", "flatten", "repeat", "take", "diagonal"):

    def _method(self: Any, *arguments: Any, _name: str = _name, **named: Any) -> Any:
        return self._moved(lambda array: getattr(array, _name)(*arguments, **named))

    setattr(NumberedArray, _name, _method)
