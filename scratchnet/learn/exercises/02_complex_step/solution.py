"""Exercise 02: the complex step.

(1)  f'(x) = Im f(x + ih) / h          h = 1e-30
"""

import numpy as np

STEP = 1e-30


def complex_step(loss, x):
    """Return dL/dx, real and of the shape of x; loss takes a complex array and gives one complex number."""
    z = x.astype(complex)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        # --- your code begins ---
        z[index] = x[index] + 1j * STEP
        gradient[index] = loss(z).imag / STEP  # (1)
        z[index] = x[index]
        # --- start ---
        # gradient[index] = ...  # (1)
        # --- your code ends ---
    return gradient


def length(v):
    """Return |v| for a vector v."""
    # --- your code begins ---
    square = v * v
    # --- start ---
    # square = np.abs(v) ** 2
    # --- your code ends ---
    return np.sqrt(square.sum())


def running_mean(v):
    """Return c (T,) with c_t = (c_(t-1) + v_t) / 2, from c = 0."""
    # --- your code begins ---
    c = np.zeros(len(v), dtype=v.dtype)
    # --- start ---
    # c = np.zeros(len(v))
    # --- your code ends ---
    before = 0.0
    for t in range(len(v)):
        c[t] = (before + v[t]) / 2
        before = c[t]
    return c
