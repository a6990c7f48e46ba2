"""The derivatives that a tape needs: of NumPy's elementwise functions, of sums, products and the few others.

Each is a function of (result, operands) that returns dL/d(operand) as a function of dL/d(result). What only moves
entries has none: it is done to the numbers, too.

Read next: numbered_array.py.
"""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_letters
from typing import Any

import numpy as np

from scratchnet.backend import Array

Partials = Callable[..., tuple[Any, ...]]
Share = Callable[[Array], Array]

# By the ufunc: (result, operands) -> the partial derivative in each operand.
ELEMENTWISE: dict[Any, Partials] = {
    np.add: lambda y, a, b: (1.0, 1.0),
    np.subtract: lambda y, a, b: (1.0, -1.0),
    np.multiply: lambda y, a, b: (b, a),
    np.divide: lambda y, a, b: (1.0 / b, -y / b),
    np.power: lambda y, a, b: (b * a ** np.where(b == 0, 1.0, b - 1.0), y * np.log(np.where(a > 0, a, 1.0))),
    np.float_power: lambda y, a, b: (b * a ** (b - 1.0), y * np.log(np.where(a > 0, a, 1.0))),
    np.negative: lambda y, a: (-1.0,),
    np.positive: lambda y, a: (1.0,),
    np.exp: lambda y, a: (y,),
    np.expm1: lambda y, a: (y + 1.0,),
    np.log: lambda y, a: (1.0 / a,),
    np.log2: lambda y, a: (1.0 / (a * np.log(2.0)),),
    np.log10: lambda y, a: (1.0 / (a * np.log(10.0)),),
    np.log1p: lambda y, a: (1.0 / (1.0 + a),),
    np.tanh: lambda y, a: (1.0 - y * y,),
    np.arctanh: lambda y, a: (1.0 / (1.0 - a * a),),
    np.sinh: lambda y, a: (np.cosh(a),),
    np.cosh: lambda y, a: (np.sinh(a),),
    np.sin: lambda y, a: (np.cos(a),),
    np.cos: lambda y, a: (-np.sin(a),),
    np.arctan: lambda y, a: (1.0 / (1.0 + a * a),),
    np.sqrt: lambda y, a: (0.5 / y,),
    np.square: lambda y, a: (2.0 * a,),
    np.reciprocal: lambda y, a: (-y * y,),
    np.absolute: lambda y, a: (np.sign(a),),
    np.fabs: lambda y, a: (np.sign(a),),
    np.maximum: lambda y, a, b: ((a >= b) * 1.0, (a < b) * 1.0),
    np.minimum: lambda y, a, b: ((a <= b) * 1.0, (a > b) * 1.0),
    np.fmax: lambda y, a, b: ((a >= b) * 1.0, (a < b) * 1.0),
    np.logaddexp: lambda y, a, b: (np.exp(a - y), np.exp(b - y)),
    np.conjugate: lambda y, a: (1.0,),
}

# Functions that only move entries, given as NumPy's function: done to the numbers as to the values.
MOVES = {
    np.concatenate, np.stack, np.hstack, np.vstack, np.dstack, np.column_stack, np.split, np.array_split, np.hsplit,
    np.vsplit, np.reshape, np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.squeeze, np.expand_dims, np.ravel,
    np.atleast_1d, np.atleast_2d, np.atleast_3d, np.broadcast_to, np.tile, np.repeat, np.flip, np.fliplr, np.flipud,
    np.roll, np.diag, np.diagonal, np.take, np.copy, np.append, np.pad, np.triu, np.tril, np.delete, np.insert,
    np.rot90, np.broadcast_arrays, np.take_along_axis, np.compress, np.diagflat, np.block, np.resize,
}  # fmt: skip


def matmul_shares(a: Array, b: Array) -> list[Share]:
    """Return the shares of both operands of a @ b, for vectors, matrices and stacks of matrices."""
    left = a[None, :] if a.ndim == 1 else a
    right = b[:, None] if b.ndim == 1 else b

    def whole(g: Array) -> Array:
        g = np.expand_dims(g, -1) if b.ndim == 1 else g
        return np.expand_dims(g, -2) if a.ndim == 1 else g

    return [
        lambda g: summed(whole(g) @ np.swapaxes(right, -1, -2), left.shape).reshape(len(g), *a.shape),
        lambda g: summed(np.swapaxes(left, -1, -2) @ whole(g), right.shape).reshape(len(g), *b.shape),
    ]


def einsum_terms(subscripts: str, shapes: list[tuple[int, ...]]) -> tuple[list[str], str]:
    """Return the letters of each operand and of the result of np.einsum; an ellipsis is letters, too."""
    given, arrow, result = subscripts.replace(" ", "").partition("->")
    free = [letter for letter in ascii_letters if letter not in subscripts]
    terms, most = [], ""
    for term, shape in zip(given.split(","), shapes, strict=True):
        spread = "".join(free[: len(shape) - len(term.replace("...", ""))][::-1])  # aligned at the last axis
        terms.append(term.replace("...", spread))
        most = max(most, spread, key=len) if "..." in term else most
    if not arrow:
        letters = given.replace(",", "").replace("...", "")
        result = "..." + "".join(sorted(letter for letter in set(letters) if letters.count(letter) == 1))
    return terms, result.replace("...", most)


def einsum_shares(terms: list[str], result: str, operands: list[Array]) -> list[Share]:
    """Return each operand's share in np.einsum. terms, result: their letters, none of them twice in one term."""

    def share(k: int) -> Share:
        others = [(term, a) for n, (term, a) in enumerate(zip(terms, operands, strict=True)) if n != k]
        there = set(result).union(*(term for term, _ in others))
        kept = "".join(letter for letter in terms[k] if letter in there)
        losses = next(letter for letter in reversed(ascii_letters) if letter not in result.join(terms))
        form = ",".join([losses + result, *(term for term, _ in others)]) + f"->{losses}{kept}"
        shape = [size if letter in there else 1 for letter, size in zip(terms[k], operands[k].shape, strict=True)]

        def of(g: Array) -> Array:
            made = np.einsum(form, g, *(a for _, a in others)).reshape(len(g), *shape)
            return np.broadcast_to(made, (len(g), *operands[k].shape))

        return of

    return [share(k) for k in range(len(operands))]


def running_product_share(x: Array, result: Array, axis: int) -> Share:
    """Return the share of x in its running products along an axis."""
    along = axis % np.ndim(x) + 1
    return lambda g: np.flip(np.cumsum(np.flip(g * result, along), along), along) / np.where(x == 0, np.nan, x)


def sum_share(shape: tuple[int, ...], axis: Any, keepdims: bool) -> Share:
    """Return the share of x in x.sum(axis, keepdims)."""
    axes = range(len(shape)) if axis is None else [int(one) % len(shape) for one in np.atleast_1d(np.asarray(axis))]

    def of(g: Array) -> Array:
        if not keepdims:
            for one in sorted(axes):
                g = np.expand_dims(g, one + 1)
        return np.broadcast_to(g, (len(g), *shape))

    return of


def extreme_share(values: Array, result: Array, axis: Any, keepdims: bool) -> Share:
    """Return the share of x in x.max(...) or x.min(...): all of it at the entries that are the extreme."""
    spread = sum_share(values.shape, axis, keepdims)
    there = (values == spread(result[None])[0]) * 1.0
    counts = there.sum(axis=None if axis is None else axis, keepdims=True)
    return lambda g: spread(g) * there / counts


def elementwise_share(partial: Any, shape: tuple[int, ...], result: tuple[int, ...]) -> Share:
    """Return the share of an operand of this shape: its partial derivative, added up where the operand was repeated."""
    spread = np.broadcast_to(partial, result)
    return lambda g: summed(g * spread, shape)


def summed(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Return gradients (losses, *result) added up over the axes along which an operand of this shape was repeated."""
    more = gradient.ndim - 1 - len(shape)
    axes = [1 + k for k in range(more)]
    axes += [1 + more + k for k, size in enumerate(shape) if size == 1 and gradient.shape[1 + more + k] != 1]
    return gradient.sum(axis=tuple(axes)).reshape(len(gradient), *shape) if axes else gradient
