"""The unrolled time loop, forward and back: backpropagation through time (Werbos 1990), for any cell.

    forward     t = 0 ... T-1      states(t) = cell(x(t), states(t-1)), recorded on the tape
    backward    t = T-1 ... 0      dL/d states(t) = the gradient of output t + the gradient from step t+1

Every gradient mistake in this file would be one of three: the gradient from step t+1 is forgotten, a state is taken
one step too late, or a short sequence's gradient enters at the wrong step.

`Recurrent` is one cell in one direction; stack.py puts several together behind the same interface:

    outputs, final = layer.forward(x, packing, initial, tape, rng)       outputs (N, output_size)
    dx, d_initial = layer.backward(d_outputs, d_final, tape)

`initial`, `final`, `d_initial` and `d_final` are lists with one {name: (B, H)} for each cell; None stands for zeros.

Read next: packed_sequences.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.errors import InputError
from scratchnet.packed_sequences import Packing
from scratchnet.parameters import Module
from scratchnet.tape import RecurrentTape

States = list[dict[str, Array]]


class Recurrent(Module):
    """One cell unrolled over time, left to right, or right to left when `reverse`.

    `cell` is any object with the contract of cells/base.py. recompute_every: k to keep the states at every k-th step
    only and to compute the steps between once more in backward (backend/recompute.py), 0 to keep all; the gradients
    are the same to the bit. Raises InputError for a k that is not a whole number of 0 or more.
    """

    def __init__(self, cell: Any, *, reverse: bool = False, recompute_every: int = 0) -> None:
        super().__init__(cell.backend, cell.dtype)
        self.cell = cell
        self.reverse = reverse
        self.recompute_every = check_recompute_every(recompute_every)
        self.input_size: int = cell.input_size
        self.output_size: int = cell.hidden_size

    @property
    def cells(self) -> list[Any]:
        """The cells of this layer, in the order of its states."""
        return [self.cell]

    def children(self) -> dict[str, Module]:
        return {"": self.cell}

    def new_tape(self) -> RecurrentTape:
        """Return an empty tape for this layer."""
        return RecurrentTape()

    def forward(
        self,
        x: Any,
        packing: Packing,
        initial: States | None = None,
        tape: RecurrentTape | None = None,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, States]:
        """Run the cell over all steps of x (N, E), dense or one-hot rows.

        Returns the first state after every step, (N, H) in the order of x, and each sequence's states after its own
        last step, each (B, H). Raises InputError where shapes do not fit.
        """
        check_input(x, packing, self.input_size)
        tape = self.new_tape() if tape is None else tape
        tape.prepare(self.cell, packing, self.recompute_every)
        tape.x = x[packing.mirrored_rows] if self.reverse else x
        self.cell.project_inputs(tape.x, tape.a_x.rows)
        return self.unroll(packing, initial, tape)

    def unroll(self, packing: Packing, initial: States | None, tape: RecurrentTape) -> tuple[Array, States]:
        """Run the time loop on a prepared tape whose a_x holds the projected inputs."""
        cell = self.cell
        start = zero_states(self.cells, packing) if initial is None else check_states(initial, self.cells, packing)
        for name in cell.state:
            getattr(tape.state, name)[0][...] = start[0][name]
        for steps in tape.segments.runs:  # all steps at once, unless recompute_every saves memory
            self.run(steps, tape)
            tape.keep_last(steps)
        outputs = getattr(tape.state, cell.state[0])[1:]
        final = {name: tape.last(name) for name in cell.state}
        return outputs[packing.mirrored_rows] if self.reverse else outputs, [final]

    def run(self, steps: range, tape: RecurrentTape) -> None:
        """Run these steps forward, and remember that the tape holds them."""
        tape.segments.held = steps
        self.backend.time_loop(self.forward_steps, self.cell, tape, steps)

    def forward_steps(self, tape: RecurrentTape, steps: range) -> None:
        """Run the steps, first to last; each reads the states that the one before it wrote."""
        cell = self.cell
        for t in steps:
            prev, new, saved = tape.step(t)
            cell.forward_step(tape.a_x[t], prev, new, saved)

    def backward(
        self, d_outputs: Array | None, d_final: States | None, tape: RecurrentTape, need_dx: bool = True
    ) -> tuple[Array | None, States]:
        """Run the loop backwards and accumulate the cell's gradients.

        d_outputs is dL/d(outputs) (N, H), d_final dL/d(final); None, or a state that is left out, stands for zero.
        Returns dL/dx (N, E), or None for one-hot rows or where not needed, and dL/d(initial).
        Raises InputError for states that do not fit, and NotRecordedError before any forward pass.
        """
        cell, packing = self.cell, tape.packing
        if d_outputs is not None and self.reverse:
            d_outputs = d_outputs[packing.mirrored_rows]
        # The row of a short sequence waits here, holding its d_final, until the loop reaches that sequence's last step.
        d = check_states(with_zeros(d_final, self.cells, packing), self.cells, packing)
        d_all = {name: d[0][name].copy() for name in cell.state}
        if tape.segments.several:
            cell.project_inputs(tape.x, tape.a_x.rows)  # all rows again: another shape might be rounded otherwise
        for steps in reversed(tape.segments.runs):
            if steps != tape.segments.held:
                self.run(steps, tape)
            self.backend.time_loop(self.backward_steps, cell, tape, steps, d_all, d_outputs)
        dx = None
        if need_dx and isinstance(tape.x, self.backend.xp.ndarray):
            dx = self.backend.xp.empty((packing.rows, self.input_size), dtype=self.dtype)
        cell.accumulate_gradients(tape.x, tape, dx)
        if dx is not None and self.reverse:
            dx = dx[packing.mirrored_rows]
        return dx, [d_all]

    def backward_steps(
        self, tape: RecurrentTape, steps: range, d_all: dict[str, Array], d_outputs: Array | None
    ) -> None:
        """Run the steps, last to first; `d_all`, dL/d(last states) on entry, is dL/d(first) on exit."""
        cell, packing = self.cell, tape.packing
        for t in reversed(steps):
            alive, first = packing.sizes[t], packing.offsets[t]
            d_step = SimpleNamespace(**{name: d_all[name][:alive] for name in cell.state})
            if d_outputs is not None:
                output = getattr(d_step, cell.state[0])
                output += d_outputs[first : first + alive]  # the gradient of output t + the gradient from step t+1
            prev, new, saved = tape.step(t)
            cell.backward_step(d_step, prev, new, saved, tape.da_x[t], tape.da_h[t])


def check_recompute_every(every: Any) -> int:
    """Return `every` where it is a whole number of 0 or more; raise InputError where not."""
    if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 0:
        raise InputError(f"recompute_every is {every!r}: it must be a whole number of steps, or 0 to keep every step")
    return int(every)


def select_rows(states: States, rows: Any) -> States:
    """Return these rows of every state: an index array (another order, or copies), or a slice."""
    return [{name: state[rows] for name, state in one.items()} for one in states]


def zero_states(cells: Sequence[Any], packing: Packing) -> States:
    """Return states of zeros, (B, H) each, for every cell."""
    return [
        {name: c.backend.xp.zeros((packing.batch, c.hidden_size), dtype=c.dtype) for name in c.state} for c in cells
    ]


def with_zeros(d_states: States | None, cells: Sequence[Any], packing: Packing) -> States:
    """Return the gradients of all states, zeros where none is given. Raises InputError for an unknown state."""
    zeros = zero_states(cells, packing)
    if d_states is None:
        return zeros
    for k, (given, cell) in enumerate(zip(d_states, cells, strict=False)):
        for name in given.keys() - {*cell.state}:
            raise InputError(f"cell {k} has no state {name!r}: its states are {', '.join(cell.state)}")
    return [zero | given for zero, given in zip(zeros, d_states, strict=False)] + d_states[len(cells) :]


def check_states(states: States, cells: Sequence[Any], packing: Packing) -> States:
    """Return `states`, or raise InputError saying which one has a wrong name or shape."""
    if len(states) != len(cells):
        raise InputError(f"{len(states)} states given for {len(cells)} cells: one dictionary for each cell is wanted")
    for k, (given, cell) in enumerate(zip(states, cells, strict=True)):
        wanted = (packing.batch, cell.hidden_size)
        for name in cell.state:
            if name not in given:
                raise InputError(f"state {name!r} of cell {k} is missing: given {sorted(given)}")
            if tuple(given[name].shape) != wanted:
                raise InputError(f"state {name!r} of cell {k} has shape {tuple(given[name].shape)}, wanted {wanted}")
    return states


def check_input(x: Any, packing: Packing, input_size: int) -> None:
    """Raise InputError unless x is (N, input_size)."""
    wanted = (packing.rows, input_size)
    if tuple(x.shape) != wanted:
        raise InputError(f"x has shape {tuple(x.shape)}, wanted {wanted}: one row for every real step of the batch")
