"""How a learner's arrays lie: batches as rows or as columns, time first or last, or one sentence at a time.

Inside this package a step's arrays are (n, D), one row a sentence, and a sequence's (n, T, D). Here they are laid out
as the learner's code wants them, and brought back.

Read next: learner_names.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.backend import Array


@dataclass(frozen=True)
class Layout:
    """One way to lay arrays out.

    name: for people. axes: of a sequence, as a permutation of (sentence, time, feature). column: a step's arrays are
    (D, n). each: one sentence at a time. flat: that sentence's steps are (D,), not (D, 1). listed: a list of steps.
    """

    name: str
    axes: tuple[int, int, int] = (0, 1, 2)
    column: bool = False
    each: bool = False
    flat: bool = False
    listed: bool = False

    def state(self, array: Array) -> Array:
        """Lay out (n, H): a state, or one step's input."""
        if self.flat:
            return array[0].copy()
        return np.ascontiguousarray(array.T) if self.column else array.copy()

    def state_back(self, array: Any) -> Array:
        """Bring a state back to (n, H)."""
        found = np.asarray(array)
        if self.flat:
            return found.reshape(1, -1)
        return found.T if self.column and found.ndim == 2 else found

    def sequence(self, array: Array) -> Any:
        """Lay out (n, T, D)."""
        if self.flat:
            return [step.copy() for step in array[0]] if self.listed else array[0].copy()
        laid = np.ascontiguousarray(array.transpose(self.axes))
        if self.each and not self.column:
            laid = laid.reshape(array.shape[1:])
        return list(laid) if self.listed else laid

    def sequence_back(self, found: Any, steps: int) -> Array:
        """Bring a sequence back to (n, T, H); raise ValueError where it is none."""
        if isinstance(found, dict):
            found = [found[t] for t in range(steps)]
        laid = np.stack(list(found)) if isinstance(found, (list, tuple)) else np.asarray(found)
        if self.flat or (self.each and not self.column and laid.ndim == 2):
            return laid.reshape(1, steps, -1)
        if laid.ndim != 3:
            raise ValueError(f"a sequence of shape {laid.shape}")
        return laid.transpose(tuple(int(k) for k in np.argsort(self.axes)))

    def masks(self, mask: Array) -> Iterable[Array]:
        """Yield the ways to lay a mask (n, T) out, the likeliest first."""
        first = mask if self.axes[0] == 0 or self.axes[0] == 2 else mask.T
        yield from (first.copy(), first[..., None].copy(), first.T.copy(), first.T[..., None].copy())


ROWS = Layout("rows: (batch, features)")
STEPS = (
    ROWS,
    Layout("columns: (features, batch)", column=True),
    Layout("one sentence at a time, its vectors flat", each=True, flat=True),
    Layout("one sentence at a time, its vectors columns", column=True, each=True),
)
SEQUENCES = (
    Layout("(batch, time, features)"),
    Layout("(time, batch, features)", (1, 0, 2)),
    Layout("(features, batch, time)", (2, 0, 1), column=True),
    Layout("(time, features, batch)", (1, 2, 0), column=True),
    Layout("a list of (batch, features)", (1, 0, 2), listed=True),
    Layout("a list of (features, batch)", (1, 2, 0), column=True, listed=True),
    Layout("one sentence at a time, (time, features)", each=True, flat=True),
    Layout("one sentence at a time, (time, features) and states (1, units)", (0, 1, 2), each=True),
    Layout("one sentence at a time, a list of vectors", each=True, flat=True, listed=True),
    Layout("one sentence at a time, a list of columns", (1, 2, 0), column=True, each=True, listed=True),
    Layout("one sentence at a time, (time, features, 1)", (1, 2, 0), column=True, each=True),
)
