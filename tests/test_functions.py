"""Elementwise functions and softmax, held to Python's math, and their derivatives to the complex step."""

import math

import numpy as np
import pytest
from helpers import STEP, complex_step, normal

from scratchnet.functions import (
    log_softmax,
    sigmoid,
    sigmoid_derivative,
    softmax,
    softmax_backward,
    tanh,
    tanh_derivative,
)

POINTS = np.array([-3.0, -0.7, 0.0, 0.2, 1.9])


def test_sigmoid_is_one_over_one_plus_exp() -> None:
    np.testing.assert_allclose(sigmoid(POINTS), [1 / (1 + math.exp(-x)) for x in POINTS], rtol=1e-14)


@pytest.mark.filterwarnings("error")
def test_sigmoid_cannot_overflow() -> None:
    assert (sigmoid(np.array([-1e4, 0.0, 1e4])) == [0.0, 0.5, 1.0]).all()


def test_tanh_is_that_of_math() -> None:
    np.testing.assert_allclose(tanh(POINTS), [math.tanh(x) for x in POINTS], rtol=1e-14)


@pytest.mark.parametrize(("function", "derivative"), [(sigmoid, sigmoid_derivative), (tanh, tanh_derivative)])
def test_a_derivative_follows_from_the_result(function: object, derivative: object) -> None:
    numeric = function(POINTS + 1j * STEP).imag / STEP  # type: ignore[operator]
    np.testing.assert_allclose(derivative(function(POINTS)), numeric, rtol=1e-13)  # type: ignore[operator]


def test_softmax_is_the_share_of_the_exponential(rng: np.random.Generator) -> None:
    z = normal(rng, (3, 4))
    wanted = [[math.exp(x) / sum(math.exp(y) for y in row) for x in row] for row in z]
    np.testing.assert_allclose(softmax(z), wanted, rtol=1e-14)


@pytest.mark.filterwarnings("error")
def test_softmax_does_not_change_when_all_logits_move(rng: np.random.Generator) -> None:
    z = normal(rng, (3, 4))
    np.testing.assert_allclose(softmax(z + 1e4), softmax(z), rtol=1e-11)


def test_the_gradient_of_softmax_matches_the_complex_step(rng: np.random.Generator) -> None:
    z, dy = normal(rng, (3, 4)), normal(rng, (3, 4))
    imaginary = z.astype(complex)
    numeric = complex_step(lambda: (softmax(imaginary) * dy).sum(), imaginary)
    assert np.linalg.norm(softmax_backward(dy, softmax(z)) - numeric) < 1e-14 * np.linalg.norm(numeric) * 10


def test_log_softmax_is_the_logarithm_of_softmax(rng: np.random.Generator) -> None:
    z = normal(rng, (3, 4))
    np.testing.assert_allclose(log_softmax(z), np.log(softmax(z)), rtol=1e-13)


@pytest.mark.filterwarnings("error")
def test_log_softmax_stays_finite_where_softmax_rounds_to_zero() -> None:
    np.testing.assert_allclose(log_softmax(np.array([[0.0, 5000.0]])), [[-5000.0, 0.0]])


@pytest.mark.parametrize("function", [sigmoid, tanh, softmax, log_softmax])
def test_float32_stays_float32(function: object) -> None:
    assert function(np.ones((2, 3), np.float32)).dtype == np.float32  # type: ignore[operator]
