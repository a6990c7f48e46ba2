"""The numerical derivatives, when a block passes, and right cells. Wrong ones: test_mistakes.py."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from mistaken import wrong
from scratchnet.gradcheck.compare import Tolerance, compare
from scratchnet.gradcheck.strategies import cell_names, settings_of_checks

from scratchnet.backend import Backend
from scratchnet.cells import CELLS, Cell, GRUCell, LSTMCell, RNNCell
from scratchnet.errors import InputError
from scratchnet.functions import tanh, tanh_derivative
from scratchnet.gradcheck import assert_gradients, check_cell
from scratchnet.gradcheck.numerical import (
    COMPLEX,
    NotComplexSafe,
    central_difference,
    complex_step,
    differentiate,
    draw_directions,
)

SMALL: dict[str, Any] = {"lengths": (3, 2, 1), "hidden_size": 3, "both_directions": False}

# --- derivatives ------------------------------------------------------------------------------------------------------

KNOWN: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "cubes": (lambda x: (x**3).sum(), lambda x: 3 * x**2),
    "exponential of a product": (lambda x: np.exp(x.prod()), lambda x: np.exp(x.prod()) * x.prod() / x),
    "tanh": (lambda x: np.tanh(x).sum(), lambda x: 1 - np.tanh(x) ** 2),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_complex_step_is_exact_to_the_last_digits(name: str, rng: np.random.Generator) -> None:
    function, derivative = KNOWN[name]
    x = rng.normal(size=(2, 3))
    z = x.astype(complex)
    np.testing.assert_allclose(complex_step(lambda: function(z), z), derivative(x), rtol=1e-14)


@pytest.mark.parametrize("name", KNOWN)
def test_a_central_difference_is_right_to_nine_digits(name: str, rng: np.random.Generator) -> None:
    function, derivative = KNOWN[name]
    x = rng.normal(size=(2, 3))
    wanted = derivative(x)
    np.testing.assert_allclose(central_difference(lambda: function(x), x), wanted, atol=1e-9 * np.abs(wanted).max())


def test_a_derivative_along_a_direction_is_the_gradient_times_it(rng: np.random.Generator) -> None:
    x, directions = rng.normal(size=(2, 3)), draw_directions((2, 3), 4, rng)
    z = x.astype(complex)
    wanted = [(np.cos(x) * v).sum() for v in directions]
    np.testing.assert_allclose(complex_step(lambda: np.sin(z).sum(), z, directions), wanted, rtol=1e-13)
    np.testing.assert_allclose(central_difference(lambda: np.sin(x).sum(), x, directions), wanted, rtol=1e-7)


def test_the_array_is_as_it_was_afterwards_even_when_the_loss_fails(rng: np.random.Generator) -> None:
    z = rng.normal(size=4).astype(complex)
    before = z.copy()
    with pytest.raises(ZeroDivisionError):
        complex_step(lambda: 1 // 0, z)
    np.testing.assert_array_equal(z, before)


def test_a_loss_that_comes_back_real_is_noticed() -> None:
    z = np.ones(2, complex)
    with pytest.raises(NotComplexSafe, match="came back real"):
        complex_step(lambda: np.abs(z).sum(), z)


@pytest.mark.parametrize("method", [complex_step, central_difference])
def test_no_derivative_is_taken_in_float32(method: Callable[..., Any]) -> None:
    x = np.ones(2, np.float32)
    with pytest.raises(InputError, match="float32"):
        method(lambda: x.sum(), x)


def test_a_lost_imaginary_part_leads_to_central_differences_and_a_reason(rng: np.random.Generator) -> None:
    x = rng.normal(size=3)
    z = x.astype(complex)

    def loss(a: Any) -> Any:
        return (np.abs(a) ** 2).sum() + 0j * a.sum()

    found, method = differentiate({"x": (lambda: loss(x).real, x)}, lambda: {"x": (lambda: loss(z), z)}, rng)
    np.testing.assert_allclose(found["x"], 2 * x, rtol=1e-8)
    assert method.name == "central difference"
    assert "for x the complex step is exactly 0" in method.reason
    assert 0 < method.noise < 1e-8


# --- when a block passes ----------------------------------------------------------------------------------------------


def test_a_block_that_is_zero_up_to_rounding_passes_beside_larger_ones() -> None:
    tolerance = Tolerance.for_gradients(COMPLEX, [np.ones(4), np.zeros(4)])
    assert compare("tiny", np.full(4, 1e-16), np.full(4, -1e-16), tolerance).ok


def test_a_block_a_thousand_times_smaller_than_the_others_must_still_be_right() -> None:
    tolerance = Tolerance.for_gradients(COMPLEX, [np.ones(4), np.full(4, 1e-3)])
    assert not compare("small", np.full(4, 1.00001e-3), np.full(4, 1e-3), tolerance).ok


@pytest.mark.parametrize(
    ("analytic", "numeric", "remark"),
    [
        ([3.0, 6.0], [1.0, 2.0], "exactly 3 times too large (analytic = 3.000 x numeric)"),
        ([2.9, 5.8], [1.0, 2.0], "analytic = 2.900 x numeric"),
        ([-1.0, -2.0], [1.0, 2.0], "the sign is wrong"),
        ([0.0, 0.0], [1.0, 2.0], "exactly 0, and should not be"),
        ([1.0, 2.0], [0.0, 0.0], "should be exactly 0"),
        ([0.0, 0.0], [0.0, 0.0], "without any effect on the loss"),
        ([np.nan, 2.0], [1.0, 2.0], "not a number in 1 of 2 entries"),
        ([1.0], [1.0, 2.0], "has shape (1,), wanted (2,)"),
        ([1.0, 5.0], [1.0, 2.0], ""),
    ],
)
def test_what_is_remarkable_about_a_wrong_block_is_said(analytic: Any, numeric: Any, remark: str) -> None:
    tolerance = Tolerance.for_gradients(COMPLEX, [np.array(numeric)])
    block = compare("W", np.array(analytic), np.array(numeric), tolerance)
    assert (block.ok, block.remark) == (False, remark)


# --- right cells ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("scale", [0.01, 0.1, 0.5, 1.0])
def test_a_right_cell_is_right_to_twelve_digits_at_every_scale(name: str, scale: float) -> None:
    report = check_cell(CELLS[name], scale=scale)
    assert report.ok, str(report)
    assert report.digits >= 12
    assert report.method == COMPLEX
    assert report.where == ""


@given(name=cell_names(), drawn=settings_of_checks())
@settings(max_examples=25)
def test_a_right_cell_never_alarms(name: str, drawn: dict[str, Any]) -> None:
    report = check_cell(CELLS[name], both_directions=False, **drawn)
    assert report.ok, str(report)


class FloatBuffers(LSTMCell):
    """An LSTM whose forward goes through a buffer of floats: right, but not on complex numbers."""

    def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
        buffer = np.zeros(prev.h.shape)
        buffer[...] = prev.h
        a_x += buffer @ self.W_hh - prev.h @ self.W_hh
        super().forward_step(a_x, prev, new, saved)


class Distance(RNNCell):
    """A cell whose forward sees only the distance |h| of the previous state, and whose backward knows it."""

    def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
        a_x += np.abs(prev.h) @ self.W_hh
        new.h[...] = np.tanh(a_x)

    def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
        da_x[...] = d.h * (1 - new.h**2)
        d.h[...] = da_x @ self.W_hh.T * np.sign(prev.h)

    def accumulate_gradients(self, x: Any, tape: Any, dx: Any) -> None:
        before = self.dW_hh.copy()
        super().accumulate_gradients(x, tape, dx)
        self.dW_hh[...] = before + np.abs(tape.previous("h")).T @ tape.da_x.rows


@pytest.mark.parametrize(
    ("cell", "reason"), [(FloatBuffers, "ComplexWarning.*`buffer"), (Distance, r"complex numbers become real.*np\.abs")]
)
@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_a_right_cell_that_is_not_complex_safe_passes_by_central_differences(
    cell: type, reason: str, scale: float
) -> None:
    report = check_cell(cell, scale=scale, **SMALL)
    assert report.ok, str(report)
    assert report.method is not None
    assert report.method.name == "central difference"
    assert re.search(reason, report.method_in_words)
    assert "test_gradcheck.py:" in report.method_in_words


def test_a_wrong_cell_that_is_not_complex_safe_is_rejected() -> None:
    class Wrong(FloatBuffers):
        def backward_step(self, d: Any, *rest: Any) -> None:
            super().backward_step(d, *rest)
            d.c *= 1.001

    assert not check_cell(Wrong, **SMALL).ok


class Twice(Backend):
    """A backend whose elementwise maths is wrong by a factor."""

    name = "twice"

    def pointwise(self, maths: Any, inputs: Any, outputs: Any) -> None:
        for output, value in zip(outputs, maths(*inputs), strict=True):
            output[...] = 2 * value


def test_another_backend_is_judged_by_numpys_numbers() -> None:
    assert check_cell(GRUCell, backend=Backend(), **SMALL).ok
    report = check_cell(GRUCell, backend=Twice(), **SMALL)
    assert not report.ok
    assert report.setting["backend"] == "twice"


@pytest.mark.parametrize("settings", [{"hidden_size": 0}, {"lengths": (1, 2)}, {"lengths": ()}, {"scale": np.nan}])
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        check_cell(RNNCell, **settings)


def test_assert_gradients_is_silent_for_a_right_cell_and_raises_the_report_for_a_wrong_one() -> None:
    assert_gradients(RNNCell, **SMALL)
    with pytest.raises(AssertionError, match=r"(?s)WRONG.*First wrong place.*gate by time"):
        assert_gradients(wrong("rnn.tanh-missing"), **SMALL)


def test_a_report_prints_as_its_verdict_and_not_as_arrays() -> None:
    text = str(check_cell(LSTMCell))
    assert text.startswith("LSTMCell: the gradient is right")
    assert "array" not in text


class OtherState(Cell):
    """A plain recurrent cell whose state is not called h."""

    state = ("s",)
    gates = ("a",)

    def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
        new.s[...] = tanh(a_x + prev.s @ self.W_hh)

    def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
        da_x[...] = d.s * tanh_derivative(new.s)
        d.s[...] = da_x @ self.W_hh.T


def test_a_right_cell_is_right_whatever_its_state_is_called() -> None:
    assert_gradients(OtherState)
