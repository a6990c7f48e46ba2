"""The command behind `scratchnet gradcheck`: one target, or many side by side; a report for each; one exit code.

A user's file is checked in a process of its own (check_harness.py), so that nothing in it can end or hang this one.

Read next: library/__init__.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from scratchnet.errors import InputError
from scratchnet.gradcheck.one_file import Call, Shown, call_of, has_harness, verdict_of
from scratchnet.gradcheck.reports import (
    Outcome,
    dumped,
    files_of,
    is_file_or_folder,
    is_several,
    without_cures,
    write_mended,
    write_pages,
)
from scratchnet.gradcheck.subjects import is_harness
from scratchnet.gradcheck.words import hint as hint_of
from scratchnet.gradcheck.words import lines_of
from scratchnet.usercode import ProcessEnded, TimeIsUp, call_in_child, split_target

TIME_LIMIT = 60.0  # seconds, for the import and for the check, each


def run(
    target: str | Sequence[str],
    *,
    seed: int = 0,
    as_json: bool = False,
    console: Console,
    html: Path | None = None,
    limit: float = TIME_LIMIT,
    harness: Path | None = None,
    full: bool = False,
    hint: int = 0,
    fix: bool = False,
    csv: Path | None = None,
    verdict_only: bool = False,
    workers: int = 0,
    write_harness: Path | None = None,
) -> int:
    """Check `target`, a name of `scratchnet.cells.CELLS`, path/to/file.py or path/to/file.py:Name; print the reports.

    target: several, or a folder, are checked side by side, `workers` at a time (0: as many as there are cores).
    html, csv: files to write the reports to as well; html may be a folder. limit: seconds that a user's code may
    take, 0 for any time. harness: a file that says how `target` is checked; where target itself is such a file it needs
    none. full: more than the first screen; hint: only so many of symptom, place, equation, line, cure; fix: also write
    a mended copy; verdict_only: neither line nor cure. write_harness: where to save the harness that is written for a
    file that has none.
    Returns 0 where all gradients are right, 1 where one is wrong, 2 where a file cannot be used, 3 where the code could
    not be run, 4 where a part was not checked. Raises InputError where there is nothing to check.
    """
    targets = [target] if isinstance(target, str) else list(target)
    shown = Shown(as_json, full, hint, fix, html, csv, verdict_only)
    for out in (html, csv, write_harness):
        if out is not None and not out.resolve().parent.is_dir():
            raise InputError(f"there is no folder {out.parent} to write {out.name} to")
    save = None if write_harness is None else _free(write_harness)
    if verdict_only and (full or hint or fix):
        raise InputError("--verdict-only shows no line and no cure: leave --full, --hint and --fix out")
    if harness is not None and not is_harness(harness):
        if not harness.is_file():
            raise InputError(f"there is no file {harness}")
        raise InputError(f"{harness} is no harness, or not Python: it has to define harness(m, r); see docs/harness.md")
    if len(targets) > 1 or csv is not None or is_several(targets[0]):
        from scratchnet.gradcheck.check_class import check_class

        if full or hint or save is not None:
            raise InputError("--full, --hint, --write-harness are for one file at a time; for many: --html")
        return check_class(files_of(targets, harness), harness, seed, shown, limit, workers, console)
    from scratchnet.cells import CELLS  # NumPy comes with it, which many files side by side do not need here

    file = Path(targets[0])
    if not is_file_or_folder(targets[0]) and targets[0] not in CELLS:
        known = ", ".join(CELLS)
        raise InputError(f"there is no cell {targets[0]!r}: choose one of {known}, or give path/to/file.py")
    if save is not None and (targets[0] in CELLS or has_harness(file, harness)):
        raise InputError(f"{targets[0]} needs no harness to be written: leave --write-harness out")
    call = call_of(targets[0], harness, seed, limit, shown)
    return _run_one(file, call, shown, limit, console, save)


def _run_one(target: Path, call: Call, shown: Shown, limit: float, console: Console, save: Path | None = None) -> int:
    if is_file_or_folder(str(target)):
        split_target(str(target))  # says so where there is no such file
    began = time.monotonic()
    try:
        found = call_in_child(*call, file=str(target), seconds=limit, quiet=shown.verdict_only)
    except InputError as error:
        if not shown.verdict_only and not isinstance(error, (TimeIsUp, ProcessEnded)):  # not in an exam: it says where
            if len(frames := getattr(error, "frames", ())) > 1:
                print(*(f"  {frame}" for frame in frames), sep="\n", file=sys.stderr)
            raise
        found = error
    verdict = verdict_of(target, found)
    verdict = without_cures(verdict) if shown.verdict_only else verdict
    written = write_mended(verdict) if shown.fix else []
    harness = found.get("harness", "") if isinstance(found, dict) else ""
    if save is not None and harness:
        save.write_text(harness, "utf-8")
        written.append(save)
    if shown.html is not None:
        outcome = Outcome(target, verdict, time.monotonic() - began)
        write_pages([outcome], shown.html, shown.verdict_only)
    if shown.as_json:
        _print(dumped(verdict.as_dict()), console)
        return verdict.status
    lines = hint_of(verdict, shown.hint) if shown.hint and not verdict.ok else lines_of(verdict, shown.full)
    if save is None and any(one.kind == "gaps" for one in verdict.findings):
        lines += ["", *harness.splitlines()]
    _print("".join(f"{line}\n" for line in [*lines, *(f"wrote {file}" for file in written)]), console)
    return verdict.status


def _free(path: Path) -> Path:
    """Return where a harness may be written; raise InputError where something stands there already."""
    if path.exists():
        raise InputError(f"{path} is there already: give another name to write the harness to")
    return path


def _print(text: str, console: Console) -> None:
    console.file.write(text)
    console.file.flush()
