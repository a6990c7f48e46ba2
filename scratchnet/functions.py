"""Elementwise functions and softmax: each with its derivative beneath it.

Everything here is analytic in its argument, so the same text also runs on complex numbers: the tests of the library
differentiate it by the complex step (Squire and Trapp 1998). That is why there is no `abs` and no comparison of
values here, and why the maximum in a softmax is taken on the real part.

Derivatives are written in terms of the function's *result*, which a backward pass has at hand.

Read next: parameters.py.
"""

from __future__ import annotations

import numpy as np

from scratchnet.backend import Array


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)), elementwise, in the form that cannot overflow: tanh(x/2)/2 + 1/2."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


def sigmoid_derivative(y: Array) -> Array:
    """Return d sigmoid(x)/dx where y = sigmoid(x)."""
    return y * (1.0 - y)


def tanh(x: Array) -> Array:
    """Return the hyperbolic tangent, elementwise."""
    return np.tanh(x)


def tanh_derivative(y: Array) -> Array:
    """Return d tanh(x)/dx where y = tanh(x)."""
    return 1.0 - y * y


def softmax(z: Array) -> Array:
    """Return exp(z) / sum(exp(z)) along the last axis; the row's largest real part is subtracted first."""
    e = np.exp(z - z.real.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(dy: Array, y: Array) -> Array:
    """Return dL/dz where y = softmax(z) along the last axis and dy is dL/dy."""
    return y * (dy - (dy * y).sum(axis=-1, keepdims=True))


def log_softmax(z: Array) -> Array:
    """Return log(softmax(z)) along the last axis without ever taking the logarithm of a rounded-off zero."""
    shifted = z - z.real.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
