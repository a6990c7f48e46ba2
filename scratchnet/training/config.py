"""What can be set about a training: checked when it is said, and turned into an optimizer and a schedule.

Read next: fit.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from scratchnet.errors import InputError
from scratchnet.optim import SGD, Adam, Optimizer, Schedule, constant, cosine, inverse_square_root, step_decay
from scratchnet.parameters import Arrays
from scratchnet.translation import (
    Config,
    below_one,
    count,
    not_negative,
    one_of,
    option,
    option_of,
    share,
    size,
)

OPTIMIZERS = ("adam", "adamw", "sgd", "momentum", "nesterov")
SCHEDULES = ("cosine", "constant", "step", "inverse-sqrt")


@dataclass(frozen=True)
class TrainingConfig(Config):
    """Everything that shapes a training apart from the model and the data. Raises InputError for what cannot be.

    learning_rate: 2e-3 suits Adam, 0.5 plain SGD with clipping. weight_decay: decoupled (AdamW).
    schedule: "cosine" falls to 0 over all `epochs`; "step" multiplies the rate by `decay_factor` every `decay_epochs`;
        "inverse-sqrt" needs a warmup. clip_norm, patience, checkpoint_steps, checkpoint_seconds: 0 for never.
    teacher_ratio: below 1 is scheduled sampling (scheduled_sampling.py).
    seed: of the order of the data, of dropout and of sampling (not of the weights, which the model already has).
    recompute_every: see `Recurrent`; 0 leaves the model as it was built.
    """

    epochs: int = option(10, "Passes over the training pairs, at most.", check=size)
    batch_size: int = option(64, "Sentence pairs in a batch.", check=size)
    optimizer: str = option("adam", "adam, adamw, sgd, momentum or nesterov.", check=one_of(OPTIMIZERS))
    learning_rate: float = option(2e-3, "The highest learning rate.", check=not_negative)
    momentum: float = option(0.9, "For the optimizers momentum and nesterov.", check=below_one)
    weight_decay: float = option(0.01, "For the optimizer adamw.", check=not_negative)
    schedule: str = option("cosine", "cosine, constant, step or inverse-sqrt.", check=one_of(SCHEDULES))
    warmup: int = option(0, "Steps over which the learning rate rises from 0.", check=count)
    decay_epochs: int = option(5, "Epochs between two drops of the rate, for the schedule step.", check=size)
    decay_factor: float = option(0.5, "What each drop multiplies the rate by, for the schedule step.", check=share)
    clip_norm: float = option(
        1.0,
        "The largest norm of all gradients together; 0: no clipping.",
        check=not_negative,
        flags=("--clip-norm", "--clip"),
    )
    teacher_ratio: float = option(
        1.0, "Share of true previous words that the decoder reads; below 1: scheduled sampling.", check=share
    )
    patience: int = option(
        5, "Stop after so many epochs without a lower validation loss; 0: never.", check=count, resume=True
    )
    max_length: int = option(100, "Skip pairs with more tokens than this on a side.", check=size)
    seed: int = option(0, "Seed of everything random.", check=count)
    checkpoint_steps: int = option(0, "Save after so many steps; 0: after epochs only.", check=count, resume=True)
    checkpoint_seconds: float = option(60.0, "Save after so many seconds; 0: never.", check=not_negative, resume=True)
    recompute_every: int = option(
        0,
        "Keep every K-th step, compute the others twice: less memory; 0: keep all.",
        check=count,
        metavar="K",
        resume=True,
    )

    def check_together(self) -> None:
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

    def check_continues(self, before: TrainingConfig) -> None:
        """Raise InputError naming the option with which a run begun with `before` cannot go on with this.

        Another number of epochs is fine: `schedule_change` says what becomes of the learning rate.
        """
        for declared in fields(self):
            name = declared.name
            then, now = getattr(before, name), getattr(self, name)
            if then != now and name != "epochs" and not option_of(declared).resume:
                raise InputError(
                    f"the run was begun with {name} {then!r}, not {now!r}; resume with that, or begin a new run"
                )

    def schedule_change(self, before: TrainingConfig, step: int, steps_per_epoch: int) -> str:
        """Return one line on the learning rate after `step`, where a run of `before.epochs` goes on to `epochs`."""
        plan = f"{self.epochs} epochs instead of {before.epochs}"
        if self.schedule != "cosine":
            return f"{plan}; the learning rate goes on by its schedule, {self.schedule}"
        then, now = (config.make_schedule(steps_per_epoch)(step) for config in (before, self))
        return (
            f"{plan}; the cosine schedule now falls to 0 over these, as if they had been planned from the beginning: "
            f"the learning rate goes on at {now:.2g}, where it had come to {then:.2g}"
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
