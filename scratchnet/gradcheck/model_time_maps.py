"""The gate-by-time maps of all cells inside a model or a stack: encoder and decoder, read backwards from the loss.

The model stays as it is; only its cells are listened to. Changing a cell's pre-activations, a_x + s v for one random
direction v in each gate and row, tells dL/ds by the complex step; backward's da_x, taken from the tape, tells the same
number. One number a gate and row is enough for a map, and keeps it affordable.

Read next: models.py.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.behaviour_checks import gates_in_words
from scratchnet.gradcheck.compare import Tolerance
from scratchnet.gradcheck.numerical import COMPLEX, STEP, draw_directions
from scratchnet.gradcheck.reference import is_cell, walk
from scratchnet.gradcheck.time_map import TimeMap, draw_map
from scratchnet.packed_sequences import Packing

MOST = 1500  # evaluations of the loss


@dataclass
class RecordedBackward:
    """What one cell said in its last backward: da_x (N, G*H), and the packing of its batch."""

    da_x: Array
    packing: Packing


def cell_maps(
    real: Any, backward: Callable[[], Any], imaginary: Any, loss: Callable[[], Any], seed: int
) -> dict[str, TimeMap]:
    """Return the map of every cell by its path, the nearest to the loss first; {} where they cannot be had.

    Arguments:
        real: the model in float64; backward() runs it forward and back. imaginary: the same in complex128; loss() runs
            it forward. Both are listened to from now on: give copies.
    """
    heard = _listen(real)
    try:
        backward()
    except Exception:
        return {}
    if (
        sum(found.da_x.shape[0] * len(cell.gates) for (path, cell) in cells_of(real) if (found := heard.get(path)))
        > MOST
    ):
        return {}
    pushes = _push(imaginary, heard)
    rng = np.random.default_rng([seed, 5])
    analytic, numeric = {}, {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            for path, cell in cells_of(imaginary):
                if path in heard:
                    analytic[path], numeric[path] = _along_directions(cell, heard[path], pushes[path], loss, rng)
    except Exception:  # a forward that is not complex-safe: the blocks tell what there is to tell
        return {}
    tolerance = Tolerance.for_gradients(COMPLEX, numeric.values())
    maps = {}
    for path, cell in reversed(cells_of(imaginary)):
        if path in numeric:
            maps[path] = draw_map(tuple(cell.gates), heard[path].packing, analytic[path], numeric[path], tolerance)
    return maps


def place_in_maps(maps: Mapping[str, TimeMap]) -> str:
    """Return the first wrong place in time, read backwards through all cells, in words; "" where none is wrong."""
    right = []
    for path, found in maps.items():
        if found.clean:
            right.append(path)
            continue
        steps = np.flatnonzero(found.wrong.any(axis=(0, 2)))
        t = int(steps[-1])
        gates = [gate for k, gate in enumerate(found.gates) if found.wrong[k, t].any()]
        ends = "each sequence's own last step is wrong" if found.from_the_end(0).any() else "every last step is right"
        before = f" Nearer to the loss, all right: {', '.join(right)}." if right else ""
        return f"In time, read backwards: {path}, {gates_in_words(gates, found.gates)} at t = {t} ({ends}).{before}"
    return f"The maps of all cells are clean: {', '.join(right)}." if right else ""


def cells_of(root: Any) -> list[tuple[str, Any]]:
    """Return (path, cell) of all cells, in the order of the model's parts."""
    return [(path, part) for path, part in walk(root) if is_cell(part)]


def _listen(root: Any) -> dict[str, RecordedBackward]:
    heard: dict[str, RecordedBackward] = {}
    for path, cell in cells_of(root):

        def listening(x: Any, tape: Any, dx: Any, path: str = path, own: Any = cell.accumulate_gradients) -> None:
            heard[path] = RecordedBackward(np.array(tape.da_x.rows), tape.packing)
            own(x, tape, dx)

        cell.accumulate_gradients = listening
    return heard


def _push(root: Any, heard: Mapping[str, RecordedBackward]) -> dict[str, Array]:
    """Make every cell add an array to its a_x; return these arrays, zero now."""
    pushes = {path: np.zeros(found.da_x.shape, complex) for path, found in heard.items()}
    for path, cell in cells_of(root):
        if path not in pushes:
            continue

        def pushed(x: Any, a_x: Array, push: Array = pushes[path], own: Any = cell.project_inputs) -> None:
            own(x, a_x)
            a_x += push

        cell.project_inputs = pushed
    return pushes


def _along_directions(
    cell: Any, heard: RecordedBackward, push: Array, loss: Callable[[], Any], rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return (analytic, numeric) derivatives (N, G), one for each row and gate."""
    rows, gates, size = heard.da_x.shape[0], len(cell.gates), cell.hidden_size
    directions = draw_directions((size,), rows * gates, rng).reshape(rows, gates, size)
    analytic = (heard.da_x.reshape(rows, gates, size) * directions).sum(axis=2)
    numeric = np.empty((rows, gates))
    for row in range(rows):
        for gate in range(gates):
            columns = slice(gate * size, (gate + 1) * size)
            push[row, columns] = 1j * STEP * directions[row, gate]
            numeric[row, gate] = float(loss().imag) / STEP
            push[row, columns] = 0.0
    return analytic, numeric
