"""Everything that is watched for, in one: each on its own, so that what cannot be watched hides nothing else.

Read next: ../written_harness/__init__.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from scratchnet.gradcheck.behaviour.asked_twice import kept_state, why_it_differs
from scratchnet.gradcheck.behaviour.calls_watched import CallWatch
from scratchnet.gradcheck.behaviour.changed_lines import line_that_changes
from scratchnet.gradcheck.behaviour.gradient_faults import clipped, imaginary, less_precise, starts
from scratchnet.gradcheck.behaviour.promised_cell import other_cell
from scratchnet.gradcheck.behaviour.siblings import with_sibling
from scratchnet.gradcheck.cure import Finding
from scratchnet.gradcheck.subjects import HarnessError, Subject

SECONDS = 5.0  # for all watches of slow code


def behaviour(subject: Subject, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings of a check, with more facts where there are more, and what else the code does.

    findings: what is known already. Code that stops, or whose loss differs, is watched no further,
    nor is slow code for longer than a few seconds.
    """
    T = subject.probe
    subject.run(T)  # draws the arrays
    first = next((one for one in findings if one.kind == "loss differs"), None)
    told = [_told_more(subject, one) for one in findings if one.kind != "loss differs" or one is first]
    if any(one.kind in ("stops", "loss differs") for one in findings):
        return told
    watches: tuple[Callable[[], Iterable[Finding]], ...] = (
        lambda: kept_state(subject, T),
        lambda: calls(subject, T),
        lambda: starts(subject, T),
        lambda: clipped(subject, T),
        lambda: less_precise(subject, T),
        lambda: imaginary(subject, T),
        lambda: other_cell(subject),
    )
    end = time.monotonic() + SECONDS
    for watch in watches:
        if time.monotonic() > end:
            break
        try:
            told += list(watch())
        except HarnessError:
            raise
        except Exception:  # what cannot be watched is not spoken of
            continue
    return told


def _told_more(subject: Subject, finding: Finding) -> Finding:
    try:
        if finding.kind == "loss differs":
            return replace(finding, numbers={**finding.numbers, **why_it_differs(subject, finding.numbers["T"])})
        if finding.kind == "no effect" and not finding.text:
            return with_sibling(subject, finding, subject.times[-1])
    except Exception:
        return finding
    return finding


def calls(subject: Subject, T: int) -> Iterator[Finding]:
    """Yield what the calls of a run change in place, and the backward that differs when it is called again."""
    watch = CallWatch(subject, T)
    told = set()
    for twice in watch.twice:
        file, line = "", 0
        if twice.changed:
            file, line = line_that_changes(subject, T, twice.code, twice.changed[0])
        told |= {(twice.function, path) for path in twice.changed[:1]}
        yield Finding(
            "backward differs", twice.changed[0] if twice.changed else "", file or twice.code.co_filename,
            line or twice.code.co_firstlineno, twice.function, numbers={"chance": twice.chance, "T": T},
        )  # fmt: skip
    for one in watch.changed:
        key = (one.function, one.path)
        if key in told:
            continue
        told.add(key)
        file, line = line_that_changes(subject, T, one.code, one.path)
        yield Finding(
            "changed in place", one.path, file or one.code.co_filename, line or one.code.co_firstlineno, one.function,
            note=True, numbers={"cached": one.kind == "cached", "T": T},
        )  # fmt: skip
