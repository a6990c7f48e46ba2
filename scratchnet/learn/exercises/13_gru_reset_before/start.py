"""Exercise 13: the GRU with reset before the product.

(1)  r = sigmoid(a_r + h_(t-1) W_hr)        a = x_t W_ih + b     (0)
(2)  z = sigmoid(a_z + h_(t-1) W_hz)
     u = r * h_(t-1)
(5)  n = tanh(a_n + u W_hn)
(4)  h = (1 - z) * n + z * h_(t-1)
"""

import numpy as np

from scratchnet.cells import Cell
from scratchnet.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative


class MyGRU(Cell):
    """The GRU of Cho et al. (2014): E inputs, H units; W_ih (E, 3H), W_hh (H, 3H), b (3H,) in the blocks r, z, n."""

    state = ("h",)
    gates = ("r", "z", "n")
    saved = ("r", "z", "n", "u")

    def forward_step(self, a_x, prev, new, saved):
        """Write new.h and saved.r, .z, .n, .u, each (n, H), for a_x = x_t W_ih + b (n, 3H) and prev.h (n, H)."""
        a_r, a_z, a_n = self.blocks(a_x)
        W_hr, W_hz, W_hn = self.blocks(self.W_hh)
        saved.r[...] = sigmoid(a_r + prev.h @ W_hr)  # (1)
        saved.z[...] = sigmoid(a_z + prev.h @ W_hz)  # (2)
        saved.u[...] = saved.r * prev.h
        saved.n[...] = tanh(a_n + saved.u @ W_hn)  # (5)
        new.h[...] = (1.0 - saved.z) * saved.n + saved.z * prev.h  # (4)

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        """Write da_x (n, 3H), and turn d.h from dL/d(new h) into dL/d(previous h), both (n, H)."""
        r, z, n, h_prev = saved.r, saved.z, saved.n, prev.h
        W_hr, W_hz, W_hn = self.blocks(self.W_hh)
        dh = d.h
        # --- your code begins ---
        da_z = ...  # (4) (2)
        da_n = ...  # (4) (5)
        du = ...  # (5)
        da_r = ...  # (1)
        dh_prev = ...  # the four uses of h_(t-1)
        # --- your code ends ---
        da_x[...] = np.concatenate([da_r, da_z, da_n], axis=1)
        d.h[...] = dh_prev

    def accumulate_gradients(self, x, tape, dx):
        """Add all weight gradients, from the rows of all N steps; write dL/dx (N, E) to dx unless it is None."""
        da_x = tape.da_x.rows
        da_r, da_z, da_n = self.blocks(da_x)
        h_prev, u = tape.previous("h"), tape.saved.u.rows
        dW_hr, dW_hz, dW_hn = self.blocks(self.dW_hh)  # three views: what is added to them is added to dW_hh
        self.dW_ih += x.T @ da_x
        self.db += da_x.sum(axis=0)
        # --- your code begins ---
        dW_hr += ...  # (1)
        dW_hz += ...  # (2)
        dW_hn += ...  # (5)
        # --- your code ends ---
        if dx is not None:
            dx[...] = da_x @ self.W_ih.T
