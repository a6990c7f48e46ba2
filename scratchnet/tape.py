"""The tape: the explicit record of a forward pass, everything that the backward pass will read, by name.

    tape.saved.f[t]     the forget gate at step t, (n_t, H)
    tape.state.c[t]     the cell state *before* step t, and tape.state.c[t + 1] after it: slot 0 is the initial state
    tape.a_x[t]         the pre-activations' input share (a cell may add the recurrent share in place), until backward
    tape.da_x[t]        after backward: dL/d(a_x), the gate-by-time map in which mistakes show, in the memory of a_x

Buffers are allocated once and reused while they are large enough; a learner can print every one of them.

Read next: segments.py, what is kept when memory is dear; then recurrent.py.
"""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from scratchnet.backend import Array, Backend
from scratchnet.backend.segments import SegmentArray, Segments
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
            found = self.arrays[name] = backend.multiplying(backend.xp.empty((rows, width), dtype=dtype))
        return found[:rows]


class Tape:
    """What one layer, in one direction, records of one forward pass and its backward pass."""

    def __init__(self) -> None:
        self.packing: Packing
        self.segments: Segments
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

    def prepare(self, cell: Any, packing: Packing, every: int = 0) -> None:
        """Lay the tape out for one pass of `cell` over sequences of this packing; `every`: see segments.py."""
        backend, dtype, size = cell.backend, cell.dtype, cell.hidden_size
        width = len(cell.gates) * size
        self.packing, self.state, self.saved = packing, SimpleNamespace(), SimpleNamespace()
        with_initial = (0, *(packing.batch + offset for offset in packing.offsets))
        passing = {*cell.state[1:], *cell.saved} - {*cell.accumulated}
        self.segments = Segments(packing, every if passing else 0)
        if not self.segments.several:
            passing = set()
        for name in cell.state:
            if name in passing:
                setattr(self.state, name, self._passing_state(cell, name))
                continue
            rows = self._buffers.take("state." + name, packing.batch + packing.rows, size, dtype, backend)
            setattr(self.state, name, StepArray(rows, with_initial))
        for name in cell.saved:
            if name in passing:
                setattr(self.saved, name, self._passing_saved(cell, name))
                continue
            rows = self._buffers.take("saved." + name, packing.rows, size, dtype, backend)
            setattr(self.saved, name, StepArray(rows, packing.offsets))
        self.da_x = StepArray(self._buffers.take("da_x", packing.rows, width, dtype, backend), packing.offsets)
        self.a_x = self.da_x  # what backward is handed holds no a_x: its memory is free once a step is done
        self.da_h = self.da_x
        if cell.separate_da_h:
            self.da_h = StepArray(self._buffers.take("da_h", packing.rows, width, dtype, backend), packing.offsets)

    def step(self, t: int) -> tuple[SimpleNamespace, SimpleNamespace, SimpleNamespace]:
        """Return (prev, new, saved) for step t, views by name, (n_t, H) each: what a cell's step reads and writes."""
        alive, states = self.packing.sizes[t], vars(self.state).items()
        prev = SimpleNamespace(**{name: state[t][:alive] for name, state in states})
        new = SimpleNamespace(**{name: state[t + 1] for name, state in states})
        return prev, new, SimpleNamespace(**{name: array[t] for name, array in vars(self.saved).items()})

    def _passing_saved(self, cell: Any, name: str) -> SegmentArray:
        segments, place = self.segments, (cell.hidden_size, cell.dtype, cell.backend)
        rows = self._buffers.take("segment.saved." + name, segments.rows_of(segments.every), *place)
        return segments.saved_array("saved." + name, rows)

    def _passing_state(self, cell: Any, name: str) -> SegmentArray:
        segments, place = self.segments, (cell.hidden_size, cell.dtype, cell.backend)
        rows = self._buffers.take("segment.state." + name, segments.rows_of(segments.every - 1), *place)
        kept = self._buffers.take("state." + name, segments.kept_offsets[-1], *place)
        self._buffers.take("last." + name, self.packing.batch, *place)
        return segments.state_array("state." + name, rows, kept)

    def keep_last(self, steps: range) -> None:
        """Copy, of states that are not all kept, those of the sequences that end within these steps."""
        sizes = (*self.packing.sizes, 0)
        for name, state in vars(self.state).items():
            for t in steps if isinstance(state, SegmentArray) else ():
                if sizes[t + 1] < sizes[t]:
                    self._buffers.arrays["last." + name][sizes[t + 1] : sizes[t]] = state[t + 1][sizes[t + 1] :]

    def last(self, name: str) -> Array:
        """Return a copy of each sequence's state after its own last step, (B, H)."""
        state = getattr(self.state, name)
        if isinstance(state, SegmentArray):
            return self._buffers.arrays["last." + name][: self.packing.batch].copy()
        return state.rows[self.packing.last_rows]

    def previous(self, name: str) -> Array:
        """Return the state before each of the N rows, (N, H): `state[:-1]`, gathered where lengths differ."""
        rows = getattr(self.state, name).rows
        return rows[: self.packing.rows] if self.packing.equal else rows[self.packing.previous_rows]
