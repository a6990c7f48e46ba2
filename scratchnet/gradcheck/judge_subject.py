"""Judge a subject: is every gradient right, and if not, where is the mistake, and what undoes it?

    verdict = judge(subject)            verdict.ok, .wrong, .cures, .findings

Read next: placing.py.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.errors import InputError
from scratchnet.gradcheck.behaviour import behaviour
from scratchnet.gradcheck.cure import Cure, Finding, Search, Verdict, changes, clearest
from scratchnet.gradcheck.finding_words import cure_words
from scratchnet.gradcheck.mistake_names import MistakeName, mistake_names, name_at, named_facts
from scratchnet.gradcheck.placing import placed
from scratchnet.gradcheck.subjects import HarnessError, Subject, as_numbers, as_written, described, wrong_entries
from scratchnet.usercode import FileFails, first_nan, locate_error, place_of_error, read_source

MOST_DIGITS = 12.0
FLOOR = 1e-9  # the size of a gradient that is zero but for rounding


def judge(subject: Subject, seconds: float = 30.0, say: Callable[[str], None] | None = None) -> Verdict:
    """Return what a check of all gradients of a subject finds.

    seconds: how long a cure may be looked for; 0: not at all.
    Raises HarnessError where the harness cannot be used.
    """
    began = time.monotonic()
    try:
        verdict = _judged(subject, seconds, say)
    except HarnessError as error:
        raise _needed(subject) or error from None
    needed = _needed(subject)
    if needed is not None and any(one.kind in ("stops", "no numbers") for one in verdict.findings):
        raise needed
    if subject.program.absent:
        verdict.findings.append(Finding("stood in for", numbers={"packages": list(subject.program.absent)}))
    texts = {subject.program.files[module]: text for module, text in subject.program.texts.items()}
    verdict.findings, verdict.cures = placed(verdict.findings, texts), placed(verdict.cures, texts)
    verdict.seconds = time.monotonic() - began
    return verdict


def _needed(subject: Subject) -> InputError | None:
    """Return what is to be said of a package that is not installed, where what stands in for it does not do."""
    program = subject.program
    for error in program.absent.values():
        return FileFails.of(program.path, error, program.files.values())
    return None


def _judged(subject: Subject, seconds: float, say: Callable[[str], None] | None) -> Verdict:
    findings = _unsteady(subject)
    stops = {one.numbers["T"] for one in findings if one.kind == "stops"}
    for T in subject.times:
        try:
            if T not in stops:
                subject.true(T)
        except Exception as error:  # with an array changed a little
            findings.append(_stop(subject, T, error))
            stops.add(T)
    ran = tuple(T for T in subject.times if T not in stops)
    if not ran:
        findings = behaviour(subject, findings)
        return Verdict(subject.program.path.name, False, [], [], [], [], findings, {}, times=subject.times)
    names = subject.names(ran[-1])
    right, digits, derivatives = True, dict[str, float](), 0
    for T in ran:
        result = subject.run(T)
        for key, true in subject.true(T).items():
            name, gradient = names.get(key, f"array {key + 1}"), as_numbers(result.gradients.get(key))
            derivatives += true.size
            digits[name] = min(digits.get(name, MOST_DIGITS), _digits(gradient, true))
            right = right and not wrong_entries(gradient, true)
    if not digits:
        raise HarnessError("the harness returned no pairs: return (array, gradient) for every array")
    wrong = [name for name in digits if digits[name] < 0 or not _passes(subject, ran, names, name)]
    findings = behaviour(subject, findings + _of_arrays(subject, ran, names))
    dead = [one.array for one in findings if one.kind == "no effect"]
    bad = sorted({*wrong, *dead}, key=list(digits).index)
    verdict = Verdict(
        subject.program.path.name, right and all(one.note for one in findings), list(digits), [], bad, [],
        findings, digits,
        derivatives=derivatives, times=ran, varied=subject.varied,
    )  # fmt: skip
    if seconds and not right and ran == subject.times and not any(one.numbers.get("kept") is False for one in findings):
        try:
            _cure(subject, verdict, seconds, say)
        except Exception as error:  # what is known without the search is not lost by it
            verdict.findings.append(Finding("no search", text=locate_error(error)))
    return verdict


def _unsteady(subject: Subject) -> list[Finding]:
    """Return what is seen when the same is asked twice: errors, and a loss that differs.

    Raises HarnessError. Values that the check itself has varied, and with which the code cannot be run, are given up.
    """
    found = []
    for T in subject.times:
        one, two, after = subject.run(T), subject.run(T), subject.again(T)
        if isinstance(one.error, InputError):
            raise one.error
        odd = one.error is not None or not math.isfinite(one.loss)
        if odd and subject.varied and subject.times[0] != T:
            subject.times = tuple(other for other in subject.times if other != T)
        elif one.error is not None:
            found.append(_stop(subject, T, one.error))
        elif odd:
            raise HarnessError(f"the loss is {one.loss} at T = {T}: no derivative can be taken of it")
        else:
            for other, kept in ((two, False), (after, True)):
                if other.error is None and abs(one.loss - other.loss) > 1e-12 * (1.0 + abs(one.loss)):
                    numbers = {"T": T, "first": one.loss, "second": other.loss, "kept": kept}
                    found.append(Finding("loss differs", numbers=numbers))
                    break
    return found


def _stop(subject: Subject, T: int, error: BaseException) -> Finding:
    files = subject.program.files.values()
    file, line = place_of_error(error, files)
    return Finding("stops", file=file, line=line, text=locate_error(error, files), numbers={"T": T})


def _digits(gradient: Array | None, true: Array) -> float:
    if gradient is None or gradient.shape != true.shape:
        return -1.0
    difference = float(np.linalg.norm(gradient - true))
    size = float(np.linalg.norm(true))
    if not math.isfinite(difference):
        return -1.0
    if difference <= 1e-12 * size or (size < FLOOR and difference < FLOOR):
        return MOST_DIGITS
    return max(0.0, math.floor(10.0 * -math.log10(difference / size)) / 10.0) if size else 0.0


def _passes(subject: Subject, ran: tuple[int, ...], names: dict[int, str], name: str) -> bool:
    key = next(key for key, one in names.items() if one == name)
    return not any(
        wrong_entries(subject.run(T).gradients.get(key), subject.true(T)[key]) for T in ran if key in subject.true(T)
    )


def _of_arrays(subject: Subject, ran: tuple[int, ...], names: dict[int, str]) -> list[Finding]:
    """Return what is wrong with each gradient, at the longest T at which it is wrong."""
    found: dict[int, Finding] = {}
    for T in reversed(ran):
        result = subject.run(T)
        for key, true in subject.true(T).items():
            one = _of_array(names.get(key, f"array {key + 1}"), result.given.get(key), true, T)
            if one is not None and one.kind == "no effect":
                # A derivative may be zero by nature, and right, where the forward computes something with the array.
                idle = ran[-1] == T and (one.numbers["gradient"] > FLOOR or not subject.traced(T).uses(key))
                one = replace(one, text=subject.twin(key)) if idle else None
            if one is not None and one.kind == "not finite" and key not in found:
                one = replace(one, text=first_nan(partial(subject.run, T), subject.program.files.values()))
            if one is not None and one.kind in ("gradient", "shape") and ran[-1] == T:
                equal = _equal_to(result.gradients.get(key), subject.true(T))
                numbers = {**one.numbers, "of_array": names.get(equal, "")} if equal is not None else one.numbers
                one = replace(one, numbers=numbers)
            if one is not None and key not in found:
                found[key] = one
    return [found[key] for key in subject.checked if key in found]


def _equal_to(gradient: Array | None, true: dict[int, Array]) -> int | None:
    """Return the array whose true gradient a wrong one is; None where it is that of none, or zero."""
    same = (key for key, other in true.items() if other.any() and not wrong_entries(gradient, other))
    return next(same, None)


def _of_array(name: str, given: Any, true: Array, T: int) -> Finding | None:
    gradient = as_numbers(given)
    if given is None:
        return Finding("missing", name)
    if gradient is None:
        return Finding("no numbers", name, numbers={"is": described(given), "T": T})
    if gradient.shape != true.shape:
        return Finding("shape", name, numbers={"has": list(gradient.shape), "wanted": list(true.shape), "T": T})
    odd = {"nan": int(np.isnan(gradient).sum()), "infinite": int(np.isinf(gradient).sum())}
    if any(odd.values()):
        return Finding("not finite", name, numbers={**odd, "of": int(true.size), "T": T})
    if not true.any():
        return Finding("no effect", name, numbers={"gradient": float(np.abs(gradient).max(initial=0.0)), "T": T})
    wrong = wrong_entries(gradient, true)
    return Finding("gradient", name, numbers={"wrong": wrong, "of": int(true.size), "T": T}) if wrong else None


def _whole(subject: Subject, module: str, mended: str) -> tuple[str, str]:
    """Return a mended file and its text, with the statements put back that the harness leaves out of it."""
    file, run = subject.program.files[module], subject.program.texts[module]
    return file, as_written(read_source(Path(file)), run, mended)


def _cure(subject: Subject, verdict: Verdict, seconds: float, say: Callable[[str], None] | None) -> None:
    search = Search(subject, seconds, say)
    cured = clearest(subject, search.run())
    verdict.findings += search.places
    verdict.cured = cured.wrong == 0
    before = subject.program.texts
    texts = {module: text for module, text in cured.texts.items() if text != before[module]}
    names: list[MistakeName] = []
    if verdict.cured:
        verdict.texts = dict(_whole(subject, module, text) for module, text in texts.items())
        with contextlib.suppress(Exception):  # a cure is one without a name, too
            names = mistake_names(subject, texts)
    else:
        verdict.findings += search.errors
    for module, text in texts.items():
        file = subject.program.files[module]
        for change in changes(subject.program.texts[module], text):
            place = next((one for one in search.places if one.line == change.line and one.file == file), None)
            words = cure_words(change.before, change.after, place)
            facts = named_facts(name_at(names, file, change.line))
            verdict.cures.append(Cure(file, change.line, change.before, change.after, words, **facts))
