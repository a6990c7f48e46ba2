"""The tape: the explicit record of a forward pass, everything that the backward pass will read, by name.

Every module has `new_tape()`. Its forward pass writes to the tape, its backward pass reads it, and the tapes of its
parts are attributes: `tape.encoder.embedding.ids`. The tape of a recurrent layer holds a row for every step:

    tape.saved.f[t]     the forget gate at step t, (n_t, H)
    tape.state.c[t]     the cell state *before* step t, and tape.state.c[t + 1] after it: slot 0 is the initial state
    tape.a_x[t]         the pre-activations' input share (a cell may add the recurrent share in place), until backward
    tape.da_x[t]        after backward: dL/d(a_x), gate by gate and step by step, in the memory of a_x

Buffers are allocated once and reused while they are large enough; a learner can print every one of them.

Read next: cells/base.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from scratchnet.backend import Array, Backend, SegmentArray, Segments
from scratchnet.errors import InputError
from scratchnet.packed_sequences import Packing


class NotRecordedError(InputError, AttributeError):
    """Something is read from a tape that no forward pass has written."""


class Buffers:
    """Named matrices that are allocated once and used again while they are large enough."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}

    def take(self, name: str, rows: int, width: int, dtype: Any, backend: Backend) -> Array:
        """Return the first `rows` rows of the named buffer, (rows, width); they hold whatever an earlier pass left."""
        found = self.arrays.get(name)
        if found is None or found.shape[0] < rows or found.shape[1] != width or found.dtype != dtype:
            found = self.arrays[name] = backend.empty((rows, width), dtype)
        return found[:rows]


class Tape:
    """What one module records in its forward pass for its backward pass, by name.

    Arguments:
        parts: the tapes of the module's parts, by their names in `children()`; each is an attribute.
    Reading a name that no forward pass has recorded raises NotRecordedError. A tape is reused for the next batch.
    """

    def __init__(self, parts: Mapping[str, Tape] | None = None) -> None:
        self.parts: dict[str, Any] = dict(parts or {})
        self.memory = Buffers()

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        parts = vars(self).get("parts", {})
        if name not in parts:
            raise NotRecordedError(f"the tape has no {name!r}: backward needs a forward pass first, on the same tape")
        return parts[name]

    def buffers(self) -> dict[str, Array]:
        """Return every buffer by name, whole (tests fill them with NaN between passes)."""
        return self.memory.arrays


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


class RecurrentTape(Tape):
    """The tape of one recurrent layer, in one direction.

    packing: of the sequences. x: the input as the loop reads it (reversed for a layer that reads right to left).
    state, saved: a StepArray for each name in the cell's `state` and `saved`. a_x, da_x, da_h: StepArrays.
    segments: which steps are kept; one segment, unless memory is saved (backend/recompute.py).
    """

    packing: Packing
    segments: Segments
    x: Any
    state: SimpleNamespace
    saved: SimpleNamespace
    a_x: StepArray
    da_x: StepArray
    da_h: StepArray

    def prepare(self, cell: Any, packing: Packing, every: int = 0) -> None:
        """Allocate the tape for one pass of `cell` over sequences of this packing; every: see `Recurrent`."""
        width = len(cell.gates) * cell.hidden_size
        self.packing, self.state, self.saved = packing, SimpleNamespace(), SimpleNamespace()
        with_initial = (0, *(packing.batch + offset for offset in packing.offsets))
        dropped = {*cell.state[1:], *cell.saved} - {*cell.accumulated}  # between the checkpoints, if there are any
        self.segments = Segments(packing, every if dropped else 0)
        for name in cell.state:
            rows = packing.batch + packing.rows
            kept = not self.segments.several or name not in dropped
            array = self._steps(cell, "state." + name, rows, with_initial) if kept else self._segment_state(cell, name)
            setattr(self.state, name, array)
        for name in cell.saved:
            kept = not self.segments.several or name not in dropped
            array = (
                self._steps(cell, "saved." + name, packing.rows, packing.offsets)
                if kept
                else self._segment_saved(cell, name)
            )
            setattr(self.saved, name, array)
        self.da_x = self._steps(cell, "da_x", packing.rows, packing.offsets, width)
        self.a_x = self.da_x  # what backward is handed holds no a_x: its memory is free once a step is done
        self.da_h = self.da_x
        if cell.separate_da_h:
            self.da_h = self._steps(cell, "da_h", packing.rows, packing.offsets, width)

    def step(self, t: int) -> tuple[SimpleNamespace, SimpleNamespace, SimpleNamespace]:
        """Return (prev, new, saved) for step t, views by name, (n_t, H) each: what a cell's step reads and writes."""
        alive, states = self.packing.sizes[t], vars(self.state).items()
        prev = SimpleNamespace(**{name: state[t][:alive] for name, state in states})
        new = SimpleNamespace(**{name: state[t + 1] for name, state in states})
        return prev, new, SimpleNamespace(**{name: array[t] for name, array in vars(self.saved).items()})

    def last(self, name: str) -> Array:
        """Return a copy of each sequence's state after its own last step, (B, H)."""
        state = getattr(self.state, name)
        if isinstance(state, SegmentArray):
            return self.memory.arrays["last." + name][: self.packing.batch].copy()
        return state.rows[self.packing.last_rows]

    def previous(self, name: str) -> Array:
        """Return the state before each of the N rows, (N, H): `state[:-1]`, gathered where lengths differ."""
        rows = getattr(self.state, name).rows
        return rows[: self.packing.rows] if self.packing.equal else rows[self.packing.previous_rows]

    def keep_last(self, steps: range) -> None:
        """Copy, of states that are not all kept, those of the sequences that end within these steps."""
        sizes = (*self.packing.sizes, 0)
        for name, state in vars(self.state).items():
            for t in steps if isinstance(state, SegmentArray) else ():
                if sizes[t + 1] < sizes[t]:
                    self.memory.arrays["last." + name][sizes[t + 1] : sizes[t]] = state[t + 1][sizes[t + 1] :]

    def _take(self, cell: Any, name: str, rows: int, width: int = 0) -> Array:
        return self.memory.take(name, rows, width or cell.hidden_size, cell.dtype, cell.backend)

    def _steps(self, cell: Any, name: str, rows: int, offsets: tuple[int, ...], width: int = 0) -> StepArray:
        return StepArray(self._take(cell, name, rows, width), offsets)

    def _segment_saved(self, cell: Any, name: str) -> SegmentArray:
        segments = self.segments
        rows = self._take(cell, "segment.saved." + name, segments.rows_of(segments.every))
        return segments.saved_array("saved." + name, rows)

    def _segment_state(self, cell: Any, name: str) -> SegmentArray:
        segments = self.segments
        rows = self._take(cell, "segment.state." + name, segments.rows_of(segments.every - 1))
        kept = self._take(cell, "state." + name, segments.kept_offsets[-1])
        self._take(cell, "last." + name, self.packing.batch)
        return segments.state_array("state." + name, rows, kept)
