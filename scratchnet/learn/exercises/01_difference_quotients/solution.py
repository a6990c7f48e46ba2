"""Exercise 01: derivatives from differences.

(2)  f'(x) = (f(x + h) - f(x - h)) / 2h          h = eps^(1/3)
(1)  error = |given - wanted| / |wanted|         over all entries at once
"""

import numpy as np


def step(dtype):
    """Return h of (2) for this dtype."""
    # --- your code begins ---
    h = np.finfo(dtype).eps ** (1 / 3)  # (2)
    # --- your code ends ---
    return h


def central_difference(loss, x, h):
    """Return dL/dx, an array of the shape of x; loss(x) is one number. x is left as it was."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        original = x[index]
        # --- your code begins ---
        x[index] = original + h
        above = loss(x)
        x[index] = original - h
        below = loss(x)
        x[index] = original
        gradient[index] = (above - below) / (2 * h)  # (2)
        # --- start ---
        # gradient[index] = ...  # (2)
        # --- your code ends ---
    return gradient


def relative_error(given, wanted):
    """Return (1), one number."""
    # --- your code begins ---
    error = np.linalg.norm((given - wanted).ravel()) / np.linalg.norm(wanted.ravel())  # (1)
    # --- your code ends ---
    return error
