"""NumPy arrays that put what is done with them on a tape.

A TracedArray is an ndarray, so code that knows NumPy takes it as it is. `numbers` is an array of the same shape and
layout (tape.py). Where an operation has no derivative here the result counts as a constant; whoever uses the adjoints
compares them with difference quotients first, so such a gap can be seen and never misleads.

Read next: syntax.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from scratchnet.gradcheck.adjoints.numbered_array import NumberedArray, numbers_of, plain
from scratchnet.gradcheck.adjoints.operations import (
    ELEMENTWISE,
    MOVES,
    einsum_shares,
    elementwise_share,
    extreme_share,
    matmul_shares,
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

    def clip(  # type: ignore[override]
        self, low: Any = None, high: Any = None, out: Any = None, **named: Any
    ) -> Any:
        inside = np.ones(self.shape)
        if low is not None:
            inside *= plain(self) >= plain(low)
        if high is not None:
            inside *= plain(self) <= plain(high)
        values = plain(self).clip(plain(low), plain(high))
        return _give(
            _computed(self.tape, values, [(self.numbers, lambda g: g * inside)]), (out,) if out is not None else None
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **named: Any) -> Any:
        tape = next(one.tape for one in (*inputs, *(out or ())) if isinstance(one, TracedArray))
        named.pop("subok", None)
        if method == "at":
            return _at(tape, ufunc, *inputs)
        values = [np.array(plain(one)) if isinstance(one, np.ndarray) else one for one in inputs]
        result = getattr(ufunc, method)(*values, **named)
        if isinstance(result, tuple) or np.asarray(result).dtype.kind != "f":
            return _give(result, out)
        if method == "__call__" and ufunc is np.matmul:
            shares = matmul_shares(*(np.asarray(v, float) for v in values))
        elif method == "__call__" and ufunc in ELEMENTWISE:
            with np.errstate(all="ignore"):
                partials = ELEMENTWISE[ufunc](result, *values)
            where, shape = named.get("where", True), np.shape(result)
            shares = [
                elementwise_share(np.where(where, partial, 0.0), np.shape(v), shape)
                for partial, v in zip(partials, values, strict=True)
            ]
        elif method in ("reduce", "accumulate", "outer"):
            shares = _method_shares(ufunc, method, values, result, named)
        else:
            shares = []
        operands = [(numbers_of(one), share) for one, share in zip(inputs, shares, strict=False)]
        return _give(_computed(tape, result, operands), out)

    def __array_function__(self, function: Any, types: Any, arguments: Any, named: Any) -> Any:
        done = FUNCTIONS.get(function)
        if done is not None:
            return done(*arguments, **named)
        if function in MOVES:
            return _move(function, arguments, named)
        return super().__array_function__(function, types, arguments, named)


def _computed(tape: Tape, values: Any, operands: Any) -> TracedArray:
    values = np.asarray(values)
    given = tape.add(values.shape, operands)
    numbers = np.empty_like(values, dtype=int, subok=False)
    numbers[...] = given
    return wrapped(values, numbers, tape)


def _give(result: Any, out: Any) -> Any:
    """Return a result, or write it into the array that was given for it."""
    if out is None:
        return result
    target = out[0]
    if isinstance(target, TracedArray) and target.dtype.kind == "f":
        target[...] = result
    else:
        np.copyto(target, plain(result), casting="unsafe")
    return target


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
    if method == "outer" and ufunc is np.multiply:
        a, b = (np.asarray(v, float) for v in values)
        return [
            lambda g: (g.reshape(len(g), a.size, b.size) @ b.ravel()).reshape(len(g), *a.shape),
            lambda g: (a.ravel() @ g.reshape(len(g), a.size, b.size)).reshape(len(g), *b.shape),
        ]
    return []


def _at(tape: Tape, ufunc: Any, target: Any, index: Any, value: Any = None) -> None:
    index, amounts = plain(index), plain(value)
    ufunc.at(plain(target), index, amounts)
    if isinstance(target, TracedArray):
        sign = {np.add: 1.0, np.subtract: -1.0}.get(ufunc)
        if sign is None:
            target.numbers[index] = 0
            return
        there = (slice(None), *index) if isinstance(index, tuple) else (slice(None), index)
        given = np.broadcast_to(numbers_of(value), np.shape(target.numbers[index]))
        added = (given, lambda g: sign * g[there])
        target.numbers[...] = tape.add(target.shape, [(target.numbers.copy(), lambda g: g), added])


def _move(function: Any, arguments: Any, named: Any) -> Any:
    tape: Any
    changed = list(arguments)
    for k in {np.append: (0, 1), np.insert: (0, 2), np.broadcast_arrays: range(len(arguments))}.get(function, (0,)):
        if k < len(changed):
            changed[k] = numbers_of(changed[k])
    tape = next((one.tape for one in _arrays(arguments) if isinstance(one, TracedArray)), None)
    values, numbers = function(*plain(tuple(arguments)), **named), function(*changed, **named)
    if isinstance(values, (list, tuple)):
        return type(values)(wrapped(v, n, tape) for v, n in zip(values, numbers, strict=True))
    return wrapped(values, numbers, tape)


def _arrays(value: Any) -> Iterator[Any]:
    for one in value:
        if isinstance(one, (list, tuple)):
            yield from _arrays(one)
        else:
            yield one


def _where(condition: Any, *choices: Any) -> Any:
    if not choices:
        return np.where(plain(condition))
    tape = next((one.tape for one in choices if isinstance(one, TracedArray)), None)
    values = np.where(plain(condition), *plain(choices))
    if tape is None or values.dtype.kind != "f":
        return values
    return wrapped(values, np.where(plain(condition), *(numbers_of(one) for one in choices)), tape)


def _einsum(subscripts: str, *operands: Any, **named: Any) -> Any:
    tape = next(one.tape for one in operands if isinstance(one, TracedArray))
    values = [np.array(plain(one), float) for one in operands]
    shares = einsum_shares(subscripts, values)
    pairs = [(numbers_of(one), share) for one, share in zip(operands, shares, strict=True)]
    return _computed(tape, np.einsum(subscripts, *values), pairs)


def _dot(a: Any, b: Any, out: Any = None) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        result = np.multiply(a, b)
    elif np.ndim(b) <= 2:
        result = np.matmul(a, b) if np.ndim(a) <= 2 else _tensordot(a, b, ([-1], [-2 if np.ndim(b) > 1 else 0]))
    else:
        result = _tensordot(a, b, ([-1], [-2]))
    return _give(result, None if out is None else (out,))


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    if np.ndim(axes) == 0:
        axes = (range(np.ndim(a) - axes, np.ndim(a)), range(axes))
    left = [axis % np.ndim(a) for axis in np.atleast_1d(np.asarray(axes[0]))]
    right = [axis % np.ndim(b) for axis in np.atleast_1d(np.asarray(axes[1]))]
    free_a = [axis for axis in range(np.ndim(a)) if axis not in left]
    free_b = [axis for axis in range(np.ndim(b)) if axis not in right]
    size = int(np.prod([a.shape[axis] for axis in left], dtype=int))
    rows = np.transpose(a, free_a + left).reshape(-1, size)
    columns = np.transpose(b, right + free_b).reshape(size, -1)
    return (rows @ columns).reshape([a.shape[axis] for axis in free_a] + [b.shape[axis] for axis in free_b])


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord not in (None, 2) or (ord == 2 and x.ndim > 1 and axis is None):
        return np.linalg.norm(plain(x), ord, axis, keepdims)
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))


def _copy(target: Any, source: Any, **named: Any) -> None:
    if isinstance(target, TracedArray):
        target[...] = source
    else:
        np.copyto(target, plain(source), **named)


def _clip(x: Any, low: Any, high: Any, out: Any) -> Any:
    return x.clip(low, high, out) if isinstance(x, TracedArray) else np.clip(x, plain(low), plain(high), out=out)


FUNCTIONS: dict[Any, Any] = {
    np.where: _where,
    np.einsum: _einsum,
    np.dot: _dot,
    np.inner: lambda a, b: _tensordot(a, b, ([-1], [-1])) if np.ndim(a) and np.ndim(b) else a * b,
    np.outer: lambda a, b, out=None: np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1)),
    np.vdot: lambda a, b: np.sum(np.ravel(a) * np.ravel(b)),
    np.tensordot: _tensordot,
    np.copyto: lambda target, source, **named: _copy(target, source, **named),
    np.clip: lambda x, low=None, high=None, out=None, **named: _clip(x, low, high, out),
    np.cumsum: lambda x, axis=None, dtype=None, out=None: x.cumsum(axis),
    np.linalg.norm: _norm,
    np.array_equal: lambda a, b, **named: np.array_equal(plain(a), plain(b), **named),
    np.allclose: lambda a, b, **named: np.allclose(plain(a), plain(b), **named),
    np.zeros_like: lambda x, *rest, **named: np.zeros_like(plain(x), *rest, **named),
    np.ones_like: lambda x, *rest, **named: np.ones_like(plain(x), *rest, **named),
    np.empty_like: lambda x, *rest, **named: np.empty_like(plain(x), *rest, **named),
    np.full_like: lambda x, value, *rest, **named: np.full_like(plain(x), plain(value), *rest, **named),
}  # fmt: skip


def made_of_list(given: Any, tape: Tape) -> Any:
    """Return np.array(given) for a list of arrays or numbers, with the numbers that its entries have."""
    if not any(isinstance(one, TracedArray) for one in _arrays([given])):
        return np.array(given)
    values = np.array(plain(given))
    return wrapped(values, np.array(numbers_of(given)), tape) if values.dtype.kind == "f" else values
