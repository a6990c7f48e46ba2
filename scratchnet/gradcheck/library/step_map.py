"""Which parts of a recurrent layer's gradients are right: each array, each gate of it, and each gate at each step.

    right_parts(subject, cell, [3, 2, 1])       {"W_hh": True, "W_hh f": False, "f t=2": True, ...}

Read next: report.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.gradcheck.cure import Finding
from scratchnet.gradcheck.library.parts import PROJECTED
from scratchnet.gradcheck.subjects import Subject, as_numbers, right_entries
from scratchnet.packed_sequences import Packing


def right_parts(subject: Subject, cell: Any, lengths: Sequence[int]) -> dict[str, bool]:
    """Return what is right at the longest T, whose batch has these lengths; by array, gate of it, gate and step."""
    T, found = subject.times[-1], dict[str, bool]()
    packing, width = Packing(list(lengths)), len(cell.gates) * cell.hidden_size
    gradients, names = subject.run(T).gradients, subject.names(T)
    for key, true in subject.true(T).items():
        name, right = names.get(key, ""), right_entries(as_numbers(gradients.get(key)), true)
        found[name] = bool(right.all())
        if true.shape[-1] != width:
            continue
        for k, gate in enumerate(cell.gates):
            block = right[..., k * cell.hidden_size : (k + 1) * cell.hidden_size]
            found[f"{name} {gate}"] = bool(block.all())
            if name == PROJECTED:
                rows = np.split(block, packing.offsets[1 : packing.steps])
                found |= {f"{gate} t={t}": bool(one.all()) for t, one in enumerate(rows)}
    return found


def gates_right(parts: dict[str, bool], gates: Sequence[str], steps: int) -> list[Finding]:
    """Return the finding that says at which steps which gate is wrong; none where no gate is."""
    wrong = {gate: [t for t in range(steps) if not parts.get(f"{gate} t={t}", True)] for gate in gates}
    numbers = {"steps": steps, "gates": {gate: there for gate, there in wrong.items() if there}}
    return [Finding("map", PROJECTED, numbers=numbers, note=True)] if numbers["gates"] else []
