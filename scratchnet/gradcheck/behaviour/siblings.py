"""An array without effect on the loss: where another of its shape is used, perhaps in its place.

Read next: promised_cell.py.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scratchnet.gradcheck.cure import Finding
from scratchnet.gradcheck.subjects import Subject


def with_sibling(subject: Subject, finding: Finding, T: int) -> Finding:
    """Return a finding "no effect" with the place at which a sibling, an array of the same shape, is used most."""
    names = subject.names(T)
    key = next((key for key, name in names.items() if name == finding.array), None)
    kept = subject.arrays(T).kept
    if key is None:
        return finding
    run = subject.traced(T)
    shape = np.shape(kept[key])
    found: list[tuple[int, int, int, str, str, str]] = []
    for other, array in kept.items():
        if other == key or np.shape(array) != shape or other not in run.gradients or not np.any(run.gradients[other]):
            continue
        lines: list[tuple[str, int, str]] = []
        for place, visits in run.recorder.visits.items():
            module, number = place[0]
            node = subject.program.instrumented(module).nodes[number]
            used = any(
                v.rank <= run.border and v.value.shape == shape and np.array_equal(v.value, array) for v in visits
            )
            if node.use and used and (subject.program.files[module], node.line) not in [one[:2] for one in lines]:
                lines.append((subject.program.files[module], node.line, _statement(subject, module, node.statement)))
        if lines:
            file, line, text = lines[-1]
            found.append((-len(lines), abs(other - key), line, file, text, names.get(other, "")))
    if not found:
        return finding
    _, _, line, file, text, name = min(found)
    return replace(finding, file=file, line=line, text=text, should=name)


def _statement(subject: Subject, module: str, number: int) -> str:
    made = subject.program.instrumented(module)
    if not 0 <= number < len(made.statements):
        return ""
    return subject.program.texts[module].splitlines()[made.statements[number].lineno - 1].strip()
