"""The ways in which the visits of a place may be taken, and an array may be turned.

A backward goes through the steps in the reverse order, stacks what the forward took apart, adds up what it used often.

Read next: pool.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from scratchnet.backend import Array

FORMS = ("", "T", "flat", "row", "column", "swapped")


def formed(array: Array, form: str) -> Array:
    """Return an array turned: transposed, flat, as a row or a column, its first two axes exchanged."""
    if form == "T":
        return array.T
    if form == "swapped":
        return array.swapaxes(0, 1) if array.ndim > 2 else array
    if form == "flat":
        return array.reshape(-1)
    if form == "row":
        return array.reshape(1, -1)
    if form == "column":
        return array.reshape(-1, 1)
    return array


def orders(turns: list[tuple[int, ...]]) -> Iterator[Any]:
    """Yield the ways in which visits may be taken."""
    if len(turns) == 1:
        yield from (("as it is",), ("back", 0), ("back", 1))
        yield from (("slices", 0), ("slices", 1), ("slices", 2), ("slices back", 0), ("slices back", 1))
        return
    depth = max(len(one) for one in turns)
    moving = [k for k in range(depth) if len({one[k] if k < len(one) else 0 for one in turns}) > 1]
    for signs in product((-1, 1), repeat=min(3, len(moving))):
        yield ("signs", tuple(zip(moving, signs, strict=False)))
    yield ("sum",)
    yield ("running sum", -1)
    yield ("running sum", 1)
    for axis in (0, 1):
        yield ("stack", axis)


def in_order(arrays: list[Array], turns: list[tuple[int, ...]], order: Any) -> list[Array] | None:
    """Return the arrays of a place taken in an order; None where it does not apply to them."""
    kind = order[0]
    if kind == "as it is":
        return arrays if len(arrays) == 1 else None
    if kind == "back":
        return [np.flip(arrays[0], order[1])] if len(arrays) == 1 and arrays[0].ndim > order[1] else None
    if kind in ("slices", "slices back"):
        if len(arrays) != 1 or arrays[0].ndim <= order[1]:
            return None
        parts = list(np.moveaxis(arrays[0], order[1], 0))
        return parts[::-1] if kind == "slices back" else parts
    if kind == "signs":
        rounds = _rounds(turns)

        def rank(k: int) -> tuple[int, ...]:
            return rounds[k], *(sign * (turns[k][depth] if depth < len(turns[k]) else 0) for depth, sign in order[1])

        return [arrays[k] for k in sorted(range(len(arrays)), key=lambda k: (rank(k), k))]
    if any(array.shape != arrays[0].shape for array in arrays) or not arrays:
        return None
    if kind == "sum":
        return [np.sum(arrays, axis=0)]
    if kind == "running sum":
        return list(np.cumsum(np.array(arrays[:: order[1]]), axis=0))
    if kind == "stack":
        return [np.stack(arrays, axis=order[1])] if arrays[0].ndim >= order[1] else None
    return None


def _rounds(turns: list[tuple[int, ...]]) -> list[int]:
    """Return how often the loops had begun anew: a function that is called for each of two sequences has two rounds."""
    found, count = [], 0
    for before, now in zip([(-1,), *turns], turns, strict=False):
        count += now <= before
        found.append(count)
    return found
