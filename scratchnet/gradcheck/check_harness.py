"""A file, checked in a process of its own by its harness, or by one written for it; what is found goes back as data.

Read next: reports/__init__.py.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError
from scratchnet.gradcheck.cure import Finding, Verdict
from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.library import cells_in, judged_file
from scratchnet.gradcheck.subjects import Subject, subject_of
from scratchnet.gradcheck.written_harness import Found, file_text, written_harness
from scratchnet.usercode import FileFails, Limit, ProcessEnded, as_if_alone, run_file

LONGEST_SEARCH, LONGEST_TRIAL = 30.0, 25.0  # seconds: for a cure, for a harness


def check_harness(
    target: str, code: str | None, seed: int, cures: bool, seconds: float, limit: Limit
) -> dict[str, Any]:
    """Check a harness file; return the verdict as plain values (`Verdict.of` makes one of them).

    code: the file under check where the harness does not import it. cures: whether places and cures are looked for.
    seconds: that everything may take.
    """
    checked = Path(target if code is None else code)
    with as_if_alone(checked, Path(target).resolve().parent) as written, limit(seconds, f"the check of {checked}"):
        subject = subject_of(Path(target), None if code is None else checked, seed)
        verdict = _judged(subject, cures, seconds, 0.6)
    return asdict(_with_files(verdict, written))


def check_without_harness(target: str, seed: int, cures: bool, seconds: float, limit: Limit) -> dict[str, Any]:
    """Check a file that has no harness: the library's cells that it defines, or else by one that is written for it.

    cures, seconds: as for `check_harness`. Returns {"verdict": plain values, "harness": its text}.
    Raises InputError where the file cannot be used, or nothing in it is found to be checked.
    """
    path = Path(target)
    with as_if_alone(path, path.resolve().parent) as written, limit(seconds, f"the check of {path}"):
        if cells := cells_in(path):
            verdict = judged_file(path, cells, seed, _search(seconds, 0.6) if cures else 0.0)
            return {"verdict": asdict(_with_files(verdict, written)), "harness": ""}
        found, subject = _tried(path, seed, min(LONGEST_TRIAL, 0.4 * seconds) if seconds else LONGEST_TRIAL)
        if subject is not None and found is not None:
            verdict = _judged(subject, cures, seconds, 0.5)
            verdict.unchecked = found.unchecked
            text = file_text(path, found.instead, found.text)
            return {"verdict": asdict(_with_files(verdict, written)), "harness": text}
    if found is None or not found.text:
        raise InputError(f"{path}: no harness could be written for it: see docs/harness.md for how to write one")
    text = file_text(path, found.instead, found.text)
    gaps = Verdict(path.name, False, [], [], [], [], [Finding("gaps", text=text)], {})
    return {"verdict": asdict(gaps), "harness": text}


def _tried(path: Path, seed: int, seconds: float) -> tuple[Found | None, Subject | None]:
    found: Found | None = None
    subject: Subject | None = None
    with contextlib.suppress(Exception, SystemExit):  # whatever code of others raises while it is tried
        found, subject = written_harness(path, seed, seconds)
    if found is None or not found.text:
        try:
            run_file(path)  # says in one line, with the place, why a file cannot be imported
        except FileFails as error:
            if isinstance(error.__cause__, SystemExit):
                raise ProcessEnded.by(error.__cause__) from error
            raise
    return found, subject


def _judged(subject: Subject, cures: bool, seconds: float, share: float) -> Verdict:
    return judge(subject, seconds=_search(seconds, share) if cures else 0.0)


def _search(seconds: float, share: float) -> float:
    return min(LONGEST_SEARCH, share * seconds) if seconds else LONGEST_SEARCH


def _with_files(verdict: Verdict, written: list[str]) -> Verdict:
    if written:
        verdict.findings.append(Finding("not written", numbers={"files": list(dict.fromkeys(written))}))
    return verdict
