"""The folder of one training run: what lets a run that was killed at any moment go on as if it never had been.

    best/           the checkpoint of the lowest validation loss
    last/           the newest one, with the optimizer's state and the position in the data
    metrics.jsonl   one line of figures for every epoch

No random generator is saved, for none outlives a step: the order of an epoch is drawn from (seed, epoch), and what a
step draws, for dropout and sampling, from (seed, step). The best epoch, the patience left and every line of metrics
follow from the history of epochs, which last/ keeps. So little has to be restored: weights, optimizer, step, position,
the sums of the epoch so far, history.

Read next: progress.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from scratchnet.data import Ids, remove_folder, replace_file, tidy_folder
from scratchnet.errors import InputError
from scratchnet.optim import Optimizer
from scratchnet.training.config import TrainingConfig
from scratchnet.translation import (
    BEST,
    LAST,
    Arrays,
    CheckpointError,
    Translator,
    is_checkpoint,
    read_checkpoint,
    read_training,
    save_translator,
)

METRICS = "metrics.jsonl"


@dataclass
class Position:
    """Where a training stands.

    epoch: how many epochs are complete. batch: how many batches of the next one are done, and of these: tokens,
    loss_sum (nats, over tokens), norm_sum (over batches), training_seconds. seconds: since the beginning, without the
    pauses before resuming. history: the metrics of the complete epochs.
    """

    epoch: int = 0
    batch: int = 0
    tokens: int = 0
    loss_sum: float = 0.0
    norm_sum: float = 0.0
    training_seconds: float = 0.0
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def best(self) -> dict[str, Any] | None:
        """The metrics of the epoch of the lowest validation loss; the earlier one of two equals."""
        return min(self.history, key=lambda metrics: metrics["validation_loss"], default=None)

    @property
    def epochs_since_best(self) -> int:
        """How many epochs have passed since the best one."""
        return self.epoch - self.best["epoch"] if self.best else 0


@dataclass(frozen=True)
class TrainingResult:
    """How a training ended; the translator then holds the best weights, or the last ones if it was interrupted.

    stopped: "finished" (all epochs), "early" (patience ran out) or "interrupted" (resume to go on).
    epochs, steps: complete ones. best: the metrics of the best epoch, None before the first. history: of all.
    skipped: how many pairs were of no use. out: the run's folder. translator: what was trained, from `train`.
    """

    stopped: str
    epochs: int
    steps: int
    best: dict[str, Any] | None
    history: list[dict[str, Any]] = field(repr=False)
    skipped: int
    out: Path | None
    translator: Translator | None = None

    @property
    def interrupted(self) -> bool:
        """True where resuming would go on."""
        return self.stopped == "interrupted"

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        found = {name: value for name, value in vars(self).items() if name != "translator"}
        return {**found, "out": None if self.out is None else str(self.out)}


def prepare_run(out: str | PathLike[str], *, resume: bool = False, overwrite: bool = False) -> None:
    """Make the folder `out` ready for `train`; with `overwrite`, remove the run in it (and no other files).

    Raises InputError where a run lies there and neither `resume` nor `overwrite` is said, or both are, and where the
    folder cannot be made.
    """
    out = Path(out)
    if resume and overwrite:
        raise InputError(f"{out}: to resume a run and to overwrite it contradict each other; say one of the two")
    if holds_run(out) and not resume and not overwrite:
        raise InputError(f"{out}: holds another run; resume it, overwrite it, or choose another folder")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in (BEST, LAST):
            remove_folder(out / name) if overwrite else tidy_folder(out / name)
        if overwrite:
            (out / METRICS).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{out}: cannot be used as a run's folder ({error.strerror}); choose another") from None


def holds_run(out: Path) -> bool:
    """Tell whether a run, finished or not, lies in a folder."""
    return is_checkpoint(out / BEST) or is_checkpoint(out / LAST)


class RunFolder:
    """The files of one run; with `out` None, only the best weights are kept, in memory. data: see `data_hash`."""

    def __init__(self, out: Path | None, translator: Translator, config: TrainingConfig, data: str) -> None:
        self.out, self.translator, self.config, self.data = out, translator, config, data
        self.best: Arrays = {}

    def save_last(self, position: Position, optimizer: Optimizer) -> None:
        """Save all that resuming needs. Raises CheckpointError as `save_translator` does."""
        if self.out is None:
            return
        training = {
            "config": self.config.to_json(),
            "data_sha256": self.data,
            "step": optimizer.steps,
            "position": asdict(position),
        }
        to_numpy = self.translator.model.backend.to_numpy
        arrays = {name: to_numpy(array) for name, array in optimizer.state_arrays().items()}
        save_translator(self.translator, self.out / LAST, training=training, training_arrays=arrays)

    def save_best(self) -> None:
        """Keep the translator's weights as the best so far."""
        model = self.translator.model
        if self.out is None:
            self.best = {name: model.backend.to_numpy(array).copy() for name, array in model.parameters().items()}
        else:
            save_translator(self.translator, self.out / BEST)

    def load_best(self) -> None:
        """Give the translator the best weights back."""
        self.translator.model.load_parameters(self.best if self.out is None else self._weights(self.out / BEST))

    def write_metrics(self, history: Sequence[dict[str, Any]]) -> None:
        """Write one line for each epoch, replacing the whole file, so that no line can be torn, twice or missing."""
        if self.out is None:
            return
        try:
            replace_file(self.out / METRICS, "".join(json.dumps(metrics) + "\n" for metrics in history).encode())
        except OSError as error:
            raise CheckpointError(f"{self.out / METRICS}: cannot be written ({error.strerror or error})") from None

    def resume(self, optimizer: Optimizer) -> Position:
        """Restore weights and optimizer from last/, make the other files agree with it, and return the position.

        Raises InputError where the run was begun with another configuration, model, vocabulary or other pairs, and
        CheckpointError for damage; the translator and the files are unchanged then.
        """
        assert self.out is not None
        training, arrays = read_training(self.out / LAST)
        weights = self._weights(self.out / LAST)
        try:
            self.config.check_continues(TrainingConfig.from_json(training["config"]))
            position = Position(**training["position"])
            step, data = training["step"], training["data_sha256"]
        except (KeyError, TypeError) as error:
            raise CheckpointError(f"{self.out / LAST}: says too little of the training ({error})") from None
        except InputError as error:
            raise InputError(f"{self.out}: {error}") from None
        if data != self.data:
            raise InputError(f"{self.out}: the run was begun with other sentence pairs; resume with the same ones")
        asarray = self.translator.model.backend.asarray
        optimizer.load_state({name: asarray(array) for name, array in arrays.items()}, step)
        self.translator.model.load_parameters(weights)
        self.write_metrics(position.history)
        if position.best is not None and position.best["step"] == step:
            self.save_best()  # the process may have been killed between saving the last and saving the best
        return position

    def _weights(self, folder: Path) -> Arrays:
        """Return the weights of a checkpoint, which must be of this very model and these vocabularies."""
        saved, mine = read_checkpoint(folder), self.translator
        before = {**saved.config.to_json(), "dtype": saved.dtype}
        for name, value in {**mine.config.to_json(), "dtype": mine.model.dtype.name}.items():
            if before[name] != value:
                raise InputError(
                    f"{self.out}: the run was begun with a model of {name} {before[name]!r}, not {value!r}; "
                    "resume with that, or begin a new run"
                )
        if saved.cell_text != mine.cell_text:
            raise InputError(f"{self.out}: the run was begun with another text of {mine.config.cell}; resume with that")
        for side in ("source_vocabulary", "target_vocabulary"):
            if getattr(saved, side) != getattr(mine, side):
                name = side.replace("_", " ")
                raise InputError(f"{self.out}: the run was begun with another {name}; resume with the same pairs")
        return saved.weights


def data_hash(*parts: Sequence[tuple[Ids, Ids]]) -> str:
    """Return a SHA-256 of lists of pairs of token ids, in their order."""
    plain = [[[list(source), list(target)] for source, target in pairs] for pairs in parts]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def read_metrics(run: Path) -> list[dict[str, Any]]:
    """Return the metrics of every epoch of a run. Raises InputError where its folder holds none, or damaged ones."""
    path = run / METRICS
    try:
        found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for metrics in found:
            float(metrics["validation_loss"]), float(metrics["free_running_exact_match"]), int(metrics["epoch"])
    except FileNotFoundError:
        raise InputError(f"{run} holds no {METRICS}: name the folder of a run that has done an epoch") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error})") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path} is damaged: a line of it is not the metrics of an epoch") from None
    if not found:
        raise InputError(f"{run} has not done an epoch yet: train it, then compare with it")
    return found
