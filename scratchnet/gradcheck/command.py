"""The command behind `scratchnet gradcheck`: one target, one report, one exit code.

Read next: ../cells/gru.py.
"""

from __future__ import annotations

import json

from rich.console import Console

from scratchnet.cells import CELLS
from scratchnet.errors import InputError
from scratchnet.gradcheck.check import check_cell
from scratchnet.gradcheck.loading import load_class
from scratchnet.gradcheck.show import show

RIGHT, WRONG = 0, 1


def run(
    target: str,
    *,
    seed: int = 0,
    scale: float = 0.5,
    backend: str = "numpy",
    as_json: bool = False,
    console: Console,
) -> int:
    """Check `target`, a name of `scratchnet.cells.CELLS` or path/to/file.py:ClassName, and print the report.

    Returns 0 where the gradient is right and 1 where it is wrong. Raises InputError where there is nothing to check.
    """
    report = check_cell(find_class(target), seed=seed, scale=scale, backend=backend)
    if as_json:
        console.print_json(json.dumps(report.as_dict(), allow_nan=False))
    else:
        show(report, console)
    return RIGHT if report.ok else WRONG


def find_class(target: str) -> type:
    """Return the cell class that a name or path/to/file.py:ClassName stands for. Raises InputError for neither."""
    if target in CELLS:
        return CELLS[target]
    if ":" not in target and "/" not in target and not target.endswith(".py"):
        known = ", ".join(CELLS)
        raise InputError(f"there is no cell {target!r}: choose one of {known}, or give path/to/file.py:ClassName")
    return load_class(target)
