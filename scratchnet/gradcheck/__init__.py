"""Is a hand-written gradient right, and if not, where is it wrong?

    check_cell(MyCell)                     one cell: a report with the gate-by-time map and the first wrong place
    assert_gradients(MyCell)               the same inside a test
    check_layer(layer)                     a Recurrent, Bidirectional or Stack
    check_seq2seq(model, batch)            a whole model
    check_gradients(loss, model, grads)    anything that owns parameters
    check_part(part)                       a Linear, Embedding, Dropout or loss alone
    check_clipping(function)               the function that clips gradients
    check_homework("homework.py")          forward and backward functions as courses teach them, unchanged
    load_cell("file.py:MyCell")            a cell's class out of a file
    run("file.py:MyCell", console=...)     what the command line does
    edited_files()                         the files of the library that are not as they are known to be right

What is named here is loaded when it is first used.

Read next: check.py; to go on with the book, skip this folder: ../usercode/__init__.py.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scratchnet.gradcheck.check import assert_gradients, check_cell, check_layer
    from scratchnet.gradcheck.command import run
    from scratchnet.gradcheck.contract import check_contract, load_cell
    from scratchnet.gradcheck.files_read import library_folder
    from scratchnet.gradcheck.mistakes import edited_files
    from scratchnet.gradcheck.models import check_gradients, check_seq2seq
    from scratchnet.gradcheck.numerical import CENTRAL_STEP, complex_step
    from scratchnet.gradcheck.report import Report
    from scratchnet.gradcheck.report_console import as_text, show
    from scratchnet.gradcheck.single_parts import check_clipping, check_part
    from scratchnet.gradcheck.textbook import check_homework

HOMES = {
    "check": "assert_gradients check_cell check_layer",
    "command": "run",
    "contract": "check_contract load_cell",
    "files_read": "library_folder",
    "mistakes": "edited_files",
    "models": "check_gradients check_seq2seq",
    "numerical": "CENTRAL_STEP complex_step",
    "report": "Report",
    "report_console": "as_text show",
    "single_parts": "check_clipping check_part",
    "textbook": "check_homework",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for from the file that it lies in."""
    for home, names in HOMES.items():
        if name in names.split():
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "CENTRAL_STEP",
    "Report",
    "as_text",
    "assert_gradients",
    "check_cell",
    "check_clipping",
    "check_contract",
    "check_gradients",
    "check_homework",
    "check_layer",
    "check_part",
    "check_seq2seq",
    "complex_step",
    "edited_files",
    "library_folder",
    "load_cell",
    "run",
    "show",
]
