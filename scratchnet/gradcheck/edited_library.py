"""Where the library's own file was changed in place: no check can then compare with it, but its lines can be missed.

The catalogue knows the right text of the lines that mistakes stand in. One that is gone is said; and where the wrong
text of a known mistake stands there instead, that mistake is.

Read next: explain.py.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from scratchnet.gradcheck.diagnosis import Diagnosis
from scratchnet.gradcheck.mistakes import Mistake
from scratchnet.gradcheck.mistakes.mutant import text_of
from scratchnet.gradcheck.search import Candidate

MOST_LINES = 3


def diagnose_edited_library(mistakes: Iterable[Mistake]) -> Diagnosis | None:
    """Return what has become of the library's own lines; None where all that the catalogue knows are there."""
    gone: dict[tuple[str, str], None] = {}
    there = []
    for mistake in mistakes:
        lost = [edit for edit in mistake.edits if edit.old not in text_of(edit.file)]
        if lost:
            gone |= {(edit.file, edit.old.strip().splitlines()[0]): None for edit in lost}
            there += [mistake] if all(edit.new in text_of(edit.file) for edit in lost) else []
    if not gone:
        return None
    shown = "; ".join(f"{file}: {line}" for file, line in list(gone)[:MOST_LINES])
    remark = f"the library's own file was changed and cannot serve as the reference; lines no longer in it: {shown}"
    # The longest text says most: "dc" alone stands in many a line.
    there.sort(key=lambda found: -len(found.new.strip()))
    return Diagnosis("edited", tuple(Candidate((found,), np.inf, np.inf) for found in there), remark=remark)
