"""The learning curves of runs, side by side: epoch by epoch, out of the metrics.jsonl that each training writes.

Read next: html_style.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

BAR, NAME = 16, 33  # characters: for the largest loss, and for a name, at most
EPOCH, GAP, FIGURES = 5, 2, 17  # characters

History = Sequence[Mapping[str, Any]]


def curves_table(curves: Sequence[tuple[str, History]], width: int = 120) -> Table:
    """Return a table of the validation losses (nats a word), a row an epoch, for each (name, history).

    width: in characters; the bars beside the losses take what is left of it.
    """
    each = min(NAME, max(FIGURES, (width - EPOCH - GAP) // len(curves) - GAP))
    table = Table(
        box=None, pad_edge=False, padding=(0, GAP, 0, 0), title="validation loss, and sentences exactly right"
    )
    table.add_column("epoch", justify="right", min_width=EPOCH)
    for name, _ in curves:
        table.add_column(name if len(name) <= each else "…" + name[1 - each :], no_wrap=True)
    largest = max(metrics["validation_loss"] for _, history in curves for metrics in history)
    for row in range(max(len(history) for _, history in curves)):
        cells = [_cell(history[row], largest, each) if row < len(history) else "" for _, history in curves]
        table.add_row(str(row + 1), *cells)
    return table


def _cell(metrics: Mapping[str, Any], largest: float, width: int) -> str:
    loss, longest = metrics["validation_loss"], min(BAR, width - FIGURES)
    bar = "█" * min(longest, max(1, round(longest * loss / largest))) if largest > 0 else ""
    return f"{loss:7.3f} {100 * metrics['free_running_exact_match']:5.1f} %  {bar}"
