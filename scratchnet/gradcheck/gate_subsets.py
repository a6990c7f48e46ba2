"""Known mistakes in the gradients of weights that a learner made in some of the gates only.

Who writes one line for each gate makes a mistake in one of them: `dbf = np.mean(...)` between three sums.

Read next: known_library.py.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scratchnet.gradcheck.search import IDENTICAL, Candidate, Gradients, Search

WEIGHTS = ("W_ih", "W_hh", "b")


def mistakes_in_some_gates(search: Search) -> list[Candidate]:
    """Return the mistakes that fit in the gates where the learner's weight gradients are wrong, all else being right.

    search: after its `singles`. A list that is empty where no mistake does, or where every gate is wrong.
    """
    matches = list(search.reference.matches.values())
    if search.right is None or len(matches) != 1:
        return []
    gates = matches[0].cell_class.gates
    wrong = _wrong_parts(search, search.right, len(gates))
    among = sorted({gate for _, gate in wrong})
    if not among or len(among) == len(gates):
        return []
    found = []
    for mistake in search.mistakes:
        theirs = search.found.get(mistake.id)
        if theirs is None or mistake.behaviour:
            continue
        mixed = {key: np.array(array) for key, array in search.right.items()}
        for key, gate in wrong:
            part = _columns(mixed[key].shape[-1], gate, len(gates))
            mixed[key][..., part] = theirs[key][..., part]
        candidate = search.compared((mistake,), mixed)
        found += [replace(candidate, gates=tuple(gates[k] for k in among))] if candidate.fits else []
    return found


def _wrong_parts(search: Search, right: Gradients, count: int) -> list[tuple[str, int]]:
    """Return (key, gate) for every block of a weight's gradient in which the learner's is wrong."""
    found = []
    for key, array in right.items():
        if key.rpartition(".")[2] not in WEIGHTS or key not in search.learners or array.shape[-1] % count:
            continue
        for gate in range(count):
            part = (..., _columns(array.shape[-1], gate, count))
            size = IDENTICAL * search.floor
            if not np.allclose(search.learners[key][part], array[part], rtol=1e-9, atol=size):
                found.append((key, gate))
    return found


def _columns(width: int, gate: int, count: int) -> slice:
    return slice(gate * width // count, (gate + 1) * width // count)
