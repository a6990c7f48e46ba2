"""An analytic gradient beside a numerical one: how far apart, and in which way.

The error of a block is the norm of the difference over the norm of the numerical gradient,

    (1)  error = |analytic - numeric| / max(|numeric|, floor)

over all its entries at once. Entry by entry, a correct gradient fails wherever a tiny entry is the difference of two
large ones. The floor is a small share of the largest gradient in the check, so that a block whose true gradient is
zero, or nearly so, is not measured against its own rounding.

Read next: behaviour_checks.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.numerical import Method

NO_EFFECT = "without any effect on the loss"
NOT_ZERO = "should be exactly 0"


@dataclass(frozen=True)
class Tolerance:
    """When a gradient counts as right: the largest relative error, and the floor of (1) for a single entry.

    counts: what there is how many of in the check ("target tokens": 11), to say what a constant factor is.
    """

    relative: float
    floor: float
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def for_gradients(
        cls, method: Method, numeric: Iterable[Array], counts: Mapping[str, int] | None = None
    ) -> Tolerance:
        """Return the tolerance for these numerical gradients."""
        largest = max((float(np.sqrt(np.mean(array**2))) for array in numeric if array.size), default=0.0)
        return cls(method.tolerance, max(method.share * largest, 10.0 * method.noise / method.tolerance), counts or {})

    def error(self, analytic: Array, numeric: Array) -> float:
        """Return (1); infinite where the analytic gradient is not finite or has another shape."""
        if analytic.shape != numeric.shape or not np.isfinite(analytic).all():
            return math.inf
        difference = float(np.linalg.norm(analytic - numeric))
        if difference == 0.0:
            return 0.0
        size = max(float(np.linalg.norm(numeric)), self.floor * math.sqrt(numeric.size))
        return difference / size if size > 0.0 else math.inf

    def passes(self, error: float) -> bool:
        """Tell whether a block of this error is right."""
        return error <= self.relative


@dataclass(frozen=True)
class GradientComparison:
    """One gradient beside its numerical value.

    name: of the parameter or input. error: (1). ok: whether it passes. ratio: r where analytic = r numeric throughout,
    else None. cosine: of the angle between them. remark: in words, what is remarkable about it; "" where it is right.
    tolerance: the largest error that passes. size: the norm of the analytic gradient over that of the numeric one.
    parts: each gate's columns as a block of their own, where it has such columns.
    """

    name: str
    error: float
    ok: bool
    ratio: float | None
    cosine: float
    remark: str
    tolerance: float
    size: float = math.nan
    parts: Mapping[str, GradientComparison] = field(default_factory=dict)

    @property
    def gates(self) -> dict[str, float]:
        """The error of each gate's columns."""
        return {gate: part.error for gate, part in self.parts.items()}

    @property
    def unused(self) -> bool:
        """Whether the true gradient is exactly zero: the loss does not depend on it at all."""
        return self.remark in (NO_EFFECT, NOT_ZERO)

    @property
    def wrong_gates(self) -> list[str]:
        """The gates whose columns are wrong."""
        return [gate for gate, error in self.gates.items() if not error <= self.tolerance]


def compare(
    name: str, analytic: Array, numeric: Array, tolerance: Tolerance, gates: Sequence[str] = ()
) -> GradientComparison:
    """Return the block for two gradients of one shape; `gates` name its column blocks."""
    error = tolerance.error(analytic, numeric)
    parts = {}
    same_shape = analytic.shape == numeric.shape
    if gates and same_shape:
        size = numeric.shape[-1] // len(gates)
        for k, gate in enumerate(gates):
            columns = np.s_[..., k * size : (k + 1) * size]
            parts[gate] = compare(gate, analytic[columns], numeric[columns], tolerance)
    ok = tolerance.passes(error) and all(tolerance.passes(part.error) for part in parts.values())
    ratio = constant_ratio(analytic, numeric, tolerance) if same_shape and not ok else None
    # A parameter without any influence is not a gradient that is right, it is a forward pass that forgot something.
    if ok and not np.any(numeric):
        ok = False
    remark = "" if ok else _remark(analytic, numeric, ratio, tolerance)
    length = float(np.linalg.norm(numeric))
    relative = float(np.linalg.norm(analytic)) / length if length > 0.0 and np.isfinite(analytic).all() else math.nan
    return GradientComparison(
        name, error, ok, ratio, _cosine(analytic, numeric), remark, tolerance.relative, relative, parts
    )


def constant_ratio(analytic: Array, numeric: Array, tolerance: Tolerance) -> float | None:
    """Return r where analytic = r numeric in every entry, else None (also for fewer than two entries)."""
    square = float((numeric * numeric).sum())
    if numeric.size < 2 or square == 0.0 or not np.isfinite(analytic).all() or not np.any(analytic):
        return None
    ratio = float((analytic * numeric).sum()) / square
    rest = float(np.linalg.norm(analytic - ratio * numeric))
    return ratio if rest <= 10.0 * tolerance.relative * abs(ratio) * math.sqrt(square) else None


def ratio_in_words(ratio: float, counts: Mapping[str, int] | None = None) -> str:
    """Return "exactly 11 times too large: the number of tokens (analytic = 11.000 x numeric)", "the sign is wrong" ...

    counts: what there is how many of, by name.
    """
    if abs(ratio + 1.0) < 1e-6:
        return "the sign is wrong"
    plain = f"analytic = {ratio:.3f} x numeric" if abs(ratio) >= 0.01 else f"analytic = {ratio:.3g} x numeric"
    exact = _exactly(ratio, counts or {})
    return f"{exact} ({plain})" if exact else plain


def _exactly(ratio: float, counts: Mapping[str, int]) -> str:
    """Return what a ratio of whole numbers is, in words; "" for another."""

    def close(one: float, other: float) -> bool:
        return abs(one - other) <= 1e-6 * abs(other)

    def named(number: int) -> str:
        return " or ".join(f"the number of {name}" for name, count in counts.items() if count == number)

    if ratio <= 0.0:
        return ""
    if round(ratio) >= 2 and close(ratio, round(ratio)):
        number = round(ratio)
        return f"exactly {number} times too large" + (f": {named(number)}" if named(number) else "")
    if round(1.0 / ratio) >= 2 and close(1.0 / ratio, round(1.0 / ratio)):
        number = round(1.0 / ratio)
        return f"exactly {number} times too small" + (f": divided by {named(number)}" if named(number) else "")
    for above, more in counts.items():
        for below, less in counts.items():
            if more != less and close(ratio, more / less):
                return f"exactly {more}/{less} of what it should be: the number of {above} over that of {below}"
    return ""


def _cosine(analytic: Array, numeric: Array) -> float:
    if analytic.shape != numeric.shape or not np.isfinite(analytic).all():
        return math.nan
    length = float(np.linalg.norm(analytic) * np.linalg.norm(numeric))
    return float((analytic * numeric).sum()) / length if length > 0.0 else math.nan


def _remark(analytic: Array, numeric: Array, ratio: float | None, tolerance: Tolerance) -> str:
    if analytic.shape != numeric.shape:
        return f"has shape {analytic.shape}, wanted {numeric.shape}"
    if not np.isfinite(analytic).all():
        bad = int((~np.isfinite(analytic)).sum())
        return f"not a number in {bad} of {analytic.size} entries"
    if not np.any(numeric):
        return NO_EFFECT if not np.any(analytic) else NOT_ZERO
    if not np.any(analytic):
        return "exactly 0, and should not be"
    return "" if ratio is None else ratio_in_words(ratio, tolerance.counts)
