"""Code that is not ours: a user's file loaded, limited, followed line by line, and its errors located.

    run_file(path)                      a file as a module; load_class("file.py:Name") a class out of it
    call_in_child(function, ...)        a call in a process of its own, with time limits
    locate_error(error, files)          an error in one line, with the user's own file and line
    runs_of_lines(run, files)           what every line that ran did, in arrays; first_nan: where the first NaN arose
    lines_run(run, files)               the lines of the functions that ran, parsed
    shown_path(file)                    a file as it is named here; a notebook's cell is In[3]

Nothing here knows a cell or a gradient. What is named here is loaded when it is first used.

Read next: load.py; to go on with the book, skip this folder: ../cells/gru.py.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scratchnet.usercode.child import Limit, ProcessEnded, call_in_child
    from scratchnet.usercode.limits import LimitedOutput, TimeIsUp, time_limit
    from scratchnet.usercode.line_runs import MUTANT, LineRun, arrays_left, runs_of_lines
    from scratchnet.usercode.load import FileFails, classes_of, load_class, run_file, split_target
    from scratchnet.usercode.locate import (
        ErrorLocator,
        error_locator,
        files_around,
        files_of,
        line_of_caller,
        locate_error,
        shown_path,
        source_line,
    )
    from scratchnet.usercode.source_lines import (
        RETURN,
        SourceLine,
        assigning,
        computes,
        computing,
        going_into,
        lines_run,
        renames,
    )
    from scratchnet.usercode.trace import first_nan

HOMES = {
    "child": "Limit ProcessEnded call_in_child",
    "limits": "LimitedOutput TimeIsUp time_limit",
    "line_runs": "MUTANT LineRun arrays_left runs_of_lines",
    "load": "FileFails classes_of load_class run_file split_target",
    "locate": "ErrorLocator error_locator files_around files_of line_of_caller locate_error shown_path source_line",
    "source_lines": "RETURN SourceLine assigning computes computing going_into lines_run renames",
    "trace": "first_nan",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for from the file that it lies in."""
    for home, names in HOMES.items():
        if name in names.split():
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "MUTANT",
    "RETURN",
    "ErrorLocator",
    "FileFails",
    "Limit",
    "LimitedOutput",
    "LineRun",
    "ProcessEnded",
    "SourceLine",
    "TimeIsUp",
    "arrays_left",
    "assigning",
    "call_in_child",
    "classes_of",
    "computes",
    "computing",
    "error_locator",
    "files_around",
    "files_of",
    "first_nan",
    "going_into",
    "line_of_caller",
    "lines_run",
    "load_class",
    "locate_error",
    "renames",
    "run_file",
    "runs_of_lines",
    "shown_path",
    "source_line",
    "split_target",
    "time_limit",
]
