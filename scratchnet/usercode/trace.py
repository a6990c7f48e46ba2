"""Code that is not ours, followed call by call and line by line; and what that is for: where the first NaN comes from.

Read next: locate.py.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from types import CodeType, FrameType, SimpleNamespace
from typing import Any

import numpy as np

from scratchnet.usercode.locate import shown_path, source_line


def trace(
    run: Callable[[], Any],
    files: Iterable[str],
    enter: Callable[[FrameType], bool],
    line: Callable[[FrameType], bool] = lambda frame: True,
    leave: Callable[[FrameType, Any], bool] = lambda frame, result: True,
) -> None:
    """Call `run` and follow the functions of `files`.

    enter(frame): called as a function begins; its lines are followed where this returns True. line(frame): before each
    line. leave(frame, result): as the function returns. Where one of these returns False, the call is followed no more.
    """
    own = frozenset(files)

    def inside(frame: FrameType, event: str, argument: Any) -> Any:
        follow = line(frame) if event == "line" else leave(frame, argument) if event == "return" else True
        return inside if follow else None

    def start(frame: FrameType, event: str, argument: Any) -> Any:
        return inside if event == "call" and frame.f_code.co_filename in own and enter(frame) else None

    before = sys.gettrace()
    sys.settrace(start)
    try:
        run()
    finally:
        sys.settrace(before)


def functions_called(run: Callable[[], Any], files: Iterable[str]) -> list[CodeType]:
    """Call `run`; return the code of all functions of `files` that it called, in the order of the files."""
    called = set[CodeType]()

    def enter(frame: FrameType) -> bool:
        called.add(frame.f_code)
        return False

    trace(run, files, enter)
    return sorted(called, key=lambda code: (code.co_filename, code.co_firstlineno))


def first_nan(run: Callable[[], Any], files: Iterable[str]) -> str:
    """Call `run`; return "file:line: name is not a number ...: `line`" for the first NaN or infinity in `files`, or "".

    Arguments that hold one from the start are not the line's doing and are left out.
    """
    calls, found = dict[CodeType, int](), list[str]()
    known: dict[int, set[str]] = {}
    lines: dict[int, int] = {}

    def enter(frame: FrameType) -> bool:
        calls[frame.f_code] = calls.get(frame.f_code, 0) + 1
        known[id(frame)], lines[id(frame)] = set(_not_finite(frame.f_locals)), frame.f_lineno
        return not found

    def look(frame: FrameType, result: Any = None) -> bool:
        bad = _not_finite(frame.f_locals)
        fresh = [name for name in bad if name not in known[id(frame)]]
        if fresh and not found:
            file, number, name = frame.f_code.co_filename, lines[id(frame)], fresh[0]
            step = frame.f_locals.get("t")
            when = f"at t = {step}" if isinstance(step, int) else f"in call {calls[frame.f_code]}"
            place = f"{frame.f_code.co_name}, {when}"
            found.append(
                f"{shown_path(file)}:{number}: {name} is {bad[name]}, first in {place}: `{source_line(file, number)}`"
            )
        known[id(frame)] |= set(bad)
        lines[id(frame)] = frame.f_lineno
        return not found

    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            trace(run, files, enter, look, look)
    except Exception:  # where it stops is said elsewhere
        pass
    return found[0] if found else ""


def _not_finite(names: Mapping[str, Any]) -> dict[str, str]:
    """Return {name: "not a number" or "infinite"} for the arrays that local names reach."""
    found = {}
    for name, value in names.items():
        inside: Mapping[str, Any] = {name: value}
        if isinstance(value, (SimpleNamespace, dict)):
            parts = vars(value) if isinstance(value, SimpleNamespace) else value
            inside = {f"{name}.{key}": part for key, part in parts.items()}
        for full, part in inside.items():
            if isinstance(part, np.ndarray) and part.dtype.kind in "fc" and not np.isfinite(part).all():
                found[full] = "not a number" if np.isnan(part).any() else "infinite"
    return found
