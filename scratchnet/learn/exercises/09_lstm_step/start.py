"""Exercise 09: the LSTM as a cell of the library. Forward is complete; backward is yours.

(1)  i = sigmoid(a_i)          a = x_t W_ih + b + h_(t-1) W_hh     (0)
(2)  f = sigmoid(a_f)
(3)  g = tanh(a_g)
(4)  o = sigmoid(a_o)
(5)  c = f * c_(t-1) + i * g
(6)  h = o * tanh(c)
"""

from scratchnet.cells import Cell
from scratchnet.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative


class MyLSTM(Cell):
    """Your own LSTM. n rows, H units; states (n, H), da_x (n, 4H), its blocks (n, H) in the order of `gates`."""

    state = ("h", "c")
    gates = ("i", "f", "g", "o")
    saved = ("i", "f", "g", "o", "tanh_c")

    def forward_step(self, a_x, prev, new, saved):
        """Read a_x (n, 4H) and prev.h, prev.c (n, H); write new.h, new.c and what is saved, (n, H) each."""
        a_x += prev.h @ self.W_hh  # (0)
        a_i, a_f, a_g, a_o = self.blocks(a_x)
        saved.i[...] = sigmoid(a_i)  # (1)
        saved.f[...] = sigmoid(a_f)  # (2)
        saved.g[...] = tanh(a_g)  # (3)
        saved.o[...] = sigmoid(a_o)  # (4)
        new.c[...] = saved.f * prev.c + saved.i * saved.g  # (5)
        saved.tanh_c[...] = tanh(new.c)
        new.h[...] = saved.o * saved.tanh_c  # (6)

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        """Read d.h and d.c, dL/d(new state); fill da_x (n, 4H), leave dL/d(previous state) in d.h and d.c (n, H)."""
        i, f, g, o, tanh_c = saved.i, saved.f, saved.g, saved.o, saved.tanh_c
        da_i, da_f, da_g, da_o = self.blocks(da_x)
        # --- your code begins ---
        dc = ...  # (6): c reaches the loss through h, too
        da_i[...] = ...  # (5) (1)
        da_f[...] = ...  # (5) (2)
        da_g[...] = ...  # (5) (3)
        da_o[...] = ...  # (6) (4)
        d.c[...] = ...  # (5)
        d.h[...] = ...  # (0)
        # --- your code ends ---
