"""Which state's gradient a value is, and what it lacked of it: what the step after hands back, or what padding keeps.

    share_of(seen, cell, old, new)      "dh dropped", "dc dropped", "dc without f", "padded steps" ..., or ""

Read next: compared.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.mistake_names.forward_values import ForwardValues, State, Values, same
from scratchnet.gradcheck.mistake_names.known_forwards import Cell

MOST_USES = 6


def share_of(seen: ForwardValues, cell: Cell | None, old: Sequence[Array], new: Sequence[Array], in_loop: bool) -> str:
    """Return the key of the mistake where new is a state's gradient and old lacks what is handed back; else ""."""
    try:
        old = [np.broadcast_to(a, b.shape) for a, b in zip(old, new, strict=True)]
    except ValueError:
        return ""
    lacking = [not same(a, b) for a, b in zip(old, new, strict=True)]
    if not any(lacking):
        return ""
    for state in seen.states:
        inner = is_cell_state(cell, state)
        dropped = "dc dropped" if inner else "dh dropped"
        total = _visits(new, state.current.adjoints)
        if total is not None:
            if _only_where_carried(state, old, new, total):
                return "padded steps"
            if not in_loop and len(new) == 1 and not old[0].any():
                return "initial c"
            if len(new) > 1 and (not all(lacking) or _is_what_comes_back(state, old, new, total)):
                return dropped
        back = [state.handed_back(k) for k in range(len(state.previous))]
        handed = _visits(new, back)
        if handed is not None:
            if _only_where_carried(state, old, new, handed):
                return "padded steps"
            if not in_loop and len(new) == 1 and not any(a.any() for a in old):
                return "initial c"
            if not any(a.any() for a in old):
                return dropped
            if inner and cell is not None and _through(state, cell.roles["f"], old, handed):
                return "dc without f"
            missing = [b - a for a, b in zip(old, new, strict=True)]
            if any(_visits(missing, part) is not None for part in _sums_of_uses(state)):
                return dropped
    if cell is not None and cell.kind == "lstm" and not seen.states:
        return _of_one_step(cell, old, new)
    return ""


def is_cell_state(cell: Cell | None, state: State) -> bool:
    """Tell whether a state is the cell state of an LSTM."""
    return cell is not None and cell.kind == "lstm" and all(
        same(a, b) for a, b in zip(cell.roles["c"].arrays, state.current.arrays, strict=False)
    )  # fmt: skip


def _visits(arrays: Sequence[Array], adjoints: Sequence[Array]) -> list[int] | None:
    """Return of which visit's derivative each array is; None where one of them is of none, or all are zero."""
    found: list[int] = []
    for array in arrays:
        k = next(
            (k for k in reversed(range(len(adjoints))) if k not in found and same(array, adjoints[k]) and array.any()),
            -1,
        )
        if k < 0:
            if array.any():
                return None
            continue
        found.append(k)
    return found or None


def _only_where_carried(state: State, old: Sequence[Array], new: Sequence[Array], visits: list[int]) -> bool:
    """Tell whether old lacks something only in entries that the forward carried on unchanged: padded steps."""
    differs = False
    for a, b, k in zip(old, new, visits, strict=False):
        kept = state.current.arrays[k] == state.previous[k]
        if kept.shape != b.shape:
            return False
        wrong = np.abs(a - b) > 1e-9
        if (wrong & ~kept).any():
            return False
        differs = differs or bool(wrong.any())
    return differs


def _is_what_comes_back(state: State, old: Sequence[Array], new: Sequence[Array], visits: list[int]) -> bool:
    """Tell whether old lacks what the step after hands back, wherever there is a step after."""
    pairs = [(b - a, k + 1) for a, b, k in zip(old, new, visits, strict=False) if k + 1 < len(state.previous)]
    return bool(pairs) and all(same(lacked, state.handed_back(k)) for lacked, k in pairs)


def _sums_of_uses(state: State) -> Iterator[list[Array]]:
    """Yield the derivatives in some of the uses of a state, summed: what a term of its gradient may be."""
    uses = state.uses[:MOST_USES]
    for n in range(1, len(uses)):
        for some in combinations(uses, n):
            yield [np.sum([use.adjoints[k] for use in some], axis=0) for k in range(len(state.previous))]


def _through(state: State, f: Values, old: Sequence[Array], visits: list[int]) -> bool:
    """Tell whether what is handed back is the cell state's gradient times the forget gate, and old is something."""
    if len(old) != len(visits) or len(f.arrays) != len(state.previous):
        return False
    return all(
        bool(a.any()) and same(state.handed_back(k), state.current.adjoints[k] * f.arrays[k])
        for a, k in zip(old, visits, strict=True)
    )


def _of_one_step(cell: Cell, old: Sequence[Array], new: Sequence[Array]) -> str:
    """The same for a single step of an LSTM, whose c_prev is an argument."""
    slopes = [d * f for d, f in zip(cell.roles["c"].adjoints, cell.roles["f"].arrays, strict=True)]
    handed = all(any(same(b, one) for one in slopes) for b in new)
    return "dc without f" if handed and all(a.any() for a in old) else ""
