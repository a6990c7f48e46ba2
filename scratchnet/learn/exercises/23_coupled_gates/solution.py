"""Exercise 23: predict which gradients this cell will get wrong. Do not mend it.

(0)  a = x_t W_ih + b + h_(t-1) W_hh
(1)  f = sigmoid(a_f)
(2)  g = tanh(a_g)
(3)  o = sigmoid(a_o)
(4)  c = f * c_(t-1) + (1 - f) * g
(5)  h = o * tanh(c)
"""

from scratchnet.cells import Cell
from scratchnet.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative


def coupled_forward(a_f, a_g, a_o, c_prev):
    """Return (h, c, f, g, o, tanh_c) of one step, (n, H) each."""
    f = sigmoid(a_f)  # (1)
    g = tanh(a_g)  # (2)
    o = sigmoid(a_o)  # (3)
    c = f * c_prev + (1.0 - f) * g  # (4)
    tanh_c = tanh(c)
    return o * tanh_c, c, f, g, o, tanh_c  # (5)


def coupled_backward(dh, dc, f, g, o, tanh_c, c_prev):
    """Return (da_f, da_g, da_o, dc_prev) of one step, (n, H) each; one of the lines is wrong."""
    da_o = dh * tanh_c * sigmoid_derivative(o)
    dc = dc + dh * o * tanh_derivative(tanh_c)
    da_f = dc * (c_prev - g) * sigmoid_derivative(f)
    da_g = dc * (1.0 - f) * tanh_derivative(g)
    dc_prev = dc * (1.0 - f)
    return da_f, da_g, da_o, dc_prev


class BrokenCell(Cell):
    """The LSTM with coupled gates; forward is right, backward is not."""

    state = ("h", "c")
    gates = ("f", "g", "o")
    saved = ("f", "g", "o", "tanh_c")

    def forward_step(self, a_x, prev, new, saved):
        a_x += prev.h @ self.W_hh  # (0)
        outputs = (new.h, new.c, saved.f, saved.g, saved.o, saved.tanh_c)
        self.pointwise(coupled_forward, (*self.blocks(a_x), prev.c), outputs)

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        inputs = (d.h, d.c, saved.f, saved.g, saved.o, saved.tanh_c, prev.c)
        self.pointwise(coupled_backward, inputs, (*self.blocks(da_x), d.c))
        d.h[...] = da_x @ self.W_hh.T  # (0)


# Put "right" or "wrong" behind each name.
# --- your code begins ---
PREDICTION = {
    "f t=4": "right",
    "g t=4": "right",
    "o t=4": "right",
    "f t=3": "wrong",
    "o t=3": "right",
    "o t=2": "wrong",
    "W_hh f": "wrong",
    "W_hh o": "wrong",
    "initial h": "wrong",
    "initial c": "wrong",
}
# --- your code ends ---
