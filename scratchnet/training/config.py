"""What can be set about a training: checked when it is said, and turned into an optimizer and a schedule.

Read next: validation.py.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from scratchnet.errors import InputError
from scratchnet.optim import (
    SGD,
    Adam,
    Optimizer,
    Schedule,
    check_range,
    constant,
    cosine,
    inverse_square_root,
    step_decay,
)
from scratchnet.parameters import Arrays, check_sizes

OPTIMIZERS = ("adam", "adamw", "sgd", "momentum", "nesterov")
SCHEDULES = ("constant", "step", "inverse-sqrt", "cosine")
FREE_TO_CHANGE = (
    "checkpoint_steps",
    "checkpoint_seconds",
    "recompute_every",
)  # on resuming: they touch no number


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that shapes a training apart from the model and the data. Raises InputError for what cannot be.

    epochs: how often every pair is seen, at most. batch_size: pairs.
    optimizer: one of OPTIMIZERS. learning_rate: of the first step, or the highest with a warm-up; 2e-3 suits Adam,
        0.5 plain SGD with clipping. momentum: for "momentum" and "nesterov". weight_decay: for "adamw" (decoupled).
    schedule: one of SCHEDULES. "cosine" falls to 0 over all `epochs`; "step" multiplies the rate by `decay_factor`
        every `decay_epochs`; "inverse-sqrt" needs a warmup. warmup: steps over which the rate rises from 0.
    clip_norm: the largest global gradient norm let through; 0 for no clipping.
    teacher_ratio: share of true words that the decoder reads in training; below 1 is scheduled sampling (sampling.py).
    patience: stop after so many epochs without a lower validation loss; 0 for never.
    max_length: pairs with more tokens than this on a side are skipped.
    seed: of the order of the data, of dropout and of sampling (not of the weights, which the model already has).
    checkpoint_steps, checkpoint_seconds: save at least so often, besides after every epoch; 0 for never.
    recompute_every: memory for time, see `Recurrent`; 0 leaves the model as it was built. No number depends on it.
    """

    epochs: int = 20
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 2e-3
    momentum: float = 0.9
    weight_decay: float = 0.01
    schedule: str = "cosine"
    warmup: int = 0
    decay_epochs: int = 5
    decay_factor: float = 0.5
    clip_norm: float = 1.0
    teacher_ratio: float = 1.0
    patience: int = 0
    max_length: int = 100
    seed: int = 0
    checkpoint_steps: int = 0
    checkpoint_seconds: float = 60.0
    recompute_every: int = 0

    def __post_init__(self) -> None:
        check_sizes(
            epochs=self.epochs, batch_size=self.batch_size, decay_epochs=self.decay_epochs, max_length=self.max_length
        )
        for name in ("warmup", "patience", "seed", "checkpoint_steps", "recompute_every"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise InputError(f"{name} is {value!r}: it must be a whole number, 0 or more")
        for name, known in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
            if getattr(self, name) not in known:
                raise InputError(f"unknown {name} {getattr(self, name)!r}: choose one of {', '.join(known)}")
        for name in ("learning_rate", "weight_decay", "clip_norm", "checkpoint_seconds"):
            check_range(name, getattr(self, name), 0.0)
        check_range("momentum", self.momentum, 0.0, 1.0)
        for name in ("teacher_ratio", "decay_factor"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError(f"{name} is {getattr(self, name)!r}: it must be from 0 to 1")
        if self.schedule == "inverse-sqrt" and not self.warmup:
            raise InputError("the inverse-sqrt schedule needs a warmup: give the steps over which the rate rises")

    def make_optimizer(self, parameters: Arrays, gradients: Arrays) -> Optimizer:
        """Return the optimizer over these named arrays."""
        if self.optimizer in ("adam", "adamw"):
            decay = self.weight_decay if self.optimizer == "adamw" else 0.0
            return Adam(parameters, gradients, self.learning_rate, weight_decay=decay)
        momentum = 0.0 if self.optimizer == "sgd" else self.momentum
        return SGD(parameters, gradients, self.learning_rate, momentum, nesterov=self.optimizer == "nesterov")

    def make_schedule(self, steps_per_epoch: int) -> Schedule:
        """Return the learning rate as a function of the step, counted from 0."""
        rate, warmup = self.learning_rate, self.warmup
        if self.schedule == "inverse-sqrt":
            return inverse_square_root(rate, warmup)
        schedules = {
            "constant": lambda: constant(rate),
            "step": lambda: step_decay(rate, self.decay_epochs * steps_per_epoch, self.decay_factor),
            "cosine": lambda: cosine(rate, self.epochs * steps_per_epoch),
        }
        after = schedules[self.schedule]()
        return lambda step: after(step) * min(1.0, (step + 1) / warmup) if warmup else after(step)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TrainingConfig:
        """Return the configuration that `to_json` gave. Raises InputError for missing or unknown fields."""
        known = {field.name for field in fields(cls)}
        if values.keys() != known:
            raise InputError(f"the training's configuration has other fields: {sorted(values.keys() ^ known)}")
        return cls(**values)

    def check_continues(self, before: TrainingConfig) -> None:
        """Raise InputError naming the field in which a run begun with `before` cannot go on with this.

        Another number of epochs is fine where the schedule does not depend on it; a cosine does.
        """
        for field in fields(self):
            then, now = getattr(before, field.name), getattr(self, field.name)
            if then == now or field.name in FREE_TO_CHANGE:
                continue
            if field.name == "epochs":
                if self.schedule != "cosine":
                    continue
                raise InputError(
                    f"the run was begun with epochs {then}, not {now}, and its cosine schedule falls to 0 over these; "
                    f"resume with {then}, or begin a new run (with schedule 'constant' epochs may be raised)"
                )
            raise InputError(
                f"the run was begun with {field.name} {then!r}, not {now!r}; resume with that, or begin a new run"
            )


class TrainingError(InputError):
    """A training that cannot go on: its numbers are no longer finite, or beyond all sense."""


def explain_divergence(what: str, step: int, norms: list[float], config: TrainingConfig, rate: float) -> str:
    """Return one line on why training went wrong by `step`.

    what: how it shows. norms: the mean gradient norms before, oldest first. rate: the learning rate of that step.
    """
    usual = sorted(norms)[len(norms) // 2] if norms else math.inf
    grew = len(norms) > 1 and norms[-1] > 10.0 * usual
    if not norms:
        seen = "within the first steps"
    elif grew:
        seen = f"after the gradient norm rose from {usual:.3g} to {norms[-1]:.3g}"
    else:
        seen = f"while the gradient norm was {norms[-1]:.3g}"
    if config.clip_norm or (norms and not grew):
        advice = f"the learning rate, {rate:.2g}, is likely too high: try a tenth of it"
    else:
        advice = "gradients explode and nothing clips them: set clip_norm to 1"
    return f"{what} at step {step:,}, {seen}; {advice}"
