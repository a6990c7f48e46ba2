"""A class of thirty: many files side by side, one row each, and no file that ends the run.

Read next: one_file.py.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from scratchnet.gradcheck.one_file import Shown, call_of, verdict_of
from scratchnet.gradcheck.reports import (
    Outcome,
    as_json,
    exit_code,
    progress,
    show_table,
    without_cures,
    write_csv,
    write_mended,
    write_pages,
)
from scratchnet.usercode import cores, side_by_side

INTERRUPTED = 130


def check_class(
    files: Sequence[Path],
    harness: Path | None,
    seed: int,
    shown: Shown,
    limit: float,
    workers: int,
    console: Console,
) -> int:
    """Check files, `workers` at a time (0: one a core); print a row for each; return one exit code for all.

    Ctrl-C ends what still runs; what is ready is shown and written all the same.
    """
    done: dict[int, Outcome] = {}
    calls = [call_of(str(file), harness, seed, limit, shown) for file in files]
    interrupted = False
    try:
        with progress(len(files)) as advance:
            for number, found, seconds in side_by_side(
                calls, [str(file) for file in files], workers=workers or cores(), seconds=limit
            ):
                verdict = verdict_of(files[number], found)
                done[number] = Outcome(
                    files[number], without_cures(verdict) if shown.verdict_only else verdict, seconds
                )
                advance(files[number].name)
    except KeyboardInterrupt:
        interrupted = True
    outcomes = [done[number] for number in sorted(done)]
    _show(outcomes, shown, console)
    if interrupted:
        print(f"interrupted: {len(outcomes)} of {len(files)} files are checked", file=sys.stderr)
        return INTERRUPTED
    return exit_code(outcomes)


def _show(outcomes: Sequence[Outcome], shown: Shown, console: Console) -> None:
    written = [file for one in outcomes for file in write_mended(one.verdict)] if shown.fix else []
    if shown.html is not None:
        written += write_pages(outcomes, shown.html, shown.verdict_only)[:1]
    if shown.csv is not None:
        write_csv(outcomes, shown.csv, shown.verdict_only)
        written.append(shown.csv)
    if shown.as_json:
        console.file.write(as_json(outcomes))
        console.file.flush()
        return
    show_table(outcomes, console, shown.verdict_only)
    for file in written:
        console.print(f"wrote {file}", markup=False, highlight=False, soft_wrap=True)
