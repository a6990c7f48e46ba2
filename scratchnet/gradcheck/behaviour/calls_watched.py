"""The calls that a harness makes, watched: arguments and caches that are changed in place, a backward called twice.

A profiler sees each call of the code under check as it begins and as it ends; names say nothing here. A call after the
loss is a backward: it is made once more with the same arguments, and must return the same.

Read next: changed_lines.py.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np

from scratchnet.gradcheck.behaviour.runs import differs, run
from scratchnet.gradcheck.subjects import Subject, Tool

GENERATOR, VARARGS, VARKEYWORDS = 0x20, 0x04, 0x08
DEEPEST = 4


@dataclass
class Changed:
    """An array that a call changed in place. path: how it is reached from the arguments, "cache[2]". kind: "given"

    by the harness, or "cached": returned by an earlier call.
    """

    function: str
    code: CodeType
    path: str
    kind: str
    array: Any


@dataclass
class Twice:
    """A backward that returned something else when it was called again with the same arguments."""

    function: str
    code: CodeType
    chance: bool
    changed: list[str] = field(default_factory=list)


class _Watched(Tool):
    """A tool that remembers which gradients from above it has handed out."""

    def __init__(self, arrays: Any) -> None:
        super().__init__(arrays)
        self.given: list[Any] = []

    def loss(self, value: Any) -> Any:
        found = super().loss(value)
        if isinstance(found, np.ndarray):
            self.given.append(found)
        return found


class CallWatch:
    """What was seen of the calls of one run."""

    def __init__(self, subject: Subject, T: int) -> None:
        self.files = set(subject.program.files.values())
        self.changed: list[Changed] = []
        self.twice: list[Twice] = []
        self.functions: list[str] = []
        self._tool = _Watched(subject.arrays(T))
        self._running: FrameType | None = None
        self._before: dict[str, tuple[Any, Any]] = {}
        self._arguments: tuple[list[Any], dict[str, Any]] = ([], {})
        self._chance: Any = None
        self._cached: dict[int, Any] = {}
        before = sys.getprofile()
        module = subject.program.load()
        sys.setprofile(self._look)
        try:
            outcome = run(subject, T, module, self._tool)
        finally:
            sys.setprofile(before)
        # Where an argument is what gradients are put into, that it changes is what it is there for.
        results = [one for one in outcome.gradients.values() if isinstance(one, np.ndarray)]
        self.changed = [one for one in self.changed if not any(np.array_equal(one.array, result) for result in results)]

    def _look(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and self._running is None and is_call_of(frame, self.files):
            self._running = frame
            self._arguments = arguments_of(frame)
            self._before = {
                path: (array, array.copy()) for path, array in arrays_of(frame).items()
                if not _is_own(frame, path)
            }  # fmt: skip
            self._chance = np.random.get_state()
        elif event == "return" and frame is self._running:
            try:
                self._ended(frame, argument)
            finally:
                self._running = None

    def _ended(self, frame: FrameType, result: Any) -> None:
        name = frame.f_code.co_name
        self.functions.append(name)
        changed = [path for path, (array, before) in self._before.items() if not np.array_equal(array, before)]
        for path in changed:
            array = self._before[path][0]
            kind = "cached" if id(array) in self._cached else "given" if self._is_given(array) else ""
            if kind:
                self.changed.append(Changed(name, frame.f_code, path, kind, array))
        if self._tool.losses and not frame.f_code.co_flags & GENERATOR and result is not None:
            self._again(frame, result, changed)
        for array in reached(result, "", 0).values():
            self._cached[id(array)] = array

    def _is_given(self, array: Any) -> bool:
        """Tell whether an array is one of the tool's, or a view of one."""
        known = [*(one for _, one in self._tool.owned.values()), *self._tool.given]
        return any(array is one or np.may_share_memory(array, one) for one in known)

    def _again(self, frame: FrameType, result: Any, changed: list[str]) -> None:
        function = function_of(frame)
        first = {path: array.copy() for path, array in reached(result, "", 0).items()}
        if function is None or not first:
            return
        for path in changed:  # what the harness gave is given again as it was; what is cached stays as it was left
            array, before = self._before[path]
            if id(array) not in self._cached and array.flags.writeable:
                array[...] = before
        second = self._called(function)
        if second is None or not _differ(first, second) or _doubled(first, second):
            return
        np.random.set_state(self._chance)
        third = self._called(function)
        chance = third is not None and not _differ(first, third)
        name = frame.f_code.co_name
        self.twice.append(
            Twice(name, frame.f_code, chance, [p for p in changed if id(self._before[p][0]) in self._cached])
        )

    def _called(self, function: FunctionType) -> dict[str, Any] | None:
        """Return the arrays that another call returns; None where it cannot be made."""
        listed, named = self._arguments
        try:
            with np.errstate(all="ignore"):
                return reached(function(*listed, **named), "", 0)
        except Exception:  # such as a cache that is used up: the check made this call, so it says nothing
            return None


def is_call_of(frame: FrameType, files: set[str]) -> bool:
    """Tell whether a frame is a call of the code under check, made by a harness."""
    code = frame.f_code
    return code.co_filename in files and not code.co_name.startswith(("<", "__")) and code.co_name != "harness"


def arguments_of(frame: FrameType) -> tuple[list[Any], dict[str, Any]]:
    """Return the positional and the keyword arguments with which a frame was called."""
    code, values = frame.f_code, frame.f_locals
    n = code.co_argcount
    listed = [values[name] for name in code.co_varnames[:n] if name in values]
    end = n + code.co_kwonlyargcount
    named = {name: values[name] for name in code.co_varnames[n:end] if name in values}
    if code.co_flags & VARARGS:
        listed += list(values.get(code.co_varnames[end], ()))
        end += 1
    if code.co_flags & VARKEYWORDS:
        named.update(values.get(code.co_varnames[end], {}))
    return listed, named


def arrays_of(frame: FrameType) -> dict[str, Any]:
    """Return the arrays that are reached from the arguments of a frame, by their path."""
    code, found = frame.f_code, {}
    for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        found.update(reached(frame.f_locals.get(name), name, 0))
    return found


def reached(thing: Any, path: str, depth: int) -> dict[str, Any]:
    """Return the arrays of numbers that are reached from something, by their path."""
    if isinstance(thing, np.ndarray):
        return {path: thing} if thing.dtype.kind in "fiub" else {}
    if depth > DEEPEST:
        return {}
    found: dict[str, Any] = {}
    for inner, value in _parts(thing, path):
        found.update(reached(value, inner, depth + 1))
    return found


def _parts(thing: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(thing, dict):
        yield from ((f"{path}[{key!r}]", value) for key, value in list(thing.items()))
    elif isinstance(thing, (list, tuple)):
        yield from ((f"{path}[{k}]", value) for k, value in enumerate(thing))
    elif hasattr(thing, "__dict__") and not isinstance(thing, (type, FunctionType)) and not callable(thing):
        yield from ((f"{path}.{name}", value) for name, value in list(vars(thing).items()))


def _is_own(frame: FrameType, path: str) -> bool:
    """Tell whether an array is an attribute of the object whose method runs: it may do with it as it likes."""
    code = frame.f_code
    if not code.co_argcount or not path.startswith(f"{code.co_varnames[0]}."):
        return False
    return hasattr(type(frame.f_locals.get(code.co_varnames[0])), code.co_name)


def function_of(frame: FrameType) -> FunctionType | None:
    """Return the function that a frame is a call of."""
    for one in gc.get_referrers(frame.f_code):
        if isinstance(one, FunctionType) and one.__code__ is frame.f_code and one.__globals__ is frame.f_globals:
            cells = zip(frame.f_code.co_freevars, one.__closure__ or (), strict=False)
            if all(_content(cell) is frame.f_locals.get(name) for name, cell in cells):
                return one
    return None


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _differ(one: dict[str, Any], two: dict[str, Any]) -> bool:
    return one.keys() == two.keys() and any(differs(one[path], two[path]) for path in one)


def _doubled(one: dict[str, Any], two: dict[str, Any]) -> bool:
    """Tell whether what differs is twice what it was: gradients that add up."""
    return all(np.allclose(two[p], 2.0 * one[p], rtol=1e-9, atol=1e-12) for p in one if differs(one[p], two[p]))
