"""A report drawn for people: the verdict first, then where, then the tables.

Colour only repeats what is written: a wrong number carries an exclamation mark.

Read next: report_page.py.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scratchnet.gradcheck.compare import GradientComparison
from scratchnet.gradcheck.diagnosis import FURTHER, LINE, Diagnosis
from scratchnet.gradcheck.files_read import files_in_words
from scratchnet.gradcheck.problem import PROJECTED
from scratchnet.gradcheck.report import Report
from scratchnet.gradcheck.time_map import TimeMap


def show(report: Report, console: Console, *, brief: bool = False) -> None:
    """Print a report.

    brief: without the verdict, what the check looked at, what it could not see, and a diagnosis that says nothing.
    """
    with console:  # all at once: in a notebook, each piece would be an output of its own
        _show(report, console, brief)


def _show(report: Report, console: Console, brief: bool) -> None:
    if not brief:
        console.print(Text(report.verdict, style="bold green" if report.ok else "bold red"))
        if said := files_in_words(report.files):
            console.print(Text(said), soft_wrap=True)
    found = report.diagnosis
    if found is not None and (not brief or found.kind != "nothing" or found.nearest):
        _show_diagnosis(found, console)
    if report.where:
        console.print(Text(report.where))
    quoted = "" if found is None else found.as_text()
    for line in report.first_lines:
        if line not in quoted:
            console.print(Text(f"    {line}", style="bold"), soft_wrap=True)  # a path in pieces cannot be clicked
    if report.further_lines:
        console.print(Text(f"    {FURTHER}"))
        for line in report.further_lines:
            console.print(Text(f"    {line}"), soft_wrap=True)
    for fault in report.faults:
        console.print(Text.assemble(("wrong: ", "bold red"), fault))
    forward = "" if brief or report.forward is None or report.forward.equal else report.forward.as_text()
    for note in (report.method_in_words, *report.notes, forward):
        if note:
            console.print(Text.assemble(("note: ", "bold yellow"), note))
    if brief and report.faults and all(block.ok for block in (*report.blocks, *report.other_direction)):
        return
    if report.blocks:
        console.print(_block_table("dL/d...", report.blocks))
    for name, one in report.maps.items():
        console.print(_map_table(one, name))
    if any(not block.ok for block in report.other_direction) and all(block.ok for block in report.blocks):
        console.print(_block_table("dL/d..., read right to left", report.other_direction))
    if brief:
        return
    for line in (*_coverage_lines(report), report.behaviour_checks_in_words, report.precision_in_words):
        if line:
            console.print(Text(line, style="dim"))
    if report.setting:
        console.print(Text(", ".join(f"{name} {value}" for name, value in report.setting.items()), style="dim"))


def _show_diagnosis(found: Diagnosis, console: Console) -> None:
    first, *others = found.as_text().splitlines()
    console.print(Text.assemble(("diagnosis: ", "bold cyan"), (first, "bold" if found.found else "")))
    for line in others:
        quoted = line.startswith(LINE)
        console.print(Text(f"    {line}", style="bold" if quoted else ""), soft_wrap=quoted)


def _coverage_lines(report: Report) -> list[str]:
    return [] if report.coverage is None else report.coverage.as_text().splitlines()


def as_text(report: Report, width: int = 110) -> str:
    """Return what `show` prints, without colour."""
    console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=False, force_jupyter=False)
    show(report, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def _block_table(title: str, blocks: Sequence[GradientComparison]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(title)
    for heading in ("error", "cosine", "length"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for block in blocks:
        table.add_row(*_row(block.name, block))
        # Of a block that is right nobody wants to read every gate.
        for gate, part in block.parts.items() if not block.ok and len(block.parts) > 1 else ():
            table.add_row(*_row(f"  {gate}", part))
    return table


def _row(name: str, block: GradientComparison) -> tuple[Any, ...]:
    """Return name, error, cosine of the angle, and length of the analytic gradient over that of the numeric one."""
    cosine = "" if math.isnan(block.cosine) else f"{block.cosine:.3f}"
    length = "" if math.isnan(block.size) else f"{block.size:.3f}"
    return name, _number(block.error, block.ok), cosine, length, block.remark


def _map_table(found: TimeMap, name: str = "") -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(f"gate by time{f', {name}' if name else ''}")
    for t, alive in enumerate(found.packing.sizes):
        table.add_column(f"t={t}", justify="right", footer=str(alive))
    for k, gate in enumerate(found.gates):
        cells = [_number(float(found.errors[k, t]), not found.wrong_places[k, t]) for t in range(found.packing.steps)]
        table.add_row(f"{PROJECTED}, {gate}", *cells)
    table.add_row(Text("sequences", style="dim"), *(Text(str(alive), style="dim") for alive in found.packing.sizes))
    return table


def _number(error: float, ok: bool) -> Text:
    text = "nan" if not math.isfinite(error) else f"{error:.2g}" if error >= 1e-3 or error == 0.0 else f"{error:.0e}"
    return Text(f"{text} ", style="green") if ok else Text(f"{text}!", style="bold red")
