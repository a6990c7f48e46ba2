"""The complex step: a derivative to the last digit, by evaluation alone.

    (1)  complex step          f'(x) = Im f(x + ih) / h             h = 1e-30: no difference is taken, nothing cancels
    (2)  central difference    f'(x) = (f(x + h) - f(x - h)) / 2h   h = eps^(1/3) max(1, |x|)

(1) is exact to the last digits of float64, but what it differentiates must be analytic: code that leaves the complex
numbers (`abs`, `.real`, buffers of floats) loses the imaginary part and with it the derivative. (2) is for any code:
the check of a stranger's takes it (subjects/quotients.py). Squire and Trapp (1998) for (1); the step of (2) balances
truncation h^2 against rounding eps/h.

Read next: contract.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.errors import InputError

STEP = 1e-30
CENTRAL_STEP = float(np.finfo(np.float64).eps ** (1 / 3))


def complex_step(loss: Callable[[], Any], array: Array) -> Array:
    """Return dL/d(array) entry by entry; `array` is complex128, varied in place and restored.

    Raises InputError where the array is not complex128, or the loss comes back real.
    """
    if array.dtype != np.complex128:
        raise InputError(f"the complex step needs a complex128 array, given {array.dtype}")
    original, gradient = array.copy(), np.empty(array.shape)
    try:
        for index in np.ndindex(*array.shape):
            array[index] = original[index] + 1j * STEP
            value = loss()
            if not np.iscomplexobj(value):
                raise InputError("the loss came back real although its input is complex")
            gradient[index] = value.imag / STEP
            array[index] = original[index]
        return gradient
    finally:
        array[...] = original
