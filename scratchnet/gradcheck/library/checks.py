"""Check what is at hand: a cell's class, a layer, two functions, or arrays with a loss and gradients.

    report = check_cell(MyCell)          report.ok, report.wrong, report.cures, print(report)
    assert_gradients(MyCell)             the same inside a test

Read next: cells_of_files.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from scratchnet.backend import NUMPY, Array
from scratchnet.errors import InputError
from scratchnet.gradcheck.contract import check_contract
from scratchnet.gradcheck.cure import Verdict
from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.library.cells_of_files import judged_cells
from scratchnet.gradcheck.library.copies import LiveProgram, import_of, of_library, program_of, typed_in
from scratchnet.gradcheck.library.parts import harness_for
from scratchnet.gradcheck.library.report import Report
from scratchnet.gradcheck.subjects import Program, Subject, simple_pairs
from scratchnet.usercode import is_cell

SECONDS = 30.0  # that a cure is looked for


def check_cell(
    cell_class: type, *, seed: int = 0, input_size: int = 2, hidden_size: int = 3, seconds: float = SECONDS
) -> Report:
    """Check every gradient of a cell, unrolled over ragged batches of 1, 2 and 3 steps, in both directions.

    Arguments:
        cell_class: has the contract of cells/base.py. seed: of all random numbers.
        input_size, hidden_size: of the cell. seconds: of the processor, that a cure is looked for; 0: not at all.
    Raises InputError where the class cannot be used. Errors inside the cell are part of the report.
    """
    check_contract(cell_class)
    with tempfile.TemporaryDirectory() as folder:
        program = program_of(cell_class, Path(folder))
        sizes = (input_size, hidden_size)
        return Report.showing(judged_cells(program, cell_class.__name__, seed, seconds, sizes))


def check_layer(layer: Any, *, seed: int = 0, seconds: float = SECONDS) -> Report:
    """Check every gradient of a layer, a stack, an embedding, a loss or a model; a copy of it with weights drawn anew.

    Raises InputError where it is nothing of the kind.
    """
    try:
        harness = harness_for(layer)
    except AttributeError:
        raise InputError(
            f"{type(layer).__name__} is no layer, loss or model: wanted forward and backward as those of the library"
        ) from None
    program = _program_of_parts(layer)

    def run(m: Any, r: Any) -> Any:
        return harness(lambda: _with_classes_of(m, layer.to(NUMPY, "float64")), r)

    verdict = judge(Subject(program, run, seed=seed), seconds)
    verdict.name = type(layer).__name__
    return Report.showing(verdict)


def check(
    parameters: Mapping[str, Array],
    loss: Callable[[], Any],
    gradients: Callable[[], Mapping[str, Array]],
    *,
    seed: int = 0,
) -> Report:
    """Check gradients() of loss() with respect to arrays, {name: array}, which are changed in place and put back.

    Each gradient has its array's name and shape. Which line is wrong is told of code in a file: save `parameters`,
    `loss` and `gradients` at its top level, and run `scratchnet gradcheck FILE`.
    Raises InputError where names, shapes or the loss are not of that form.
    """
    before = {name: array.copy() for name, array in parameters.items()}
    space = {"parameters": dict(parameters), "loss": loss, "gradients": gradients}
    program = LiveProgram("check")
    try:
        harness = partial(_live, space)
        verdict = judge(Subject(program, harness, (1, 2), seed, varied=True), 0.0)
    finally:
        for name, array in parameters.items():
            array[...] = before[name]
    return Report.showing(verdict)


def _live(space: Mapping[str, Any], module: Any, tool: Any) -> Any:
    return simple_pairs(dict(space), tool, "check")


def check_functions(forward: Any, backward: Any, *, seed: int = 0, seconds: float = SECONDS) -> Report:
    """Check two functions of a notebook or a file; how they are called is found by trying.

    Raises InputError where they are no functions, or no way to call them is found.
    """
    from scratchnet.gradcheck.written_harness import written_harness

    for one in (forward, backward):
        if not hasattr(one, "__code__"):
            raise InputError(f"{one!r} is not a function: wanted check_functions(my_forward, my_backward)")
        if "." in one.__qualname__:
            raise InputError(f"{one.__name__} stands within a function: wanted one at the top level of a file or cell")
    with tempfile.TemporaryDirectory() as folder:
        file = forward.__code__.co_filename
        path = typed_in([forward, backward], Path(folder)) if is_cell(file) else Path(file)
        found, subject = written_harness(path, seed)
        if subject is None:
            raise InputError(
                f"how {forward.__name__} and {backward.__name__} are to be called was not found: save them in a file, "
                "and `scratchnet gradcheck FILE` writes a harness with gaps to fill in"
            )
        verdict = judge(subject, seconds)
        verdict.unchecked, verdict.name = found.unchecked, forward.__name__
        return Report.showing(verdict)


def assert_gradients(thing: Any, *more: Any, **settings: Any) -> None:
    """Raise AssertionError with the whole report unless all is right.

    thing: a cell's class, as for `check_cell`; a layer, as for `check_layer`; or the arguments of `check`.
    """
    checking: Callable[..., Verdict] = (
        check if isinstance(thing, Mapping) else check_cell if isinstance(thing, type) else check_layer
    )
    report = checking(thing, *more, **settings)
    if not report.ok:
        raise AssertionError(f"\n{report}")


def _program_of_parts(layer: Any) -> Program:
    """Return the program of the classes that a layer is made of: of those that are not the library's, if there are."""
    classes = list(dict.fromkeys(type(part) for part in _parts(layer)))
    imports = [line for line in map(import_of, classes) if line]
    own = [one for one in classes if not import_of(one)]
    return program_of(own[0], imports=imports) if own else of_library(imports)


def _parts(layer: Any) -> Iterable[Any]:
    return layer.modules() if hasattr(layer, "modules") else [layer]


def _with_classes_of(m: Any, layer: Any) -> Any:
    """Return a layer whose parts have the classes of a module in the place of those of the same name."""
    for part in _parts(layer):
        found = vars(m).get(type(part).__name__)
        if not isinstance(found, type) or found is type(part):
            continue
        part.__class__ = found
        names, part.parameter_names = part.parameter_names, []
        for name in names:  # anew, by the class as it is here: arrays that can be followed
            part.add_parameter(name, getattr(part, name))
    return layer
