"""The learning curves of runs, side by side: epoch by epoch, out of the metrics.jsonl that each training writes.

Read next: storage.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from scratchnet.errors import InputError
from scratchnet.run_folder import METRICS

BAR, NAME = 16, 33  # characters, for the largest loss

History = Sequence[Mapping[str, Any]]


def read_curve(run: Path) -> list[dict[str, Any]]:
    """Return the metrics of every epoch of a run. Raises InputError where its folder holds none, or damaged ones."""
    path = run / METRICS
    try:
        found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for metrics in found:
            float(metrics["validation_loss"]), float(metrics["free_running_exact_match"]), int(metrics["epoch"])
    except FileNotFoundError:
        raise InputError(f"{run} holds no {METRICS}: name the folder of a run that has done an epoch") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error})") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path} is damaged: a line of it is not the metrics of an epoch") from None
    if not found:
        raise InputError(f"{run} has not done an epoch yet: train it, then compare with it")
    return found


def curves_table(curves: Sequence[tuple[str, History]]) -> Table:
    """Return a table of the validation losses (nats a word), a row an epoch, with a bar, for each (name, history)."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title="validation loss, and sentences exactly right")
    table.add_column("epoch", justify="right")
    for name, _ in curves:
        table.add_column(name if len(name) <= NAME else "…" + name[1 - NAME :], no_wrap=True)
    largest = max(metrics["validation_loss"] for _, history in curves for metrics in history)
    for row in range(max(len(history) for _, history in curves)):
        cells = [_cell(history[row], largest) if row < len(history) else "" for _, history in curves]
        table.add_row(str(row + 1), *cells)
    return table


def _cell(metrics: Mapping[str, Any], largest: float) -> str:
    loss = metrics["validation_loss"]
    bar = "█" * max(1, round(BAR * loss / largest)) if largest > 0 else ""
    return f"{loss:7.3f} {100 * metrics['free_running_exact_match']:5.1f} %  {bar}"
