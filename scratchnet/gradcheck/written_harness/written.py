"""The harness of a file, run as if it stood in a file of its own.

Read next: ../judge_subject.py.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchnet.gradcheck.subjects import Subject
from scratchnet.gradcheck.written_harness.final_sizes import with_small_sizes
from scratchnet.gradcheck.written_harness.finder import SECONDS, Finder, Found
from scratchnet.gradcheck.written_harness.source import harness_text

TIMES = (1, 2, 3)


def written_harness(path: Path, seed: int = 0, seconds: float = SECONDS) -> tuple[Found, Subject | None]:
    """Return what was found in a file, and the subject of the harness, None where numbers confirm none.

    Raises InputError where the file cannot be read or parsed.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # what calls print that nobody asked for
        found = Finder(path, seconds).run()
    while found.plans:
        subject = subject_of_text(found, seed)
        errors = [subject.run(T).error for T in subject.times]
        if not any(errors):
            return found, subject
        found.plans.pop()
        found.text = harness_text([with_small_sizes(plan) for plan in found.plans])
    return found, None


def subject_of_text(found: Found, seed: int) -> Subject:
    """Return the subject of a harness that was written, run as if it stood in a file of its own."""
    space: dict[str, Any] = {"np": np, "SimpleNamespace": SimpleNamespace}
    exec(compile(found.text, "<harness>", "exec"), space)
    return Subject(found.program, space["harness"], TIMES, seed)
