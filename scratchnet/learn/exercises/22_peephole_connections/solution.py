"""Exercise 22: the LSTM with peepholes. As it stands this is the plain LSTM, p_i, p_f and p_o are not used yet.

(0)  a = x_t W_ih + b + h_(t-1) W_hh
(1)  i = sigmoid(a_i + p_i * c_(t-1))
(2)  f = sigmoid(a_f + p_f * c_(t-1))
(3)  g = tanh(a_g)
(4)  c = f * c_(t-1) + i * g
(5)  o = sigmoid(a_o + p_o * c)
(6)  h = o * tanh(c)
"""

from scratchnet.cells import Cell
from scratchnet.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative


def peephole_forward(a_i, a_f, a_g, a_o, c_prev, p_i, p_f, p_o):
    """Return (h, c, i, f, g, o, tanh_c) of one step, (n, H) each; a_i to c_prev are (n, H), p_i to p_o (H,)."""
    # --- your code begins ---
    i = sigmoid(a_i + p_i * c_prev)  # (1)
    f = sigmoid(a_f + p_f * c_prev)  # (2)
    # --- start ---
    # i = sigmoid(a_i)
    # f = sigmoid(a_f)
    # o = sigmoid(a_o)
    # --- both ---
    g = tanh(a_g)  # (3)
    c = f * c_prev + i * g  # (4)
    # --- solution ---
    o = sigmoid(a_o + p_o * c)  # (5)
    # --- start ---
    # --- both ---
    tanh_c = tanh(c)
    h = o * tanh_c  # (6)
    # --- your code ends ---
    return h, c, i, f, g, o, tanh_c


def peephole_backward(dh, dc, i, f, g, o, tanh_c, c, c_prev, p_i, p_f, p_o):
    """Return (da_i, da_f, da_g, da_o, dc_prev) of one step, (n, H) each.

    dh = dL/dh and dc = dL/dc (n, H): what the outputs and later steps say of the new states.
    """
    # --- your code begins ---
    da_o = dh * tanh_c * sigmoid_derivative(o)  # (6) (5)
    dc = dc + dh * o * tanh_derivative(tanh_c) + da_o * p_o  # (6) (5)
    # --- start ---
    # dc = dc + dh * o * tanh_derivative(tanh_c)  # (6)
    # --- both ---
    da_i = dc * g * sigmoid_derivative(i)  # (4) (1)
    da_f = dc * c_prev * sigmoid_derivative(f)  # (4) (2)
    da_g = dc * i * tanh_derivative(g)  # (4) (3)
    # --- solution ---
    dc_prev = dc * f + da_i * p_i + da_f * p_f  # (4) (1) (2)
    # --- start ---
    # da_o = dh * tanh_c * sigmoid_derivative(o)  # (6) (5)
    # dc_prev = dc * f  # (4)
    # --- your code ends ---
    return da_i, da_f, da_g, da_o, dc_prev


class PeepholeCell(Cell):
    """The LSTM with peepholes p_i, p_f, p_o (H,)."""

    state = ("h", "c")
    gates = ("i", "f", "g", "o")
    saved = ("i", "f", "g", "o", "tanh_c")

    def build(self, rng):
        super().build(rng)
        self.block(self.b, "f")[...] = 1.0
        for name in ("p_i", "p_f", "p_o"):
            self.add_parameter(name, rng.normal(0.0, 0.1, self.hidden_size))

    def forward_step(self, a_x, prev, new, saved):
        a_x += prev.h @ self.W_hh  # (0)
        inputs = (*self.blocks(a_x), prev.c, self.p_i, self.p_f, self.p_o)
        outputs = (new.h, new.c, saved.i, saved.f, saved.g, saved.o, saved.tanh_c)
        self.pointwise(peephole_forward, inputs, outputs)

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        gates = (saved.i, saved.f, saved.g, saved.o, saved.tanh_c)
        inputs = (d.h, d.c, *gates, new.c, prev.c, self.p_i, self.p_f, self.p_o)
        self.pointwise(peephole_backward, inputs, (*self.blocks(da_x), d.c))
        d.h[...] = da_x @ self.W_hh.T  # (0)

    def accumulate_gradients(self, x, tape, dx):
        super().accumulate_gradients(x, tape, dx)
        da = tape.da_x.rows  # of all steps, (N, 4H)
        # --- your code begins ---
        self.dp_i += (self.block(da, "i") * tape.previous("c")).sum(axis=0)  # (1)
        self.dp_f += (self.block(da, "f") * tape.previous("c")).sum(axis=0)  # (2)
        self.dp_o += (self.block(da, "o") * tape.state.c[1:]).sum(axis=0)  # (5)
        # --- start ---
        # --- your code ends ---
