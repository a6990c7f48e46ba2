"""The layers around the time loop: Embedding, OneHot, Linear, Dropout. They know rows (N, ...), never time.

    y = layer.forward(x, tape)       records on the tape what backward needs; without a tape, records nothing
    dx = layer.backward(dy, tape)    accumulates the parameters' gradients

A one-hot vector times a matrix picks one row of it. `OneHot` says exactly that: it yields an object that stands for the
(N, V) matrix of zeros and ones, multiplies like it, and never fills it. `OneHot` followed by a weight matrix and
`Embedding` are therefore the same network; tests/test_layers.py shows the equality.

Read next: stack.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.backend import Array, Backend
from scratchnet.errors import InputError
from scratchnet.parameters import Module, check_sizes, is_view, make_rng
from scratchnet.tape import Tape


class Embedding(Module):
    """A table of V vectors of size E: forward looks rows up, backward adds to the rows that were looked up.

    Initial values are normal with standard deviation `scale`. At 1 the first pre-activations x W_ih are of order one
    (Glorot's W_ih keeps the variance of x); at 0.05 a network needs several times as long to tell words apart.
    """

    W: Array
    dW: Array

    def __init__(
        self,
        vocabulary_size: int,
        size: int,
        *,
        scale: float = 1.0,
        rng: np.random.Generator | int = 0,
        dtype: Any = "float32",
        backend: Backend | str | None = None,
    ) -> None:
        super().__init__(backend, dtype)
        check_sizes(vocabulary_size=vocabulary_size, embedding_size=size)
        self.vocabulary_size, self.output_size = vocabulary_size, size
        self.add_parameter("W", make_rng(rng).normal(0.0, scale, (vocabulary_size, size)))

    def forward(self, ids: Array, tape: Tape | None = None) -> Array:
        """Return the vectors (N, E) of token ids (N,). Raises InputError for an id that the table does not have."""
        check_ids(ids)
        if tape is not None:
            tape.ids = ids
        try:
            return self.W[ids]
        except IndexError:
            raise InputError(f"token id {int(ids.max())} in a vocabulary of {self.vocabulary_size} tokens") from None

    def backward(self, d_rows: Array, tape: Tape) -> None:
        """Add dL/d(vectors) (N, E) to the gradients of the rows looked up; a repeated id adds each time."""
        self.backend.add_at(self.dW, tape.ids, d_rows)


class OneHotRows:
    """The (N, V) matrix with a single 1 per row, at column ids[n], as a promise instead of an array."""

    def __init__(self, ids: Array, vocabulary_size: int, backend: Backend) -> None:
        self.ids = ids
        self.backend = backend
        self.shape = (ids.shape[0], vocabulary_size)

    def __getitem__(self, rows: Any) -> OneHotRows:
        return OneHotRows(self.ids[rows], self.shape[1], self.backend)

    def __matmul__(self, weight: Array) -> Array:
        """Return this matrix times `weight` (V, H): rows of `weight`."""
        return weight[self.ids]

    @property
    def T(self) -> _OneHotColumns:
        """The transposed (V, N) matrix."""
        return _OneHotColumns(self)

    def dense(self, dtype: Any = "float32") -> Array:
        """Return the matrix itself, filled: for looking at, never for training."""
        xp = self.backend.xp
        return (self.ids[:, None] == xp.arange(self.shape[1])[None, :]).astype(dtype)


class _OneHotColumns:
    def __init__(self, rows: OneHotRows) -> None:
        self.rows = rows
        self.shape = (rows.shape[1], rows.shape[0])

    def __matmul__(self, values: Array) -> Array:
        """Return this (V, N) matrix times `values` (N, H): each row added up where its token stands."""
        total = self.rows.backend.xp.zeros((self.shape[0], values.shape[1]), dtype=values.dtype)
        self.rows.backend.add_at(total, self.rows.ids, values)
        return total


class OneHot(Module):
    """Tokens as one-hot vectors of size V, the sparse truth beneath an embedding; no parameters of its own."""

    def __init__(self, vocabulary_size: int, *, dtype: Any = "float32", backend: Backend | str | None = None) -> None:
        super().__init__(backend, dtype)
        check_sizes(vocabulary_size=vocabulary_size)
        self.vocabulary_size = self.output_size = vocabulary_size

    def forward(self, ids: Array, tape: Tape | None = None) -> OneHotRows:
        """Return the one-hot rows (N, V) of token ids (N,); there is nothing to record."""
        check_ids(ids)
        return OneHotRows(ids, self.vocabulary_size, self.backend)

    def backward(self, d_rows: Any, tape: Tape | None = None) -> None:
        """Do nothing: token ids have no gradient and a one-hot layer has no parameters."""


class Linear(Module):
    """y = x W + b, with W (inputs, outputs) uniform as in Glorot and Bengio (2010) and b zero."""

    W: Array
    dW: Array
    b: Array
    db: Array

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        rng: np.random.Generator | int = 0,
        dtype: Any = "float32",
        backend: Backend | str | None = None,
    ) -> None:
        super().__init__(backend, dtype)
        check_sizes(inputs=inputs, outputs=outputs)
        limit = np.sqrt(6.0 / (inputs + outputs))
        self.add_parameter("W", make_rng(rng).uniform(-limit, limit, (inputs, outputs)))
        self.add_parameter("b", np.zeros(outputs))

    def forward(self, x: Array, tape: Tape | None = None, out: Array | None = None) -> Array:
        """Return y (N, outputs) for x (N, inputs), in the memory of `out` where that is given."""
        if x.shape[-1] != self.W.shape[0]:
            raise InputError(f"x has shape {tuple(x.shape)}, wanted (N, {self.W.shape[0]})")
        if tape is not None:
            tape.x = x
        joined = self.weight_and_bias()
        if joined is not None:
            return self.backend.xp.matmul(self.with_ones(x), joined, out=out)
        y = self.backend.xp.matmul(x, self.W, out=out)
        y += self.b
        return y

    def backward(self, dy: Array, tape: Tape) -> Array:
        """Accumulate dW and db for dy = dL/dy (N, outputs); return dL/dx (N, inputs)."""
        both = self.with_ones(tape.x).T @ dy  # x^T dy, and below it the sum over the rows of dy
        weight_gradient = self.dW
        weight_gradient += both[:-1]
        bias_gradient = self.db
        bias_gradient += both[-1]
        return dy @ self.W.T

    def weight_and_bias(self) -> Array | None:
        """Return W and, below it, b as the one matrix (inputs + 1, outputs) that they are in a flat array, or None.

        [x 1] times that is x W + b: the bias costs no pass over y of its own.
        """
        (inputs, outputs), flat = self.W.shape, self.flat_parameters
        if flat is None or flat.size != (inputs + 1) * outputs or not (is_view(self.W, flat) and is_view(self.b, flat)):
            return None
        return flat.reshape(inputs + 1, outputs)

    def with_ones(self, x: Array) -> Array:
        """Return [x 1], (N, inputs + 1)."""
        wider = self.backend.xp.empty((x.shape[0], x.shape[1] + 1), dtype=x.dtype)
        wider[:, :-1], wider[:, -1] = x, 1.0
        return wider


class TiedLinear(Linear):
    """A Linear whose W is an embedding's table transposed (Press and Wolf 2017): one parameter, two uses."""

    def __init__(self, embedding: Embedding) -> None:
        Module.__init__(self, embedding.backend, embedding.dtype)
        self.embedding = embedding
        self.add_parameter("b", np.zeros(embedding.vocabulary_size))

    @property
    def W(self) -> Array:
        """The table, transposed: a view, so that what is added to dW below reaches the embedding."""
        return self.embedding.W.T

    @property
    def dW(self) -> Array:
        return self.embedding.dW.T


class Dropout(Module):
    """Inverted dropout (Srivastava et al. 2014): in training a unit is 0 with probability `rate`, else / (1 - rate)."""

    def __init__(self, rate: float, *, dtype: Any = "float32", backend: Backend | str | None = None) -> None:
        super().__init__(backend, dtype)
        if not 0.0 <= rate < 1.0:
            raise InputError(f"dropout is {rate!r}: it must be at least 0 and below 1")
        self.rate = rate

    def forward(self, x: Array, tape: Tape | None = None, rng: np.random.Generator | None = None) -> Array:
        """Return y, of the shape of x; without an rng, that is outside training, y is x."""
        mask = None
        if rng is not None and self.rate > 0.0:
            mask = self.backend.dropout_mask(x.shape, 1.0 - self.rate, rng, self.dtype)
        if tape is not None:
            tape.mask = mask
        return x if mask is None else x * mask

    def backward(self, dy: Array, tape: Tape) -> Array:
        """Return dL/dx: the same mask as in forward, never a fresh one."""
        return dy if tape.mask is None else dy * tape.mask


def check_ids(ids: Any) -> None:
    """Raise InputError unless `ids` is a one-dimensional array of integers."""
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise InputError(f"token ids have shape {tuple(ids.shape)} and dtype {ids.dtype}, wanted (N,) integers")
