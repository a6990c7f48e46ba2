"""Exercise 14: from reset before the product to reset after it.

as it is                                    as it shall be
(1)  r = sigmoid(a_r + h_(t-1) W_hr)        (1)  the same
(2)  z = sigmoid(a_z + h_(t-1) W_hz)        (2)  the same
(5)  n = tanh(a_n + (r * h_(t-1)) W_hn)     (3)  n = tanh(a_n + r * (h_(t-1) W_hn + b_hn))
(4)  h = (1 - z) * n + z * h_(t-1)          (4)  the same
"""

import numpy as np

from scratchnet.cells import Cell
from scratchnet.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative


class MyGRU(Cell):
    """The GRU: E inputs, H units; W_ih (E, 3H), W_hh (H, 3H), b (3H,) in the blocks r, z, n; then b_hn (H,)."""

    state = ("h",)
    gates = ("r", "z", "n")
    # --- your code begins ---
    saved = ("r", "z", "n", "h_n")
    separate_da_h = True  # True: da_h, dL/d(h_(t-1) W_hh), is an array of its own. False: da_h is da_x
    # --- start ---
    # saved = ("r", "z", "n", "u")
    # separate_da_h = False  # True: da_h, dL/d(h_(t-1) W_hh), is an array of its own. False: da_h is da_x
    # --- your code ends ---

    def build(self, rng):
        """Create the parameters."""
        super().build(rng)
        # --- your code begins ---
        self.add_parameter("b_hn", np.zeros(self.hidden_size))
        # --- start ---
        # # b_hn begins here: self.add_parameter(name, array) makes self.b_hn, and self.db_hn for its gradient
        # --- your code ends ---

    def forward_step(self, a_x, prev, new, saved):
        """Write new.h and every saved array, each (n, H), for a_x = x_t W_ih + b (n, 3H) and prev.h (n, H)."""
        a_r, a_z, a_n = self.blocks(a_x)
        W_hr, W_hz, W_hn = self.blocks(self.W_hh)
        saved.r[...] = sigmoid(a_r + prev.h @ W_hr)  # (1)
        saved.z[...] = sigmoid(a_z + prev.h @ W_hz)  # (2)
        # --- your code begins ---
        saved.h_n[...] = prev.h @ W_hn + self.b_hn
        saved.n[...] = tanh(a_n + saved.r * saved.h_n)  # (3)
        # --- start ---
        # saved.u[...] = saved.r * prev.h
        # saved.n[...] = tanh(a_n + saved.u @ W_hn)  # (5)
        # --- your code ends ---
        new.h[...] = (1.0 - saved.z) * saved.n + saved.z * prev.h  # (4)

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        """Write da_x and da_h (n, 3H), and turn d.h from dL/d(new h) into dL/d(previous h), both (n, H)."""
        r, z, n, h_prev = saved.r, saved.z, saved.n, prev.h
        dh = d.h.copy()
        da_z = dh * (h_prev - n) * sigmoid_derivative(z)  # (4) (2)
        da_n = dh * (1.0 - z) * tanh_derivative(n)
        # --- your code begins ---
        da_r = da_n * saved.h_n * sigmoid_derivative(r)  # (3) (1)
        dh_n = da_n * r  # (3)
        da_x[...] = np.concatenate([da_r, da_z, da_n], axis=1)
        da_h[...] = np.concatenate([da_r, da_z, dh_n], axis=1)
        d.h[...] = dh * z + da_h @ self.W_hh.T
        # --- start ---
        # W_hr, W_hz, W_hn = self.blocks(self.W_hh)
        # du = da_n @ W_hn.T  # (5)
        # da_r = du * h_prev * sigmoid_derivative(r)  # (5) (1)
        # da_x[...] = np.concatenate([da_r, da_z, da_n], axis=1)
        # d.h[...] = dh * z + du * r + da_r @ W_hr.T + da_z @ W_hz.T
        # --- your code ends ---

    def accumulate_gradients(self, x, tape, dx):
        """Add all parameter gradients, from the rows of all N steps; write dL/dx (N, E) to dx unless it is None."""
        da_x, da_h = tape.da_x.rows, tape.da_h.rows  # one and the same array unless separate_da_h
        h_prev = tape.previous("h")
        self.dW_ih += x.T @ da_x
        self.db += da_x.sum(axis=0)
        # --- your code begins ---
        self.dW_hh += h_prev.T @ da_h
        self.db_hn += self.block(da_h, "n").sum(axis=0)  # (3)
        # --- start ---
        # dW_hr, dW_hz, dW_hn = self.blocks(self.dW_hh)
        # dW_hr += h_prev.T @ self.block(da_h, "r")  # (1)
        # dW_hz += h_prev.T @ self.block(da_h, "z")  # (2)
        # dW_hn += tape.saved.u.rows.T @ self.block(da_h, "n")  # (5)
        # --- your code ends ---
        if dx is not None:
            dx[...] = da_x @ self.W_ih.T
