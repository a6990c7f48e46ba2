"""What a layer is checked on: a ragged batch, random states, and a loss to which every output and state contributes.

    (1)  L = sum(outputs * U) + sum(final states * V)         U, V random: no output and no state can hide an error

Sizes are pairwise distinct, so that no wrong transpose fits by luck; lengths differ and repeat; one sequence has a
single step. Weights are drawn from N(0, scale), inputs and initial states from N(0, 1): a gradient taken at zero
states lets half of all mistakes through.

Read next: numerical.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from scratchnet.backend import NUMPY, Array, Backend
from scratchnet.errors import InputError
from scratchnet.gradcheck.known_library import Packing, known
from scratchnet.gradcheck.numerical import Target
from scratchnet.recurrent import States
from scratchnet.tape import RecurrentTape, Tape

Gradients = dict[str, np.ndarray[Any, Any]]

PROJECTED = "a_x"
LENGTHS = (5, 3, 3, 1)


class CheckStopped(Exception):
    """The check cannot go on; the message is the one line that says why."""


class Problem:
    """A layer with drawn weights, and everything that enters its forward and its backward, in float64 on NumPy."""

    def __init__(self, layer: Any, lengths: Sequence[int], seed: int, scale: float) -> None:
        check_seed(seed)
        if not (np.isfinite(scale) and scale > 0):
            raise InputError(f"the scale of the weights is {scale!r}: it must be a number above zero")
        rng = np.random.default_rng([seed, 1])
        self.seed, self.scale = seed, scale
        self.packing = Packing(lengths)
        self.layer = layer.to(NUMPY, "float64")
        for array in self.layer.parameters().values():
            array[...] = rng.normal(0.0, scale, array.shape)
        self.x = rng.standard_normal((self.packing.rows, layer.input_size))
        self.initial = self._states(rng)
        self.d_outputs = rng.standard_normal((self.packing.rows, layer.output_size))
        self.d_final = self._states(rng)
        # A layer may start states at zero itself, keep the last ones to itself, or return no gradient of the first.
        self.unreturned_states = frozenset(f"initial {name}" for name in getattr(layer, "unreturned_states", ()))
        for states, names in (
            (self.initial, getattr(layer, "zeroed_states", ())),
            (self.d_final, getattr(layer, "states_without_upstream", ())),
        ):
            for name in names:
                states[0][name][...] = 0.0

    def _states(self, rng: np.random.Generator) -> States:
        return [
            {name: rng.standard_normal((self.packing.batch, cell.hidden_size)) for name in cell.state}
            for cell in self.layer.cells
        ]


class Trial:
    """The problem in one dtype on one backend: a copy of the layer, of the inputs, and a tape of its own."""

    def __init__(self, problem: Problem, dtype: Any = "float64", backend: Backend = NUMPY) -> None:
        self.problem, self.backend = problem, backend
        self.layer = problem.layer.to(backend, dtype)
        self.packing = problem.packing.to(backend)
        self.x: Array = self._own(problem.x, dtype)
        self.d_outputs: Array = self._own(problem.d_outputs, dtype)
        self.initial = self._own_states(problem.initial, dtype)
        self.d_final = self._own_states(problem.d_final, dtype)
        self.tape = self.layer.new_tape()
        self.projected: Array = None

    def _own(self, array: Array, dtype: Any) -> Array:
        return self.backend.asarray(np.array(array, dtype=dtype))

    def _own_states(self, states: States, dtype: Any) -> States:
        return [{name: self._own(array, dtype) for name, array in cell.items()} for cell in states]

    def forward(self) -> tuple[Array, States]:
        """Run the layer; dropout, where it has some, draws the same masks every time."""
        rng = np.random.default_rng(self.problem.seed)
        outputs, final = self.layer.forward(self.x, self.packing, self.initial, self.tape, rng)
        return outputs, final

    def loss(self) -> Any:
        """Return (1)."""
        return self._weigh(*self.forward())

    def project(self) -> None:
        """Lay the tape out and keep a_x = x W_ih + b, from which `loss_of_projected` starts."""
        self.tape.prepare(self.layer.cell, self.packing)
        x = self.x[self.packing.mirrored_rows] if self.layer.reverse else self.x
        self.layer.cell.project_inputs(x, self.tape.a_x.rows)
        self.projected = self.tape.a_x.rows.copy()

    def loss_of_projected(self) -> Any:
        """Return (1) as a function of a_x."""
        self.tape.a_x.rows[...] = self.projected
        return self._weigh(*self.layer.unroll(self.packing, self.initial, self.tape))

    def _weigh(self, outputs: Array, final: States) -> Any:
        total = (outputs * self.d_outputs).sum()
        for states, d_states in zip(final, self.d_final, strict=True):
            for name, d in d_states.items():
                total = total + (states[name] * d).sum()
        return total

    def targets(self, with_map: bool = True) -> dict[str, Target]:
        """Return what the loss is differentiated in: parameters, x, initial states and, for a single cell, a_x."""
        arrays = {**self.layer.parameters(), "x": self.x, **named_states(self.initial)}
        returned = {name: array for name, array in arrays.items() if name not in self.problem.unreturned_states}
        found: dict[str, Target] = {name: (self.loss, array) for name, array in returned.items()}
        if with_map and hasattr(self.layer, "unroll"):
            self.project()
            found[PROJECTED] = (self.loss_of_projected, self.projected)
        return found

    def backward(self, zero: bool = True) -> Gradients:
        """Run backward for the pass on the tape; return copies of all gradients on the host, named as in `targets`."""
        if zero:
            self.layer.zero_gradients()
        dx, d_initial = self.layer.backward(self.d_outputs, self.d_final, self.tape)
        found = {**self.layer.gradients(), "x": dx, **named_states(d_initial)}
        if hasattr(self.layer, "unroll"):
            found[PROJECTED] = self.tape.da_x.rows
        returned = {name: array for name, array in found.items() if name not in self.problem.unreturned_states}
        return {name: np.array(self.backend.to_numpy(array)) for name, array in returned.items()}


def check_seed(seed: int) -> None:
    """Raise InputError unless `seed` is a whole number that random numbers can start from."""
    if not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError(f"the seed is {seed!r}: it must be a whole number, zero or above")


def counts_of(problem: Problem) -> dict[str, int]:
    """Return what there is how many of, by name: constant factors are such numbers."""
    packing = problem.packing
    return {
        "real time steps of all sequences": packing.rows,
        "sequences": packing.batch,
        "time steps": packing.steps,
        "time steps with padding": packing.batch * packing.steps,
        "hidden units": problem.layer.output_size,
    }


def named_states(states: States) -> dict[str, Array]:
    """Return the states as one flat dictionary: "initial h", with the cell's number where there are several."""
    return {
        f"initial {name}" if len(states) == 1 else f"initial {k}.{name}": array
        for k, cell in enumerate(states)
        for name, array in cell.items()
    }


def tapes(tape: Tape) -> Iterator[RecurrentTape]:
    """Yield the tape of every recurrent layer inside a layer's or a model's tape."""
    if isinstance(tape, (RecurrentTape, known("tape.py", "RecurrentTape"))):
        yield tape
    for part in tape.parts.values():
        yield from tapes(part)


def poison(tape: Any, which: str = "", value: float = np.nan) -> None:
    """Fill a tape's buffers, those whose names begin so, with NaN: what is read before it is written will show."""
    for found in tapes(tape):
        for name, buffer in found.buffers().items():
            if name.startswith(which):
                buffer[...] = value
