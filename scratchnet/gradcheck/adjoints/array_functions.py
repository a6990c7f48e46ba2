"""NumPy's functions that are no ufuncs, for arrays on a tape: where, einsum, dot, and those that move entries.

Read next: traced_array.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.gradcheck.adjoints.numbered_array import (
    NumberedArray,
    computed,
    first_traced,
    numbers_of,
    plain,
    written_to,
)
from scratchnet.gradcheck.adjoints.operations import einsum_shares


def moved(function: Any, arguments: Any, named: Any) -> Any:
    """Return what a function that only moves entries returns, the numbers moved as the values are."""
    changed = list(arguments)
    for k in {np.append: (0, 1), np.insert: (0, 2), np.broadcast_arrays: range(len(arguments))}.get(function, (0,)):
        if k < len(changed):
            changed[k] = numbers_of(changed[k])
    like = first_traced(arguments)
    values, numbers = function(*plain(tuple(arguments)), **named), function(*changed, **named)
    if isinstance(values, (list, tuple)):
        return type(values)(like.with_numbers(v, n) for v, n in zip(values, numbers, strict=True))
    return like.with_numbers(values, numbers)


def _where(condition: Any, *choices: Any) -> Any:
    if not choices:
        return np.where(plain(condition))
    like = first_traced(choices)
    values = np.where(plain(condition), *plain(choices))
    if like is None or values.dtype.kind != "f":
        return values
    return like.with_numbers(values, np.where(plain(condition), *(numbers_of(one) for one in choices)))


def _einsum(subscripts: str, *operands: Any, **named: Any) -> Any:
    values = [np.array(plain(one), float) for one in operands]
    shares = einsum_shares(subscripts, values)
    pairs = [(numbers_of(one), share) for one, share in zip(operands, shares, strict=True)]
    return computed(first_traced(operands), np.einsum(subscripts, *values), pairs)


def _dot(a: Any, b: Any, out: Any = None) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        result = np.multiply(a, b)
    elif np.ndim(b) <= 2:
        result = np.matmul(a, b) if np.ndim(a) <= 2 else _tensordot(a, b, ([-1], [-2 if np.ndim(b) > 1 else 0]))
    else:
        result = _tensordot(a, b, ([-1], [-2]))
    return written_to(None if out is None else (out,), result)


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
    if isinstance(target, NumberedArray):
        target[...] = source
    else:
        np.copyto(target, plain(source), **named)


def _clip(x: Any, low: Any, high: Any, out: Any) -> Any:
    return x.clip(low, high, out) if isinstance(x, NumberedArray) else np.clip(x, plain(low), plain(high), out=out)


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
