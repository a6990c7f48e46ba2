"""Attention: at every target word the decoder looks back at all words of the source, each as much as it needs.

A query q_i (what the decoder has in mind before word i) meets the keys k_j (the encoder's outputs):

    (1)  e_ij = score(q_i, k_j)
    (2)  w_ij = exp(e_ij) / sum_j' exp(e_ij')       over the words of this source sentence, and of no other
    (3)  c_i  = sum_j w_ij k_j                      the context of word i

    (4)  score(q, k) = q . k                        DotAttention       Luong, Pham and Manning (2015)
    (5)  score(q, k) = q W_q . k                    GeneralAttention   the same
    (6)  score(q, k) = v . tanh(q W_q + k W_k)      AdditiveAttention  Bahdanau, Cho and Bengio (2015)

Backward, every k_j gathers from all words that looked at it, twice: as what was summed (3) and as what was scored (1).

    (7)  dw_ij = dc_i . k_j     dk_j += sum_i w_ij dc_i       (3)
    (8)  de_i  = softmax_backward(dw_i, w_i)                  (2)

Sources and targets come packed, without padding. Products want blocks (B, S, K), in which the places after a
sentence's end repeat some row; they score minus infinity, so that their weight is 0, exactly.

Read next: losses.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.backend import NUMPY, Array, Backend
from scratchnet.errors import InputError
from scratchnet.functions import softmax, softmax_backward, tanh, tanh_derivative
from scratchnet.packed_sequences import Packing
from scratchnet.parameters import Module, check_sizes, make_rng
from scratchnet.tape import Tape


class Alignment:
    """Which source words each target word may look at. B target sentences, T and S words in the longest of each side.

    sources, targets: the packings of both. context_rows: (B,), on the host: target sentence b belongs to source
    context_rows[b]. Raises InputError where a row is no source.
    """

    def __init__(self, sources: Packing, targets: Packing, context_rows: Any, backend: Backend = NUMPY) -> None:
        chosen = np.asarray(context_rows)
        if chosen.shape != (targets.batch,) or chosen.min() < 0 or chosen.max() >= sources.batch:
            raise InputError(
                f"context_rows has shape {chosen.shape} and entries {chosen.min()} to {chosen.max()}: wanted "
                f"({targets.batch},), each one of the {sources.batch} sources"
            )
        self.sources, self.targets, self.context_rows = sources, targets, chosen
        lengths = np.array(sources.lengths)[chosen]
        absent = np.arange(sources.steps) >= lengths[:, None]
        self.bias: Array = backend.asarray(np.where(absent, -np.inf, 0.0)[:, None, :].astype("float32"))
        self.key_rows: Array = backend.asarray(_rows_of(sources)[chosen])
        self.query_rows: Array = backend.asarray(_rows_of(targets))
        self.query_places: Array = backend.asarray(targets.sequence_of_row * targets.steps + targets.step_of_row)
        self.key_places: Array | None = None  # only where each source has one target can gradients go back to it
        if len({*chosen.tolist()}) == len(chosen) == sources.batch:
            sentence = np.argsort(chosen)[sources.sequence_of_row]
            self.key_places = backend.asarray(sentence * sources.steps + sources.step_of_row)

    def to(self, backend: Backend) -> Alignment:
        """Return the same alignment with its index arrays on `backend`."""
        return Alignment(self.sources, self.targets, self.context_rows, backend)


def _rows_of(packing: Packing) -> np.ndarray[Any, Any]:
    """Return (B, T) the packed row of each word; after a sentence's end, its last row again."""
    steps = np.minimum(np.arange(packing.steps), np.array(packing.lengths)[:, None] - 1)
    return np.asarray(np.array(packing.offsets)[steps] + np.arange(packing.batch)[:, None])


class Attention(Module):
    """Queries (N_t, H) and keys (N_s, K) to contexts (N_t, K). A subclass says how a query and a key are scored."""

    def score(self, q: Array, k: Array, tape: Tape) -> Array:
        """Return e (B, T, S) for q (B, T, H) and k (B, S, K)."""
        raise NotImplementedError(f"{type(self).__name__} must define score(self, q, k, tape)")

    def score_backward(self, de: Array, q: Array, k: Array, tape: Tape) -> tuple[Array, Array]:
        """Accumulate the parameters' gradients; return dL/dq and dL/dk, as far as they go through the scores."""
        raise NotImplementedError(f"{type(self).__name__} must define score_backward(self, de, q, k, tape)")

    def forward(self, queries: Array, keys: Array, alignment: Alignment, tape: Tape | None = None) -> Array:
        """Return the contexts (N_t, K), in the packed order of the targets.

        Raises InputError where the numbers of rows are not those of the alignment.
        """
        rows = alignment.targets.rows, alignment.sources.rows
        if (queries.shape[0], keys.shape[0]) != rows:
            raise InputError(f"{queries.shape[0]} queries and {keys.shape[0]} keys, wanted {rows[0]} and {rows[1]}")
        tape = self.new_tape() if tape is None else tape
        q, k = queries[alignment.query_rows], keys[alignment.key_rows]
        weights = softmax(self.score(q, k, tape) + alignment.bias)  # (1) (2)
        contexts = self.backend.xp.matmul(weights, k)  # (3)
        tape.q, tape.k, tape.weights, tape.alignment = q, k, weights, alignment
        return contexts.reshape(-1, k.shape[2])[alignment.query_places]

    def backward(self, d_contexts: Array, tape: Tape) -> tuple[Array, Array]:
        """Accumulate the parameters' gradients from dL/d(contexts); return dL/d(queries) and dL/d(keys).

        Raises InputError where a source has several targets, as beams have: those are for decoding.
        """
        q, k, weights, alignment = tape.q, tape.k, tape.weights, tape.alignment
        if alignment.key_places is None:
            raise InputError("backward needs one target for each source: here some have several, or none")
        xp = self.backend.xp
        dc = xp.zeros((q.shape[0] * q.shape[1], k.shape[2]), dtype=d_contexts.dtype)
        dc[alignment.query_places] = d_contexts  # after a sentence's end there is no word, and no gradient
        dc = dc.reshape(q.shape[0], q.shape[1], k.shape[2])
        dw = xp.matmul(dc, k.swapaxes(1, 2))  # (7)
        dk = xp.matmul(weights.swapaxes(1, 2), dc)  # (7)
        de = softmax_backward(dw, weights)  # (8)
        dq, dk_scored = self.score_backward(de, q, k, tape)
        dk += dk_scored
        d_queries = dq.reshape(-1, q.shape[2])[alignment.query_places]
        return d_queries, dk.reshape(-1, k.shape[2])[alignment.key_places]

    def weights(self, tape: Tape) -> list[np.ndarray[Any, Any]]:
        """Return w (2) of each target sentence, in packed order, (its words, the source's words), to be looked at."""
        whole, alignment = self.backend.to_numpy(tape.weights), tape.alignment
        words = (~np.isinf(self.backend.to_numpy(alignment.bias))).sum(axis=(1, 2))
        return [whole[b, :length, : words[b]] for b, length in enumerate(alignment.targets.lengths)]


class DotAttention(Attention):
    """(4): queries and keys of one size; no parameters."""

    def score(self, q: Array, k: Array, tape: Tape) -> Array:
        if q.shape[2] != k.shape[2]:
            sizes = f"{q.shape[2]} and {k.shape[2]}"
            raise InputError(f"a dot product needs queries and keys of one size: they have {sizes}")
        return self.backend.xp.matmul(q, k.swapaxes(1, 2))  # (4)

    def score_backward(self, de: Array, q: Array, k: Array, tape: Tape) -> tuple[Array, Array]:
        xp = self.backend.xp
        return xp.matmul(de, k), xp.matmul(de.swapaxes(1, 2), q)


class GeneralAttention(Attention):
    """(5): W_q (H, K), uniform as in Glorot and Bengio (2010), maps queries to the size of keys."""

    W_q: Array
    dW_q: Array

    def __init__(
        self, query_size: int, key_size: int, *, rng: Any = 0, dtype: Any = "float32", backend: Any = None
    ) -> None:
        super().__init__(backend, dtype)
        check_sizes(query_size=query_size, key_size=key_size)
        self.add_parameter("W_q", glorot(query_size, key_size, make_rng(rng)))

    def score(self, q: Array, k: Array, tape: Tape) -> Array:
        tape.mapped = q @ self.W_q
        return self.backend.xp.matmul(tape.mapped, k.swapaxes(1, 2))  # (5)

    def score_backward(self, de: Array, q: Array, k: Array, tape: Tape) -> tuple[Array, Array]:
        xp = self.backend.xp
        d_mapped = xp.matmul(de, k)
        self.dW_q += rows(q).T @ rows(d_mapped)
        return d_mapped @ self.W_q.T, xp.matmul(de.swapaxes(1, 2), tape.mapped)


class AdditiveAttention(Attention):
    """(6): W_q (H, A), W_k (K, A), v (A,): a small network with A hidden units scores every pair."""

    W_q: Array
    dW_q: Array
    W_k: Array
    dW_k: Array
    v: Array
    dv: Array

    def __init__(
        self, query_size: int, key_size: int, size: int, *, rng: Any = 0, dtype: Any = "float32", backend: Any = None
    ) -> None:
        super().__init__(backend, dtype)
        check_sizes(query_size=query_size, key_size=key_size, attention_size=size)
        rng = make_rng(rng)
        self.add_parameter("W_q", glorot(query_size, size, rng))
        self.add_parameter("W_k", glorot(key_size, size, rng))
        self.add_parameter("v", glorot(size, 1, rng)[:, 0])

    def score(self, q: Array, k: Array, tape: Tape) -> Array:
        tape.hidden = tanh((q @ self.W_q)[:, :, None, :] + (k @ self.W_k)[:, None, :, :])  # (B, T, S, A)
        return tape.hidden @ self.v  # (6)

    def score_backward(self, de: Array, q: Array, k: Array, tape: Tape) -> tuple[Array, Array]:
        self.dv += rows(tape.hidden).T @ de.reshape(-1)
        d_sum = de[..., None] * self.v * tanh_derivative(tape.hidden)
        d_mapped_q, d_mapped_k = d_sum.sum(axis=2), d_sum.sum(axis=1)
        self.dW_q += rows(q).T @ rows(d_mapped_q)
        self.dW_k += rows(k).T @ rows(d_mapped_k)
        return d_mapped_q @ self.W_q.T, d_mapped_k @ self.W_k.T


def glorot(inputs: int, outputs: int, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Return a matrix (inputs, outputs), uniform as in Glorot and Bengio (2010)."""
    limit = np.sqrt(6.0 / (inputs + outputs))
    return rng.uniform(-limit, limit, (inputs, outputs))


def rows(block: Array) -> Array:
    """Return the last axis' vectors as the rows of one matrix."""
    return block.reshape(-1, block.shape[-1])
