"""NumPy arrays that put what is done with them on a tape.

A TracedArray is an ndarray, so code that knows NumPy takes it as it is. `numbers` is an array of the same shape and
layout (tape.py). Where an operation has no derivative here the result counts as a constant; whoever uses the adjoints
compares them with difference quotients first, so such a gap can be seen and never misleads.

Read next: syntax.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.gradcheck.adjoints.array_functions import FUNCTIONS, moved
from scratchnet.gradcheck.adjoints.numbered_array import (
    NumberedArray,
    arrayed,
    arrays_in,
    computed,
    first_traced,
    numbers_of,
    plain,
    written_to,
)
from scratchnet.gradcheck.adjoints.operations import (
    ELEMENTWISE,
    MOVES,
    elementwise_share,
    extreme_share,
    matmul_shares,
    running_product_share,
    sum_share,
)
from scratchnet.gradcheck.adjoints.tape import Tape


def wrapped(values: Any, numbers: Any, tape: Tape) -> TracedArray:
    """Return an array with these numbers."""
    made = np.asarray(values).view(TracedArray)
    made.numbers, made.tape = numbers, tape
    return made


def traced(values: Any, tape: Tape, leaf: bool = False) -> TracedArray:
    """Return an array in the same memory as a constant, or, as a leaf, with numbers of its own."""
    array = np.asarray(plain(values))
    numbers = np.zeros_like(array, dtype=int, subok=False)
    if leaf:
        numbers[...] = tape.numbers(array.shape)
    return wrapped(array, numbers, tape)


class TracedArray(NumberedArray):
    """An array that puts what is computed with it on a tape."""

    def dot(self, other: Any, out: Any = None) -> Any:
        return np.dot(self, other)

    def cumsum(self, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        return np.add.accumulate(self.reshape(-1) if axis is None else self, axis=axis or 0)

    def cumprod(self, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        return np.multiply.accumulate(self.reshape(-1) if axis is None else self, axis=axis or 0)

    def clip(  # type: ignore[override]
        self, low: Any = None, high: Any = None, out: Any = None, **named: Any
    ) -> Any:
        inside = np.ones(self.shape)
        if low is not None:
            inside *= plain(self) >= plain(low)
        if high is not None:
            inside *= plain(self) <= plain(high)
        values = plain(self).clip(plain(low), plain(high))
        made = computed(self, values, [(self.numbers, lambda g: g * inside)])
        return written_to(None if out is None else (out,), made)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **named: Any) -> Any:
        like = first_traced(inputs, out or ())
        named.pop("subok", None)
        if method == "at":
            return _at(like.tape, ufunc, *inputs)
        if method == "outer":
            first, second = (arrayed(one, like) for one in inputs)
            return getattr(np, ufunc.__name__)(
                np.reshape(first, np.shape(first) + (1,) * np.ndim(second)), second, **named
            )
        inputs = tuple(arrayed(one, like) for one in inputs)
        if method == "reduce" and ufunc is np.add and named.get("where", True) is not True:
            inputs = (np.where(plain(named.pop("where")), inputs[0], 0.0),)
        values = [np.array(plain(one)) if isinstance(one, np.ndarray) else one for one in inputs]
        named = {key: plain(one) for key, one in named.items()}
        if method == "__call__" and "where" in named:
            return self._partly(ufunc, inputs, out, **named)
        result = getattr(ufunc, method)(*values, **named)
        if isinstance(result, tuple) or np.asarray(result).dtype.kind != "f":
            return written_to(out, result)
        if method == "__call__" and ufunc is np.matmul:
            shares = matmul_shares(*(np.asarray(v, float) for v in values))
        elif method == "__call__" and ufunc in ELEMENTWISE:
            with np.errstate(all="ignore"):
                partials = ELEMENTWISE[ufunc](result, *values)
            shape = np.shape(result)
            shares = [elementwise_share(one, np.shape(v), shape) for one, v in zip(partials, values, strict=True)]
        elif method in ("reduce", "accumulate"):
            shares = _method_shares(ufunc, method, values, result, named)
        else:
            shares = []
        operands = [(numbers_of(one), share) for one, share in zip(inputs, shares, strict=False)]
        return written_to(out, computed(like, result, operands))

    def _partly(self, ufunc: Any, inputs: Any, out: Any, where: Any, **named: Any) -> Any:
        """Return a function of the entries where a condition holds; elsewhere `out` stays as it is."""
        with np.errstate(all="ignore"):
            result = ufunc(*inputs, **named)
        target = out[0] if out is not None else np.zeros(np.shape(result))
        if not isinstance(target, TracedArray):
            target = traced(target, first_traced(inputs, (target,)).tape)
        np.copyto(target, result, where=where)
        if out is None or isinstance(out[0], TracedArray):
            return target
        np.copyto(out[0], plain(target))
        return target

    def __array_function__(self, function: Any, types: Any, arguments: Any, named: Any) -> Any:
        done = FUNCTIONS.get(function)
        if done is not None:
            return done(*arguments, **named)
        if function in MOVES:
            return moved(function, arguments, named)
        return super().__array_function__(function, types, arguments, named)


def _method_shares(ufunc: Any, method: str, values: Any, result: Any, named: Any) -> Any:
    x = values[0]
    axis, keepdims = named.get("axis", 0), bool(named.get("keepdims", False))
    if method == "reduce" and ufunc is np.add:
        return [sum_share(np.shape(x), axis, keepdims)]
    if method == "reduce" and ufunc in (np.maximum, np.minimum):
        return [extreme_share(x, np.asarray(result), axis, keepdims)]
    if method == "reduce" and ufunc is np.multiply:
        spread = sum_share(np.shape(x), axis, keepdims)
        return [lambda g: spread(g) * spread(np.asarray(result)[None]) / x]
    if method == "accumulate" and ufunc is np.add:
        along = axis % np.ndim(x) + 1
        return [lambda g: np.flip(np.cumsum(np.flip(g, along), along), along)]
    if method == "accumulate" and ufunc is np.multiply:
        return [running_product_share(x, np.asarray(result), axis)]
    return []


def _at(tape: Tape, ufunc: Any, target: Any, index: Any, value: Any = None) -> None:
    index, amounts = plain(index), plain(value)
    ufunc.at(plain(target), index, amounts)
    if isinstance(target, TracedArray):
        sign = {np.add: 1.0, np.subtract: -1.0}.get(ufunc)
        if sign is None:
            target.renumber(index, 0)
            return
        there = (slice(None), *index) if isinstance(index, tuple) else (slice(None), index)
        given = np.broadcast_to(numbers_of(value), np.shape(target.numbers[index]))
        added = (given, lambda g: sign * g[there])
        target.renumber(..., tape.add(target.shape, [(target.numbers.copy(), lambda g: g), added]))


def made_of_list(given: Any, tape: Tape) -> Any:
    """Return np.array(given) for a list of arrays or numbers, with the numbers that its entries have."""
    if not any(isinstance(one, TracedArray) for one in arrays_in([given])):
        return np.array(given)
    values = np.array(plain(given))
    return wrapped(values, np.array(numbers_of(given)), tape) if values.dtype.kind == "f" else values
