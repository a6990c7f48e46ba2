"""What one run of a harness has shown: the loss and the gradients; on a tape, every value and its derivatives.

Read next: subject.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Recorder, Tape, plain
from scratchnet.gradcheck.subjects.module_state import as_numbers
from scratchnet.gradcheck.subjects.tool import Tool


@dataclass
class Result:
    """One run: the loss and the gradients by the place of their array in the order; the error that stopped it.

    given: the gradients as they were returned, also what is no array of numbers.
    """

    loss: float = float("nan")
    gradients: dict[int, Any] = field(default_factory=dict)
    given: dict[int, Any] = field(default_factory=dict)
    error: BaseException | None = None


@dataclass
class TracedRun:
    """A run of instrumented code: what it reported, and dL/d(entry) by the entry's number.

    border: the rank of the last value before the loss was there. upstream: the gradients from above, leaves of the
    tape on which the loss does not depend. loss, leaves, given: the numbers of the loss, the arrays, the gradients.
    forward: how many lines of the tape there were before the loss.
    """

    result: Result
    recorder: Recorder
    tape: Tape
    returned: dict[int, Any]
    border: int
    upstream: list[Any]
    loss: Any
    leaves: dict[int, Array]
    given: Array
    forward: int

    @cached_property
    def adjoints(self) -> Array:
        """The derivative of the loss in every entry, by number."""
        return self.tape.adjoints(self.loss)

    @cached_property
    def gradients(self) -> dict[int, Array]:
        """The derivative in each array."""
        return {place: self.adjoints[numbers] for place, numbers in self.leaves.items()}

    @cached_property
    def reaches(self) -> Array:
        """Whether the loss depends on an entry."""
        return np.asarray(self.adjoints != 0)

    @cached_property
    def serves(self) -> Array:
        """Whether a gradient depends on an entry."""
        return np.asarray(self.tape.adjoints(self.given, np.cos(np.arange(len(self.given)) + 1.0)) != 0)

    def uses(self, place: int) -> bool:
        """Tell whether the forward computes anything with an array, even if the loss does not depend on it."""
        lines = self.tape.lines[: self.forward]
        return any(np.isin(operand, self.leaves[place]).any() for line in lines for operand, _ in line.operands)


def result_of(tool: Tool, pairs: list[tuple[int, Any]]) -> Result:
    """Return what a tool has taken in a run: the loss, and of the pairs the gradients."""
    given = {place: plain(gradient) for place, gradient in pairs}
    return Result(float(plain(tool.value)), {place: as_numbers(one) for place, one in given.items()}, given)
