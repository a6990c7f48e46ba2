"""A check in a process of its own: what never ends is ended, and said with the line at which it was.

Read next: code.py.
"""

from __future__ import annotations

import linecache
import os
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError
from scratchnet.learn.exercise import Exercise
from scratchnet.learn.outcome import Outcome, outcome_from
from scratchnet.usercode import Limit, TimeIsUp, call_in_child


def check_in_child(
    exercise: Exercise, path: Path, *, seconds: float | None = None, width: int = 100, colour: bool = False
) -> Outcome:
    """Judge a file as `run_check` does, in a process that may take `seconds` (the exercise's own limit by default).

    Raises InputError, in one line, where the file cannot be judged, takes too long, or ends the process.
    """
    limit = exercise.seconds if seconds is None else seconds
    arguments = {
        "folder": str(exercise.folder.resolve()), "path": str(path.resolve()), "seconds": limit, "width": width,
        "colour": colour,
    }  # fmt: skip
    environment = {"OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"), "PYTHONIOENCODING": "utf-8"}
    try:
        found = call_in_child(
            f"{__name__}:judge_file", arguments, file=path.name, seconds=limit, quiet=True, environment=environment
        )
    except TimeIsUp as error:
        raise InputError(too_long(path, limit, error)) from None
    return outcome_from(found)


def judge_file(folder: str, path: str, seconds: float, width: int, colour: bool, limit: Limit) -> dict[str, Any]:
    """Judge one file; return the outcome as plain values. The clock starts when the library is loaded."""
    from scratchnet.learn.checks import run_check
    from scratchnet.learn.exercise import read_exercise

    with limit(seconds, Path(path).name):
        return run_check(read_exercise(Path(folder)), Path(path), width=width, colour=colour).as_dict()


def too_long(path: Path, limit: float, error: TimeIsUp) -> str:
    """Say that a check was stopped, and at which line of the learner's."""
    said = f"{path.name} was not done after {limit:g} second{'' if limit == 1 else 's'} and was stopped"
    if error.frames is None:  # not even another thread could run
        return f"{said}: a loop that does not end?"
    full = str(path.resolve())
    for file, number, _ in error.frames:
        if file == full:
            line = linecache.getline(full, number).strip()
            return f"{said}; it was at {path.name}:{number}: `{line}`: a loop that does not end?"
    longer = f"`scratchnet learn check {path.stem} --seconds {max(60.0, 4 * limit):g}`"
    return f"{said}; none of your lines ran at that moment, so the machine may just be busy: {longer} waits longer"
