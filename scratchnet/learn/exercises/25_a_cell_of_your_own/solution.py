"""Exercise 25: a cell of your own. Write its equations here, numbered, before anything else.

(0)  a = x_t W_ih + b + h_(t-1) W_hh
"""

from scratchnet.cells import Cell
from scratchnet.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative


class MyCell(Cell):
    """A cell of your own; name its states, its gates, and what forward keeps for backward."""

    # --- your code begins ---
    # (1)  f = sigmoid(a_f)    (2)  n = tanh(a_n)    (3)  h = f * h_(t-1) + (1 - f) * n
    # --- start ---
    # --- both ---
    state = ("h",)
    gates = ("f", "n")
    saved = ("f", "n")

    # --- solution ---
    def build(self, rng):
        """Create the parameters; the gate's bias is 1, so that a new network remembers."""
        super().build(rng)
        self.block(self.b, "f")[...] = 1.0

    # --- start ---
    # --- both ---
    def forward_step(self, a_x, prev, new, saved):
        """Compute new.h, and saved, each (n, H), from a_x (n, G*H) and prev.h (n, H)."""
        a_f, a_n = self.blocks(a_x + prev.h @ self.W_hh)  # (0)
        # --- solution ---
        saved.f[...] = sigmoid(a_f)  # (1)
        saved.n[...] = tanh(a_n)  # (2)
        new.h[...] = saved.f * prev.h + (1.0 - saved.f) * saved.n  # (3)
        # --- start ---
        #     saved.f[...] = sigmoid(a_f)
        #     saved.n[...] = tanh(a_n)
        #     new.h[...] = ...
        # --- both ---

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        """Turn d.h (n, H) from dL/dh_t into dL/dh_(t-1); fill da_x (n, G*H)."""
        da_f, da_n = self.blocks(da_x)
        # --- solution ---
        da_f[...] = d.h * (prev.h - saved.n) * sigmoid_derivative(saved.f)  # (3) (1)
        da_n[...] = d.h * (1.0 - saved.f) * tanh_derivative(saved.n)  # (3) (2)
        d.h[...] = d.h * saved.f + da_x @ self.W_hh.T  # (3) (0): two uses, two terms
        # --- start ---
        #     da_f[...] = ...
        #     da_n[...] = ...
        #     d.h[...] = ...
        # --- both ---

    # --- your code ends ---
