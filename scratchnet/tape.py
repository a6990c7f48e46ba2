"""The tape: the explicit record of a forward pass, everything that the backward pass will read, by name.

    tape.saved.f[t]     the forget gate at step t, (n_t, H)
    tape.state.c[t]     the cell state *before* step t, and tape.state.c[t + 1] after it: slot 0 is the initial state
    tape.a_x[t]         the pre-activations' input share (a cell may add the recurrent share in place)
    tape.da_x[t]        after backward: dL/d(a_x), the gate-by-time map in which mistakes show

Buffers are allocated once and reused while they are large enough; a learner can print every one of them.

Read next: recurrent.py.
"""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from scratchnet.backend import Array, Backend
from scratchnet.errors import InputError
from scratchnet.packing import Packing


class StepArray:
    """The rows of all steps in one array, one block a step: `array[t]` is the view of step t.

    `array.rows` is the whole, and a slice such as `array[1:]` the rows of several successive steps.
    """

    def __init__(self, rows: Array, offsets: tuple[int, ...]) -> None:
        self.rows = rows
        self.offsets = offsets
        self.blocks = [rows[start:stop] for start, stop in pairwise(offsets)]

    def __len__(self) -> int:
        return len(self.blocks)

    def __getitem__(self, t: int | slice) -> Array:
        if not isinstance(t, slice):
            return self.blocks[t]
        start, stop, step = t.indices(len(self))
        if step != 1:
            raise InputError(f"steps can only be sliced one after the other, not by {step}")
        return self.rows[self.offsets[start] : self.offsets[max(start, stop)]]


class Buffers:
    """Named matrices that are used again and again, made anew only where one is too small or another."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}

    def take(self, name: str, rows: int, width: int, dtype: Any, backend: Backend) -> Array:
        """Return the first `rows` rows of the named buffer, (rows, width).

        What an old pass left in it is still there: whoever takes a buffer writes all of it.
        """
        found = self.arrays.get(name)
        if found is None or found.shape[0] < rows or found.shape[1] != width or found.dtype != dtype:
            found = self.arrays[name] = backend.xp.empty((rows, width), dtype=dtype)
        return found[:rows]


class Tape:
    """What one layer, in one direction, records of one forward pass and its backward pass."""

    def __init__(self) -> None:
        self.packing: Packing
        self.x: Any = None  # the input as the loop saw it: mirrored, for a layer that reads right to left
        self.state = SimpleNamespace()
        self.saved = SimpleNamespace()
        self.a_x: StepArray
        self.da_x: StepArray
        self.da_h: StepArray
        self._buffers = Buffers()

    def buffers(self) -> dict[str, Array]:
        """Return every buffer by name, whole (tests fill them with NaN between passes)."""
        return self._buffers.arrays

    def prepare(self, cell: Any, packing: Packing) -> None:
        """Lay the tape out for one pass of `cell` over sequences of this packing."""
        backend, dtype, size = cell.backend, cell.dtype, cell.hidden_size
        width = len(cell.gates) * size
        self.packing, self.state, self.saved = packing, SimpleNamespace(), SimpleNamespace()
        with_initial = (0, *(packing.batch + offset for offset in packing.offsets))
        for name in cell.state:
            rows = self._buffers.take("state." + name, packing.batch + packing.rows, size, dtype, backend)
            setattr(self.state, name, StepArray(rows, with_initial))
        for name in cell.saved:
            rows = self._buffers.take("saved." + name, packing.rows, size, dtype, backend)
            setattr(self.saved, name, StepArray(rows, packing.offsets))
        self.a_x = StepArray(self._buffers.take("a_x", packing.rows, width, dtype, backend), packing.offsets)
        self.da_x = StepArray(self._buffers.take("da_x", packing.rows, width, dtype, backend), packing.offsets)
        self.da_h = self.da_x
        if cell.separate_da_h:
            self.da_h = StepArray(self._buffers.take("da_h", packing.rows, width, dtype, backend), packing.offsets)

    def step(self, t: int) -> tuple[SimpleNamespace, SimpleNamespace, SimpleNamespace]:
        """Return (prev, new, saved) for step t, views by name, (n_t, H) each: what a cell's step reads and writes."""
        alive, states = self.packing.sizes[t], vars(self.state).items()
        prev = SimpleNamespace(**{name: state[t][:alive] for name, state in states})
        new = SimpleNamespace(**{name: state[t + 1] for name, state in states})
        return prev, new, SimpleNamespace(**{name: array[t] for name, array in vars(self.saved).items()})

    def previous(self, name: str) -> Array:
        """Return the state before each of the N rows, (N, H): `state[:-1]`, gathered where lengths differ."""
        rows = getattr(self.state, name).rows
        return rows[: self.packing.rows] if self.packing.equal else rows[self.packing.previous_rows]
