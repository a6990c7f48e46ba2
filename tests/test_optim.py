"""Optimizers against formulas written out number by number, clipping, and schedules at points computed by hand.

    weights, slopes = {"w": w}, {"w": dw}
    optimizer = Adam(weights, slopes)          it sees named arrays, so two arrays are a whole test
    slopes["w"][...] = gradient
    optimizer.step()                           w has changed in place

Read next: test_torch_optim.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet import optim
from scratchnet.backend.numpy_backend import BLOCK
from scratchnet.errors import InputError
from scratchnet.optim import SGD, Adam, Optimizer, clip_by_global_norm
from scratchnet.parameters import Module, flat_together, zeros_beside

Floats = np.ndarray[Any, Any]
Make = Callable[..., Optimizer]

OPTIMIZERS: dict[str, Make] = {
    "sgd": lambda w, g: SGD(w, g, 0.05),
    "momentum": lambda w, g: SGD(w, g, 0.05, momentum=0.9),
    "nesterov": lambda w, g: SGD(w, g, 0.05, momentum=0.9, nesterov=True),
    "adam": lambda w, g: Adam(w, g, 0.01),
    "adamw": lambda w, g: Adam(w, g, 0.01, weight_decay=0.1),
}
every_optimizer = pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())
some_rates = st.lists(st.floats(1e-4, 0.5), min_size=1, max_size=8)
seeds = st.integers(0, 2**32 - 1)
quick = settings(deadline=None, max_examples=50)


def sgd_by_hand(w: float, gradients: Sequence[float], rates: Sequence[float], mu: float, nesterov: bool) -> float:
    v = 0.0
    for g, rate in zip(gradients, rates, strict=True):
        v = mu * v + g
        w = w - rate * ((g + mu * v) if nesterov else v)
    return w


def adam_by_hand(w: float, gradients: Sequence[float], rates: Sequence[float], settled: Sequence[float]) -> float:
    beta1, beta2, epsilon, decay = settled
    m = v = 0.0
    for t, (g, rate) in enumerate(zip(gradients, rates, strict=True), start=1):
        w = w - rate * decay * w
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        w = w - rate * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + epsilon)
    return w


def train(make: Make, start: Floats, gradients: Floats, rates: Sequence[float] | None = None) -> Floats:
    """Return what `make`'s optimizer turns `start` into with gradients (steps, *start.shape)."""
    weights, slopes = {"w": start.copy()}, {"w": np.zeros_like(start)}
    optimizer = make(weights, slopes)
    for k, gradient in enumerate(gradients):
        slopes["w"][...] = gradient
        optimizer.step(None if rates is None else rates[k])
    return weights["w"]


def draw(seed: int, steps: int, shape: tuple[int, ...] = (2, 3)) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape), rng.standard_normal((steps, *shape))


def by_hand(one: Callable[[float, Sequence[float]], float], start: Floats, gradients: Floats) -> Floats:
    """Return one(weight, its gradients) for every number in `start`, one after the other."""
    columns = gradients.reshape(len(gradients), -1).T.tolist()
    return np.array([one(w, g) for w, g in zip(start.ravel().tolist(), columns, strict=True)]).reshape(start.shape)


@quick
@given(seed=seeds, rates=some_rates, method=st.sampled_from([(0.0, False), (0.5, False), (0.97, False), (0.9, True)]))
def test_descent_and_momentum_follow_their_formula_while_the_rate_changes(
    seed: int, rates: list[float], method: tuple[float, bool]
) -> None:
    start, gradients = draw(seed, len(rates))
    found = train(lambda w, g: SGD(w, g, 9.0, *method), start, gradients, rates)
    wanted = by_hand(lambda w, g: sgd_by_hand(w, g, rates, *method), start, gradients)
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-13)


@quick
@given(
    seed=seeds,
    rates=some_rates,
    betas=st.tuples(st.floats(0.0, 0.99), st.floats(0.0, 0.999)),
    rest=st.tuples(st.sampled_from([1e-8, 1e-4, 1.0]), st.sampled_from([0.0, 0.01, 0.3])),
)
def test_adam_follows_its_formula_with_and_without_decay(
    seed: int, rates: list[float], betas: tuple[float, float], rest: tuple[float, float]
) -> None:
    start, gradients = draw(seed, len(rates))
    found = train(lambda w, g: Adam(w, g, 9.0, *betas, *rest), start, gradients, rates)
    wanted = by_hand(lambda w, g: adam_by_hand(w, g, rates, (*betas, *rest)), start, gradients)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_every_parameter_moves_by_its_own_gradient() -> None:
    weights = {"a": np.zeros(2), "b": np.zeros((1, 3)), "c": np.zeros(())}
    SGD(weights, {"a": np.full(2, 1.0), "b": np.full((1, 3), 2.0), "c": np.full((), 3.0)}, 0.5).step()
    assert {name: set(w.ravel()) for name, w in weights.items()} == {"a": {-0.5}, "b": {-1.0}, "c": {-1.5}}


def test_a_rate_given_to_step_holds_for_that_step_only() -> None:
    w = np.zeros(1)
    optimizer = SGD({"w": w}, {"w": np.ones(1)}, 0.5)
    optimizer.step(0.125)
    optimizer.step()
    assert w[0] == -0.625


@every_optimizer
def test_an_array_longer_than_a_block_is_changed_as_its_parts_would_be(make: Make) -> None:
    start, gradients = draw(1, 3, (size := 2 * BLOCK + 5,))
    whole = train(make, start, gradients)
    parts = [train(make, start[k : k + 1000], gradients[:, k : k + 1000]) for k in range(0, size, 1000)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def two_matrices(flat: bool) -> Module:
    """Return something with two parameters, in one flat array or not."""
    owner = Module(dtype="float64")
    owner.add_parameter("W", np.arange(6.0).reshape(2, 3))
    owner.add_parameter("b", np.arange(3.0) - 5.0)
    if flat:
        owner.flatten()
    return owner


@every_optimizer
def test_one_flat_array_gives_the_same_as_many(make: Make) -> None:
    apart, joined = two_matrices(False), two_matrices(True)
    optimizers = [make(owner.parameters(), owner.gradients()) for owner in (apart, joined)]
    for step in range(3):
        for owner, optimizer in zip((apart, joined), optimizers, strict=True):
            owner.zero_gradients()
            for name, gradient in owner.gradients().items():
                gradient += np.sin(step + owner.parameters()[name])
            clip_by_global_norm(owner.gradients(), 0.5)
            optimizer.step()
    # The norm to clip by is one sum or two: not to the last bit the same.
    for name, array in apart.parameters().items():
        np.testing.assert_allclose(array, joined.parameters()[name], rtol=1e-13)
    for name, array in optimizers[0].state_arrays().items():
        np.testing.assert_allclose(array, optimizers[1].state_arrays()[name], rtol=1e-13, atol=1e-16)


def test_one_flat_array_is_one_pass() -> None:
    joined = two_matrices(True)
    ((w, g),) = flat_together(joined.parameters(), joined.gradients())
    assert w is joined.flat_parameters and g is joined.flat_gradients
    assert zeros_beside(joined.parameters())["b"].base is not None


def test_a_parameter_put_in_by_hand_leaves_the_flat_array() -> None:
    joined = two_matrices(True)
    joined.W = joined.W.copy()
    assert joined.parameters().flat is None
    assert len(flat_together(joined.parameters(), joined.gradients())) == 2


@every_optimizer
def test_a_step_changes_the_given_array_in_place_and_leaves_the_gradient_alone(make: Make) -> None:
    w, g = draw(2, 1)
    before, gradient = w.copy(), g[0].copy()
    optimizer = make({"w": w}, {"w": gradient})
    optimizer.step()
    assert (w != before).all() and optimizer.parameters["w"] is w
    np.testing.assert_array_equal(gradient, g[0])


@every_optimizer
def test_float32_stays_float32_and_follows_float64(make: Make) -> None:
    start, gradients = draw(3, 20)
    weights, slopes = {"w": start.astype(np.float32)}, {"w": np.zeros(start.shape, np.float32)}
    optimizer = make(weights, slopes)
    for gradient in gradients:
        slopes["w"][...] = gradient
        optimizer.step(0.01)
    assert {array.dtype for array in [weights["w"], *optimizer.state_arrays().values()]} == {np.dtype("float32")}
    np.testing.assert_allclose(weights["w"], train(make, start, gradients, [0.01] * 20), rtol=1e-5, atol=1e-5)


@every_optimizer
def test_steps_are_counted_from_zero(make: Make) -> None:
    optimizer = make({"w": np.zeros(2)}, {"w": np.ones(2)})
    assert optimizer.steps == 0
    optimizer.step()
    optimizer.step()
    assert optimizer.steps == 2


@every_optimizer
def test_a_restored_state_goes_on_to_the_bit(make: Make) -> None:
    start, gradients = draw(4, 12)
    first, slopes = {"w": start.copy()}, {"w": np.zeros_like(start)}
    optimizer = make(first, slopes)
    for k, gradient in enumerate(gradients):
        if k == 7:
            second = {"w": first["w"].copy()}
            saved = {name: array.copy() for name, array in optimizer.state_arrays().items()}
        slopes["w"][...] = gradient
        optimizer.step()
    resumed = make(second, slopes)
    resumed.load_state(saved, 7)
    for gradient in gradients[7:]:
        slopes["w"][...] = gradient
        resumed.step()
    np.testing.assert_array_equal(second["w"], first["w"])
    assert resumed.steps == 12


def test_the_state_of_another_optimizer_is_refused() -> None:
    weights, slopes = {"w": np.zeros(2)}, {"w": np.zeros(2)}
    saved = SGD(weights, slopes, momentum=0.5).state_arrays()
    with pytest.raises(InputError, match=r"another one: .*m\.w"):
        Adam(weights, slopes).load_state(saved, 1)


@quick
@given(seed=seeds, max_norm=st.floats(0.01, 20.0))
def test_clipping_follows_its_formula_and_returns_the_norm_before(seed: int, max_norm: float) -> None:
    gradients = dict(zip("ab", draw(seed, 4), strict=True))
    before = {name: gradient.copy() for name, gradient in gradients.items()}
    norm = math.sqrt(math.fsum(float(x) ** 2 for gradient in before.values() for x in gradient.ravel()))
    assert float(clip_by_global_norm(gradients, max_norm)) == pytest.approx(norm, rel=1e-14)
    for name, gradient in gradients.items():
        wanted = before[name] * min(1.0, max_norm / (norm + 1e-6))
        np.testing.assert_allclose(gradient, wanted, rtol=1e-13)


def test_clipping_scales_all_gradients_in_place_by_their_common_norm() -> None:
    a, b = np.array([3.0]), np.array([[4.0]])
    assert float(clip_by_global_norm({"a": a, "b": b}, 1.0)) == 5.0
    np.testing.assert_allclose([a[0], b[0, 0]], [0.6, 0.8], rtol=1e-6)


def test_gradients_below_the_largest_norm_stay_to_the_bit() -> None:
    gradient = np.array([0.3, -0.4], dtype=np.float32)
    assert clip_by_global_norm({"w": gradient}, 0.51).dtype == np.float32
    np.testing.assert_array_equal(gradient, np.array([0.3, -0.4], dtype=np.float32))


def test_gradients_of_zero_are_clipped_to_zero_without_a_warning() -> None:
    gradient = np.zeros(3)
    with np.errstate(all="raise"):
        assert float(clip_by_global_norm({"w": gradient}, 1.0)) == 0.0
    assert (gradient == 0).all()


@pytest.mark.parametrize(
    ("schedule", "points"),
    [
        (optim.constant(0.3), {0: 0.3, 1000: 0.3}),
        (optim.step_decay(0.8, every=3), {0: 0.8, 2: 0.8, 3: 0.4, 5: 0.4, 6: 0.2, 11: 0.1}),
        (optim.step_decay(1.0, every=1, factor=0.1), {0: 1.0, 1: 0.1, 3: 0.001}),
        (optim.inverse_square_root(0.6, warmup=4), {0: 0.15, 1: 0.3, 3: 0.6, 15: 0.3, 35: 0.2}),
        (optim.cosine(1.0, total=8, final=0.2), {0: 1.0, 2: 0.6 + 0.4 * math.sqrt(0.5), 4: 0.6, 8: 0.2, 99: 0.2}),
        (optim.cosine(0.5, total=3), {0: 0.5, 1: 0.375, 2: 0.125, 3: 0.0}),
    ],
    ids=["constant", "step_decay", "tenfold_decay", "inverse_square_root", "cosine", "cosine_to_zero"],
)
def test_a_schedule_passes_through_points_computed_by_hand(schedule: optim.Schedule, points: dict[int, float]) -> None:
    assert {step: schedule(step) for step in points} == pytest.approx(points, rel=1e-14, abs=1e-16)


ONE = {"w": np.zeros(2)}
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "names": (lambda: SGD(ONE, {"u": np.zeros(2)}), r"\['u', 'w'\]"),
    "shapes": (lambda: SGD(ONE, {"w": np.zeros(3)}), r"'w' has shape \(3,\), wanted \(2,\)"),
    "rate": (lambda: SGD(ONE, ONE, -0.1), "learning rate is -0.1"),
    "rate nan": (lambda: Adam(ONE, ONE, math.nan), "learning rate is nan"),
    "rate inf": (lambda: Adam(ONE, ONE, math.inf), "learning rate is inf"),
    "momentum": (lambda: SGD(ONE, ONE, momentum=1.0), "momentum is 1.0"),
    "nesterov": (lambda: SGD(ONE, ONE, nesterov=True), "needs a momentum above 0"),
    "beta1": (lambda: Adam(ONE, ONE, beta1=1.0), "beta1 is 1.0"),
    "beta2": (lambda: Adam(ONE, ONE, beta2=-0.5), "beta2 is -0.5"),
    "epsilon": (lambda: Adam(ONE, ONE, epsilon=-1e-8), "epsilon is -1e-08"),
    "decay": (lambda: Adam(ONE, ONE, weight_decay=-1.0), "weight decay is -1.0"),
    "max norm": (lambda: clip_by_global_norm({}, -1.0), "max_norm is -1.0"),
    "constant": (lambda: optim.constant(-1.0), "learning rate is -1.0"),
    "every": (lambda: optim.step_decay(1.0, every=0), "every is 0: it must be at least 1"),
    "warmup": (lambda: optim.inverse_square_root(1.0, warmup=0), "warmup is 0"),
    "total": (lambda: optim.cosine(1.0, total=0), "total is 0"),
}


@pytest.mark.parametrize(("call", "said"), WRONG.values(), ids=WRONG.keys())
def test_an_argument_that_cannot_be_is_refused_in_one_line(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_parameter_that_is_a_strided_view_is_refused_and_not_silently_left_untrained() -> None:
    weights = {"w": np.asfortranarray(np.ones((2, 3)))}
    with pytest.raises(InputError, match="contiguous"):
        SGD(weights, {"w": np.ones((2, 3))})


def test_a_saved_state_of_another_shape_is_refused_before_anything_changes() -> None:
    optimizer = Adam({"w": np.ones((2, 3))}, {"w": np.ones((2, 3))})
    optimizer.step()
    before = {name: array.copy() for name, array in optimizer.state_arrays().items()}
    with pytest.raises(InputError, match="shape"):
        optimizer.load_state({"m.w": np.zeros((2, 3)), "v.w": np.zeros(3)}, 5)
    assert all(np.array_equal(before[name], array) for name, array in optimizer.state_arrays().items())
