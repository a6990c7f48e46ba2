"""Gradient checkpointing through time: keep the states at every k-th step, and recompute the steps between in backward.

    forward     segment after segment of k steps. What a step saves lies in memory that each segment reuses; of the
                states, the outputs are kept, and of the others the first of each segment, its checkpoint
    backward    from the last segment to the first: run it forward again from its checkpoint, then back

The same products of the same numbers are computed, so every gradient is the same to the bit. What a cell reads of all
steps at once, in accumulate_gradients, it names in `accumulated`, and that is kept, too.

Source: for recurrent networks Gruslys et al. (2016), in general Griewank and Walther (2000).

Read next: numpy_backend.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, NoReturn

from scratchnet.errors import InputError

Array = Any


class Segments:
    """The steps of a packing in runs of `every`, or all in one where that is 0 or not below the number of steps.

    runs: a range of steps for each segment. held: the one whose steps are on the tape.
    """

    def __init__(self, packing: Any, every: int) -> None:
        steps = packing.steps
        self.packing = packing
        self.every = every if 0 < every < steps else steps
        self.runs = [range(first, min(first + self.every, steps)) for first in range(0, steps, self.every)]
        self.held = self.runs[-1]

    @property
    def several(self) -> bool:
        """Whether there is more than one segment, that is, whether anything has to be computed again."""
        return len(self.runs) > 1

    @property
    def kept_offsets(self) -> tuple[int, ...]:
        """Where each segment's first state begins, and where the last one ends, among the rows of those kept."""
        sizes = (self.packing.batch, *self.packing.sizes)
        return (0, *accumulate(sizes[:: self.every]))

    def rows_of(self, steps: int) -> int:
        """Return how many rows the first `steps` steps of a segment have at most: those of the first segment."""
        return int(self.packing.offsets[steps])

    def blocks(self, rows: Array) -> list[Array]:
        """Return a view of `rows` for each step; steps of different segments share the memory."""
        offsets, sizes = self.packing.offsets, self.packing.sizes
        starts = [offsets[t] - offsets[t - t % self.every] for t in range(len(sizes))]
        return [rows[start : start + alive] for start, alive in zip(starts, sizes, strict=True)]

    def saved_array(self, name: str, rows: Array) -> SegmentArray:
        """Return the steps of something saved, in `rows` for the steps of one segment."""
        return SegmentArray(self, name, self.blocks(rows), checkpoints=False)

    def state_array(self, name: str, rows: Array, kept: Array) -> SegmentArray:
        """Return the slots of a state: each segment's first one in `kept`, the others in `rows`."""
        checkpoints = [kept[start:stop] for start, stop in pairwise(self.kept_offsets)]
        slots = [checkpoints[0], *self.blocks(rows)]
        slots[:: self.every] = checkpoints
        return SegmentArray(self, name, slots, checkpoints=True)


class SegmentArray:
    """The counterpart of a StepArray whose steps are not all there: `array[t]` is the view of a step that is."""

    def __init__(self, segments: Segments, name: str, blocks: Sequence[Array], *, checkpoints: bool) -> None:
        self.segments, self.name, self.blocks, self.checkpoints = segments, name, blocks, checkpoints

    def __len__(self) -> int:
        return len(self.blocks)

    def __getitem__(self, t: int | slice) -> Array:
        if isinstance(t, slice):
            self._refuse()
        t, segments = range(len(self.blocks))[t], self.segments
        if self.checkpoints and t % segments.every == 0:
            return self.blocks[t]
        if t - self.checkpoints not in segments.held:  # slot t of a state is what step t - 1 wrote
            here = f"steps {segments.held[0]} to {segments.held[-1]}"
            raise InputError(f"{self.name}[{t}] is not kept with recompute_every={segments.every}: {here} are here now")
        return self.blocks[t]

    @property
    def rows(self) -> Array:
        """Raise InputError: the rows of all steps are not there."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise InputError(
            f"{self.name} is kept for {self.segments.every} steps only (recompute_every): a cell that reads all of it "
            f'in accumulate_gradients must say so, accumulated = ("{self.name.split(".")[-1]}",)'
        )
