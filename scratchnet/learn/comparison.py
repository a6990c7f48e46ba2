"""Compare two arrays: how far apart they are, at which entries, and which known mistake explains it.

Read next: console_output.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from scratchnet.backend import Array

Mistakes = Mapping[str, Any]
SAME = 1e-9  # a mistake is recognised when what it gives is this near to what was given
NEAR = 0.2  # and "nearest" where it is within a fifth; a number alone is near to many by chance


def agrees(given: Any, wanted: Array, tolerance: float) -> bool:
    """Tell whether `given` is an array of the shape of `wanted`, and within `tolerance` of it."""
    found = _as_numbers(given)
    return found is not None and found.shape == wanted.shape and distance(found, wanted) <= tolerance


def distance(given: Array, wanted: Array) -> float:
    """Return |given - wanted| / |wanted|, or |given - wanted| where `wanted` is 0; infinite for NaN."""
    difference, size = float(np.linalg.norm(given - wanted)), float(np.linalg.norm(wanted))
    if not math.isfinite(difference):
        return math.inf
    return difference / size if size > 0.0 else difference


def explain(name: str, given: Any, wanted: Array, mistakes: Mistakes, axes: Sequence[str] = ()) -> tuple[str, str, str]:
    """Return (verdict, where, looks like) for two arrays that differ."""
    found = _as_numbers(given)
    if found is None:
        shape = f"an array {wanted.shape} of real numbers" if wanted.ndim else "one real number"
        return f"{name} is {_shortened(given)}: wanted {shape}", "", ""
    if found.shape != wanted.shape:
        transposed = wanted.ndim == 2 and found.shape == wanted.shape[::-1] and distance(found.T, wanted) < SAME
        looks = "the same numbers, transposed" if transposed else _named(found, mistakes)
        return f"{name} has shape {found.shape}: wanted {wanted.shape}", "", looks
    bad = ~np.isfinite(found)
    if bad.any():
        first = tuple(int(k) for k in np.argwhere(bad)[0])
        return f"{name} is not a number in {int(bad.sum())} of {bad.size} entries", f"first at {_at(first, axes)}", ""
    size = "relative error" if np.any(wanted) else "it should be 0, and is of length"
    whole = wanted.dtype.kind in "iu"  # the distance between two indices means nothing
    verdict = f"{name} is wrong" + ("" if whole else f": {size} {distance(found, wanted):.2g}")
    return verdict, _where(found, wanted, axes), _looks_like(found, wanted, mistakes)


def _where(given: Array, wanted: Array, axes: Sequence[str]) -> str:
    if given.ndim == 0:
        return f"yours is {given:.6g}, right is {wanted:.6g}"
    off = np.abs(given - wanted)
    wrong = off > 1e-9 * max(float(np.abs(wanted).max()), 1e-300)
    worst = tuple(int(k) for k in np.unravel_index(int(off.argmax()), off.shape))
    count = "every entry" if wrong.all() else f"{int(wrong.sum())} of {wrong.size} entries"
    text = f"{count}; worst at {_at(worst, axes)}: yours is {given[worst]:.6g}, right is {wanted[worst]:.6g}"
    for k, axis in enumerate(axes):
        hit = wrong.any(axis=tuple(j for j in range(wrong.ndim) if j != k))
        if hit.all() or not hit.any():
            continue
        numbers = np.flatnonzero(hit)
        text += f"; only at {axis} {_listed([int(number) for number in numbers])}"
        if axis == "step" and len(numbers) == numbers[-1] + 1:  # a gradient that is passed back is wrong down to step 0
            text += f" (read backwards, it begins at step {numbers[-1]})"
    return text


def _listed(numbers: Sequence[int]) -> str:
    """Return "1 and 4", or "0 to 5" for three or more without a gap."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return " and ".join(str(number) for number in numbers)


def _looks_like(given: Array, wanted: Array, mistakes: Mistakes) -> str:
    named = _named(given, mistakes)
    if named:
        return named
    if not np.any(given):
        return "exactly 0: nothing is computed, or nothing arrives here"
    ratio = float((given * wanted).sum() / (wanted * wanted).sum()) if np.any(wanted) else 0.0
    if ratio and given.size > 1 and distance(given, ratio * wanted) < SAME:
        return (
            "the sign is reversed" if abs(ratio + 1.0) < SAME else f"everything is {ratio:.6g} times what it should be"
        )
    if given.ndim == 2 and given.shape[0] == given.shape[1] and distance(given.T, wanted) < SAME:
        return "the same numbers, transposed"
    near = {words: distance(given, made) for words, made in _made(mistakes).items() if made.shape == given.shape}
    if given.size > 1 and near and (words := min(near, key=lambda each: near[each])) and near[words] < NEAR:
        return f"none of the mistakes this exercise knows; nearest, {near[words]:.1g} away: {words}"
    return "none of the mistakes this exercise knows" if mistakes else ""


def _named(given: Array, mistakes: Mistakes) -> str:
    """Return the mistake that gives exactly this array, in words, or ""."""
    for words, made in _made(mistakes).items():
        if made.shape == given.shape and distance(given, made) < SAME:
            return f"exactly this mistake: {words}"
    return ""


def _made(mistakes: Mistakes) -> dict[str, Array]:
    made: dict[str, Callable[[], Any] | Any] = dict(mistakes)
    return {words: np.asarray(each() if callable(each) else each) for words, each in made.items()}


def _at(index: tuple[int, ...], axes: Sequence[str]) -> str:
    if len(axes) == len(index):
        return ", ".join(f"{axis} {k}" for axis, k in zip(axes, index, strict=True))
    return f"[{', '.join(str(k) for k in index)}]"


def _as_numbers(given: Any) -> Array | None:
    """Return `given` as an array of real numbers, or None. Complex numbers are no gradient."""
    try:
        found = np.asarray(given)
    except ValueError:  # a list of lists of different lengths
        return None
    return found if found.dtype.kind in "fiu" else None


def _shortened(given: Any) -> str:
    if isinstance(given, np.ndarray):
        return f"an array of {given.dtype}"
    text = repr(given)
    return text if len(text) <= 40 else f"of type {type(given).__name__}"
