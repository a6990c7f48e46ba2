"""A check in a process of its own: what never ends is ended, and said with the line at which it was.

    python -m scratchnet.learn.child EXERCISE_FOLDER FILE ANSWER SECONDS WIDTH COLOUR

writes {"outcome": ...} or {"error": ...} to the file ANSWER.

Read next: workspace.py.
"""

from __future__ import annotations

import faulthandler
import json
import linecache
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from scratchnet.errors import InputError
from scratchnet.learn.exercise import Exercise
from scratchnet.learn.outcome import Outcome, outcome_from

GRACE = 20.0  # for loading the library on a busy machine, and for what faulthandler cannot stop
LIBRARY = Path(__file__).resolve().parent.parent


def check_in_child(
    exercise: Exercise, path: Path, *, seconds: float | None = None, width: int = 100, colour: bool = False
) -> Outcome:
    """Judge a file as `run_check` does, in a process that may take `seconds` (the exercise's own limit by default).

    Raises InputError, in one line, where the file cannot be judged, takes too long, or ends the process.
    """
    limit = exercise.seconds if seconds is None else seconds
    with tempfile.TemporaryDirectory(prefix="scratchnet-") as folder:
        answer, trace = Path(folder) / "answer.json", Path(folder) / "answer.trace"
        parts = [exercise.folder.resolve(), path.resolve(), answer, limit, width, int(colour)]
        # -P: a learner's file called numpy.py in the current folder must not be taken for NumPy.
        command = [sys.executable, "-P", "-m", "scratchnet.learn.child", *(str(part) for part in parts)]
        way = os.pathsep.join(part for part in (str(LIBRARY.parent), os.environ.get("PYTHONPATH", "")) if part)
        environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": way, "PYTHONIOENCODING": "utf-8"}
        try:
            done = subprocess.run(
                command, env=environment, timeout=limit + GRACE, stdin=subprocess.DEVNULL, capture_output=True
            )
        except subprocess.TimeoutExpired:
            raise InputError(too_long(path, limit, trace)) from None
        if not answer.exists():
            if trace.exists() and "Timeout" in trace.read_text(encoding="utf-8"):
                raise InputError(too_long(path, limit, trace))
            last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            said = f", saying {last[0]!r}" if last else ""
            raise InputError(
                f"{path.name} ended the check, exit status {done.returncode}{said}: take out what ends the process"
            )
        found = json.loads(answer.read_text(encoding="utf-8"))
    if "error" in found:
        raise InputError(found["error"])
    return outcome_from(found["outcome"])


def too_long(path: Path, limit: float, trace: Path) -> str:
    """Say that a check was stopped, and at which line of the learner's; `trace` is what faulthandler wrote."""
    text = trace.read_text(encoding="utf-8") if trace.exists() else ""
    full, at = str(path.resolve()), ""
    for file, number in re.findall(r'File "(.+)", line (\d+)', text):
        if file == full:
            at = f"; it was at {path.name}:{number}: `{linecache.getline(full, int(number)).strip()}`"
            break
    said = f"{path.name} was not done after {limit:g} second{'' if limit == 1 else 's'} and was stopped{at}"
    if text and not at:
        longer = f"`scratchnet learn check {path.stem} --seconds {max(60.0, 4 * limit):g}`"
        return f"{said}; none of your lines ran at that moment, so the machine may just be busy: {longer} waits longer"
    return f"{said}: a loop that does not end?"


def main(arguments: list[str]) -> None:
    """Judge one file and write the answer."""
    folder, path, answer = (Path(argument) for argument in arguments[:3])
    limit, width, colour = float(arguments[3]), int(arguments[4]), arguments[5] == "1"
    from scratchnet.learn.checks import run_check
    from scratchnet.learn.exercise import read_exercise

    # The clock starts when the library is loaded: the seconds are the learner's own.
    with answer.with_suffix(".trace").open("w", encoding="utf-8") as trace:
        faulthandler.dump_traceback_later(limit, file=trace, exit=True)
        found: dict[str, object]
        try:
            found = {"outcome": run_check(read_exercise(folder), path, width=width, colour=colour).as_dict()}
        except InputError as error:
            found = {"error": str(error)}
        faulthandler.cancel_dump_traceback_later()
    temporary = answer.with_suffix(".part")
    temporary.write_text(json.dumps(found), encoding="utf-8")
    temporary.replace(answer)


if __name__ == "__main__":
    main(sys.argv[1:])
