"""Gated recurrent units, in the two forms that exist: reset after, and reset before, the recurrent product.

Reset after (`GRUCell`; the form of cuDNN and PyTorch): all gates share one recurrent product, a_h = h_(t-1) W_hh.

    (1)  r = sigmoid(a_r + h_r)             reset gate        a = x_t W_ih + b      (0)
    (2)  z = sigmoid(a_z + h_z)             update gate       h_k = the block k of h_(t-1) W_hh
    (3)  n = tanh(a_n + r * (h_n + b_hn))   candidate; b_hn stands inside r, so it is a second bias and not a part of b
    (4)  h = (1 - z) * n + z * h_(t-1)

Reset before (`GRUResetBeforeCell`; Cho et al. 2014, equations 5 to 8): the candidate's product needs r first, so there
are two products one after the other.

    (5)  n = tanh(a_n + (r * h_(t-1)) W_hn)

(The sense of z in (4) is that of Cho et al. and of PyTorch; Chung et al. 2014 write 1 - z for z.) A backward for one
form under a forward for the other is a classic mistake: the shapes fit, the gradients do not.

The update gate's bias starts at 1, so that a new network remembers: what the forget bias of 1 is to an LSTM (the
argument of Jozefowicz et al. 2015; Tallec and Ollivier 2018 carry it over to the GRU).

Read next: rnn.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.cells.base import Cell, Named
from scratchnet.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative


def gru_forward(
    a_r: Array, a_z: Array, a_n: Array, h_r: Array, h_z: Array, h_n: Array, h_prev: Array
) -> tuple[Array, ...]:
    r = sigmoid(a_r + h_r)  # (1)
    z = sigmoid(a_z + h_z)  # (2)
    n = tanh(a_n + r * h_n)  # (3), h_n with its bias
    h = (1.0 - z) * n + z * h_prev  # (4)
    return h, r, z, n


def gru_backward(dh: Array, r: Array, z: Array, n: Array, h_n: Array, h_prev: Array) -> tuple[Array, ...]:
    da_z = dh * (h_prev - n) * sigmoid_derivative(z)  # (4) (2)
    da_n = dh * (1.0 - z) * tanh_derivative(n)  # (4) (3)
    da_r = da_n * h_n * sigmoid_derivative(r)  # (3) (1)
    dh_n = da_n * r  # (3)
    dh_prev = dh * z  # (4): the direct path
    return da_r, da_z, da_n, da_r, da_z, dh_n, dh_prev


class GRUCell(Cell):
    """The GRU with reset after the product. As `Cell`, and b_hn (H,), the candidate's recurrent bias."""

    state = ("h",)
    gates = ("r", "z", "n")
    saved = ("r", "z", "n", "h_n")
    separate_da_h = True

    b_hn: Array
    db_hn: Array

    def build(self, rng: np.random.Generator) -> None:
        """Create the parameters, b_hn among them; the update gate's bias is 1."""
        super().build(rng)
        self.block(self.b, "z")[...] = 1.0
        self.add_parameter("b_hn", np.zeros(self.hidden_size))

    def forward_step(self, a_x: Array, prev: Named, new: Named, saved: Named) -> None:
        h_r, h_z, h_n = self.blocks(prev.h @ self.W_hh)
        saved.h_n[...] = h_n + self.b_hn
        inputs = (*self.blocks(a_x), h_r, h_z, saved.h_n, prev.h)
        self.pointwise(gru_forward, inputs, (new.h, saved.r, saved.z, saved.n))  # (1) to (4)

    def backward_step(self, d: Named, prev: Named, new: Named, saved: Named, da_x: Array, da_h: Array) -> None:
        inputs = (d.h, saved.r, saved.z, saved.n, saved.h_n, prev.h)
        self.pointwise(gru_backward, inputs, (*self.blocks(da_x), *self.blocks(da_h), d.h))  # (4) to (1)
        d.h += da_h @ self.W_hh.T

    def accumulate_gradients(self, x: Any, tape: Any, dx: Array | None) -> None:
        super().accumulate_gradients(x, tape, dx)
        self.db_hn += self.block(tape.da_h.rows, "n").sum(axis=0)  # (3)


def reset_gates(a_r: Array, a_z: Array, h_r: Array, h_z: Array, h_prev: Array) -> tuple[Array, ...]:
    r = sigmoid(a_r + h_r)  # (1)
    z = sigmoid(a_z + h_z)  # (2)
    return r, z, r * h_prev


def candidate_forward(a_n: Array, z: Array, h_prev: Array) -> tuple[Array, ...]:
    n = tanh(a_n)  # (5)
    h = (1.0 - z) * n + z * h_prev  # (4)
    return h, n


def candidate_backward(dh: Array, z: Array, n: Array, h_prev: Array) -> tuple[Array, ...]:
    da_z = dh * (h_prev - n) * sigmoid_derivative(z)  # (4) (2)
    da_n = dh * (1.0 - z) * tanh_derivative(n)  # (4) (5)
    return da_z, da_n, dh * z


def reset_backward(drh: Array, dh_prev: Array, r: Array, h_prev: Array) -> tuple[Array, ...]:
    da_r = drh * h_prev * sigmoid_derivative(r)  # (5) (1)
    return da_r, dh_prev + drh * r  # (5)


class GRUResetBeforeCell(Cell):
    """The GRU with reset before the product (Cho et al. 2014). Arguments, parameters and errors as `Cell`."""

    state = ("h",)
    gates = ("r", "z", "n")
    saved = ("r", "z", "n", "rh")
    accumulated = ("rh",)

    def build(self, rng: np.random.Generator) -> None:
        """Create the parameters; the update gate's bias is 1."""
        super().build(rng)
        self.block(self.b, "z")[...] = 1.0

    def forward_step(self, a_x: Array, prev: Named, new: Named, saved: Named) -> None:
        W_gates, W_n = self._recurrent_weights()
        a_r, a_z, a_n = self.blocks(a_x)
        h = prev.h @ W_gates
        inputs = (a_r, a_z, h[:, : self.hidden_size], h[:, self.hidden_size :], prev.h)
        self.pointwise(reset_gates, inputs, (saved.r, saved.z, saved.rh))  # (1) (2)
        a_n += saved.rh @ W_n  # (5)
        self.pointwise(candidate_forward, (a_n, saved.z, prev.h), (new.h, saved.n))  # (5) (4)

    def backward_step(self, d: Named, prev: Named, new: Named, saved: Named, da_x: Array, da_h: Array) -> None:
        W_gates, W_n = self._recurrent_weights()
        da_r, da_z, da_n = self.blocks(da_x)
        self.pointwise(candidate_backward, (d.h, saved.z, saved.n, prev.h), (da_z, da_n, d.h))  # (4) (5)
        drh = da_n @ W_n.T  # (5)
        self.pointwise(reset_backward, (drh, d.h, saved.r, prev.h), (da_r, d.h))  # (5) (1)
        d.h += da_x[:, : 2 * self.hidden_size] @ W_gates.T

    def accumulate_gradients(self, x: Any, tape: Any, dx: Array | None) -> None:
        da_x, size = tape.da_x.rows, self.hidden_size
        self.dW_ih += x.T @ da_x
        self.dW_hh[:, : 2 * size] += tape.previous("h").T @ da_x[:, : 2 * size]  # (1) (2)
        self.dW_hh[:, 2 * size :] += tape.saved.rh.rows.T @ da_x[:, 2 * size :]  # (5)
        self.db += da_x.sum(axis=0)
        if dx is not None:
            self.backend.xp.matmul(da_x, self.W_ih.T, out=dx)

    def _recurrent_weights(self) -> tuple[Array, Array]:
        return self.W_hh[:, : 2 * self.hidden_size], self.W_hh[:, 2 * self.hidden_size :]
