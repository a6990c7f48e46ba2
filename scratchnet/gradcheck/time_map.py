"""The gate-by-time map: where in the unrolled network the gradient goes wrong.

dL/d(a_x), the gradient of what stands before each gate's nonlinearity, is known analytically (tape.da_x) and can be had
numerically by varying a_x itself. Backpropagation runs from the last step to the first, and so does every mistake: it
shows at the step where it is made and at all *earlier* ones. Read backwards, the first wrong entry is the place.

In a ragged batch each sequence has a last step of its own; the map therefore knows the sequences, too.

Read next: watched_cell.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.compare import Tolerance, constant_ratio
from scratchnet.packed_sequences import Packing


@dataclass(frozen=True)
class TimeMap:
    """Errors of dL/d(a_x) by gate, step and sequence. G gates, T steps, B sequences, N rows, H units.

    gates: the names. packing: of the batch. analytic, numeric: (N, G*H). tolerance: what they were measured with.
    errors: (G, T) for all sequences of a step together. wrong: (G, T, B), False where a sequence is not alive.
    """

    gates: tuple[str, ...]
    packing: Packing
    analytic: Array
    numeric: Array
    tolerance: Tolerance
    errors: Array
    wrong: Array

    @property
    def clean(self) -> bool:
        """Whether no entry is wrong."""
        return not self.wrong.any()

    @property
    def wrong_places(self) -> Array:
        """(G, T) where some sequence is wrong."""
        return self.wrong.any(axis=2)

    def from_the_end(self, distance: int) -> Array:
        """Return (G, B): what is wrong `distance` steps before each sequence's last step; False before its first."""
        found = np.zeros((len(self.gates), self.packing.batch), dtype=bool)
        for sequence, length in enumerate(self.packing.lengths):
            if length > distance:
                found[:, sequence] = self.wrong[:, length - 1 - distance, sequence]
        return found

    def block(self, array: Array, gate: str, t: int, sequences: Array | None = None) -> Array:
        """Return one gate's columns of the rows of step t in `array` (N, G*H); only those of `sequences`, if given."""
        rows = array[self.packing.offsets[t] : self.packing.offsets[t + 1]]
        size = array.shape[1] // len(self.gates)
        k = self.gates.index(gate)
        columns = rows[:, k * size : (k + 1) * size]
        return columns if sequences is None else columns[sequences]

    def ratio(self, gates: list[str], t: int, sequences: Array) -> float | None:
        """Return the one factor between analytic and numeric in all these places, or None."""
        analytic, numeric = (
            np.concatenate([self.block(array, gate, t, sequences) for gate in gates])
            for array in (self.analytic, self.numeric)
        )
        return constant_ratio(analytic, numeric, self.tolerance)

    def held_by(self, gate: str, t: int, sequences: Array) -> str | None:
        """Return the other gate whose true gradient stands where `gate`'s should, if there is one."""
        analytic = self.block(self.analytic, gate, t, sequences)
        for other in self.gates:
            truth = self.block(self.numeric, other, t, sequences)
            if other != gate and np.any(truth) and self.tolerance.passes(self.tolerance.error(analytic, truth)):
                return other
        return None


def draw_map(
    gates: tuple[str, ...], packing: Packing, analytic: Array, numeric: Array, tolerance: Tolerance
) -> TimeMap:
    """Return the map for the two gradients of a_x, each (N, G*H)."""
    size = numeric.shape[1] // len(gates)
    errors = np.zeros((len(gates), packing.steps))
    wrong = np.zeros((len(gates), packing.steps, packing.batch), dtype=bool)
    for k in range(len(gates)):
        columns = slice(k * size, (k + 1) * size)
        for t, alive in enumerate(packing.sizes):
            rows = slice(packing.offsets[t], packing.offsets[t + 1])
            errors[k, t] = tolerance.error(analytic[rows, columns], numeric[rows, columns])
            for sequence in range(alive):
                row = packing.offsets[t] + sequence
                wrong[k, t, sequence] = not tolerance.passes(
                    tolerance.error(analytic[row, columns], numeric[row, columns])
                )
    return TimeMap(gates, packing, analytic, numeric, tolerance, errors, wrong)
