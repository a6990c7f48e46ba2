"""The command behind `scratchnet gradcheck`: one target, a report for each thing in it, one exit code.

A user's file is checked in a process of its own (check_file.py), so that nothing in it can end or hang this one.

Read next: contract.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from scratchnet.errors import InputError
from scratchnet.gradcheck.subjects import is_harness
from scratchnet.usercode import FileFails, call_in_child

RIGHT, WRONG = 0, 1
HARNESS = "scratchnet.gradcheck.check_harness:report_on_harness"
CHECK = "scratchnet.gradcheck.check_file:report_on_file"
TIME_LIMIT = 60.0  # seconds, for the import and for the check, each


def run(
    target: str,
    *,
    seed: int = 0,
    scale: float = 0.5,
    backend: str = "numpy",
    as_json: bool = False,
    console: Console,
    html: Path | None = None,
    png: Path | None = None,
    limit: float = TIME_LIMIT,
    harness: Path | None = None,
    full: bool = False,
    hint: int = 0,
    fix: bool = False,
) -> int:
    """Check `target`, a name of `scratchnet.cells.CELLS`, path/to/file.py or path/to/file.py:Name; print the reports.

    html, png: files to write the reports to as well. limit: seconds that a user's code may take, 0 for any time.
    harness: a file that says how `target` is checked; where target itself is such a file it needs none. full: more than
    the first screen; hint: only so many of symptom, place, equation, cure; fix: also write a mended copy.
    Returns 0 where all gradients are right, 1 where one is wrong, 3 where the code could not be run. Raises
    InputError where there is nothing to check.
    """
    for file in (html, png):
        if file is not None and not file.resolve().parent.is_dir():
            raise InputError(f"there is no folder {file.parent} to write {file.name} to")
    outputs = {
        "as_json": as_json,
        "html": None if html is None else str(html),
        "png": None if png is None else str(png),
    }
    if harness is not None or (is_path(target) and is_harness(Path(target))):
        return _run_harness(
            target, harness, seed, {"as_json": as_json, "full": full, "hint": hint, "fix": fix}, limit, console
        )
    if full or hint or fix:
        raise InputError("--full, --hint and --fix are for a harness: see docs/checking_homework.md")
    settings = {"seed": seed, "scale": scale, "backend": backend}
    if not is_path(target):
        from scratchnet.gradcheck.check_file import check_library_cell  # a file's check needs none of it here

        return RIGHT if check_library_cell(target, settings, outputs, console) else WRONG
    look = {
        "width": console.width, "color_system": console.color_system if not console.legacy_windows else None,
        "force_terminal": console.is_terminal, "no_color": console.no_color,
    }  # fmt: skip
    arguments = {"target": target, "settings": settings, "outputs": outputs, "look": look, "seconds": limit}
    try:
        found = call_in_child(CHECK, arguments, file=target, seconds=2.0 * limit)
    except FileFails as error:
        if len(error.frames) > 1:
            print(*(f"  {frame}" for frame in error.frames), sep="\n", file=sys.stderr)
        raise
    console.file.write(found["text"])
    console.file.flush()
    return RIGHT if found["ok"] else WRONG


def _run_harness(
    target: str, harness: Path | None, seed: int, outputs: dict[str, object], limit: float, console: Console
) -> int:
    file, code = (target, None) if harness is None else (str(harness), target)
    for path in (file, code):
        if path is not None and not Path(path).is_file():
            raise InputError(f"there is no file {path}")
    arguments = {"target": file, "code": code, "seed": seed, "outputs": outputs, "seconds": limit}
    found = call_in_child(HARNESS, arguments, file=file, seconds=2.0 * limit)
    console.file.write(found["text"])
    console.file.flush()
    return int(found["status"])


def is_path(target: str) -> bool:
    """Tell whether a target is a file's, not a name of the library's."""
    return ":" in target or "/" in target or "\\" in target or target.endswith(".py")
