"""Losses held to their definition, token by token, and their gradients to the complex step."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import assert_gradients_match, normal
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.errors import InputError
from scratchnet.losses import SoftmaxCrossEntropy, SquaredError

TARGETS = np.array([2, 0, 2, 4])
smoothings = pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])


def cross_entropy(logits: np.ndarray, targets: np.ndarray, smoothing: float = 0.0) -> float:
    """Return the mean of -sum q log p over tokens, by the book: no shift, no fused gradient."""
    total, classes = 0.0, logits.shape[1]
    for row, target in zip(logits.tolist(), targets.tolist(), strict=True):
        normaliser = sum(math.exp(z) for z in row)
        for v, z in enumerate(row):
            share = smoothing / classes + (1 - smoothing if v == target else 0)
            total -= share * math.log(math.exp(z) / normaliser)
    return total / len(targets)


@smoothings
def test_the_loss_is_the_mean_cross_entropy_in_nats(rng: np.random.Generator, smoothing: float) -> None:
    logits = normal(rng, (4, 5))
    loss = SoftmaxCrossEntropy(smoothing).forward(logits, TARGETS, SimpleNamespace())
    assert loss.shape == ()
    assert loss == pytest.approx(cross_entropy(logits, TARGETS, smoothing), rel=1e-13)


@smoothings
def test_the_tape_keeps_the_loss_without_smoothing(rng: np.random.Generator, smoothing: float) -> None:
    logits, tape = normal(rng, (4, 5)), SimpleNamespace()
    SoftmaxCrossEntropy(smoothing).forward(logits, TARGETS, tape)
    assert tape.nll == pytest.approx(cross_entropy(logits, TARGETS), rel=1e-13)


@smoothings
def test_the_gradient_of_the_loss_matches(rng: np.random.Generator, smoothing: float) -> None:
    loss, logits, tape = SoftmaxCrossEntropy(smoothing), normal(rng, (4, 5)), SimpleNamespace()
    loss.forward(logits, TARGETS, tape)
    imaginary = logits.astype(complex)
    assert_gradients_match(
        lambda: loss.forward(imaginary, TARGETS, SimpleNamespace()), {"z": imaginary}, {"z": loss.backward(tape)}
    )


@settings(max_examples=20)
@given(tokens=st.integers(1, 6), classes=st.integers(2, 7), smoothing=st.floats(0, 0.9), seed=st.integers(0, 99))
def test_gradients_of_each_token_sum_to_zero(tokens: int, classes: int, smoothing: float, seed: int) -> None:
    rng, tape, loss = np.random.default_rng(seed), SimpleNamespace(), SoftmaxCrossEntropy(smoothing)
    loss.forward(normal(rng, (tokens, classes)), rng.integers(0, classes, tokens), tape)
    np.testing.assert_allclose(loss.backward(tape).sum(axis=1), 0.0, atol=1e-15)


def test_the_mean_is_over_tokens_so_repeating_them_changes_nothing(rng: np.random.Generator) -> None:
    logits, loss = normal(rng, (4, 5)), SoftmaxCrossEntropy()
    once = loss.forward(logits, TARGETS, SimpleNamespace())
    twice = loss.forward(np.concatenate([logits] * 2), np.concatenate([TARGETS] * 2), SimpleNamespace())
    assert twice == pytest.approx(float(once), rel=1e-14)


@pytest.mark.filterwarnings("error")
def test_huge_logits_neither_overflow_nor_take_the_logarithm_of_zero() -> None:
    logits, tape = np.array([[5000.0, 0.0], [-5000.0, 5000.0]]), SimpleNamespace()
    loss = SoftmaxCrossEntropy()
    assert loss.forward(logits, np.array([1, 0]), tape) == pytest.approx(7500.0)
    np.testing.assert_allclose(loss.backward(tape), [[0.5, -0.5], [-0.5, 0.5]])


def test_two_backwards_are_equal_and_logits_unchanged(rng: np.random.Generator) -> None:
    logits, tape, loss = normal(rng, (4, 5)), SimpleNamespace(), SoftmaxCrossEntropy(0.1)
    kept = logits.copy()
    loss.forward(logits, TARGETS, tape)
    first = loss.backward(tape).copy()
    assert (loss.backward(tape) == first).all()
    assert (logits == kept).all()


@smoothings
def test_float32_stays_float32(rng: np.random.Generator, smoothing: float) -> None:
    loss, tape = SoftmaxCrossEntropy(smoothing), SimpleNamespace()
    assert loss.forward(normal(rng, (4, 5), "float32"), TARGETS, tape).dtype == np.float32
    assert tape.nll.dtype == np.float32
    assert loss.backward(tape).dtype == np.float32


@pytest.mark.parametrize("shape", [(3, 5), (4, 5, 1), (20,)])
def test_shapes_that_do_not_fit_are_errors(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"wanted \(N, V\) and \(N,\)"):
        SoftmaxCrossEntropy().forward(np.zeros(shape), TARGETS, SimpleNamespace())


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_smoothing_out_of_range_is_an_error(smoothing: float) -> None:
    with pytest.raises(InputError, match="label smoothing is"):
        SoftmaxCrossEntropy(smoothing)


def test_squared_error_is_the_mean_of_half_the_squared_distance(rng: np.random.Generator) -> None:
    outputs, targets = normal(rng, (4, 3)), normal(rng, (4, 3))
    wanted = sum(0.5 * (outputs[n, d] - targets[n, d]) ** 2 for n in range(4) for d in range(3)) / 4
    assert SquaredError().forward(outputs, targets, SimpleNamespace()) == pytest.approx(wanted, rel=1e-14)


def test_the_gradient_of_squared_error_matches(rng: np.random.Generator) -> None:
    outputs, targets, tape = normal(rng, (4, 3)), normal(rng, (4, 3)), SimpleNamespace()
    SquaredError().forward(outputs, targets, tape)
    imaginary = outputs.astype(complex)
    assert_gradients_match(
        lambda: SquaredError().forward(imaginary, targets, SimpleNamespace()),
        {"outputs": imaginary},
        {"outputs": SquaredError().backward(tape)},
    )


def test_squared_error_of_float32_stays_float32() -> None:
    tape, ones = SimpleNamespace(), np.ones((4, 3), np.float32)
    assert SquaredError().forward(ones, ones * 3, tape).dtype == np.float32
    assert SquaredError().backward(tape).dtype == np.float32


@pytest.mark.parametrize("shape", [(3, 4), (4, 1), (4,)])
def test_squared_error_refuses_to_broadcast(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"wanted \(N, D\) twice"):
        SquaredError().forward(np.zeros((4, 3)), np.zeros(shape), SimpleNamespace())
