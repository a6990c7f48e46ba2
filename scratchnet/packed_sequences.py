"""Packed ragged batches: sequences of different lengths without a single padding row.

The sequences of a batch are sorted by length, longest first. Step t then owns one contiguous block of rows, one for
each sequence still alive, and these are the *first* rows of the block of step t-1:

    lengths 3, 2, 2, 1        t=0: rows 0 1 2 3      t=1: rows 4 5 6      t=2: row 7
                                   a b c d                a b c                a

So `previous state` is a slice, there is no mask to forget, and nothing is ever computed for padding.
Equal lengths are the special case in which all blocks have the same size.

Source of the idea: packed sequences as in Torch's and cuDNN's recurrent networks.

Read next: tape.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from scratchnet.backend import NUMPY, Array, Backend
from scratchnet.errors import InputError


class Packing:
    """Where each step's rows lie, for sequences sorted by length.

    Attributes (B sequences, T steps, N = sum of the lengths rows):
        lengths: (B,) tuple, longest first, each at least 1.
        sizes: (T,) tuple, how many sequences are alive at step t.
        offsets: (T + 1,) tuple, the first row of step t; offsets[T] is N.
        batch, steps, rows: B, T and N.
        equal: whether all lengths are the same.
    """

    def __init__(self, lengths: Sequence[int], backend: Backend = NUMPY) -> None:
        self.lengths = tuple(int(length) for length in lengths)
        if not self.lengths:
            raise InputError("a batch needs at least one sequence")
        if self.lengths[-1] < 1 or any(a < b for a, b in pairwise(self.lengths)):
            raise InputError(f"lengths must be at least 1 and sorted, longest first; given {self.lengths[:8]}")
        self.backend = backend
        descending = np.array(self.lengths)
        self.batch, self.steps, self.rows = len(self.lengths), self.lengths[0], int(descending.sum())
        sizes = np.searchsorted(-descending, -np.arange(1, self.steps + 1), side="right")
        self.sizes = tuple(int(size) for size in sizes)
        self.offsets = (0, *(int(offset) for offset in np.cumsum(sizes)))
        self.equal = self.sizes[0] == self.sizes[-1]
        step = np.repeat(np.arange(self.steps), sizes)
        offsets = np.array(self.offsets)
        sequence = np.arange(self.rows) - offsets[step]
        # Row numbers in a state array, whose first B rows are the initial state ("slot 0").
        before = np.where(step == 0, sequence, self.batch + offsets[np.maximum(step - 1, 0)] + sequence)
        last = self.batch + offsets[descending - 1] + np.arange(self.batch)
        mirrored = offsets[descending[sequence] - 1 - step] + sequence
        self.previous_rows: Array = backend.asarray(before)
        self.last_rows: Array = backend.asarray(last)
        self.mirrored_rows: Array = backend.asarray(mirrored)

    def __repr__(self) -> str:
        return f"Packing(batch={self.batch}, steps={self.steps}, rows={self.rows})"

    @property
    def step_of_row(self) -> np.ndarray[Any, Any]:
        """(N,) the time step of each row."""
        return np.asarray(np.repeat(np.arange(self.steps), self.sizes))

    @property
    def sequence_of_row(self) -> np.ndarray[Any, Any]:
        """(N,) the sequence (in sorted order) of each row."""
        return np.asarray(np.arange(self.rows) - np.array(self.offsets)[self.step_of_row])

    @cached_property
    def blocks(self) -> Blocks:
        """Where each sequence's rows lie, one sequence after the other; made when it is first asked for."""
        return Blocks(self)

    def to(self, backend: Backend) -> Packing:
        """Return the same packing with its index arrays on `backend`."""
        return self if backend is self.backend else Packing(self.lengths, backend)


class Blocks:
    """Packed rows (N, ...) as one block (B, T, ...), a sequence a row, for products over whole sequences.

    After a sequence's end its last row stands again: nothing there may count.
    Attributes: after_end: (B, T), minus infinity there, and 0 elsewhere.
    """

    def __init__(self, packing: Packing) -> None:
        backend, steps = packing.backend, np.arange(packing.steps)
        lengths = np.array(packing.lengths)[:, None]
        rows = np.array(packing.offsets)[np.minimum(steps, lengths - 1)] + np.arange(packing.batch)[:, None]
        self.shape = packing.batch, packing.steps
        self.rows: Array = backend.asarray(rows)
        self.places: Array = backend.asarray(packing.sequence_of_row * packing.steps + packing.step_of_row)
        self.after_end: Array = backend.asarray(np.where(steps < lengths, 0.0, -np.inf).astype("float32"))

    def of(self, rows: Array) -> Array:
        """Return the block (B, T, ...) of packed rows (N, ...)."""
        return rows[self.rows]

    def rows_of(self, block: Array) -> Array:
        """Return the packed rows (N, ...) of a block (B, T, ...); what stands after a sequence's end is left out."""
        return block.reshape(-1, *block.shape[2:])[self.places]

    def of_gradient(self, d_rows: Array, xp: Any) -> Array:
        """Return the block (B, T, W) of dL/d(rows) (N, W): zeros after a sequence's end, where there is no row."""
        whole = xp.zeros((self.shape[0] * self.shape[1], d_rows.shape[1]), dtype=d_rows.dtype)
        whole[self.places] = d_rows
        return whole.reshape(*self.shape, d_rows.shape[1])


@lru_cache(maxsize=64)
def one_step(batch: int, backend: Backend) -> Packing:
    """Return the packing of `batch` sequences of length 1: what decoding needs at every word."""
    return Packing([1] * batch, backend)


def pack(sequences: Sequence[Any]) -> tuple[np.ndarray[Any, Any], Packing, np.ndarray[Any, Any]]:
    """Pack sequences (each (length,) token ids or (length, E) features) longest first.

    Returns (rows, packing, order): rows (N,) or (N, E) time-major; `order` (B,) with order[j] the position in
    `sequences` of packed sequence j (equal lengths keep their order). Raises InputError for an empty sequence.
    """
    arrays = [np.asarray(sequence) for sequence in sequences]
    lengths = np.array([len(array) for array in arrays], dtype=int)
    if not len(arrays) or lengths.min() < 1:
        raise InputError("every sequence of a batch needs at least one element; given an empty one")
    order = np.argsort(-lengths, kind="stable")
    packing = Packing(lengths[order].tolist())
    joined = np.concatenate([arrays[j] for j in order])
    starts = np.concatenate(([0], np.cumsum(lengths[order])[:-1]))
    return joined[starts[packing.sequence_of_row] + packing.step_of_row], packing, order


def unpack(rows: np.ndarray[Any, Any], packing: Packing, order: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """Undo `pack`: return the sequences in their original order."""
    sequence_of_row = packing.sequence_of_row
    found: list[Any] = [None] * packing.batch
    by_sequence = np.argsort(sequence_of_row, kind="stable")
    pieces = np.split(rows[by_sequence], np.cumsum(packing.lengths)[:-1])
    for position, piece in zip(order, pieces, strict=True):
        found[int(position)] = piece
    return found
