"""Where the first NaN comes from: the line, the array, the step.

Read next: ../functions.py.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from types import CodeType, FrameType, SimpleNamespace
from typing import Any

import numpy as np

from scratchnet.gradcheck.blame import shown_path, source_line


def first_nan(run: Callable[[], Any], files: Iterable[str]) -> str:
    """Call `run`; return "file:line: name is not a number ...: `line`" for the first NaN or infinity in `files`, or "".

    Arguments that hold one from the start are not the line's doing and are left out.
    """
    own, calls, found = frozenset(files), dict[CodeType, int](), list[str]()
    known: dict[int, set[str]] = {}
    lines: dict[int, int] = {}

    def look(frame: FrameType) -> None:
        bad = _not_finite(frame.f_locals)
        fresh = [name for name in bad if name not in known[id(frame)]]
        if fresh and not found:
            file, number, name = frame.f_code.co_filename, lines[id(frame)], fresh[0]
            step = frame.f_locals.get("t")
            when = f"at t = {step}" if isinstance(step, int) else f"in call {calls[frame.f_code]}"
            place = f"{frame.f_code.co_name}, {when}"
            found.append(f"{shown_path(file)}:{number}: {name} is {bad[name]}, first in {place}: "
                         f"`{source_line(file, number)}`")  # fmt: skip
        known[id(frame)] |= set(bad)

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        if found:
            return None
        look(frame)
        lines[id(frame)] = frame.f_lineno
        return local

    def enter(frame: FrameType, event: str, argument: Any) -> Any:
        if event != "call" or frame.f_code.co_filename not in own or found:
            return None
        calls[frame.f_code] = calls.get(frame.f_code, 0) + 1
        known[id(frame)], lines[id(frame)] = set(_not_finite(frame.f_locals)), frame.f_lineno
        return local

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            run()
    except Exception:  # where it stops is said elsewhere
        pass
    finally:
        sys.settrace(before)
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
