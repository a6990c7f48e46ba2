"""What one list of arrays is of another, by its numbers alone: transposed, summed otherwise, a part of it, a multiple.

    moved(one, two)                         which arrays are transposed ones of the others
    lacking(seen, cell, old, new, nested)   of which state's gradient old lacks what is handed back, as a key
    factor_of(seen, old, new)               by what old must be multiplied to be new, as a key

Read next: meanings.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.mistake_names.forward_values import ForwardValues, State, Values, all_same, same
from scratchnet.gradcheck.mistake_names.known_forwards import Cell

Arrays = Sequence[Array]  # of one expression, at each visit
Form = Callable[[Array], Array]
CLOSE = 1e-7
LEAST = 1e-6  # of the largest entry: smaller ones say nothing about a ratio
MOST_USES = 6

# --- transposed, summed ---------------------------------------------------------------------------------------------


def moved(one: Sequence[Arrays], two: Sequence[Arrays]) -> list[Arrays] | None:
    """Return those of two that are transposes of some of one; None where they are not all the same up to that."""
    rest, found = list(one), []
    for right in two:
        tests = ((k, test) for test in (all_same, _all_turned) for k, left in enumerate(rest) if test(left, right))
        k, test = next(tests, (-1, all_same))
        if k < 0:
            return None
        rest.pop(k)
        found += [right] if test is _all_turned else []
    return None if rest else found


def spread(one: Arrays, two: Arrays) -> list[Array] | None:
    """Return the first of each two, spread to the shape of the second; None where it cannot be."""
    try:
        return [np.broadcast_to(a, b.shape) for a, b in zip(one, two, strict=True)]
    except ValueError:
        return None


def _all_turned(one: Arrays, two: Arrays) -> bool:
    return len(one) == len(two) and all(_turned(x, y) for x, y in zip(one, two, strict=True))


def _turned(array: Array, like: Array) -> bool:
    """Tell whether an array is another with its axes in another order, and not that one itself."""
    if not 2 <= array.ndim <= 4 or array.ndim != like.ndim or same(array, like):
        return False
    return any(same(array.transpose(order), like) for order in permutations(range(array.ndim)))


def reductions(inner: Arrays) -> Iterator[list[list[Array]]]:
    """Yield the sum of arrays over each choice of axes, and the mean, first and last along them, all flat."""
    for n in range(1, inner[0].ndim + 1):
        for axes in combinations(range(inner[0].ndim), n):
            ways = [(x.sum(axes), x.mean(axes), x.take(0, axes[0]), x.take(-1, axes[0])) for x in inner]
            yield [[np.ravel(x) for x in way] for way in zip(*ways, strict=True)]


# --- a part of a state's gradient -----------------------------------------------------------------------------------


def lacking(seen: ForwardValues, cell: Cell | None, old: Arrays, new: Arrays, nested: bool) -> str:
    """Return the key of the mistake where new is a state's gradient and old lacks what is handed back; else ""."""
    old = spread(old, new) or new
    wrong = [not same(a, b) for a, b in zip(old, new, strict=True)]
    nothing = not any(a.any() for a in old)
    if not any(wrong):
        return ""
    lacked = [b - a for a, b in zip(old, new, strict=True)]
    no_f = _without_forget_gate(cell, old, new)
    for state in seen.states:
        dropped = "dc dropped" if is_cell_state(cell, state) else "dh dropped"
        for whole, adjoints in ((True, state.current.adjoints), (False, state.handed_back)):
            visits = _visits(new, adjoints)
            if not visits:
                continue
            if _only_where_carried(state, old, new, visits):
                return "padded steps"
            if not nested and len(new) == 1 and nothing:
                return "initial c"
            if whole:
                later = [(a, state.handed_back[k + 1]) for a, k in zip(lacked, visits, strict=False)
                         if k + 1 < len(state.previous)]  # fmt: skip
                if len(new) > 1 and (not all(wrong) or (later and all(same(a, b) for a, b in later))):
                    return dropped
            elif nothing or (not no_f and any(_visits(lacked, part) for part in _parts(state))):
                return dropped
    return "dc without f" if no_f else ""


def is_cell_state(cell: Cell | None, state: State) -> bool:
    """Tell whether a state is the cell state of an LSTM."""
    return cell is not None and cell.kind == "lstm" and all(
        same(a, b) for a, b in zip(cell.roles["c"].arrays, state.current.arrays, strict=False)
    )  # fmt: skip


def _visits(arrays: Arrays, adjoints: Arrays) -> list[int]:
    """Return of which visit's derivative each array is that is not zero; none where one of them is of none."""
    found: list[int] = []
    for array in arrays:
        if array.any():
            last = reversed(range(len(adjoints)))
            k = next((k for k in last if k not in found and same(array, adjoints[k])), None)
            if k is None:
                return []
            found.append(k)
    return found


def _only_where_carried(state: State, old: Arrays, new: Arrays, visits: list[int]) -> bool:
    """Tell whether old lacks something only in entries that the forward carried on unchanged: padded steps."""
    wrong = [np.abs(a - b) > 1e-9 for a, b, _ in zip(old, new, visits, strict=False)]
    kept = [state.current.arrays[k] == state.previous[k] for k in visits]
    fit = all(a.shape == b.shape and not (a & ~b).any() for a, b in zip(wrong, kept, strict=True))
    return fit and any(a.any() for a in wrong)


def _parts(state: State) -> Iterator[list[Array]]:
    """Yield the derivatives in some of the uses of a state, summed: what a term of its gradient may be."""
    uses = state.uses[:MOST_USES]
    for n in range(1, len(uses)):
        for some in combinations(uses, n):
            yield [np.sum(each, axis=0) for each in zip(*(use.adjoints for use in some), strict=True)]


def _without_forget_gate(cell: Cell | None, old: Arrays, new: Arrays) -> bool:
    """Tell whether new is the cell state's gradient times the forget gate, and old is something."""
    if cell is None or cell.kind != "lstm" or not all(a.any() for a in old):
        return False
    handed = [d * f for d, f in zip(cell.roles["c"].adjoints, cell.roles["f"].arrays, strict=True)]
    return all(any(same(b, one) for one in handed) for b in new)


# --- a multiple -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Activation:
    """A function, its inverse, its derivative in terms of its output; other: the derivative it is taken for."""

    function: Form
    inverse: Form
    slope: Form
    other: Form
    elsewhere: str  # the key where the derivative is taken, but not at the output


def _slope_of_sigmoid(y: Array) -> Array:
    return y * (1.0 - y)


def _slope_of_tanh(y: Array) -> Array:
    return 1.0 - y * y


SIGMOID = Activation(
    lambda x: 1.0 / (1.0 + np.exp(-x)), lambda y: np.log(y) - np.log1p(-y), _slope_of_sigmoid, _slope_of_tanh,
    "activation",
)  # fmt: skip
TANH = Activation(np.tanh, np.arctanh, _slope_of_tanh, _slope_of_sigmoid, "tanh at another place")
# What stands where an activation's derivative belongs, and the key; "part": a part of the derivative.
FORMS: tuple[tuple[str, Callable[[Activation, Array], Array]], ...] = (
    ("other activation", lambda of, y: of.other(y)),
    ("no activation", lambda of, y: np.ones_like(y)),
    ("part", lambda of, y: 1.0 - y),
    ("part", lambda of, y: y if of is SIGMOID else y * y),
    ("elsewhere", lambda of, y: of.slope(of.function(y))),
    ("elsewhere", lambda of, y: of.slope(of.inverse(y))),
    ("activation twice", lambda of, y: of.slope(y) ** 2),
)


def activations(seen: ForwardValues) -> list[tuple[Values, Activation]]:
    """Return the forward's arrays that are activations, and of which function."""
    return [*((y, SIGMOID) for y in seen.sigmoids), *((y, TANH) for y in seen.tanhs)]


def factor_of(seen: ForwardValues, old: Arrays, new: Arrays) -> tuple[str, Values | None]:
    """Return the key of what old must be multiplied with to be new, and the activation that is concerned, if any."""
    ratios, known = [], []
    for a, b in zip(old, new, strict=True):
        some = np.abs(a) > LEAST * max(float(np.abs(a).max(initial=0.0)), 1e-12)
        largest = max(float(np.abs(b).max(initial=0.0)), 1e-12)
        if not (np.isfinite(a).all() and np.isfinite(b).all()) or not np.allclose(b[~some], 0.0, atol=1e-5 * largest):
            return "", None
        ratios.append(np.where(some, b / np.where(some, a, 1.0), np.nan))
        known.append(some)
    flat = np.concatenate([r[k] for r, k in zip(ratios, known, strict=True)])
    if not flat.size or bool((np.abs(flat - 1.0) <= CLOSE).all()):
        return "", None
    if np.ptp(flat) <= CLOSE * abs(flat[0]):
        return "sign" if abs(flat[0] + 1.0) <= CLOSE else "constant", None
    if bool(((np.abs(flat) <= CLOSE) | (np.abs(flat - 1.0) <= CLOSE)).all()):
        return "mask", None
    for y, of in activations(seen):
        for key, form in FORMS:
            wanted = [of.slope(v) / form(of, v) for v in y.arrays]
            if all(_equals(r, k, wanted) for r, k in zip(ratios, known, strict=True)):
                return of.elsewhere if key == "elsewhere" else key, y
    return "", None


def _equals(ratio: Array, known: Array, wanted: Arrays) -> bool:
    """Tell whether, where it is known, a ratio is one of these arrays."""
    ways = (way for array in wanted for way in (array, array.T, array.reshape(-1), array.reshape(-1, 1)))
    return not known.any() or any(
        way.shape == ratio.shape and np.allclose(ratio[known], way[known], rtol=CLOSE, atol=CLOSE) for way in ways
    )
