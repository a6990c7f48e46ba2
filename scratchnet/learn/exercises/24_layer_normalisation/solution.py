"""Exercise 24: layer normalisation in a recurrent cell. As it stands the norm does nothing: n = a.

(0)  a = x_t W_ih + b + h_(t-1) W_hh
(1)  m = mean(a)                          over the H units of a row
(2)  s = sqrt(mean((a - m)^2) + e)
(3)  n = (a - m) / s
(4)  h = tanh(gain * n + shift)
"""

import numpy as np

from scratchnet.cells import Cell
from scratchnet.functions import tanh, tanh_derivative

e = 1e-5


def normalise(a):
    """Return (n, s) for a (rows, H): n (rows, H) with mean 0 and variance 1 in each row, and the scale s (rows, 1)."""
    # --- your code begins ---
    m = a.mean(axis=-1, keepdims=True)  # (1)
    s = np.sqrt(((a - m) * (a - m)).mean(axis=-1, keepdims=True) + e)  # (2)
    n = (a - m) / s  # (3)
    # --- start ---
    # n = a
    # s = np.ones_like(a[:, :1])
    # --- your code ends ---
    return n, s


def normalise_backward(dn, n, s):
    """Return da (rows, H) for dn = dL/dn (rows, H); n (rows, H) and s (rows, 1) are what normalise returned."""
    # --- your code begins ---
    da = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / s  # (3) (2) (1)
    # --- start ---
    # da = dn
    # --- your code ends ---
    return da


class NormCell(Cell):
    """The tanh recurrent network with layer normalisation: parameters gain and shift (H,) more than `RNNCell`."""

    state = ("h",)
    gates = ("a",)
    saved = ("n", "s")

    def build(self, rng):
        super().build(rng)
        self.add_parameter("gain", np.ones(self.hidden_size))
        self.add_parameter("shift", np.zeros(self.hidden_size))

    def forward_step(self, a_x, prev, new, saved):
        n, s = normalise(a_x + prev.h @ self.W_hh)  # (0) (1) (2) (3)
        saved.n[...], saved.s[...] = n, s  # s is written into every column
        # --- your code begins ---
        new.h[...] = tanh(self.gain * n + self.shift)  # (4)
        # --- start ---
        # new.h[...] = tanh(n)
        # --- your code ends ---

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        # --- your code begins ---
        du = d.h * tanh_derivative(new.h)  # (4)
        dn = du * self.gain  # (4)
        self.dgain += (du * saved.n).sum(axis=0)  # (4)
        self.dshift += du.sum(axis=0)  # (4)
        # --- start ---
        # du = d.h * tanh_derivative(new.h)
        # dn = du
        # --- your code ends ---
        da_x[...] = normalise_backward(dn, saved.n, saved.s[:, :1])  # (3) (2) (1)
        d.h[...] = da_x @ self.W_hh.T  # (0)
