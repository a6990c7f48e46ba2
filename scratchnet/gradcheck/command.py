"""The command behind `scratchnet gradcheck`: one target, a report for each thing in it, one exit code.

Read next: ../cells/gru.py.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from rich.console import Console
from rich.text import Text

from scratchnet.cells import CELLS, Cell
from scratchnet.errors import InputError
from scratchnet.gradcheck.blame import files_of
from scratchnet.gradcheck.check import check_cell
from scratchnet.gradcheck.limits import FewLines, time_limit
from scratchnet.gradcheck.loading import CannotImport, load_class, run_file, split_target
from scratchnet.gradcheck.nan import first_nan
from scratchnet.gradcheck.page import write_page
from scratchnet.gradcheck.problem import LENGTHS, Problem, Trial
from scratchnet.gradcheck.report import Report
from scratchnet.gradcheck.show import show
from scratchnet.gradcheck.textbook import check_module, nothing_found
from scratchnet.gradcheck.textbook.find import find_pairs
from scratchnet.recurrent import Recurrent

RIGHT, WRONG = 0, 1
TIME_LIMIT = 60.0  # seconds, for the import and for the check, each


def run(
    target: str,
    *,
    seed: int = 0,
    scale: float = 0.5,
    backend: str = "numpy",
    as_json: bool = False,
    console: Console,
    html: Path | None = None,
    png: Path | None = None,
    limit: float = TIME_LIMIT,
) -> int:
    """Check `target`, a name of `scratchnet.cells.CELLS`, path/to/file.py or path/to/file.py:Name; print the reports.

    html, png: files to write the reports to as well. limit: seconds that a learner's code may take, 0 for any time.
    Returns 0 where all gradients are right and 1 where one is wrong. Raises InputError where there is nothing to check.
    """
    for file in (html, png):
        if file is not None and not file.resolve().parent.is_dir():
            raise InputError(f"there is no folder {file.parent} to write {file.name} to")
    left: list[str] = []
    # Whatever a learner's code prints must not stand in the report; what NumPy warns of, the report says.
    with contextlib.redirect_stdout(FewLines()), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        if target in CELLS or not _is_path(target):
            reports = [check_cell(find_class(target), seed=seed, scale=scale, backend=backend)]
        else:
            reports, left = check_file(target, seed=seed, scale=scale, backend=backend, limit=limit)
    if as_json:
        found = [report.as_dict() for report in reports]
        whole = found[0] if len(found) == 1 else {"ok": all(one["ok"] for one in found), "reports": found}
        console.print_json(json.dumps(whole, allow_nan=False))
    else:
        _show(reports, left, console)
    if html is not None:
        write_page(reports, html, left)
    if png is not None:
        from scratchnet.visual import gradcheck_picture

        gradcheck_picture(reports, png)
    return RIGHT if all(report.ok for report in reports) else WRONG


def check_file(target: str, *, seed: int, scale: float, backend: str, limit: float) -> tuple[list[Report], list[str]]:
    """Check what is in a file: a cell by name, or all functions that belong together: (reports, what was left)."""
    path, name = split_target(target)
    try:
        with time_limit(limit, f"the import of {path}"):
            module = run_file(Path(path))
    except CannotImport as error:
        if len(error.frames) > 1:
            print(*(f"  {frame}" for frame in error.frames), sep="\n", file=sys.stderr)
        raise
    cells = [key for key, value in vars(module).items() if _is_cell(value, module)]
    pairs, left = find_pairs(module)
    named = vars(module).get(name)
    with time_limit(limit, f"the check of {target}"):
        if (not name and pairs and not cells) or (name and not _is_cell(named) and pairs):
            if backend != "numpy":
                raise InputError(f"functions in the plain form run on NumPy only, not on {backend}")
            return explained(*check_module(module, path, name, seed=seed, scale=scale))
        if not name and not cells:
            raise InputError(f"{path}: {'; '.join(left) or nothing_found(module)}")
        if not name and len(cells) == 1:
            target = f"{path}:{cells[0]}"
        found = load_class(target)
        report = check_cell(found, seed=seed, scale=scale, backend=backend)
        return explained([with_first_nan(report, found, seed, scale)], [])


def explained(reports: list[Report], left: list[str]) -> tuple[list[Report], list[str]]:
    """Let everything that a report says be found out now, while the learner's code runs within its limits."""
    for report in reports:
        for part in (report.diagnosis, report.coverage, report.forward):
            assert part is None or part.as_dict()
    return reports, left


def with_first_nan(report: Report, cell_class: type, seed: int, scale: float) -> Report:
    """Return the report with the line that makes the first NaN, where there is a NaN."""
    told = " ".join((*report.faults, *(block.remark for block in report.blocks)))
    if "not a number" not in told:
        return report

    def both() -> None:
        trial = Trial(Problem(Recurrent(cell_class(2, 6, rng=seed, dtype="float64")), LENGTHS, seed, scale))
        trial.forward()
        trial.backward()

    line = first_nan(both, files_of([cell_class]))
    return replace(report, faults=(*report.faults, f"the first one: {line}")) if line else report


def find_class(target: str) -> type:
    """Return the cell class that a name or path/to/file.py:ClassName stands for. Raises InputError for neither."""
    if target in CELLS:
        return CELLS[target]
    if not _is_path(target):
        known = ", ".join(CELLS)
        raise InputError(f"there is no cell {target!r}: choose one of {known}, or give path/to/file.py:ClassName")
    return load_class(target)


def _is_path(target: str) -> bool:
    return ":" in target or "/" in target or "\\" in target or target.endswith(".py")


def _is_cell(found: object, module: ModuleType | None = None) -> bool:
    """Tell whether something is a class meant to have the library's contract, and of this module, if one is given."""
    if not inspect.isclass(found) or (module is not None and found.__module__ != module.__name__):
        return False
    return issubclass(found, Cell) or hasattr(found, "forward_step") or hasattr(found, "backward_step")


def _show(reports: Sequence[Report], left: Sequence[str], console: Console) -> None:
    for k, report in enumerate(reports):
        if k:
            console.print()
        show(report, console)
    for line in left:
        console.print(Text.assemble(("left aside: ", "bold yellow"), line))
