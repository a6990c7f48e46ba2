"""Check a cell, or any recurrent layer: every gradient, at every gate and time step, against its numerical value.

    report = check_cell(MyCell)          report.ok, report.verdict, report.where, report.blocks, report.map
    assert_gradients(MyCell)             the same inside a test

What is compared: every parameter, the input x, the initial states, and dL/d(a_x), the gate-by-time map. What it is
compared on is in problem.py, how the numbers come about in numerical.py, when they pass in compare.py, and what they
say in first_wrong_place.py.

Read next: problem.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scratchnet.backend import NUMPY, Backend, get_backend
from scratchnet.gradcheck.behaviour_checks import (
    BEHAVIOUR_CHECKS,
    in_float32,
    limited,
    misuse,
    not_a_number,
    second_calls,
    unwritten,
    where_complex_is_lost,
)
from scratchnet.gradcheck.compare import Tolerance, compare
from scratchnet.gradcheck.contract import check_contract
from scratchnet.gradcheck.explain import LayerExplanation
from scratchnet.gradcheck.files_read import edited_paths
from scratchnet.gradcheck.first_wrong_place import WrongPlace, place_in_layer, states_handed_back
from scratchnet.gradcheck.numerical import Method, derivatives_along, differentiate, draw_directions
from scratchnet.gradcheck.problem import (
    LENGTHS,
    PROJECTED,
    CheckStopped,
    Gradients,
    Problem,
    Trial,
    check_seed,
    counts_of,
    poison,
)
from scratchnet.gradcheck.report import Report, names_files
from scratchnet.gradcheck.report_console import as_text
from scratchnet.gradcheck.time_map import draw_map
from scratchnet.parameters import check_sizes
from scratchnet.recurrent import Recurrent
from scratchnet.usercode import ErrorLocator, error_locator, files_of

DIRECTIONS = 4


@names_files
def check_cell(
    cell_class: type,
    *,
    seed: int = 0,
    scale: float = 0.5,
    lengths: Sequence[int] = LENGTHS,
    input_size: int = 2,
    hidden_size: int = 6,
    backend: str | Backend = "numpy",
    both_directions: bool = True,
    pair_seconds: float = np.inf,
    loop: type[Recurrent] = Recurrent,
) -> Report:
    """Check every gradient of a cell, unrolled over sequences of these lengths, left to right and right to left.

    Arguments:
        cell_class: has the contract of cells/base.py. seed: of all random numbers.
        scale: standard deviation of the weights.
        lengths: longest first; with a 1 among them, the report can say which state's gradient is handed back wrong.
        backend: where the forward and backward run that are judged; the numerical side is always NumPy's.
        both_directions: also unroll right to left, and check there along random directions.
        pair_seconds: how long the diagnosis may look for two mistakes at once. loop: the class that unrolls it.
    Raises InputError where the class or an argument cannot be used. Errors inside the cell are part of the report.
    """
    check_contract(cell_class)
    check_seed(seed)
    check_sizes(input_size=input_size, hidden_size=hidden_size)
    place = get_backend(backend)
    setting = {
        "lengths": "-".join(str(length) for length in lengths), "input size": input_size, "hidden size": hidden_size,
        "weight scale": scale, "seed": seed, "backend": place.name,
    }  # fmt: skip
    given: dict[str, Any] = {"seed": seed, "scale": scale, "lengths": lengths, "pair_seconds": pair_seconds}
    name = cell_class.__name__
    try:
        cell = cell_class(input_size, hidden_size, rng=seed, dtype="float64")
    except Exception as error:
        wanted = f"wanted {name}(input_size, hidden_size, *, rng, dtype, backend)"
        reason = error_locator([cell_class])(error)
        return Report(name, None, faults=(f"it cannot be built: {reason}; {wanted}",), setting=setting)
    report = check_layer(loop(cell), backend=place, **given)
    report = replace(report, name=name, setting=setting)
    if not both_directions or not report.blocks:
        return report
    mirrored = check_layer(loop(cell, reverse=True), backend=place, directions=DIRECTIONS, **given)
    where = report.where
    if report.ok and not mirrored.ok:
        where = f"Read left to right all is right; read right to left it is not. {mirrored.where}"
    faults = tuple(dict.fromkeys(report.faults + mirrored.faults))
    return replace(
        report, other_direction=mirrored.blocks, where=where, faults=faults,
        notes=tuple(note for note in report.notes if note not in faults),
        derivatives=report.derivatives + mirrored.derivatives,
        explanation=mirrored.explanation if report.ok and not mirrored.ok else report.explanation,
    )  # fmt: skip


def assert_gradients(cell_class: type, **settings: Any) -> None:
    """Raise AssertionError with the whole report unless `check_cell(cell_class, **settings)` finds all right."""
    report = check_cell(cell_class, **settings)
    if not report.ok:
        raise AssertionError("\n" + as_text(report))


@names_files
@np.errstate(all="ignore")  # what NumPy warns of, the report says
def check_layer(
    layer: Any,
    *,
    seed: int = 0,
    scale: float = 0.5,
    lengths: Sequence[int] = LENGTHS,
    backend: str | Backend = "numpy",
    directions: int = 0,
    pair_seconds: float = np.inf,
) -> Report:
    """Check every gradient of a `Recurrent`, `Bidirectional` or `Stack`; it is copied and its weights are drawn anew.

    Arguments as in `check_cell`; directions: 0 for every entry, else how many random directions for each gradient.
    A map is drawn for a single `Recurrent` and every entry only.
    """
    name, place = type(layer).__name__, get_backend(backend)
    setting = {"lengths": "-".join(str(length) for length in lengths), "weight scale": scale, "seed": seed}
    classes = [type(cell) for cell in layer.cells]
    files = files_of(classes) | edited_paths()
    locate_error = error_locator([*classes, *(type(part) for part in layer.modules())])
    problem = Problem(layer, lengths, seed, scale)
    try:
        trial, analytic = _run_analytic(problem, locate_error)
    except CheckStopped as stop:
        # A name bound anew is the commonest cause of what then stops the run.
        hints = [line for line in misuse(problem, locate_error) if "binds" in line]
        return Report(name, None, faults=(str(stop), *hints), setting=setting)
    spreading = not_a_number(trial)
    faults, notes = _behaviour_checks(trial, analytic, locate_error, files, spreading)
    limit, whole = "" if spreading else limited(problem, analytic), analytic
    if place is not NUMPY:
        judged = Trial(problem, "float64", place)
        judged.forward()
        analytic = whole = judged.backward()
    numeric, method, analytic = _differentiate(problem, analytic, directions, locate_error, files)
    tolerance = Tolerance.for_gradients(method, numeric.values(), counts_of(problem))
    blocks = [
        compare(key, analytic[key], numeric[key], tolerance, _gates_of(layer, key, numeric[key])) for key in numeric
    ]
    time_map = None
    if PROJECTED in numeric:
        time_map = draw_map(
            tuple(layer.cell.gates), problem.packing, analytic[PROJECTED], numeric[PROJECTED], tolerance
        )
    found = WrongPlace()
    right = all(block.ok for block in blocks) and (time_map is None or time_map.clean)
    if limit:
        faults, notes = (faults, (*notes, limit)) if right else ((*faults, limit), notes)
    if not spreading and not all(block.ok for block in blocks):  # NaN spreads: there, the fault says where it began
        handed_back = {} if time_map is None else states_handed_back(problem, analytic, numeric, tolerance)
        found = place_in_layer(trial, blocks, time_map, handed_back, files)
    return Report(
        name, method, tuple(blocks), map=time_map, where=found.text, lines=tuple(str(line) for line in found.lines),
        faults=faults, notes=notes, setting=setting, derivatives=sum(array.size for array in numeric.values()),
        behaviour_checks=BEHAVIOUR_CHECKS,
        explanation=LayerExplanation(
            problem, whole, ok=right and not faults, blocks=blocks, faults=faults, files=files,
            pointed=found.lines, pair_seconds=pair_seconds,
        ),
    )  # fmt: skip


def _run_analytic(problem: Problem, locate_error: ErrorLocator) -> tuple[Trial, Gradients]:
    """Run forward and backward twice, the second time on a tape full of NaN. Raises Stopped where that fails."""
    trial = Trial(problem)
    for poisoned in (False, True):
        if poisoned:
            poison(trial.tape)
        try:
            trial.forward()
        except Exception as error:
            raise CheckStopped(f"forward stops: {locate_error(error)}") from error
        if poisoned and (missing := [line for line in unwritten(trial) if line.startswith("new")]):
            raise CheckStopped("; ".join(missing))
        if poisoned:
            poison(trial.tape, "da_")  # the forward pass left a_x in it
        try:
            gradients = trial.backward()
        except Exception as error:
            raise CheckStopped(f"backward stops: {locate_error(error)}") from error
        for name, array in trial.layer.parameters().items():
            if gradients[name].shape != array.shape:
                raise CheckStopped(f"after backward, d{name} has shape {gradients[name].shape}, wanted {array.shape}")
    return trial, gradients


def _behaviour_checks(
    trial: Trial, analytic: Gradients, locate_error: ErrorLocator, files: frozenset[str], spreading: list[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (faults, notes); `spreading` says where backward left NaN."""
    if spreading:
        faults = spreading + [line for line in unwritten(trial) if line.startswith("saved")]
    else:
        faults = second_calls(trial, analytic, locate_error)
    told = " ".join(faults)
    faults += [line for line in misuse(trial.problem, locate_error) if line not in told]
    if faults:
        return tuple(faults), ()
    wider, notes = in_float32(trial.problem, locate_error, files)
    return tuple(wider), tuple(notes)


def _differentiate(
    problem: Problem, analytic: Gradients, directions: int, locate_error: ErrorLocator, files: frozenset[str]
) -> tuple[Gradients, Method, Gradients]:
    """Return the numerical gradients, their method, and the analytic ones, both along directions where these count."""
    rng, every_entry = np.random.default_rng([problem.seed, 2]), not directions
    real = Trial(problem).targets(with_map=every_entry)
    along = {} if every_entry else {key: draw_directions(a.shape, directions, rng) for key, (_, a) in real.items()}
    numeric, method = differentiate(
        real, lambda: Trial(problem, "complex128").targets(with_map=every_entry), rng, along, locate_error=locate_error
    )
    if "lost" in method.reason and (lost := where_complex_is_lost(problem, files)):
        method = replace(method, reason=f"{method.reason}; {lost[0]}")
    return numeric, method, analytic | {key: derivatives_along(analytic[key], along[key]) for key in along}


def _gates_of(layer: Any, name: str, numeric: Any) -> tuple[str, ...]:
    """Return the gates whose column blocks a gradient has, for a layer of one cell."""
    cell = layer.cells[0]
    if not hasattr(layer, "unroll") or (name != PROJECTED and name not in cell.parameter_names):
        return ()
    return tuple(cell.gates) if numeric.shape[-1] == len(cell.gates) * cell.hidden_size else ()
