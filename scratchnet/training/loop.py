"""Training: the loop around the step, in plain sight.

    step     forward, backward, clip, update
    epoch    every pair once; then the validation figures, a line of metrics, sample translations, checkpoints
    run      epochs, until they are done, until nothing improves, or until someone presses Ctrl-C

Per epoch stand side by side: `validation_loss`, teacher-forced, and `free_running_exact_match`, the share of
sentences that the model, reading its own words, writes exactly as one of the references. The lowest validation loss
is what is called best.

The loss stays on the device; every few steps its sum comes over, together with that of the gradient norm, and both are
looked at: should one not be finite, training stops, and what is on disk is from before.

Read next: training_config.py.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from scratchnet.backend import StepThreads
from scratchnet.data import Batch, Ids, Pair, bucketed_batches
from scratchnet.optim import clip_by_global_norm, global_norm
from scratchnet.training.config import TrainingConfig, TrainingError, explain_divergence
from scratchnet.training.interrupt import StopRequest
from scratchnet.training.progress import Progress
from scratchnet.training.run_folder import Position, RunFolder, TrainingResult, data_hash, holds_run, prepare_run
from scratchnet.training.scheduled_sampling import mix_inputs
from scratchnet.training.validation import Validation, usable_pairs
from scratchnet.translation import NotFiniteError, Translator, perplexity

LOOK_EVERY = 10  # steps between two looks at the loss: a device need not wait for each
NOT_FINITE = "the loss or the gradient is no longer finite"
SENSELESS = 100  # times the loss of blind guessing: no training comes back from there
ORDER, CHANCE = 0, 1  # the two kinds of random generator that are drawn from the seed


def fit(
    translator: Translator,
    train_pairs: Sequence[Pair],
    validation_pairs: Sequence[Pair],
    config: TrainingConfig,
    out: str | PathLike[str] | None = None,
    *,
    resume: bool = False,
    overwrite: bool = False,
    console: Console | None = None,
    samples: int = 3,
    threads: int | str | None = None,
) -> TrainingResult:
    """Train a translator on (source, target) pairs, in place, keeping everything in the folder `out`.

    resume: go on with the run in `out` as if there had been no break, or begin one. overwrite: remove the run in `out`
    first. console: for progress, else stderr. samples: translations shown after each epoch. threads: a number (the same
    bits each time, and after resuming); "auto", the fastest; None, the number set (`set_threads`), else "auto".
    Raises InputError for pairs of which none is of use, a folder that holds another run, or a run that was begun with
    something else; TrainingError when numbers are no longer finite; CheckpointError when the disk refuses.
    """
    progress = Progress(console)
    turns = StepThreads(translator.model.backend, threads, progress.say)
    good, ids = usable_pairs(translator, train_pairs, config.max_length, "training")
    good_validation, validation_ids = usable_pairs(translator, validation_pairs, config.max_length, "validation")
    skipped = len(train_pairs) + len(validation_pairs) - len(good) - len(good_validation)
    if skipped:
        progress.say(f"skipped {skipped:,} pairs with a blank side or one of more than {config.max_length} tokens")
    data = data_hash(ids, validation_ids)
    folder = RunFolder(None if out is None else Path(out), translator, config, data, turns.wanted)
    validation = Validation(translator, good_validation, validation_ids, config.batch_size, samples)
    trainer = Trainer(translator, config, ids, validation, folder, progress)
    if folder.out is not None:
        prepare_run(folder.out, resume=resume, overwrite=overwrite)
    if folder.out is not None and holds_run(folder.out):
        trainer.resume()
        folder.warn_of_other_threads(progress.say)
        progress.say(f"{out}: going on after step {trainer.optimizer.steps:,}")
    else:
        if resume:
            progress.say(f"{out}: holds no run yet, so one is begun")
        trainer.save()
    with progress, turns, StopRequest() as stop, np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        stopped = trainer.run(stop, turns)
    position = trainer.position
    if stopped != "interrupted":
        folder.load_best()
    return TrainingResult(
        stopped, position.epoch, trainer.optimizer.steps, position.best, position.history, skipped, folder.out
    )


class Trainer:
    """One training: the model, its optimizer, the data, and where it stands."""

    def __init__(
        self,
        translator: Translator,
        config: TrainingConfig,
        pairs: Sequence[tuple[Ids, Ids]],
        validation: Validation,
        folder: RunFolder,
        progress: Progress,
    ) -> None:
        self.model, self.config, self.pairs = translator.model, config, pairs
        self.validation, self.folder, self.progress = validation, folder, progress
        self.vocabulary_size = len(translator.target_vocabulary)
        self.steps_per_epoch = -(-len(pairs) // config.batch_size)
        self.schedule = config.make_schedule(self.steps_per_epoch)
        self.optimizer = config.make_optimizer(self.model.parameters(), self.model.gradients())
        if config.recompute_every:
            self.model.set_recompute(config.recompute_every)
        self.tape = self.model.new_tape()
        self.norms: list[float] = []  # mean gradient norms between looks, for when something goes wrong
        self.saved_step, self.saved_at = 0, time.monotonic()
        self.begin(Position())

    def resume(self) -> None:
        """Stand where the run in the folder stood when it was last saved."""
        self.begin(self.folder.resume(self.optimizer))
        self.saved_step = self.optimizer.steps

    def begin(self, position: Position) -> None:
        """Stand at `position`: at the beginning of an epoch, or where a run is resumed."""
        self.position = position
        self.loss_sum, self.norm_sum = (self.model.backend.asarray(s) for s in (position.loss_sum, position.norm_sum))
        self.seen = position.batch, position.tokens
        self.clock = time.monotonic()

    def run(self, stop: StopRequest, threads: StepThreads) -> str:
        """Train until it ends, and return how it did: "finished", "early" or "interrupted"."""
        config = self.config
        while self.position.epoch < config.epochs:
            position = self.position
            if config.patience and position.epochs_since_best >= config.patience:
                return "early"
            self.progress.begin_epoch(position.epoch + 1, config.epochs, position.batch, self.steps_per_epoch)
            for batch in self.rest_of_epoch():
                with threads.step(batch.tokens):
                    self.step(batch)
                stopping = stop.requested
                saving = stopping or self.checkpoint_is_due()
                if saving or position.batch % LOOK_EVERY == 0 or position.batch == self.steps_per_epoch:
                    self.look()
                if saving:
                    self.save()
                if stopping:
                    return "interrupted"
            self.end_epoch()
        return "finished"

    def rest_of_epoch(self) -> Iterator[Batch]:
        """Return the batches of this epoch that are still to be learned from, in the order that its number decides."""
        rng = np.random.default_rng((self.config.seed, ORDER, self.position.epoch))
        return bucketed_batches(self.pairs, self.config.batch_size, rng, skip=self.position.batch)

    def step(self, batch: Batch) -> None:
        """Learn from one batch: forward, backward, clip, update."""
        model, config = self.model, self.config
        rng = np.random.default_rng((config.seed, CHANCE, self.optimizer.steps))
        batch = mix_inputs(model, batch.to(model.backend), config.teacher_ratio, rng)
        model.zero_gradients()
        model.forward(batch, self.tape, rng)
        model.backward(self.tape)
        gradients = model.gradients()
        norm = clip_by_global_norm(gradients, config.clip_norm) if config.clip_norm else global_norm(gradients)
        self.optimizer.step(self.schedule(self.optimizer.steps))
        self.loss_sum = self.loss_sum + self.tape.loss.nll.astype("float64") * batch.tokens
        self.norm_sum = self.norm_sum + norm.astype("float64")
        self.position.batch += 1
        self.position.tokens += batch.tokens

    def look(self) -> None:
        """Fetch the sums of loss and gradient norm from the device, see that they are finite, and show them."""
        position, backend = self.position, self.model.backend
        loss_sum, norm_sum = (float(s) for s in backend.to_numpy(backend.xp.stack([self.loss_sum, self.norm_sum])))
        if not math.isfinite(loss_sum + norm_sum):
            raise self.divergence(NOT_FINITE)
        batches, tokens, seconds = position.batch - self.seen[0], position.tokens - self.seen[1], self.tick()
        loss, norm = (loss_sum - position.loss_sum) / tokens, (norm_sum - position.norm_sum) / batches
        blind = math.log(self.vocabulary_size)
        if loss > SENSELESS * blind:
            raise self.divergence(f"the loss is {loss:.3g} nats a token, where blind guessing costs {blind:.2g},")
        self.norms.append(norm)
        self.seen = position.batch, position.tokens
        position.loss_sum, position.norm_sum = loss_sum, norm_sum
        position.training_seconds += seconds
        self.progress.advance(position.batch, loss, norm, tokens / seconds)

    def end_epoch(self) -> None:
        """Validate, keep the figures, save, and show sample translations."""
        position, step = self.position, self.optimizer.steps
        loss = self.validation.loss()
        if not math.isfinite(loss):
            raise self.divergence(NOT_FINITE)
        confused = perplexity(loss)
        matches, samples = self.validation.free_running()
        self.tick()
        metrics: dict[str, Any] = {
            "epoch": position.epoch + 1,
            "step": step,
            "seconds": round(position.seconds, 3),
            "train_loss": position.loss_sum / position.tokens,
            "validation_loss": loss,
            "validation_perplexity": confused if math.isfinite(confused) else None,  # JSON has no infinity
            "free_running_exact_match": matches,
            "learning_rate": self.schedule(step - 1),
            "gradient_norm": position.norm_sum / self.steps_per_epoch,
            "tokens_per_second": round(position.tokens / max(position.training_seconds, 1e-9), 1),
        }
        self.begin(Position(epoch=metrics["epoch"], seconds=position.seconds, history=[*position.history, metrics]))
        self.save()
        self.folder.write_metrics(self.position.history)
        is_best = self.position.best is metrics
        if is_best:
            self.folder.save_best()
        self.progress.end_epoch(metrics, is_best, samples)

    def save(self) -> None:
        """Save where training stands."""
        try:
            self.folder.save_last(self.position, self.optimizer)
        except NotFiniteError:
            raise self.divergence(NOT_FINITE) from None
        self.saved_step, self.saved_at = self.optimizer.steps, time.monotonic()

    def checkpoint_is_due(self) -> bool:
        """Tell whether a checkpoint is due amid an epoch."""
        config, steps = self.config, self.optimizer.steps - self.saved_step
        by_time = config.checkpoint_seconds and time.monotonic() - self.saved_at >= config.checkpoint_seconds
        return bool(by_time or (config.checkpoint_steps and steps >= config.checkpoint_steps))

    def tick(self) -> float:
        """Return the seconds since the last call, having added them to those of the run."""
        now = time.monotonic()
        seconds, self.clock = max(now - self.clock, 1e-9), now
        self.position.seconds += seconds
        return seconds

    def divergence(self, what: str) -> TrainingError:
        """Return the error for numbers that make no sense, seen in `what`."""
        step = self.optimizer.steps
        text = explain_divergence(what, step, self.norms, self.config, self.schedule(max(step - 1, 0)))
        kept = f"; {self.folder.out} keeps the checkpoint of step {self.saved_step:,}" if self.folder.out else ""
        return TrainingError(text + kept)
