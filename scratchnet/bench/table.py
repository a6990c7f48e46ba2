"""Figures to read: tables of text, for the screen and for a page.

Read next: page.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table as ScreenTable

from scratchnet.bench.breakdown import KINDS
from scratchnet.bench.worker import PRODUCTS, TORCH, TORCH_VALID

Result = dict[str, Any]


@dataclass
class Table:
    """Rows of text under a head; the first `words` columns are words, the others figures."""

    head: tuple[str, ...]
    words: int
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def on_screen(self) -> ScreenTable:
        """Return the table as rich prints it."""
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
    """Return every contestant's rate and memory, and this library's ratios, median (minimum-maximum)."""
    table = Table(
        ("case", "cell", "threads", "contestant", "tokens/s", "vs torch", "vs valid only", "of the floor", "MiB"), 4
    )
    for result in results:
        for name, rate in result["tokens_per_second"].items():
            ratios = result["ratios"].get(name, {})
            memory = "" if name == PRODUCTS else f"{result['peak_mib'][name]:,.0f}"
            figures = (f"{rate['median']:,.0f}", *(spread(ratios.get(who), 2) for who in (TORCH, TORCH_VALID)))
            table.rows.append((*place(result), name, *figures, spread(ratios.get(PRODUCTS), 0, 100, " %"), memory))
    return table


def breakdown_table(results: Sequence[Result]) -> Table:
    """Return where a step's time goes, in milliseconds, with the step's products at this machine's best rate."""
    table = Table(("case", "cell", "threads", "backend", *KINDS, "step", "products alone", "at the best rate"), 4)
    for result in results:
        best = result["flops"] / result["best_rate"]
        for name, parts in result["breakdown"].items():
            alone = result["seconds_per_step"][PRODUCTS]
            figures = (*(parts[kind] for kind in KINDS), sum(parts.values()), alone, best)
            table.rows.append((*place(result), name, *(f"{1e3 * seconds:,.1f}" for seconds in figures)))
    return table


def paper_table(results: Sequence[Result]) -> Table:
    """Return the paper's model: words a second, both languages counted, and how long its training would take."""
    table = Table(("cell", "threads", "contestant", "words/s", "days"), 3)
    for result in results:
        for name, rate in result.get("words_per_second", {}).items():
            table.rows.append((*place(result)[1:], name, f"{rate:,.0f}", f"{result['days'][name]:,.0f}"))
    return table


def start_table(seconds: dict[str, float]) -> Table:
    """Return how long a start takes."""
    return Table(("contestant", "seconds"), 1, [(name, f"{value:.2f}") for name, value in seconds.items()])


def tables(results: Sequence[Result], start_seconds: dict[str, float]) -> Iterator[tuple[str, Table]]:
    """Yield (title, table) for all tables that have something in them."""
    found = (
        ("Speed", speed_table(results)),
        ("Where a step's time goes, in milliseconds", breakdown_table(results)),
        ("The model of Sutskever, Vinyals and Le (2014)", paper_table(results)),
        ("From starting Python to a small model, in seconds", start_table(start_seconds)),
    )
    yield from ((title, table) for title, table in found if table.rows)


def in_short(result: Result) -> str:
    """Return the rates and median ratios of a measurement in one line."""
    parts = []
    for name, rate in result["tokens_per_second"].items():
        others = [f"{figures['median']:.2f} x {other}" for other, figures in result["ratios"].get(name, {}).items()]
        parts.append(f"{name} {rate['median']:,.0f}" + (f" ({', '.join(others)})" if others else ""))
    return f"  tokens/s: {'; '.join(parts)}"


def place(result: Result) -> tuple[str, str, str]:
    """Return case, cell and threads as text."""
    return result["case"], result["cell"], str(result["threads"])


def spread(figures: dict[str, float] | None, digits: int, scale: float = 1, unit: str = "") -> str:
    """Return "median (minimum-maximum)", or nothing where there are no figures."""
    if figures is None:
        return ""
    middle, low, high = (f"{scale * figures[key]:.{digits}f}" for key in ("median", "minimum", "maximum"))
    return f"{middle}{unit} ({low}-{high})"
