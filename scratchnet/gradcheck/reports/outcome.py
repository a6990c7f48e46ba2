"""The outcome of one file: its verdict, whatever became of the check; what an exam may show of it; the mended copy.

Read next: table.py.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError
from scratchnet.gradcheck.cure import NOT_RUN, PARTLY, REFUSED, RIGHT, WRONG, Finding, Verdict
from scratchnet.usercode import (
    FileFails,
    ProcessEnded,
    TimeIsUp,
    cell_and_line,
    is_notebook,
    notebook_with,
    read_source,
    source_line,
)

# The findings that an exam may show, without their places and texts.
SHOWN = (
    "gradient", "missing", "shape", "no numbers", "not finite", "no effect", "loss differs", "stops", "refused", "time",
    "ended",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One file's row. file: as it was given. seconds: that its check took, with the start of its process."""

    file: Path
    verdict: Verdict
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        found = {**self.verdict.as_dict(), "path": str(self.file), "status": self.verdict.status}
        return {**found, "seconds": round(self.seconds, 3)}


def failed(file: Path, error: InputError) -> Verdict:
    """Return the verdict on a file that could not be judged, with the error as its finding."""
    found = Finding("refused", text=str(error))
    if isinstance(error, FileFails):
        found = _at(found, *error.place)
    elif isinstance(error, TimeIsUp):
        found = Finding("time", numbers={"seconds": error.seconds})
        for where, line, function in (error.frames or [])[:1]:
            found = _at(replace(found, function=function, text=source_line(where, line)), where, line)
    elif isinstance(error, ProcessEnded):
        found = _at(Finding("ended", numbers={"status": error.status}), *error.place)
    return Verdict(file.name, False, [], [], [], [], [found], {})


def _at(found: Finding, file: str, line: int) -> Finding:
    cell, line = cell_and_line(read_source(Path(file)), line) if is_notebook(file) else (0, line)
    return replace(found, file=file, line=line, cell=cell)


def without_cures(verdict: Verdict) -> Verdict:
    """Return a verdict that says right or wrong, of which arrays, and nothing of where or why."""
    bare = [Finding(one.kind, one.array, numbers=one.numbers) for one in verdict.findings if one.kind in SHOWN]
    return replace(verdict, cures=[], cured=False, texts={}, findings=bare)


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return one exit code for all: 1 where a file is wrong, else 2, 3 or 4 where one has it, else 0."""
    codes = {one.verdict.status for one in outcomes}
    return next((code for code in (WRONG, REFUSED, NOT_RUN, PARTLY) if code in codes), RIGHT)


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Return all outcomes as one JSON object, with a newline."""
    whole = {"ok": all(one.verdict.ok for one in outcomes), "files": [one.as_dict() for one in outcomes]}
    return dumped(whole)


def dumped(found: dict[str, Any]) -> str:
    """Return plain values as JSON, with null for what is no finite number."""
    return json.dumps(_finite(found), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _finite(one) for key, one in found.items()}
    if isinstance(found, (list, tuple)):
        return [_finite(one) for one in found]
    return None if isinstance(found, float) and not math.isfinite(found) else found


def write_mended(verdict: Verdict) -> list[Path]:
    """Write the mended copy of each file that a cure changes, beside it, under a name that is free; return them."""
    written = []
    for name in dict.fromkeys(cure.file for cure in verdict.cures if verdict.cured):
        file, text = Path(name), verdict.texts[name]
        copy, number = file.with_name(f"{file.stem}.mended{file.suffix}"), 1
        while copy.exists():
            number += 1
            copy = file.with_name(f"{file.stem}.mended-{number}{file.suffix}")
        try:
            with copy.open("x", encoding="utf-8") as stream:
                stream.write(notebook_with(file, text) if is_notebook(file) else text)
        except OSError as error:
            raise InputError(f"{copy} cannot be written: {error.strerror or error}") from None
        written.append(copy)
    return written
