"""The cell contract, said once, and the two parts of every cell that do not belong in the time loop.

The loop lives outside the cell, in recurrent.py. It calls, for a batch whose step t owns n rows:

    project_inputs(x, a_x)                            once: every step's x_t W_ih + b in one matrix product
    for t = 0 ... T-1:
        forward_step(a_x[t], prev, new, saved)        reads prev.h, writes new.h and saved.<name>, all (n, H)
    for t = T-1 ... 0:
        backward_step(d, prev, new, saved, da_x[t], da_h[t])
    accumulate_gradients(x, tape, dx)                 once: every weight's gradient in one matrix product

What does not depend on h_(t-1) leaves the loop: that is the first optimisation there is, and the largest.

A cell says, as class attributes:
    state   what it carries from step to step; the first one is its output. LSTM: ("h", "c").
    gates   the column blocks of W_ih, W_hh and b, in order. G of them, H columns each.
    saved   what backward_step needs from forward_step, by name.
    accumulated   what accumulate_gradients reads of all steps besides da_x, da_h and the outputs: names of `state` and
            `saved`. Where memory is saved (../backend/recompute.py), the others are not all there by then.
    separate_da_h   True when dL/d(h_prev W_hh) differs from dL/d(x W_ih + b), as where a gate stands between them.

Nothing is registered: `Recurrent(MyCell(3, 4))` and `check_cell(MyCell)` just work.

Read next: ../functions.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from scratchnet.backend import Array, Backend
from scratchnet.errors import InputError
from scratchnet.parameters import Module, check_sizes, make_rng

Named = SimpleNamespace  # arrays by name: prev.h, saved.f


class Cell(Module):
    """One recurrent cell. Sizes: E inputs, H hidden units, G gates.

    Arguments:
        input_size: E. hidden_size: H.
        rng: a generator or a seed for the initial weights.
        dtype: float32, float64 or complex128. backend: a name or object; NumPy by default.
    Parameters: W_ih (E, G*H), W_hh (H, G*H), b (G*H); a subclass adds more in `build`.
    Raises InputError for sizes of zero or below.
    """

    state: ClassVar[tuple[str, ...]] = ("h",)
    gates: ClassVar[tuple[str, ...]] = ("a",)
    saved: ClassVar[tuple[str, ...]] = ()
    accumulated: ClassVar[tuple[str, ...]] = ()
    separate_da_h: ClassVar[bool] = False

    W_ih: Array
    W_hh: Array
    b: Array
    dW_ih: Array
    dW_hh: Array
    db: Array

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        rng: np.random.Generator | int = 0,
        dtype: Any = "float32",
        backend: Backend | str | None = None,
    ) -> None:
        super().__init__(backend, dtype)
        check_sizes(input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size = int(input_size), int(hidden_size)
        self.build(make_rng(rng))

    # --- what a cell writes -------------------------------------------------------------------------------------

    def build(self, rng: np.random.Generator) -> None:
        """Create the parameters. Override to add some, or to start them differently.

        Input weights are uniform as in Glorot and Bengio (2010), recurrent weights orthogonal per gate as in
        Saxe, McClelland and Ganguli (2014), biases zero.
        """
        size, gates = self.hidden_size, len(self.gates)
        limit = np.sqrt(6.0 / (self.input_size + size))
        self.add_parameter("W_ih", rng.uniform(-limit, limit, (self.input_size, gates * size)))
        self.add_parameter("W_hh", np.concatenate([orthogonal(size, rng) for _ in range(gates)], axis=1))
        self.add_parameter("b", np.zeros(gates * size))

    def forward_step(self, a_x: Array, prev: Named, new: Named, saved: Named) -> None:
        """Compute one step for n rows.

        a_x (n, G*H) holds x_t W_ih + b on entry and may be overwritten; prev.<state> (n, H) is only read;
        new.<state> and saved.<name> (n, H) hold the results on exit.
        """
        raise NotImplementedError(f"{type(self).__name__} must define forward_step(self, a_x, prev, new, saved)")

    def backward_step(self, d: Named, prev: Named, new: Named, saved: Named, da_x: Array, da_h: Array) -> None:
        """Go one step back for n rows.

        d.<state> (n, H) holds dL/d(new state) on entry and must hold dL/d(prev state) on exit. da_x (n, G*H) must
        hold dL/d(x_t W_ih + b) on exit, and da_h dL/d(h_prev W_hh); they are one array unless `separate_da_h`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define backward_step(self, d, prev, new, saved, da_x, da_h)"
        )

    # --- what a cell is given -----------------------------------------------------------------------------------

    def project_inputs(self, x: Any, a_x: Array) -> None:
        """Write x W_ih + b for all N rows at once. x (N, E), dense or one-hot rows; a_x (N, G*H) on exit."""
        if isinstance(x, self.backend.xp.ndarray):
            self.backend.xp.matmul(x, self.W_ih, out=a_x)
        else:
            a_x[...] = x @ self.W_ih  # one-hot rows: a product that merely picks rows of W_ih
        a_x += self.b

    def accumulate_gradients(self, x: Any, tape: Any, dx: Array | None) -> None:
        """Add the gradients of all parameters, one product each; write dL/dx (N, E) to `dx` unless it is None."""
        da_x, da_h = tape.da_x.rows, tape.da_h.rows
        self.dW_ih += x.T @ da_x
        self.dW_hh += tape.previous(self.state[0]).T @ da_h
        self.db += da_x.sum(axis=0)
        if dx is not None:
            self.backend.xp.matmul(da_x, self.W_ih.T, out=dx)

    def blocks(self, a: Array) -> tuple[Array, ...]:
        """Return the gate blocks of `a` (..., G*H) as G views (..., H), in the order of `gates`."""
        size = self.hidden_size
        return tuple(a[..., k * size : (k + 1) * size] for k in range(len(self.gates)))

    def block(self, a: Array, gate: str) -> Array:
        """Return one gate's block of `a` (..., G*H) as a view (..., H)."""
        if gate not in self.gates:
            raise InputError(f"{type(self).__name__} has no gate {gate!r}: its gates are {', '.join(self.gates)}")
        start = self.gates.index(gate) * self.hidden_size
        return a[..., start : start + self.hidden_size]

    def pointwise(self, maths: Any, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        """Write maths(*inputs) to `outputs`; the backend runs or compiles the function's own text."""
        self.backend.pointwise(maths, inputs, outputs)


def orthogonal(size: int, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Return a random (size, size) orthogonal matrix (Saxe et al. 2014; QR with the signs of R's diagonal)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return np.asarray(q * np.sign(np.diag(r)))
