"""The plain recurrent network: Elman (1990). It is here so that vanishing gradients can be seen.

    (1)  h = tanh(a)          a = x_t W_ih + b + h_(t-1) W_hh     (0)

One step back multiplies dL/dh by tanh'(a) and W_hh^T. Repeated, the product shrinks or explodes with the number of
steps (Hochreiter 1991; Bengio, Simard and Frasconi 1994): the reason why the other cells exist.

Read next: __init__.py.
"""

from __future__ import annotations

from scratchnet.backend import Array
from scratchnet.cells.base import Cell, Named
from scratchnet.functions import tanh, tanh_derivative


def rnn_forward(a: Array) -> tuple[Array]:
    return (tanh(a),)  # (1)


def rnn_backward(dh: Array, h: Array) -> tuple[Array]:
    return (dh * tanh_derivative(h),)  # (1)


class RNNCell(Cell):
    """The tanh recurrent network. Arguments, parameters and errors are those of `Cell`."""

    state = ("h",)
    gates = ("a",)
    saved = ()

    def forward_step(self, a_x: Array, prev: Named, new: Named, saved: Named) -> None:
        a_x += prev.h @ self.W_hh  # (0)
        self.pointwise(rnn_forward, (a_x,), (new.h,))  # (1)

    def backward_step(self, d: Named, prev: Named, new: Named, saved: Named, da_x: Array, da_h: Array) -> None:
        self.pointwise(rnn_backward, (d.h, new.h), (da_x,))  # (1)
        d.h[...] = da_x @ self.W_hh.T  # (0)
