"""Derivatives by differences of the loss: slow, and as right as the loss itself.

Read next: runs.py.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchnet.backend import Array

STEP = 1e-4


def quotient(loss: Callable[[], float], array: Array, direction: Array) -> float:
    """Return the derivative of a loss along a direction of an array, which is changed in place and put back."""
    before = array.copy()
    try:
        values = []
        for factor in (1.0, -1.0, 2.0, -2.0):
            array[...] = before + factor * STEP * direction
            values.append(loss())
        # Of fourth order: what is left is the rounding of the loss over the step, 1e-12.
        return (8.0 * (values[0] - values[1]) - (values[2] - values[3])) / (12.0 * STEP)
    finally:
        array[...] = before


def quotients(loss: Callable[[], float], array: Array) -> Array:
    """Return the derivative of a loss in every entry of an array."""
    found = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        direction = np.zeros(array.shape)
        direction[index] = 1.0
        found[index] = quotient(loss, array, direction)
    return found
