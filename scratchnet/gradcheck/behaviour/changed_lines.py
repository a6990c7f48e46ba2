"""The line in which an array is changed: the arrays of a call are compared after every line that it runs.

Read next: gradient_faults.py.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any

import numpy as np

from scratchnet.gradcheck.behaviour.calls_watched import arrays_of
from scratchnet.gradcheck.behaviour.runs import run
from scratchnet.gradcheck.subjects import Subject


def line_that_changes(subject: Subject, T: int, code: CodeType, path: str) -> tuple[str, int]:
    """Return (file, line) of what first changes an array that is reached from a function's arguments; ("", 0): none."""
    found: list[tuple[str, int]] = []
    watched: list[tuple[Any, Any]] = []
    last = ("", 0)
    files = set(subject.program.files.values())

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal last
        if frame.f_code.co_filename not in files:
            return None
        same = frame.f_code.co_name == code.co_name and frame.f_code.co_firstlineno == code.co_firstlineno
        if event == "call" and same and not watched and path in (arrays := arrays_of(frame)):
            watched.append((arrays[path], arrays[path].copy()))
        if watched and not found:
            array, before = watched[0]
            if not np.array_equal(array, before):
                found.append(last)
        if event == "line":
            last = (frame.f_code.co_filename, frame.f_lineno)
        return look

    module = subject.program.load()
    before = sys.gettrace()
    sys.settrace(look)
    try:
        run(subject, T, module)
    finally:
        sys.settrace(before)
    return found[0] if found else ("", 0)
