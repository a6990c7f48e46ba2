"""Exercise 25: a cell of your own. Write its equations here, numbered, before anything else.

(0)  a = x_t W_ih + b + h_(t-1) W_hh
"""

from scratchnet.cells import Cell
from scratchnet.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative


class MyCell(Cell):
    """A cell of your own; name its states, its gates, and what forward keeps for backward."""

    # --- your code begins ---
    state = ("h",)
    gates = ("f", "n")
    saved = ("f", "n")

    def forward_step(self, a_x, prev, new, saved):
        """Compute new.h, and saved, each (n, H), from a_x (n, G*H) and prev.h (n, H)."""
        a_f, a_n = self.blocks(a_x + prev.h @ self.W_hh)  # (0)
        saved.f[...] = sigmoid(a_f)
        saved.n[...] = tanh(a_n)
        new.h[...] = ...

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        """Turn d.h (n, H) from dL/dh_t into dL/dh_(t-1); fill da_x (n, G*H)."""
        da_f, da_n = self.blocks(da_x)
        da_f[...] = ...
        da_n[...] = ...
        d.h[...] = ...

    # --- your code ends ---
