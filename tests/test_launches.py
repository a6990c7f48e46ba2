"""How often a training step asks the device for something: what is done to all parameters is done to one flat array."""

from typing import Any

import pytest
from helpers import model_of, tiny_batch, train_once
from strict import StrictBackend

from scratchnet.optim import SGD, Adam, clip_by_global_norm

SIZES: dict[str, dict[str, Any]] = {
    "one layer": {},
    "three layers, two ways": {"layers": 3, "bidirectional": True},
}
all_sizes = pytest.mark.parametrize("options", SIZES.values(), ids=SIZES.keys())


@pytest.fixture
def strict() -> StrictBackend:
    """A fresh device, its counts at zero."""
    return StrictBackend()


def launches(strict: StrictBackend, act: Any) -> int:
    """Return how many launches a call needs; it must wait for none of them."""
    strict.device.reset()
    act()
    assert (strict.device.to_device, strict.device.to_host, strict.device.waits) == (0, 0, 0)
    return strict.device.launches


@all_sizes
def test_adam_is_one_launch(options: dict[str, Any], strict: StrictBackend) -> None:
    model = model_of("lstm", "float32", **options).to(strict)
    optimizer = Adam(model.parameters(), model.gradients(), weight_decay=0.01)
    assert launches(strict, optimizer.step) == 1


@all_sizes
def test_gradients_are_set_to_zero_in_one_launch(options: dict[str, Any], strict: StrictBackend) -> None:
    model = model_of("lstm", "float32", **options).to(strict)
    assert launches(strict, model.zero_gradients) == 1


@all_sizes
def test_clipping_takes_the_same_few_launches_whatever_the_model(
    options: dict[str, Any], strict: StrictBackend
) -> None:
    model = model_of("lstm", "float32", **options).to(strict)
    assert launches(strict, lambda: clip_by_global_norm(model.gradients(), 1.0)) <= 7


@all_sizes
def test_momentum_takes_the_same_few_launches_whatever_the_model(
    options: dict[str, Any], strict: StrictBackend
) -> None:
    model = model_of("lstm", "float32", **options).to(strict)
    optimizer = SGD(model.parameters(), model.gradients(), momentum=0.9)
    assert launches(strict, optimizer.step) <= 4


def test_a_second_step_on_the_same_shapes_asks_for_no_more_than_the_first(strict: StrictBackend) -> None:
    model, batch = model_of("lstm", "float32").to(strict), tiny_batch().to(strict)
    tape, optimizer = model.new_tape(), Adam(model.parameters(), model.gradients())
    first, second = (launches(strict, lambda: train_once(model, batch, tape, optimizer)) for _ in range(2))
    assert second <= first
