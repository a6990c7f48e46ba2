"""Optimizers, clipping and schedules beside PyTorch's own, in float64.

The gradients depend on the weights they have led to, so that a deviation, once there, does not go away by itself.

Read next: torch_twins.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from torch_twins import Arrays, torch

from scratchnet.optim import SGD, Adam, Optimizer, clip_by_global_norm, cosine, step_decay

pytestmark = pytest.mark.torch

STEPS = 200
Pair = tuple[Callable[[Arrays, Arrays], Optimizer], Callable[[list[Any]], Any]]
PAIRS: dict[str, Pair] = {
    "sgd": (lambda w, g: SGD(w, g, 0.05), lambda p: torch.optim.SGD(p, 0.05)),
    "momentum": (lambda w, g: SGD(w, g, 0.05, 0.9), lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
    "nesterov": (
        lambda w, g: SGD(w, g, 0.05, 0.9, nesterov=True),
        lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, nesterov=True),
    ),
    "adam": (lambda w, g: Adam(w, g, 0.02), lambda p: torch.optim.Adam(p, 0.02)),
    "adam with other settings": (
        lambda w, g: Adam(w, g, 0.02, beta1=0.5, beta2=0.9, epsilon=1e-3),
        lambda p: torch.optim.Adam(p, 0.02, betas=(0.5, 0.9), eps=1e-3),
    ),
    "adamw": (
        lambda w, g: Adam(w, g, 0.02, weight_decay=0.1),
        lambda p: torch.optim.AdamW(p, 0.02, weight_decay=0.1),
    ),
}
every_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())


def slope(weights: Arrays, noise: np.random.Generator) -> Arrays:
    """Return a gradient of a bumpy bowl at `weights`, with noise on it."""
    return {name: 0.3 * w + np.sin(3.0 * w) + 0.5 * noise.standard_normal(w.shape) for name, w in weights.items()}


def largest_deviation(pair: Pair, rates: list[float] | None = None) -> float:
    """Return the largest deviation of any weight after any step, as a share of the largest weight of its array.

    With `rates` both sides change their learning rate at every step.
    """
    rng = np.random.default_rng(7)
    weights: Arrays = {"a": rng.standard_normal((3, 4)), "b": rng.standard_normal(5)}
    gradients = {name: np.zeros_like(w) for name, w in weights.items()}
    tensors = {name: torch.tensor(w, requires_grad=True) for name, w in weights.items()}
    ours, theirs = pair[0](weights, gradients), pair[1](list(tensors.values()))
    noise, same_noise = np.random.default_rng(8), np.random.default_rng(8)
    worst = 0.0
    for k in range(STEPS):
        for name, gradient in slope(weights, noise).items():
            gradients[name][...] = gradient
        values = {name: tensor.detach().numpy() for name, tensor in tensors.items()}
        for name, gradient in slope(values, same_noise).items():
            tensors[name].grad = torch.tensor(gradient)
        if rates is not None:
            theirs.param_groups[0]["lr"] = rates[k]
        ours.step(None if rates is None else rates[k])
        theirs.step()
        for name, w in weights.items():
            worst = max(worst, float(np.abs(w - values[name]).max() / np.abs(values[name]).max()))
    return worst


@every_pair
def test_a_trajectory_is_that_of_torch(pair: Pair) -> None:
    assert largest_deviation(pair) < 1e-12


@every_pair
def test_a_trajectory_is_that_of_torch_while_the_rate_changes(pair: Pair) -> None:
    rate = cosine(0.1, STEPS, final=0.001)
    assert largest_deviation(pair, [rate(k) for k in range(STEPS)]) < 1e-12


@pytest.mark.parametrize("max_norm", [0.5, 1.0, 5.0, 50.0])
def test_clipping_is_that_of_torch(max_norm: float) -> None:
    rng = np.random.default_rng(9)
    gradients: Arrays = {name: rng.standard_normal(shape) for name, shape in {"a": (3, 4), "b": (5,)}.items()}
    tensors = {name: torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for name, g in gradients.items()}
    for name, tensor in tensors.items():
        tensor.grad = torch.tensor(gradients[name])
    norm = torch.nn.utils.clip_grad_norm_(tensors.values(), max_norm)
    assert float(clip_by_global_norm(gradients, max_norm)) == pytest.approx(norm.item(), rel=1e-14)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, tensors[name].grad.numpy(), rtol=1e-14)


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("factor", [0.5, 0.97])
def test_step_decay_is_torch_step_lr(every: int, factor: float) -> None:
    wanted = torch_rates(lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=every, gamma=factor), 40)
    schedule = step_decay(0.8, every, factor)
    assert [schedule(k) for k in range(40)] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("final", [0.0, 0.05])
def test_cosine_is_torch_cosine_annealing(final: float) -> None:
    wanted = torch_rates(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=30, eta_min=final), 31)
    schedule = cosine(0.8, 30, final)
    assert [schedule(k) for k in range(31)] == pytest.approx(wanted, rel=1e-12, abs=1e-15)


def torch_rates(make: Callable[[Any], Any], steps: int) -> list[float]:
    """Return the rates of a PyTorch scheduler, from 0.8 on, at `steps` steps."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.8)
    scheduler = make(optimizer)
    rates: list[float] = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates
