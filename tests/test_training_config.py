"""What can be set about a training, what becomes of it, and what is said when it was set badly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from scratchnet.errors import InputError
from scratchnet.optim import SGD, Adam
from scratchnet.training import TrainingConfig
from scratchnet.training.config import explain_divergence


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("epochs", 0),
        ("batch_size", 1.5),
        ("optimizer", "adamm"),
        ("schedule", "linear"),
        ("learning_rate", -1.0),
        ("learning_rate", math.nan),
        ("clip_norm", -1.0),
        ("teacher_ratio", 1.5),
        ("momentum", 1.0),
        ("patience", -1),
        ("warmup", 0.5),
        ("seed", -3),
        ("checkpoint_seconds", -1.0),
        ("recompute_every", -1),
        ("recompute_every", 2.5),
        ("max_length", 0),
        ("decay_factor", 2.0),
    ],
)
def test_an_option_that_cannot_be_is_named(option: str, value: Any) -> None:
    with pytest.raises(InputError, match=option):
        TrainingConfig(**{option: value})


def test_a_configuration_survives_json_and_unknown_fields_do_not() -> None:
    config = TrainingConfig(epochs=7, optimizer="nesterov", schedule="inverse-sqrt", warmup=10)
    assert TrainingConfig.from_json(config.to_json()) == config
    with pytest.raises(InputError, match="colour"):
        TrainingConfig.from_json({**config.to_json(), "colour": 1})


def test_schedules_are_those_of_their_names() -> None:
    def rates(steps: list[int], **options: Any) -> list[float]:
        schedule = TrainingConfig(**{"epochs": 10, "learning_rate": 1.0, **options}).make_schedule(20)
        return [round(schedule(step), 6) for step in steps]

    assert rates([0, 100, 200], schedule="constant") == [1.0, 1.0, 1.0]
    assert rates([0, 100, 200], schedule="cosine") == [1.0, 0.5, 0.0]
    assert rates([0, 39, 40, 80], schedule="step", decay_epochs=2, decay_factor=0.1) == [1.0, 1.0, 0.1, 0.01]
    assert rates([0, 9, 39], schedule="inverse-sqrt", warmup=10) == [0.1, 1.0, 0.5]
    assert rates([0, 4, 9, 100], schedule="constant", warmup=10) == [0.1, 0.5, 1.0, 1.0]
    with pytest.raises(InputError, match="inverse-sqrt schedule needs a warmup"):
        rates([0], schedule="inverse-sqrt")


def test_optimizers_are_those_of_their_names() -> None:
    def made(**options: Any) -> Any:
        return TrainingConfig(**options).make_optimizer({"w": np.ones(2)}, {"w": np.ones(2)})

    assert (type(made()), made().weight_decay) == (Adam, 0.0)
    assert made(optimizer="adamw", weight_decay=0.1).weight_decay == 0.1
    assert (type(made(optimizer="sgd")), made(optimizer="sgd").momentum) == (SGD, 0.0)
    assert (made(optimizer="momentum").momentum, made(optimizer="momentum").nesterov) == (0.9, False)
    assert made(optimizer="nesterov").nesterov


@pytest.mark.parametrize(
    ("norms", "clip_norm", "told"),
    [
        ([1.0, 2.0, 1.0, 500.0], 0.0, "rose from 2 to 500; gradients explode and nothing clips them"),
        ([1.0, 2.0, 1.0, 500.0], 1.0, "rose from 2 to 500; the learning rate, 0.25, is likely too high: try a tenth"),
        ([1.0, 2.0, 1.0], 0.0, "while the gradient norm was 1; the learning rate, 0.25"),
        ([], 0.0, "within the first steps; gradients explode"),
        ([], 1.0, "within the first steps; the learning rate"),
    ],
)
def test_the_likely_cause_is_judged_from_the_gradient_norms(norms: list[float], clip_norm: float, told: str) -> None:
    text = explain_divergence("It fails", 1234, norms, TrainingConfig(clip_norm=clip_norm), 0.25)
    assert text.startswith("It fails at step 1,234, ")
    assert told in text
