"""Exercise 10: predict what one mistake does to the LSTM's gradients. Nothing is to be programmed.

(5)  c = f * c_(t-1) + i * g          dc_(t-1) = dc * f, and the notebook forgot the * f
"""

from scratchnet.cells import LSTMCell
from scratchnet.functions import sigmoid_derivative, tanh_derivative


class BrokenCell(LSTMCell):
    """The LSTM, its backward from a notebook. States (n, H), da_x (n, 4H) in the order i f g o."""

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        """Read d.h and d.c, dL/d(new state); fill da_x (n, 4H), leave dL/d(previous state) in d.h and d.c (n, H)."""
        i, f, g, o, tanh_c = saved.i, saved.f, saved.g, saved.o, saved.tanh_c
        da_i, da_f, da_g, da_o = self.blocks(da_x)
        dc = d.c + d.h * o * tanh_derivative(tanh_c)  # (6)
        da_i[...] = dc * g * sigmoid_derivative(i)  # (5) (1)
        da_f[...] = dc * prev.c * sigmoid_derivative(f)  # (5) (2)
        da_g[...] = dc * i * tanh_derivative(g)  # (5) (3)
        da_o[...] = d.h * tanh_c * sigmoid_derivative(o)  # (6) (4)
        d.c[...] = dc  # (5)
        d.h[...] = da_x @ self.W_hh.T  # (0)


PREDICTION = {  # "right" or "wrong"; the steps are t = 0, 1, 2, 3
    # --- your code begins ---
    "i t=3": "right",
    "f t=2": "wrong",
    "o t=2": "right",
    "o t=1": "wrong",
    "b o": "wrong",
    "x": "wrong",
    "initial h": "wrong",
    "initial c": "wrong",
    # --- start ---
    # "i t=3": None,
    # "f t=2": None,
    # "o t=2": None,
    # "o t=1": None,
    # "b o": None,
    # "x": None,
    # "initial h": None,
    # "initial c": None,
    # --- your code ends ---
}
