"""A class as a table of comma-separated values, for a spreadsheet.

Read next: source_listing.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from scratchnet.errors import InputError
from scratchnet.gradcheck.reports.outcome import Outcome
from scratchnet.gradcheck.words import line_numbers, mistake, result

COLUMNS = (
    "file", "exit_code", "result", "digits", "checked", "wrong", "line", "before", "after", "mistake", "seconds",
)  # fmt: skip
HIDDEN = ("line", "before", "after", "mistake")  # in an exam


def write_csv(outcomes: Sequence[Outcome], file: Path, bare: bool = False) -> None:
    """Write one line a file; raise InputError where that cannot be done. bare: without lines and mistakes."""
    text = io.StringIO()
    columns = [name for name in COLUMNS if not (bare and name in HIDDEN)]
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in _row(one).items()} for one in outcomes)
    try:
        # The mark at the start is what Excel knows UTF-8 by.
        file.write_text(text.getvalue(), "utf-8-sig", "backslashreplace", newline="")
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}") from None


def _row(one: Outcome) -> dict[str, object]:
    found = one.verdict
    return {
        "file": str(one.file),
        "exit_code": found.status,
        "result": result(found),
        "digits": min(found.digits.values(), default=""),
        "checked": " ".join(found.checked),
        "wrong": " ".join(found.wrong),
        "line": line_numbers(found),
        "before": "\n".join(cure.before for cure in found.cures),
        "after": "\n".join(cure.after for cure in found.cures),
        "mistake": mistake(found),
        "seconds": round(one.seconds, 2),
    }


def _safe(value: object) -> object:
    """Return a value that a spreadsheet takes for text, not for a formula: a learner's line may begin with anything."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
