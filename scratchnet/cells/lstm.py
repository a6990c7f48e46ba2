"""Long short-term memory: Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000).

    (1)  i = sigmoid(a_i)          input gate        a = x_t W_ih + b + h_(t-1) W_hh     (0)
    (2)  f = sigmoid(a_f)          forget gate
    (3)  g = tanh(a_g)             candidate
    (4)  o = sigmoid(a_o)          output gate
    (5)  c = f * c_(t-1) + i * g   cell state: the path on which gradients survive
    (6)  h = o * tanh(c)           output

Gates stand in the order i f g o, as in PyTorch. The forget bias starts at 1 (Jozefowicz et al. 2015), so that a
new network remembers. The derivation of every backward line is in docs/bptt.md under the same numbers.

Read next: ../recurrent.py.
"""

from __future__ import annotations

import numpy as np

from scratchnet.backend import Array
from scratchnet.cells.base import Cell, Named
from scratchnet.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative


def lstm_forward(a_i: Array, a_f: Array, a_g: Array, a_o: Array, c_prev: Array) -> tuple[Array, ...]:
    i = sigmoid(a_i)  # (1)
    f = sigmoid(a_f)  # (2)
    g = tanh(a_g)  # (3)
    o = sigmoid(a_o)  # (4)
    c = f * c_prev + i * g  # (5)
    tanh_c = tanh(c)
    h = o * tanh_c  # (6)
    return h, c, i, f, g, o, tanh_c


def lstm_backward(
    dh: Array, dc: Array, i: Array, f: Array, g: Array, o: Array, tanh_c: Array, c_prev: Array
) -> tuple[Array, ...]:
    dc = dc + dh * o * tanh_derivative(tanh_c)  # (6): c reaches the loss through h, too
    da_i = dc * g * sigmoid_derivative(i)  # (5) (1)
    da_f = dc * c_prev * sigmoid_derivative(f)  # (5) (2)
    da_g = dc * i * tanh_derivative(g)  # (5) (3)
    da_o = dh * tanh_c * sigmoid_derivative(o)  # (6) (4)
    dc_prev = dc * f  # (5)
    return da_i, da_f, da_g, da_o, dc_prev


class LSTMCell(Cell):
    """The LSTM. Arguments, parameters and errors are those of `Cell`."""

    state = ("h", "c")
    gates = ("i", "f", "g", "o")
    saved = ("i", "f", "g", "o", "tanh_c")

    def build(self, rng: np.random.Generator) -> None:
        """Create the parameters; the forget gate's bias is 1."""
        super().build(rng)
        self.block(self.b, "f")[...] = 1.0

    def forward_step(self, a_x: Array, prev: Named, new: Named, saved: Named) -> None:
        a_x += prev.h @ self.W_hh  # (0)
        outputs = (new.h, new.c, saved.i, saved.f, saved.g, saved.o, saved.tanh_c)
        self.pointwise(lstm_forward, (*self.blocks(a_x), prev.c), outputs)  # (1) to (6)

    def backward_step(self, d: Named, prev: Named, new: Named, saved: Named, da_x: Array, da_h: Array) -> None:
        inputs = (d.h, d.c, saved.i, saved.f, saved.g, saved.o, saved.tanh_c, prev.c)
        self.pointwise(lstm_backward, inputs, (*self.blocks(da_x), d.c))  # (6) to (1)
        d.h[...] = da_x @ self.W_hh.T  # (0)
