"""NumPy's functions that are no ufuncs, for arrays on a tape: where, einsum, dot, and those that move entries.

Read next: traced_array.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.gradcheck.adjoints.numbered_array import (
    NumberedArray,
    arrayed,
    computed,
    first_traced,
    numbers_of,
    plain,
    written_to,
)
from scratchnet.gradcheck.adjoints.operations import einsum_shares, einsum_terms


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


def _einsum(subscripts: Any, *operands: Any, out: Any = None, **named: Any) -> Any:
    if not isinstance(subscripts, str):
        return np.einsum(plain(subscripts), *plain(operands), **named)
    like = first_traced(operands)
    pairs = [(np.array(plain(one), float), np.array(numbers_of(one))) for one in operands]
    terms, result = einsum_terms(subscripts, [values.shape for values, _ in pairs])
    sizes: dict[str, int] = {}
    for term, (values, _) in zip(terms, pairs, strict=True):
        for letter, size in zip(term, values.shape, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 0))
    for k, (values, numbers) in enumerate(pairs):
        # A diagonal, and the one entry of an axis that is spread over a longer one, only move entries.
        ones = tuple(axis for axis, size in enumerate(values.shape) if size < sizes[terms[k][axis]])
        term = "".join(letter for axis, letter in enumerate(terms[k]) if axis not in ones)
        kept = "".join(dict.fromkeys(term))
        pairs[k] = (
            np.einsum(f"{term}->{kept}", values.squeeze(ones)),
            np.einsum(f"{term}->{kept}", numbers.squeeze(ones)),
        )
        terms[k] = kept
    shares = einsum_shares(terms, result, [values for values, _ in pairs])
    made = np.einsum(subscripts, *plain(operands), **named)
    given = [(numbers, share) for (_, numbers), share in zip(pairs, shares, strict=True)]
    return written_to(None if out is None else (out,), computed(like, made, given))


def _dot(a: Any, b: Any, out: Any = None) -> Any:
    a, b = arrayed(a, first_traced((a, b))), arrayed(b, first_traced((a, b)))
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        result = np.multiply(a, b)
    elif np.ndim(b) <= 2:
        result = np.matmul(a, b) if np.ndim(a) <= 2 else _tensordot(a, b, ([-1], [-2 if np.ndim(b) > 1 else 0]))
    else:
        result = _tensordot(a, b, ([-1], [-2]))
    return written_to(None if out is None else (out,), result)


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = arrayed(a, first_traced((a, b))), arrayed(b, first_traced((a, b)))
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


def _copy(target: Any, source: Any, casting: Any = "same_kind", where: Any = True) -> None:
    there = np.broadcast_to(plain(where), target.shape)
    if isinstance(target, NumberedArray):
        numbers = np.broadcast_to(numbers_of(source), target.shape)
        np.copyto(plain(target), plain(source), where=there)
        np.copyto(target.numbers, numbers, where=there)
    else:
        np.copyto(target, plain(source), casting=casting, where=there)


def _nan_to_0(x: Any) -> Any:
    return _where(np.isnan(plain(x)), 0.0, x)


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
    np.copyto: _copy,
    np.nansum: lambda x, axis=None, dtype=None, out=None, keepdims=False: _nan_to_0(x).sum(axis, keepdims=keepdims),
    np.clip: lambda x, low=None, high=None, out=None, **named: _clip(x, low, high, out),
    np.cumsum: lambda x, axis=None, dtype=None, out=None: x.cumsum(axis),
    np.cumprod: lambda x, axis=None, dtype=None, out=None: x.cumprod(axis),
    np.linalg.norm: _norm,
    np.array_equal: lambda a, b, **named: np.array_equal(plain(a), plain(b), **named),
    np.allclose: lambda a, b, **named: np.allclose(plain(a), plain(b), **named),
    np.zeros_like: lambda x, *rest, **named: np.zeros_like(plain(x), *rest, **named),
    np.ones_like: lambda x, *rest, **named: np.ones_like(plain(x), *rest, **named),
    np.empty_like: lambda x, *rest, **named: np.empty_like(plain(x), *rest, **named),
    np.full_like: lambda x, value, *rest, **named: np.full_like(plain(x), plain(value), *rest, **named),
}  # fmt: skip
