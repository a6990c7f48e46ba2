"""What a wrong gradient may be besides wrongly derived: cut off, scaled to a norm, of less precision, begun at no zero.

Read next: siblings.py.
"""

from __future__ import annotations

import copy
import sys
import warnings
from collections.abc import Iterator
from typing import Any
from unittest import mock

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.behaviour.runs import Outcome, differs, run, scaled_arrays
from scratchnet.gradcheck.cure import Finding
from scratchnet.gradcheck.subjects import Subject, Tool, wrong_entries

LARGE = 1e4  # by which the gradient from above is multiplied; a backward is linear in it
LARGER_ARRAYS = 6.0  # by which the arrays are, where there is none
LOST = 1e-9  # relative: what is right, but to fewer digits, was computed in less precision


def clipped(subject: Subject, T: int) -> Iterator[Finding]:
    """Yield a finding where gradients are cut off at a constant, or scaled to a norm."""
    names = subject.names(T)
    plain_run, true = run(subject, T), subject.true(T)
    large_true = true
    if plain_run.error is not None:
        return
    upstream = dict(subject.arrays(T).upstream)
    if upstream:
        large = run(subject, T, None, Tool(scaled_arrays(subject, T, 1.0, LARGE)))
        large_true = {key: array * LARGE for key, array in true.items()}
    else:
        larger = Subject(subject.program, subject.harness, (T,), subject.seed)
        larger._arrays = copy.copy(subject._arrays)
        larger._arrays[T, subject.seed] = scaled_arrays(subject, T, LARGER_ARRAYS, 1.0)
        large = run(larger, T)
        large_true = larger.true(T) if large.error is None and np.isfinite(np.asarray(large.loss, float)).all() else {}
    for outcome, wanted in ((plain_run, true), (large, large_true)):
        found = _cut(outcome, wanted) or _scaled(outcome, wanted)
        if found:
            keys, numbers = found
            listed = ", ".join(names.get(key, "") for key in keys)
            yield Finding("clipped", listed, note=True, numbers={**numbers, "T": T, "active": outcome is plain_run})
            return


def _arrays(outcome: Outcome, wanted: dict[int, Array]) -> dict[int, tuple[Array, Array]]:
    found = {}
    for key, true in wanted.items():
        given = outcome.gradients.get(key)
        if given is not None and np.shape(given) == true.shape and np.asarray(given).dtype.kind == "f":
            array = np.asarray(given, float)
            if np.isfinite(array).all() and np.isfinite(true).all():
                found[key] = (array, true)
    return found


def _cut(outcome: Outcome, wanted: dict[int, Array]) -> tuple[list[int], dict[str, float]] | None:
    """Return the gradients that are right but for entries that are cut off at one constant."""
    keys, limits = [], set()
    for key, (found, true) in _arrays(outcome, wanted).items():
        if not wrong_entries(found, true):
            continue
        limit = float(np.abs(found).max(initial=0.0))
        cut = np.clip(true, -limit, limit)
        if limit == 0.0 or wrong_entries(found, cut) or (np.abs(true) > limit * (1 + 1e-9)).sum() < 2:
            return None
        keys.append(key)
        limits.add(round(limit, 9))
    return (keys, {"limit": limits.pop()}) if keys and len(limits) == 1 else None


def _scaled(outcome: Outcome, wanted: dict[int, Array]) -> tuple[list[int], dict[str, float]] | None:
    """Return the gradients that are the true ones times one factor, so that their common norm, or each's, is round."""
    both = {key: pair for key, pair in _arrays(outcome, wanted).items() if np.any(pair[1])}
    keys = [key for key, (found, true) in both.items() if wrong_entries(found, true)]
    if not keys:
        return None
    factors = {key: float((both[key][0] * both[key][1]).sum() / (both[key][1] ** 2).sum()) for key in keys}
    if any(not 0.0 < f < 1.0 or wrong_entries(both[k][0], both[k][1] * f) for k, f in factors.items()):
        return None
    together = float(np.sqrt(sum(float((both[key][0] ** 2).sum()) for key in keys)))
    if len({round(f, 9) for f in factors.values()}) == 1 and _is_round(together):
        return keys, {"norm": round(together, 6)}
    norms = {round(float(np.linalg.norm(both[key][0])), 6) for key in keys}
    if len(norms) == 1 and _is_round(next(iter(norms))) and len(keys) > 1:
        return keys, {"norm": norms.pop()}
    return None


def _is_round(norm: float) -> bool:
    """Tell whether a norm is one that somebody would write down: 5, 0.25."""
    return norm > 0.0 and abs(norm - float(f"{norm:.3g}")) <= 1e-9 * norm


def less_precise(subject: Subject, T: int) -> Iterator[Finding]:
    """Yield a finding where numbers of less than 64 bits make a gradient right to fewer digits."""
    outcome, true = run(subject, T), subject.true(T)
    coarse = []
    for key, wanted in true.items():
        given = np.asarray(outcome.gradients.get(key, 0.0))
        if given.dtype.kind != "f" or given.shape != wanted.shape:
            continue
        error = float(np.linalg.norm(np.asarray(given, float) - wanted))
        if given.dtype.itemsize < 8 or LOST < error / (float(np.linalg.norm(wanted)) + 1e-300) < 1e-3:
            coarse.append(key)
    if not coarse:
        return
    names, recorder = subject.names(T), subject.traced(T).recorder
    seen = [
        (visits[0].rank, place) for place, visits in recorder.visits.items()
        if visits and visits[0].value.dtype.kind == "f" and visits[0].value.dtype.itemsize < 8
    ]  # fmt: skip
    if not seen and all(np.asarray(outcome.gradients[key]).dtype.itemsize == 8 for key in coarse):
        return
    listed = ", ".join(names.get(key, "") for key in coarse)
    if not seen:
        yield Finding("float32", listed, note=True, numbers={"T": T})
        return
    module, number = min(seen)[1][0]
    node = subject.program.instrumented(module).nodes[number]
    yield Finding("float32", listed, subject.program.files[module], node.line, node.text, note=True, numbers={"T": T})


def imaginary(subject: Subject, T: int) -> Iterator[Finding]:
    """Yield a finding where an imaginary part is thrown away."""
    files = set(subject.program.files.values())
    module = subject.program.load()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run(subject, T, module)
    for one in caught:
        if issubclass(one.category, np.exceptions.ComplexWarning) and one.filename in files:
            yield Finding("imaginary lost", "", one.filename, one.lineno, note=True, numbers={"T": T})
            return


def starts(subject: Subject, T: int) -> Iterator[Finding]:
    """Yield a finding where a sum does not start from zero: but from what memory holds, a constant, an array."""
    names, files = subject.names(T), set(subject.program.files.values())
    outcomes: list[Outcome] = []
    lines: list[tuple[str, int]] = []
    for fill in (3.25, -7.5):
        with mock.patch.object(np, "empty", _filled(np.empty, fill, files, lines)), mock.patch.object(
            np, "empty_like", _filled(np.empty_like, fill, files, lines)
        ):  # fmt: skip
            outcomes.append(run(subject, T))
    one, two = outcomes
    if lines and one.error is None and two.error is None:
        keys = [k for k in one.gradients if k in two.gradients and differs(one.gradients[k], two.gradients[k])]
        if keys or differs(one.loss, two.loss):
            file, line = lines[0]
            yield Finding(
                "start", ", ".join(names.get(k, "") for k in keys), file, line, numbers={"empty": True, "T": T}
            )
            return
    outcome = run(subject, T)
    for key, (found, true) in _arrays(outcome, subject.true(T)).items():
        if wrong_entries(found, true) and found.size > 1:
            rest = found - true
            if np.ptp(rest) <= 1e-9 * max(1.0, abs(float(rest.flat[0]))) and _is_round(abs(float(rest.flat[0]))):
                yield Finding("start", names.get(key, ""), numbers={"value": round(float(rest.flat[0]), 9), "T": T})
            for other, array in subject.arrays(T).kept.items():
                if np.shape(array) == rest.shape and np.any(rest) and np.allclose(array, rest, atol=1e-9):
                    yield Finding("start", names.get(key, ""), should=names.get(other, ""), numbers={"T": T})


def _filled(function: Any, fill: float, files: set[str], lines: list[tuple[str, int]]) -> Any:
    """Return np.empty that leaves other numbers behind, noting from which line it is called."""

    def made(*arguments: Any, **named: Any) -> Any:
        array = function(*arguments, **named)
        frame = sys._getframe(1)
        if frame.f_code.co_filename in files and array.dtype.kind == "f":
            array.fill(fill)
            lines.append((frame.f_code.co_filename, frame.f_lineno))
        return array

    return made
