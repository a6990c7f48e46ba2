"""Figures to read: tables for the screen and for pages in Markdown.

Read next: results.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from scratchnet.bench.breakdown import KINDS
from scratchnet.bench.results import Result, Results
from scratchnet.bench.timings import Spread
from scratchnet.bench.worker import MATMUL, TORCH, TORCH_UNPADDED


@dataclass
class Table:
    """Rows of text under a head; the first `words` columns are words, the others figures."""

    head: tuple[str, ...]
    words: int
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def on_screen(self) -> Any:
        """Return the table as rich prints it."""
        from rich.table import Table as ScreenTable

        table = ScreenTable(box=None, pad_edge=False)
        for number, name in enumerate(self.head):
            table.add_column(name, justify="left" if number < self.words else "right", overflow="fold")
        for before, row in zip([None, *self.rows], self.rows, strict=False):
            if before is not None and before[:3] != row[:3]:
                table.add_section()
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """Return the table as Markdown."""
        rule = ["---" if number < self.words else "---:" for number in range(len(self.head))]
        lines = [self.head, tuple(rule), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def speed_table(results: Sequence[Result]) -> Table:
    """Return the rate and memory of every implementation, and this library's ratios, median (minimum-maximum)."""
    ratios = ("vs torch", "vs unpadded", "of the bound")
    table = Table(("case", "cell", "threads", "implementation", "tokens/s", *ratios, "MiB"), 4)
    for result in results:
        for name, rate in result["tokens_per_second"].items():
            ratios_of = result["ratios"].get(name, {})
            figures = (f"{rate['median']:,.0f}", *(spread(ratios_of.get(who), 2) for who in (TORCH, TORCH_UNPADDED)))
            peak = result["peak_mib"][name]
            memory = "" if name == MATMUL else "not measured" if peak is None else f"{peak:,.0f}"
            table.rows.append((*labels(result), name, *figures, spread(ratios_of.get(MATMUL), 0, 100, " %"), memory))
    return table


def breakdown_table(results: Sequence[Result]) -> Table:
    """Return where a step's time goes, in milliseconds, with the step's products at this machine's best rate."""
    table = Table(("case", "cell", "threads", "backend", *KINDS, "step", MATMUL, "at the best rate"), 4)
    for result in results:
        bounds = result["seconds_per_step"][MATMUL], result["flops"] / result["best_rate"]
        for name, parts in result["breakdown"].items():
            figures = (*(parts[kind] for kind in KINDS), sum(parts.values()), *bounds)
            table.rows.append((*labels(result), name, *(f"{1e3 * seconds:,.1f}" for seconds in figures)))
    return table


def paper_table(results: Sequence[Result]) -> Table:
    """Return the paper's model: words per second, both languages counted, and how long its training would take."""
    table = Table(("cell", "threads", "implementation", "words/s", "days"), 3)
    for result in results:
        for name, rate in result.get("words_per_second", {}).items():
            table.rows.append((*labels(result)[1:], name, f"{rate:,.0f}", f"{result['days'][name]:,.0f}"))
    return table


def tables(results: Results) -> dict[str, Table]:
    """Return title -> table for all tables that are not empty."""
    measured = results.in_order()
    found = {
        "Speed": speed_table(measured),
        "Where a step's time goes, in milliseconds": breakdown_table(measured),
        "The model of Sutskever, Vinyals and Le (2014)": paper_table(measured),
        "From starting Python to a small model, in seconds": Table(
            ("implementation", "seconds"), 1, [(name, f"{value:.2f}") for name, value in results.start_seconds.items()]
        ),
    }
    return {title: table for title, table in found.items() if table.rows}


def summary(result: Result) -> str:
    """Return the rates and median ratios of a measurement in one line."""
    parts = []
    for name, rate in result["tokens_per_second"].items():
        others = [f"{figures['median']:.2f} x {other}" for other, figures in result["ratios"].get(name, {}).items()]
        parts.append(f"{name} {rate['median']:,.0f}" + (f" ({', '.join(others)})" if others else ""))
    return f"  tokens/s: {'; '.join(parts)}"


def labels(result: Result) -> tuple[str, str, str]:
    """Return case, cell and threads as text."""
    return result["case"], result["cell"], str(result["threads"])


def spread(figures: Spread | None, digits: int, scale: float = 1, unit: str = "") -> str:
    """Return "median (minimum-maximum)", or nothing where there are no figures."""
    if figures is None:
        return ""
    middle, low, high = (f"{scale * figures[key]:.{digits}f}" for key in ("median", "minimum", "maximum"))
    return f"{middle}{unit} ({low}-{high})"
