"""The command behind `scratchnet gradcheck`: one target, or many side by side; a report for each; one exit code.

A user's file is checked in a process of its own (check_harness.py), so that nothing in it can end or hang this one.

Read next: contract.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from scratchnet.errors import InputError
from scratchnet.gradcheck.cure import RIGHT, WRONG
from scratchnet.gradcheck.one_file import (
    CHECK,
    HARNESS,
    Call,
    Shown,
    harness_call,
    has_harness,
    verdict_of,
    written_call,
)
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
from scratchnet.usercode import ProcessEnded, TimeIsUp, call_in_child

TIME_LIMIT = 60.0  # seconds, for the import and for the check, each


def run(
    target: str | Sequence[str],
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
    csv: Path | None = None,
    verdict_only: bool = False,
    workers: int = 0,
    write_harness: Path | None = None,
) -> int:
    """Check `target`, a name of `scratchnet.cells.CELLS`, path/to/file.py or path/to/file.py:Name; print the reports.

    target: several, or a folder, are checked side by side, `workers` at a time (0: as many as there are cores).
    html, png, csv: files to write the reports to as well; html may be a folder. limit: seconds that a user's code may
    take, 0 for any time. harness: a file that says how `target` is checked; where target itself is such a file it needs
    none. full: more than the first screen; hint: only so many of symptom, place, equation, line, cure; fix: also write
    a mended copy; verdict_only: neither line nor cure. write_harness: where to save the harness that is written for a
    file that has none.
    Returns 0 where all gradients are right, 1 where one is wrong, 2 where a file cannot be used, 3 where the code could
    not be run, 4 where a part was not checked. Raises InputError where there is nothing to check.
    """
    targets = [target] if isinstance(target, str) else list(target)
    shown = Shown(as_json, full, hint, fix, html, csv, verdict_only)
    for out in (html, png, csv, write_harness):
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

        if full or hint or png is not None or save is not None:
            raise InputError("--full, --hint, --png, --write-harness are for one file at a time; for many: --html")
        return check_class(files_of(targets, harness), harness, seed, shown, limit, workers, console)
    file = Path(targets[0])
    if is_file_or_folder(targets[0]) and has_harness(file, harness):
        if save is not None:
            raise InputError(f"there is a harness for {file} already: leave --write-harness out")
        return _run_one(file, harness_call(file, harness, seed, limit, shown), shown, limit, console)
    settings = {"seed": seed, "scale": scale, "backend": backend}
    outputs = {"as_json": as_json, "html": html and str(html), "png": png and str(png)}
    if not is_file_or_folder(targets[0]):
        from scratchnet.gradcheck.check_file import check_library_cell  # a file's check needs none of it here

        _only_for_files(shown, save)
        return RIGHT if check_library_cell(targets[0], settings, outputs, console) else WRONG
    look = {
        "width": console.width, "color_system": console.color_system if not console.legacy_windows else None,
        "force_terminal": console.is_terminal, "no_color": console.no_color,
    }  # fmt: skip
    otherwise = {"settings": settings, "outputs": outputs, "look": look}
    plain = png is None and (scale, backend) == (0.5, "numpy") and ":" not in file.name
    if not plain:
        _only_for_files(shown, save)
        return _run_one(file, (CHECK, {"target": targets[0], **otherwise, "seconds": limit}), shown, limit, console)
    new = full or hint or fix or verdict_only or save is not None  # of which the other check knows nothing
    call = written_call(file, seed, limit, shown, None if new else otherwise)
    return _run_one(file, call, shown, limit, console, save)


def _only_for_files(shown: Shown, save: Path | None) -> None:
    if shown.full or shown.hint or shown.fix or shown.verdict_only or save is not None:
        raise InputError(
            "--full, --hint, --fix, --verdict-only, --write-harness are for a harness: see docs/harness.md"
        )


def _run_one(target: Path, call: Call, shown: Shown, limit: float, console: Console, save: Path | None = None) -> int:
    if not str(target).partition(":")[0] or (":" not in target.name and not target.is_file()):
        raise InputError(f"there is no file {target}")
    began = time.monotonic()
    times = 1.0 if call[0] == HARNESS else 3.0  # the check without a harness counts its time anew for each try
    try:
        found = call_in_child(*call, file=str(target), seconds=times * limit, quiet=shown.verdict_only)
    except InputError as error:
        if not shown.verdict_only and not isinstance(error, (TimeIsUp, ProcessEnded)):  # not in an exam: it says where
            if len(frames := getattr(error, "frames", ())) > 1:
                print(*(f"  {frame}" for frame in frames), sep="\n", file=sys.stderr)
            raise
        found = error
    if isinstance(found, dict) and "text" in found:
        _print(found["text"], console)
        return RIGHT if found["ok"] else WRONG
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
