"""A report drawn for people: the verdict first, then where, then the tables.

Colour only repeats what is written: a wrong number carries an exclamation mark.

Read next: models.py.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scratchnet.gradcheck.compare import Block
from scratchnet.gradcheck.problem import PROJECTED
from scratchnet.gradcheck.report import Report
from scratchnet.gradcheck.timemap import TimeMap


def show(report: Report, console: Console) -> None:
    """Print a report."""
    colour = "bold green" if report.ok else "bold red"
    console.print(Text(report.verdict, style=colour))
    if report.where:
        console.print(Text(report.where))
    for line in report.lines:
        console.print(Text(f"    {line}", style="bold"))
    for fault in report.faults:
        console.print(Text.assemble(("wrong: ", "bold red"), fault))
    for note in (report.method_in_words, *report.notes):
        if note:
            console.print(Text.assemble(("note: ", "bold yellow"), note))
    if report.blocks:
        console.print(_block_table("dL/d...", report.blocks))
    if report.map is not None:
        console.print(_map_table(report.map))
    if any(not block.ok for block in report.other_direction) and all(block.ok for block in report.blocks):
        console.print(_block_table("dL/d..., read right to left", report.other_direction))
    if report.setting:
        console.print(Text(", ".join(f"{name} {value}" for name, value in report.setting.items()), style="dim"))


def as_text(report: Report, width: int = 110) -> str:
    """Return what `show` prints, without colour."""
    console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=False)
    show(report, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def _block_table(title: str, blocks: Sequence[Block]) -> Table:
    gates = max((tuple(block.gates) for block in blocks), key=len)
    gates = gates if len(gates) > 1 else ()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(title)
    for heading in ("error", *gates, "cosine"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for block in blocks:
        parts = [
            _number(block.gates[gate], block.gates[gate] <= block.tolerance) if gate in block.gates else Text()
            for gate in gates
        ]
        cosine = Text("" if block.ok or math.isnan(block.cosine) else f"{block.cosine:.3f}")
        table.add_row(block.name, _number(block.error, block.ok), *parts, cosine, block.remark)
    return table


def _map_table(found: TimeMap) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("gate by time")
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
