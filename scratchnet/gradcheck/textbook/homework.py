"""A learner's file in the plain form that courses teach, checked unchanged.

    reports = check_homework("homework.py")
    reports = check_homework("homework.py:lstm_step")      only these functions
    report = check_functions(lstm_step_forward, lstm_step_backward)      functions typed into a notebook

Read next: homework_explanation.py.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from scratchnet.errors import InputError
from scratchnet.gradcheck.check import check_cell, check_layer
from scratchnet.gradcheck.known_library import Recurrent
from scratchnet.gradcheck.report import Report
from scratchnet.gradcheck.textbook.behaviour import behaviour_faults, nan_in_backward, nothing_to_check, reads_padding
from scratchnet.gradcheck.textbook.cell import step_cell
from scratchnet.gradcheck.textbook.find_pairs import ADAPTER, FORWARD, Pair, find_pairs, stem
from scratchnet.gradcheck.textbook.homework_explanation import HomeworkExplanation
from scratchnet.gradcheck.textbook.learner_names import described, gradient_named
from scratchnet.gradcheck.textbook.match_cell import (
    GUESSED,
    HIDDEN,
    INPUTS,
    MatchedCell,
    MatchSearch,
    find_match,
    known_wrong_forward,
)
from scratchnet.gradcheck.textbook.sequence import sequence_layer
from scratchnet.gradcheck.textbook.shapes import shape_of
from scratchnet.gradcheck.textbook.translate_report import translate_report
from scratchnet.gradcheck.textbook.unknown_cell import check_unknown_cell, find_call
from scratchnet.gradcheck.textbook.weight_container import WeightContainer
from scratchnet.usercode import files_around, locate_error, run_file, split_target

INITIALIZERS = ("init", "make_p", "make_w", "create_p", "create_w", "get_param", "random_p", "new_p")
MISSHAPEN = "has shape"
UNMASKED = "lets the gradient into padded steps"
PADDED = (5, 3, 3, 2)
EQUAL = (4, 4, 4)  # where nothing of the learner's knows of lengths: a mean over the batch is then always over three


def check_homework(target: str, *, seed: int = 0, scale: float = 0.5) -> list[Report]:
    """Check "path/to/homework.py", or what "path/to/homework.py:name" names in it; the file is executed.

    Returns a report for each forward and backward that belong together. Raises InputError, in one line, where there is
    nothing that can be checked.
    """
    path, name = split_target(target)
    return check_module(run_file(Path(path)), path, name, seed=seed, scale=scale)[0]


def check_functions(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *,
    arguments: Mapping[str, str] | None = None,
    seed: int = 0,
    scale: float = 0.5,
) -> Report:
    """Check a forward and its backward, two functions of any names, such as those of a notebook's cells.

    arguments: what arguments are, where their names do not say it, as in an ADAPTER: {"memory": "h"}.
    Raises InputError, in one line, where they cannot be called.
    """
    for function in (forward, backward):
        if not inspect.isfunction(function):
            raise InputError(f"{function!r} is not a function: wanted check_functions(my_forward, my_backward)")
    name = stem(forward.__name__, FORWARD) or forward.__name__
    pair = Pair(name, forward, backward, roles=tuple((arguments or {}).items()))
    starters = [value for name, value in forward.__globals__.items() if _is_initializer(name, value)]
    with np.errstate(all="ignore"):  # what NumPy warns of, the report says
        return check_pair(pair, starters, seed, scale)


def check_module(
    module: ModuleType, path: str, only: str = "", *, seed: int = 0, scale: float = 0.5
) -> tuple[list[Report], list[str]]:
    """Check every forward and backward in a module that belong together; return reports, and what was skipped.

    only: the name of one pair, of one of its functions or of a class. Raises InputError where there is none, or where
    none of them can be called.
    """
    pairs, left = find_pairs(module)
    if not pairs:
        raise InputError(f"{path}: {'; '.join(left) or nothing_found(module)}")
    pairs = chosen(pairs, only, path) if only else pairs
    starters = [value for name, value in vars(module).items() if _is_initializer(name, value)]
    reports = []
    for pair in pairs:
        try:
            with np.errstate(all="ignore"):  # what NumPy warns of, the report says
                reports.append(replace(check_pair(pair, starters, seed, scale), files=(str(Path(path).resolve()),)))
        except InputError as error:
            left.append(str(error))
    if not reports:
        raise InputError(f"{path}: {'; '.join(left)}")
    return reports, left


def nothing_found(module: ModuleType) -> str:
    """Return what to say of a module without any pair."""
    functions = [name for name, value in vars(module).items() if inspect.isfunction(value)]
    own = [name for name in functions if vars(module)[name].__module__ == module.__name__]
    there = f" (its functions are {', '.join(own)})" if own else ""
    return (
        f"no forward with a backward of the same name{there}: wanted, for example, lstm_step_forward and "
        "lstm_step_backward, a class with forward and backward, one with the contract of scratchnet.cells.Cell, "
        f"or {ADAPTER}"
    )


def chosen(pairs: list[Pair], only: str, path: str) -> list[Pair]:
    """Return the pairs that a name means; raise InputError where it means none."""
    found = [
        pair
        for pair in pairs
        if only in (pair.name, pair.forward.__name__, pair.backward.__name__)
        or (pair.owner is not None and pair.owner.__name__ == only)
    ]
    if not found:
        names = [pair.name for pair in pairs]
        near = difflib.get_close_matches(only, names, 1)
        raise InputError(f"{path} has no {only}: there are {', '.join(names)}" + (f"; {near[0]}?" if near else ""))
    return found


def _is_initializer(name: str, value: Any) -> bool:
    return inspect.isfunction(value) and name.lower().startswith(INITIALIZERS)


def check_pair(pair: Pair, starters: list[Any], seed: int, scale: float) -> Report:
    """Check one forward and its backward. Raises InputError where they cannot be called."""
    try:
        container = WeightContainer(pair, starters)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{pair.said}: {locate_error(error, files_around(pair.forward))}") from error
    matched, search = find_match(pair, container)
    if matched is not None:
        return check_matched(matched, seed, scale)
    found = find_call(pair, container, search)
    if found is None:
        raise InputError(cannot_call(pair, container, search))
    learner, shapes = found
    weights = {name: 0.5 * np.random.default_rng(0).standard_normal(shape) for name, shape in shapes.items()}
    if stop := nothing_to_check(learner, weights):
        return Report(pair.name, None, faults=(stop,), notes=(f"checked: {pair.said}",))
    report = check_unknown_cell(learner, shapes, seed, scale)
    taken = f"checked: {pair.said}; the forward is that of no known cell: checked against itself, in its own parameters"
    nearest = search.nearest
    if wrong := known_wrong_forward(search):
        taken += f". Its values are those of the {wrong}. If that is not meant, no gradient check will say so"
    elif nearest is not None:
        taken += f" (nearest: {nearest[1]}, which differs by up to {nearest[0]:.2g})"
    return replace(report, notes=(taken, *report.notes), faults=(*report.faults, *behaviour_faults(learner, weights)))


def check_matched(matched: MatchedCell, seed: int, scale: float) -> Report:
    """Check a learner whose forward is a known cell's: gate by time, in the learner's words."""
    settings: dict[str, Any] = {"seed": seed, "scale": scale}
    weights = {
        name: np.random.default_rng(0).standard_normal(shape_of(part, INPUTS, HIDDEN))
        for name, part in matched.writing.plan.items()
    }
    if wrong := reads_padding(matched.learner, weights):
        return Report(matched.learner.pair.name, None, faults=(wrong,), notes=(described(matched),))
    if matched.learner.sequence:
        layer: Any = sequence_layer(matched, INPUTS, HIDDEN, seed)
        settings["lengths"] = PADDED if layer.padded else EQUAL
        report = check_layer(layer, **settings)
    else:
        settings["lengths"] = EQUAL
        kind = step_cell(matched)
        layer = Recurrent(kind(INPUTS, HIDDEN, rng=seed, dtype="float64"))
        report = check_cell(
            kind, input_size=INPUTS, hidden_size=HIDDEN, both_directions=False, loop=Recurrent, **settings
        )
    report = translate_report(report, layer, matched, settings)
    told = behaviour_faults(matched.learner, layer.cell.true_weights())
    if first := nan_in_backward(matched.learner, layer.cell.true_weights()):
        return replace(report, faults=(first,), explanation=None, where="", lines=())
    if shapes := [
        f"{gradient_named(matched.learner, b.name)} {b.remark}" for b in report.blocks if MISSHAPEN in b.remark
    ]:
        back = matched.learner.pair.backward.__name__
        told = [*told, *(f"{back} returns a gradient of another shape than its weight's: {shape}" for shape in shapes)]
        if all(MISSHAPEN in block.remark for block in report.blocks if not block.ok):
            report = replace(report, explanation=None)  # the mistake is the shape
    if isinstance(report.explanation, HomeworkExplanation):
        report.explanation.unmasked = next((fault for fault in told if UNMASKED in fault), "")
    return replace(report, faults=(*report.faults, *told))


def cannot_call(pair: Pair, container: WeightContainer, search: MatchSearch) -> str:
    """Return in one line why a forward cannot be called, and what to give."""
    files = files_around(pair.forward)
    if not container.names:
        return (
            f"{pair.said}: skipped: no weights were found; wanted as arguments (Wx, Wh, b), in a dictionary that "
            'the forward opens by name (params["Wf"]), or as arrays that the constructor makes'
        )
    if search.error is not None and not isinstance(search.error, GUESSED):
        return f"{pair.said}: {locate_error(search.error, files)}"
    reason = (
        locate_error(search.error, files) if search.error is not None else "no states of shape (batch, units) come back"
    )
    return (
        f"{pair.said}: skipped; tried {search.tried} ways to lay out {', '.join(container.names)}, and none runs "
        f"(one: {reason}); write a function init_params(input_size, hidden_size) that returns them by name, or "
        f"{ADAPTER}"
    )
