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

What is looked at is the memory {"keys": (B, S, K), "absent": (B, S)}, one row a target sentence, and so it can be
chosen from, put in another order and copied like a state: a beam takes its memory with it. The places after a
source's end are absent: they score minus infinity, so that their weight is 0, exactly.

Read next: losses.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.errors import InputError
from scratchnet.functions import softmax, softmax_backward, tanh, tanh_derivative
from scratchnet.packed_sequences import Packing
from scratchnet.parameters import Module, check_sizes, make_rng
from scratchnet.tape import Tape

Memory = dict[str, Array]


def memory_of(outputs: Array, packing: Packing) -> Memory:
    """Return the memory of an encoder's outputs (N_s, K), one row a source, in packed order."""
    return {"keys": packing.blocks.of(outputs), "absent": packing.blocks.after_end}


class Attention(Module):
    """Queries (N_t, H) and a memory to contexts (N_t, K). A subclass says how a query and a key are scored."""

    def score(self, q: Array, k: Array, tape: Tape) -> Array:
        """Return e (B, T, S) for q (B, T, H) and k (B, S, K)."""
        raise NotImplementedError(f"{type(self).__name__} must define score(self, q, k, tape)")

    def score_backward(self, de: Array, q: Array, k: Array, tape: Tape) -> tuple[Array, Array]:
        """Accumulate the parameters' gradients; return dL/dq and dL/dk, as far as they go through the scores."""
        raise NotImplementedError(f"{type(self).__name__} must define score_backward(self, de, q, k, tape)")

    def forward(self, queries: Array, packing: Packing, memory: Memory, tape: Tape | None = None) -> Array:
        """Return the contexts (N_t, K) of queries (N_t, H), packed by `packing`; each target has its row in the memory.

        Raises InputError where the numbers of rows do not fit.
        """
        k = memory["keys"]
        if (queries.shape[0], k.shape[0]) != (packing.rows, packing.batch):
            raise InputError(
                f"{queries.shape[0]} queries and a memory of {k.shape[0]} sentences, wanted {packing.rows} and "
                f"{packing.batch}"
            )
        tape = self.new_tape() if tape is None else tape
        q = packing.blocks.of(queries)
        weights = softmax(self.score(q, k, tape) + memory["absent"][:, None, :])  # (1) (2)
        tape.q, tape.memory_read, tape.weights, tape.packing = q, memory, weights, packing
        return packing.blocks.rows_of(self.backend.xp.matmul(weights, k))  # (3)

    def backward(self, d_contexts: Array, tape: Tape) -> tuple[Array, Memory]:
        """Accumulate the parameters' gradients from dL/d(contexts); return dL/d(queries) and dL/d(memory)."""
        q, k, weights, blocks = tape.q, tape.memory_read["keys"], tape.weights, tape.packing.blocks
        xp = self.backend.xp
        dc = blocks.of_gradient(d_contexts, xp)
        dw = xp.matmul(dc, k.swapaxes(1, 2))  # (7)
        dk = xp.matmul(weights.swapaxes(1, 2), dc)  # (7)
        de = softmax_backward(dw, weights)  # (8)
        dq, dk_scored = self.score_backward(de, q, k, tape)
        dk += dk_scored
        return blocks.rows_of(dq), {"keys": dk}

    def weights(self, tape: Tape) -> list[np.ndarray[Any, Any]]:
        """Return w (2) of each target sentence, in packed order, (its words, the source's words), to be looked at."""
        whole = self.backend.to_numpy(tape.weights)
        words = (self.backend.to_numpy(tape.memory_read["absent"]) == 0).sum(axis=1)
        return [whole[b, :length, : words[b]] for b, length in enumerate(tape.packing.lengths)]


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
