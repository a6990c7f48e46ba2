"""What is in a user's file, checked and reported on; called in a process of its own.

Read next: check_class.py.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console
from rich.text import Text

from scratchnet.cells import CELLS, Cell
from scratchnet.errors import InputError
from scratchnet.gradcheck.check import check_cell
from scratchnet.gradcheck.contract import load_cell
from scratchnet.gradcheck.problem import LENGTHS, Problem, Trial
from scratchnet.gradcheck.report import Report
from scratchnet.gradcheck.report_console import show
from scratchnet.gradcheck.report_page import write_page
from scratchnet.gradcheck.textbook import check_module, find_pairs, nothing_found
from scratchnet.recurrent import Recurrent
from scratchnet.usercode import Limit, LimitedOutput, files_of, first_nan, run_file, split_target


def check_library_cell(target: str, settings: Mapping[str, Any], outputs: Mapping[str, Any], console: Console) -> bool:
    """Check the cell that a name stands for; write the report; return whether it is right."""
    if target not in CELLS:
        known = ", ".join(CELLS)
        raise InputError(f"there is no cell {target!r}: choose one of {known}, or give path/to/file.py:ClassName")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # what NumPy warns of, the report says
        report = check_cell(CELLS[target], **settings)
        write_reports([report], [], outputs, console)
    return report.ok


def report_on_file(
    target: str,
    settings: Mapping[str, Any],
    outputs: Mapping[str, Any],
    look: Mapping[str, Any],
    seconds: float,
    limit: Limit,
) -> dict[str, Any]:
    """Check a file; return {"ok": whether all is right, "text": the reports as the console shows them}.

    look: the console's width and colours. seconds: that the import and the check may take, each.
    """
    console = Console(file=io.StringIO(), legacy_windows=False, **look)
    # Whatever the user's code prints must not stand in the report.
    with contextlib.redirect_stdout(LimitedOutput()), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        reports, skipped = check_file(target, settings, seconds, limit)
        write_reports(reports, skipped, outputs, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return {"ok": all(report.ok for report in reports), "text": text}


def check_file(
    target: str, settings: Mapping[str, Any], seconds: float, limit: Limit
) -> tuple[list[Report], list[str]]:
    """Check what is in a file: a cell by name, or all functions that belong together: (reports, what was skipped)."""
    path, name = split_target(target)
    with limit(seconds, f"the import of {path}"):
        module = run_file(Path(path))
    cells = [key for key, value in vars(module).items() if _is_cell(value, module)]
    pairs, skipped = find_pairs(module)
    named = vars(module).get(name)
    with limit(seconds, f"the check of {target}"):
        if (not name and pairs and not cells) or (name and not _is_cell(named) and pairs):
            if settings["backend"] != "numpy":
                raise InputError(f"functions in the plain form run on NumPy only, not on {settings['backend']}")
            return explained(*check_module(module, path, name, seed=settings["seed"], scale=settings["scale"]))
        if not name and not cells:
            raise InputError(f"{path}: {'; '.join(skipped) or nothing_found(module)}")
        if not name and len(cells) == 1:
            name = cells[0]
        cell_class = load_cell(f"{path}:{name}" if name else path)
        report = check_cell(cell_class, **settings)
        return explained([with_first_nan(report, cell_class, settings)], [])


def explained(reports: list[Report], skipped: list[str]) -> tuple[list[Report], list[str]]:
    """Compute everything that a report says now, while the user's code runs within its limits."""
    for report in reports:
        for part in (report.diagnosis, report.coverage, report.forward):
            assert part is None or part.as_dict()
    return reports, skipped


def with_first_nan(report: Report, cell_class: type, settings: Mapping[str, Any]) -> Report:
    """Return the report with the line that makes the first NaN, where there is a NaN."""
    said = " ".join((*report.faults, *(block.remark for block in report.blocks)))
    if "not a number" not in said:
        return report

    def both() -> None:
        layer = Recurrent(cell_class(2, 6, rng=settings["seed"], dtype="float64"))
        trial = Trial(Problem(layer, LENGTHS, settings["seed"], settings["scale"]))
        trial.forward()
        trial.backward()

    line = first_nan(both, files_of([cell_class]))
    return replace(report, faults=(*report.faults, f"the first one: {line}")) if line else report


def write_reports(
    reports: Sequence[Report], skipped: Sequence[str], outputs: Mapping[str, Any], console: Console
) -> None:
    """Print the reports, or their JSON, and write the page and the picture where they are asked for."""
    if outputs["as_json"]:
        found = [report.as_dict() for report in reports]
        whole = found[0] if len(found) == 1 else {"ok": all(one["ok"] for one in found), "reports": found}
        # Not by print_json: it would colour them where FORCE_COLOR is set, as it often is in GitHub Actions.
        console.file.write(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        for k, report in enumerate(reports):
            if k:
                console.print()
            show(report, console)
        for line in skipped:
            console.print(Text.assemble(("skipped: ", "bold yellow"), line))
    if outputs["html"] is not None:
        write_page(reports, Path(outputs["html"]), skipped)
    if outputs["png"] is not None:
        from scratchnet.visual import gradcheck_picture

        gradcheck_picture(reports, Path(outputs["png"]))


def _is_cell(found: object, module: ModuleType | None = None) -> bool:
    """Tell whether something is a class meant to have the library's contract, and of this module, if one is given."""
    if not inspect.isclass(found) or (module is not None and found.__module__ != module.__name__):
        return False
    return issubclass(found, Cell) or hasattr(found, "forward_step") or hasattr(found, "backward_step")
