"""NumPy arrays whose entries have numbers: what moves entries moves the numbers with them.

Read next: array_functions.py.
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
    """An array whose entries have numbers on a tape.

    One *use* of an array is an array in the same memory, of values and of numbers, whose entries have numbers of their
    own as long as nobody writes there: what is written later, under whichever name, is seen under both.
    """

    _numbers: Any  # in memory that is shared as that of the values is
    _use: Any  # of a use: (the numbers that stood there, those that it has in their place)
    tape: Any

    def __array_finalize__(self, given: Any) -> None:
        self.numbers = None if self.dtype.kind != "f" else np.zeros_like(self.view(np.ndarray), dtype=int, subok=False)
        self.tape = getattr(given, "tape", None)

    @property
    def numbers(self) -> Any:
        """The number of every entry; None where there are none, as of integers."""
        if self._use is None:
            return self._numbers
        seen, own = self._use
        return np.where(self._numbers == seen, own, self._numbers)

    @numbers.setter
    def numbers(self, numbers: Any) -> None:
        self._numbers, self._use = numbers, None

    def renumber(self, key: Any, numbers: Any) -> None:
        """Give some entries other numbers, for every array in this memory."""
        self._numbers[key] = numbers

    def used(self, own: Any) -> Any:
        """Return a use of this array, whose entries have these numbers."""
        made = self.with_numbers(plain(self), self._numbers)
        made._use = self._numbers.copy(), own
        return made

    def with_numbers(self, values: Any, numbers: Any) -> Any:
        """Return an array like this one, on the same tape, of these values and numbers."""
        made = np.asarray(values).view(type(self))
        made.numbers, made.tape = numbers, self.tape
        return made

    def _moved(self, function: Any, *arguments: Any, **named: Any) -> Any:
        values = function(plain(self), *arguments, **named)
        made = self.with_numbers(values, np.asarray(function(self._numbers, *arguments, **named)))
        if self._use is not None:
            made._use = tuple(np.asarray(function(one, *arguments, **named)) for one in self._use)
        return made

    def __getitem__(self, key: Any) -> Any:
        return self._moved(lambda array: array[plain(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        key, numbers = plain(key), numbers_of(value)
        plain(self)[key] = plain(value)
        self.renumber(key, np.asarray(numbers) if isinstance(numbers, list) else numbers)

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
        return self.with_numbers(values, self.numbers.copy()) if values.dtype.kind == "f" else values

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

    def sort(self, axis: Any = -1, *rest: Any, **named: Any) -> None:
        order = plain(self).argsort(axis, *rest, **named)
        self[...] = self._moved(lambda array: np.take_along_axis(array, order, axis))

    # What NumPy's scalars can do, and arrays cannot: an entry of a traced array is an array with no axis.

    def item(self, *index: Any) -> Any:
        place = index[0] if len(index) == 1 else index
        return self.reshape(-1)[place or 0] if np.ndim(place) == 0 or not index else self[place]

    def tolist(self) -> Any:
        return [one.tolist() for one in self] if self.ndim else self

    def __round__(self, digits: int | None = None) -> Any:
        return round(float(plain(self)), digits)

    def __hash__(self) -> int:  # type: ignore[override]
        if self.ndim:
            raise TypeError("unhashable type: 'numpy.ndarray'")
        return hash(float(plain(self)))


for _name in ("reshape", "transpose", "swapaxes", "squeeze", "ravel", "flatten", "repeat", "take", "diagonal"):

    def _method(self: Any, *arguments: Any, _name: str = _name, **named: Any) -> Any:
        return self._moved(lambda array: getattr(array, _name)(*arguments, **named))

    setattr(NumberedArray, _name, _method)


def arrays_in(value: Any) -> Iterator[Any]:
    """Yield what stands in a list of lists, however deep."""
    for one in value:
        if isinstance(one, (list, tuple)):
            yield from arrays_in(one)
        else:
            yield one


def first_traced(*values: Any) -> Any:
    """Return the first array with numbers among values, also in lists; None where there is none."""
    return next((one for one in arrays_in(values) if isinstance(one, NumberedArray)), None)


def arrayed(value: Any, like: Any) -> Any:
    """Return a list or tuple of numbers and arrays as an array, on the tape of another one; an array as it is."""
    if not isinstance(value, (list, tuple)):
        return value
    return like.with_numbers(np.array(plain(value), float), np.array(numbers_of(value), int))


def computed(like: NumberedArray, values: Any, operands: Any) -> Any:
    """Return the result of an operation, put on the tape of an array. operands: (numbers, share) of each."""
    values = np.asarray(values)
    given = like.tape.add(values.shape, operands)
    numbers = np.empty_like(values, dtype=int, subok=False)
    numbers[...] = given
    return like.with_numbers(values, numbers)


def written_to(out: Any, result: Any) -> Any:
    """Return a result, or write it into the array of the tuple that was given for it, and return that."""
    if out is None:
        return result
    target = out[0]
    if isinstance(target, NumberedArray) and target.dtype.kind == "f":
        target[...] = result
    else:
        np.copyto(target, plain(result), casting="unsafe")
    return target
