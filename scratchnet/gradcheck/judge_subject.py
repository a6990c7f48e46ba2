"""Judge a subject: is every gradient right, and if not, where is the mistake, and what undoes it?

    verdict = judge(subject)            verdict.ok, .wrong, .cures, .findings

Read next: words.py.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.cure import Cure, Finding, Search, Verdict, changes, clearest
from scratchnet.gradcheck.subjects import HarnessError, Subject, wrong_entries
from scratchnet.usercode import locate_error

MOST_DIGITS = 12.0


def judge(subject: Subject, seconds: float = 30.0, say: Callable[[str], None] | None = None) -> Verdict:
    """Return what a check of all gradients of a subject finds. seconds: how long a cure may be looked for.

    Raises HarnessError where the harness cannot be used.
    """
    began = time.monotonic()
    findings = _unsteady(subject)
    if not subject.checked:
        if findings:
            return _stopped(subject, findings, began)
        raise HarnessError("the harness returned no pairs: return (array, gradient) for every array")
    names = subject.names(subject.times[-1])
    right, digits, derivatives = True, dict[str, float](), 0
    for T in subject.times:
        result = subject.run(T)
        if result.error is not None:
            right = False
            continue
        if not math.isfinite(result.loss):
            raise HarnessError(f"the loss is {result.loss} at T = {T}: no derivative can be taken of it")
        for key, true in subject.true(T).items():
            name, gradient = names.get(key, f"array {key + 1}"), result.gradients.get(key)
            derivatives += true.size
            digits[name] = min(digits.get(name, MOST_DIGITS), _digits(gradient, true))
            right = right and not wrong_entries(gradient, true)
    wrong = [name for name in digits if digits[name] < 0 or not _passes(subject, names, name)]
    findings += _of_arrays(subject, names)
    dead = [one.array for one in findings if one.kind == "no effect"]
    bad = sorted({*wrong, *dead}, key=list(digits).index)
    verdict = Verdict(
        subject.program.path.name, right and not findings, list(digits), [], bad, [], findings, digits,
        derivatives=derivatives, times=subject.times,
    )  # fmt: skip
    if not right and not any(one.kind == "loss differs" for one in findings):
        _cure(subject, verdict, seconds, say)
    verdict.seconds = time.monotonic() - began
    return verdict


def _unsteady(subject: Subject) -> list[Finding]:
    """Return what is seen when the same is asked twice: errors, and a loss that differs."""
    found = []
    for T in subject.times:
        one, two = subject.run(T), subject.run(T)
        if one.error is not None:
            found.append(
                Finding("stops", text=locate_error(one.error, subject.program.files.values()), numbers={"T": T})
            )
        elif two.error is None and abs(one.loss - two.loss) > 1e-12 * (1.0 + abs(one.loss)):
            found.append(Finding("loss differs", numbers={"T": T, "first": one.loss, "second": two.loss}))
    return found


def _stopped(subject: Subject, findings: list[Finding], began: float) -> Verdict:
    return Verdict(
        subject.program.path.name, False, [], [], [], [], findings, {}, times=subject.times,
        seconds=time.monotonic() - began,
    )  # fmt: skip


def _digits(gradient: Any, true: Array) -> float:
    if gradient is None or np.shape(gradient) != true.shape:
        return -1.0
    difference = float(np.linalg.norm(np.asarray(gradient, float) - true))
    size = float(np.linalg.norm(true))
    if not math.isfinite(difference):
        return -1.0
    return (
        MOST_DIGITS
        if difference <= 1e-12 * size
        else max(0.0, math.floor(10.0 * -math.log10(difference / size)) / 10.0)
        if size
        else 0.0
    )


def _passes(subject: Subject, names: dict[int, str], name: str) -> bool:
    key = next(key for key, one in names.items() if one == name)
    return not any(
        wrong_entries(subject.run(T).gradients.get(key), subject.true(T).get(key, np.zeros(0))) for T in subject.times
    )


def _of_arrays(subject: Subject, names: dict[int, str]) -> list[Finding]:
    found = []
    T = subject.times[-1]
    result = subject.run(T)
    for key, true in subject.true(T).items():
        name = names.get(key, "")
        gradient: Any = result.gradients.get(key)
        numbers = {"wrong": wrong_entries(gradient, true), "of": int(true.size), "T": T}
        if result.error is None and gradient is None:
            found.append(Finding("missing", name))
        elif result.error is None and np.shape(gradient) != true.shape:
            found.append(Finding("shape", name, numbers={"has": list(np.shape(gradient)), "wanted": list(true.shape)}))
        elif not np.any(np.abs(true) > 1e-12):
            found.append(Finding("no effect", name))
        elif numbers["wrong"]:
            found.append(Finding("gradient", name, numbers=numbers))
    return found


def _cure(subject: Subject, verdict: Verdict, seconds: float, say: Callable[[str], None] | None) -> None:
    search = Search(subject, seconds, say)
    cured = search.run()
    verdict.findings += search.places
    verdict.cured = cured.wrong == 0
    if not verdict.cured:
        return
    verdict.texts = {subject.program.files[module]: text for module, text in cured.texts.items()}
    for module, text in clearest(subject, cured).items():
        file = subject.program.files[module]
        for change in changes(subject.program.texts[module], text):
            place = next((one for one in search.places if one.line == change.line and one.file == file), None)
            verdict.cures.append(
                Cure(file, change.line, change.before, change.after, _words(change.before, change.after, place))
            )


def _words(before: str, after: str, place: Finding | None) -> str:
    said = f"write `{after}`" if after else f"take out `{before}`"
    if after and not before:
        said = f"put in `{after}`"
    if place is not None and place.should:
        said += f": it is the derivative of the loss by `{place.should}` (line {place.should_line})"
    return said


def mended_path(file: Path) -> Path:
    """Return where the mended copy of a file is written: lstm.mended.py beside lstm.py."""
    return file.with_name(f"{file.stem}.mended{file.suffix}")
