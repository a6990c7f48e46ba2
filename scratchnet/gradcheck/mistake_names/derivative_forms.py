"""By what a value was multiplied: the derivative of an activation, half of it, a constant, a mask, another sign.

    factor_of(seen, old, new)      Factor("activation", of=y), or None: new = old * that, at all visits

Read next: shares.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.mistake_names.forward_values import ForwardValues, State, Values

CLOSE = 1e-7
LEAST = 1e-6  # of the largest entry: smaller ones say nothing about a ratio


@dataclass(eq=False)
class Factor:
    """What a value lacked or had too much. key: the mistake's. of: the activation. ratio: a constant, where it is one.

    wrong: what stood in the derivative's place, in terms of the activation y.
    """

    key: str
    of: Values | None = None
    ratio: float = 0.0
    wrong: str = ""


Form = Callable[[Array], Array]


def _sigmoid_slope(y: Array) -> Array:
    return y * (1.0 - y)


def _tanh_slope(y: Array) -> Array:
    return 1.0 - y * y


def _sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-x))


WRONG_SIGMOIDS: tuple[tuple[str, str, Form], ...] = (
    ("other activation", "1 - y^2", _tanh_slope),
    ("activation", "1", np.ones_like),
    ("activation", "y", lambda y: y),
    ("activation", "1 - y", lambda y: 1.0 - y),
    ("activation", "of sigmoid(y)", lambda y: _sigmoid_slope(_sigmoid(y))),
    ("activation", "of the input", lambda y: _sigmoid_slope(np.log(y) - np.log1p(-y))),
    ("activation twice", "twice", lambda y: _sigmoid_slope(y) ** 2),
)
WRONG_TANHS: tuple[tuple[str, str, Form], ...] = (
    ("other activation", "y (1 - y)", _sigmoid_slope),
    ("activation", "1", np.ones_like),
    ("activation", "1 - y", lambda y: 1.0 - y),
    ("activation", "y^2", lambda y: y * y),
    ("tanh at another place", "1 - x^2", lambda y: _tanh_slope(np.arctanh(y))),
    ("tanh at another place", "of tanh(y)", lambda y: _tanh_slope(np.tanh(y))),
    ("activation twice", "twice", lambda y: _tanh_slope(y) ** 2),
)


def factor_of(seen: ForwardValues, old: Sequence[Array], new: Sequence[Array]) -> Factor | None:
    """Return by what old must be multiplied to be new, at all visits; None where it is nothing that is known."""
    ratios, known = [], []
    for a, b in zip(old, new, strict=True):
        if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
            return None
        some = np.abs(a) > LEAST * max(float(np.abs(a).max(initial=0.0)), 1e-12)
        if not np.allclose(b[~some], 0.0, atol=1e-5 * max(float(np.abs(b).max(initial=0.0)), 1e-12)):
            return None
        ratios.append(np.where(some, b / np.where(some, a, 1.0), np.nan))
        known.append(some)
    flat = np.concatenate([r[k] for r, k in zip(ratios, known, strict=True)])
    if not flat.size:
        return None
    if np.ptp(flat) <= CLOSE * abs(flat[0]):
        return None if abs(flat[0] - 1.0) <= CLOSE else Factor(
            "sign" if abs(flat[0] + 1.0) <= CLOSE else "constant", ratio=float(flat[0])
        )  # fmt: skip
    if bool(((np.abs(flat) <= CLOSE) | (np.abs(flat - 1.0) <= CLOSE)).all()):
        return Factor("mask")
    for y, forms, slope in _activations(seen):
        for key, wrong, form in forms:
            with np.errstate(all="ignore"):
                wanted = [slope(v) / form(v) for v in y.arrays]
                if all(_equals(r, k, wanted) for r, k in zip(ratios, known, strict=True)):
                    return Factor(key, y, wrong=wrong)
    return None


def _activations(seen: ForwardValues) -> Iterator[tuple[Values, tuple[tuple[str, str, Form], ...], Form]]:
    for y in seen.sigmoids:
        yield y, WRONG_SIGMOIDS, _sigmoid_slope
    for y in seen.tanhs:
        yield y, WRONG_TANHS, _tanh_slope


def _equals(ratio: Array, known: Array, wanted: Sequence[Array]) -> bool:
    """Tell whether, where it is known, a ratio is one of these arrays."""
    for array in wanted:
        for turned in (array, array.T, array.reshape(-1), array.reshape(-1, 1)):
            if turned.shape == ratio.shape and np.allclose(ratio[known], turned[known], rtol=CLOSE, atol=CLOSE):
                return True
    return not known.any()


def state_of(seen: ForwardValues, array: Array) -> tuple[State, str, int] | None:
    """Return (state, "current" or "previous", visit) for a value of the forward."""
    for state in seen.states:
        for kind, arrays in (("current", state.current.arrays), ("previous", state.previous)):
            for k, one in enumerate(arrays):
                for turned in (one, one.T):
                    if turned.shape == array.shape and np.allclose(turned, array, atol=1e-10) and one.any():
                        return state, kind, k
    return None
