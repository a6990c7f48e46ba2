"""Derivatives by evaluation alone: the complex step, and central differences where it cannot be had.

    (1)  complex step          f'(x) = Im f(x + ih) / h             h = 1e-30: no difference is taken, nothing cancels
    (2)  central difference    f'(x) = (f(x + h) - f(x - h)) / 2h   h = eps^(1/3) max(1, |x|)

(1) is exact to the last digits of float64, but the forward pass must be analytic: code that leaves the complex numbers
(`abs`, `.real`, buffers of floats) loses the imaginary part and with it the derivative. So every result of (1) is held
against (2) along one random direction, and where they differ, (2) is taken for everything and the reason is kept.
Squire and Trapp (1998) for (1); the step of (2) balances truncation h^2 against rounding eps/h.

A *target* is a function without arguments, returning a scalar, and the array in it that is to be varied, in place.

Read next: compare.py.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.errors import InputError

STEP = 1e-30
CENTRAL_STEP = float(np.finfo(np.float64).eps ** (1 / 3))
# Complex step and central difference may differ by this share of a block's gradient, or of the largest gradient.
AGREEMENT = 1e-5, 1e-6

Loss = Callable[[], Any]
Target = tuple[Loss, Array]


class NotComplexSafe(Exception):
    """The forward pass cannot be differentiated by the complex step; the message says why."""


@dataclass(frozen=True)
class Method:
    """How the numerical gradients were got, and how far they can be trusted.

    tolerance: the largest relative error of a block that passes. share: blocks whose gradient is smaller than this
    share of the largest are measured against that share. noise: the measured absolute error of an entry.
    reason: why it is not the complex step, or "".
    """

    name: str
    tolerance: float
    share: float
    noise: float = 0.0
    reason: str = ""


COMPLEX = Method("complex step", 1e-9, 1e-5)
CENTRAL = Method("central difference", 1e-6, 1e-3)


def complex_step(loss: Loss, array: Array, directions: Array | None = None) -> Array:
    """Return dL/d(array) entry by entry, or dL/ds of array + s v along each v in `directions` (k, *array.shape).

    `array` is complex128, varied in place and restored. Raises NotComplexSafe where the loss comes back real,
    InputError where the array is not complex128.
    """
    if array.dtype != np.complex128:
        raise InputError(f"the complex step needs a complex128 array, given {array.dtype}")
    original = array.copy()

    def slope() -> float:
        value = loss()
        if not np.iscomplexobj(value):
            raise NotComplexSafe("the loss came back real although its input is complex")
        return float(value.imag) / STEP

    try:
        if directions is not None:
            slopes = []
            for direction in directions:
                array[...] = original + 1j * STEP * direction
                slopes.append(slope())
            return np.array(slopes)
        gradient = np.empty(array.shape)
        for index in np.ndindex(*array.shape):
            array[index] = original[index] + 1j * STEP
            gradient[index] = slope()
            array[index] = original[index]
        return gradient
    finally:
        array[...] = original


def central_difference(loss: Loss, array: Array, directions: Array | None = None, stretch: float = 1.0) -> Array:
    """Return dL/d(array) as `complex_step` does, from differences of the loss in float64; `stretch` widens the step.

    Raises InputError where the array is not float64: in float32 no step is good enough.
    """
    if array.dtype != np.float64:
        raise InputError(f"central differences need a float64 array, given {array.dtype}")
    original = array.copy()
    step = stretch * CENTRAL_STEP

    def slope(change: Array, length: float) -> float:
        array[...] = original + change
        above = float(loss())
        array[...] = original - change
        return (above - float(loss())) / (2.0 * length)

    try:
        if directions is not None:
            return np.array([slope(step * direction, step) for direction in directions])
        gradient = np.empty(array.shape)
        for index in np.ndindex(*array.shape):
            change = np.zeros(array.shape)
            # The step that is really taken: (x + h) - x, which rounding has made a little different from h.
            width = step * max(1.0, abs(float(original[index])))
            change[index] = (original[index] + width) - original[index]
            gradient[index] = slope(change, float(change[index]))
        return gradient
    finally:
        array[...] = original


def draw_directions(shape: tuple[int, ...], count: int, rng: np.random.Generator) -> Array:
    """Return `count` random directions of length 1, (count, *shape)."""
    drawn = rng.standard_normal((count, *shape))
    return drawn / np.sqrt((drawn.reshape(count, -1) ** 2).sum(axis=1)).reshape(count, *[1] * len(shape))


def derivatives_along(gradient: Array, directions: Array) -> Array:
    """Return the derivatives (k,) that a gradient predicts along directions (k, ...); NaN where the shapes differ."""
    if gradient.shape != directions.shape[1:]:
        return np.full(len(directions), np.nan)
    return np.array([(gradient * direction).sum() for direction in directions])


def differentiate(
    real: Mapping[str, Target],
    make_complex: Callable[[], Mapping[str, Target]],
    rng: np.random.Generator,
    directions: Mapping[str, Array] | None = None,
    locate_error: Callable[[BaseException], str] = repr,
) -> tuple[dict[str, Array], Method]:
    """Return the derivative of every target, by name, and the method that gave them all.

    real: float64 targets. make_complex: builds the same ones in complex128. directions: (k, ...) for each name, for
    derivatives (k,) along them instead of entry by entry. locate_error: says in one line where an error came from.
    """
    along = directions or {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            found = _by_complex_step(make_complex, along, locate_error)
        _compare_with_central(found, real, along, rng)
        return found, COMPLEX
    except NotComplexSafe as error:
        reason = str(error)
    found, wider = (
        {name: central_difference(*target, along.get(name), stretch) for name, target in real.items()}
        for stretch in (1.0, 2.0)
    )
    # Doubling the step changes the result by three times the truncation error and about once the rounding error.
    noise = max(float(np.sqrt(np.mean((found[name] - wider[name]) ** 2))) for name in found)
    return found, replace(CENTRAL, noise=noise, reason=reason)


def _by_complex_step(
    make_complex: Callable[[], Mapping[str, Target]],
    along: Mapping[str, Array],
    locate_error: Callable[[BaseException], str],
) -> dict[str, Array]:
    try:
        return {name: complex_step(*target, along.get(name)) for name, target in make_complex().items()}
    except NotComplexSafe:
        raise
    except Exception as error:  # whatever the learner's code does not do with complex numbers
        raise NotComplexSafe(f"the forward pass does not run on complex numbers: {locate_error(error)}") from error


def _compare_with_central(
    found: Mapping[str, Array], real: Mapping[str, Target], along: Mapping[str, Array], rng: np.random.Generator
) -> None:
    """Raise NotComplexSafe where one random directional derivative of `real` differs from what was `found`."""
    own_share, shared = AGREEMENT
    expected, measured, sizes = {}, {}, {}
    rounding = 0.0
    for name, (loss, array) in real.items():
        rounding = max(rounding, 20.0 * float(np.finfo(np.float64).eps) * abs(float(loss())) / CENTRAL_STEP)
        if name in along:
            # One of the directions will do; its derivative is known already.
            expected[name], sizes[name] = float(found[name][0]), float(np.abs(found[name]).max())
            measured[name] = float(central_difference(loss, array, along[name][:1])[0])
        else:
            direction = draw_directions(array.shape, 1, rng)
            expected[name] = float((direction[0] * found[name]).sum())
            sizes[name] = float(np.sqrt((found[name] ** 2).mean()))
            measured[name] = float(central_difference(loss, array, direction)[0])
    largest = max([1e-300, *sizes.values(), *(abs(value) for value in measured.values())])
    for name, value in measured.items():
        # "not <=", so that a NaN counts as a difference, too.
        if not abs(value - expected[name]) <= own_share * sizes[name] + shared * largest + rounding:
            lost = "is exactly 0" if not np.any(found[name]) else f"gives {expected[name]:.6g}"
            raise NotComplexSafe(
                f"the imaginary part is lost on the way (abs, .real, a buffer of floats?): for {name} the complex step "
                f"{lost}, where a central difference gives {value:.6g}"
            )
