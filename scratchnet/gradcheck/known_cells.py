"""Which of the library's cells a learner's cell is meant to be, judged by what its forward computes.

Names mislead; numbers do not. A learner's cell gets random weights, and so do the library's cells, the same ones, with
their gates in every order: the one whose states agree to the last digits is the reference. Where none does, those with
a known mistake in their forward pass are tried, too; forward.py says where it first differs.

Read next: known_library.py.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.known_library import CELLS, Cell, Recurrent, is_kind_of
from scratchnet.gradcheck.mistakes import Mistake, mistakes_of, mutant_of
from scratchnet.gradcheck.problem import Problem, Trial

SAME = 1e-10  # relative: two ways to write one formula differ by rounding only
LENGTHS, SEED, SCALE = (3, 2, 1), 17, 0.7


@dataclass(frozen=True)
class CellMatch:
    """A library cell that computes what a learner's cell computes.

    cell_class: the library's. order: for each gate of the library's which of the learner's stands in its place.
    state: the learner's names of the library's states. missing: parameters that the learner's has not (taken as zero).
    forward: the mistakes in its forward pass, with which alone it is alike. by_name: whether the gates stand in the
    places that their names say.
    """

    cell_class: type[Cell]
    order: tuple[int, ...]
    state: Mapping[str, str]
    missing: tuple[str, ...] = ()
    forward: tuple[Mistake, ...] = ()
    by_name: bool = False

    @property
    def in_order(self) -> bool:
        """Whether the learner's gates stand in the library's order."""
        return self.order == tuple(range(len(self.order)))

    def columns(self, array: Array, size: int) -> Array:
        """Return the gate blocks of `array` (..., G*H) in the library's order."""
        return array if self.in_order else np.concatenate(
            [array[..., k * size : (k + 1) * size] for k in self.order], axis=-1
        )  # fmt: skip


def equivalent_cell(cell: Any, match: CellMatch) -> Cell:
    """Return the library's cell with a learner's weights."""
    cell_found = match.cell_class(cell.input_size, cell.hidden_size, dtype="float64")
    if match.forward:
        cell_found.__class__ = mutant_of(tuple(edit for found in match.forward for edit in found.edits)).class_for(
            match.cell_class
        )
    given = cell.parameters()
    for name, array in cell_found.parameters().items():
        if name in match.missing:
            array[...] = 0.0
        elif array.shape[-1] == len(match.order) * cell.hidden_size:
            array[...] = match.columns(given[name], cell.hidden_size)
        else:
            array[...] = given[name]
    return cell_found


def find_cell_match(cell: Any) -> CellMatch | None:
    """Return the library's cell that computes the same states from the same weights, or None."""
    if not all(hasattr(cell, name) for name in ("input_size", "hidden_size", "parameters")):
        return None
    try:
        problem = Problem(Recurrent(cell), LENGTHS, SEED, SCALE)
        wanted = states_of(Trial(problem))
    except Exception:
        return None
    # A mistake in the forward pass is likelier than gates in another order than their names say.
    named: list[CellMatch] = []
    others: list[CellMatch] = []
    for match in possible_matches(problem.layer.cell):
        same_names = set(problem.layer.cell.gates) == set(match.cell_class.gates)
        (named if same_names and match.by_name else others).append(match)
    choices = [*named, *(wrong for match in named for wrong in _with_mistakes(match)), *others]
    choices += [wrong for match in others if match.in_order for wrong in _with_mistakes(match)]
    return next((match for match in choices if same_states(problem, match, wanted)), None)


def _with_mistakes(match: CellMatch) -> list[CellMatch]:
    """Return the same match with each known mistake in the forward pass."""
    known = mistakes_of([match.cell_class.__name__])
    return [replace(match, forward=(mistake,)) for mistake in known if mistake.forward]


def possible_matches(cell: Any) -> Iterator[CellMatch]:
    """Yield every way in which a cell may be one of the library's, the likeliest first."""
    bases = [base for name, base in CELLS.items() if is_kind_of(cell, name)]
    named = [base for base in CELLS.values() if type(cell).__name__ == base.__name__]
    classes = list(dict.fromkeys((*bases, *named, *CELLS.values())))
    fitting = [(found, missing) for found in classes if (missing := _missing(cell, found)) is not None]
    for found, missing in fitting:
        state = dict(zip(found.state, cell.state, strict=True))
        if set(cell.gates) == set(found.gates):
            order = tuple(cell.gates.index(gate) for gate in found.gates)
            yield CellMatch(found, order, state, missing, by_name=True)
        else:
            yield CellMatch(found, tuple(range(len(found.gates))), state, missing)
    for found, missing in fitting:
        state = dict(zip(found.state, cell.state, strict=True))
        for order in permutations(range(len(found.gates))):
            yield CellMatch(found, order, state, missing)


def _missing(cell: Any, found: type[Cell]) -> tuple[str, ...] | None:
    """Return the parameters of a library class that a cell has not; None where the two cannot be alike."""
    if len(found.state) != len(cell.state) or len(found.gates) != len(cell.gates):
        return None
    given = cell.parameters()
    wanted = found(cell.input_size, cell.hidden_size, dtype="float64").parameters()
    if any(name in given and given[name].shape != array.shape for name, array in wanted.items()):
        return None
    missing = tuple(name for name in wanted if name not in given)
    return missing if set(missing) <= {"b", "b_hn"} else None


def same_states(problem: Problem, match: CellMatch, wanted: Mapping[str, Array]) -> bool:
    """Tell whether the library's cell computes the states that are wanted, by the learner's names."""
    found = states_of(Trial(problem_for(problem, Recurrent(equivalent_cell(problem.layer.cell, match)), match)))
    for ours, theirs in match.state.items():
        largest = float(np.abs(wanted[theirs]).max())
        if not np.allclose(found[ours], wanted[theirs], rtol=0.0, atol=SAME * largest):
            return False
    return True


def problem_for(problem: Problem, layer: Any, match: CellMatch | None = None) -> Problem:
    """Return the same problem for another layer, its states under the names of that layer's cells."""
    changed = copy.copy(problem)
    changed.layer = layer
    for name in ("initial", "d_final"):
        given = getattr(problem, name)
        renamed = [
            dict(zip(cell.state, states.values(), strict=True))
            for states, cell in zip(given, layer.cells, strict=True)
        ]  # fmt: skip
        setattr(changed, name, renamed)
    return changed


def states_of(trial: Trial) -> dict[str, Array]:
    """Return all states that a forward of one cell leaves on its tape, (B + N, H) each, by name."""
    trial.forward()
    return {name: array.rows.copy() for name, array in vars(trial.tape.state).items()}
