"""Training a translator on pairs of sentences that are already split: the run around the loop.

Read next: loop.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from rich.console import Console

from scratchnet.backend import StepThreads
from scratchnet.data import Pair
from scratchnet.training.config import TrainingConfig
from scratchnet.training.interrupt import StopRequest
from scratchnet.training.lock import locked
from scratchnet.training.loop import Trainer
from scratchnet.training.progress import Progress
from scratchnet.training.result import TrainingResult
from scratchnet.training.run_folder import RunFolder, data_hash, holds_run, prepare_run
from scratchnet.training.validation import Validation, usable_pairs
from scratchnet.translation import Translator


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

    resume: go on with the run in `out` as if there had been no break; where there is none, begin. overwrite: remove
    the run in `out` first. console: where progress is shown, stderr by default.
    samples: how many translations are shown after each epoch. threads: a number, with which a repetition and a resumed
    run end with the same bits; "auto", the fastest at each time; None, the number set (`set_threads`), else "auto".
    Raises InputError for pairs of which none is of use, a folder that holds another run, or a run that was begun with
    something else; TrainingError when numbers are no longer finite; CheckpointError when the disk refuses.
    """
    progress = Progress(console, config.patience)
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
    quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
    with locked(folder.out, progress.say), progress, turns, StopRequest() as stop, quiet:
        if folder.out is not None:
            prepare_run(folder.out, resume=resume, overwrite=overwrite)
        if folder.out is not None and holds_run(folder.out):
            trainer.resume()
            folder.warn_of_other_threads(progress.say)
        else:
            if resume:
                progress.say(f"{out}: holds no run yet, so one is begun")
            trainer.save()
        stopped = trainer.run(stop, turns)
        if stopped != "interrupted":
            folder.load_best()
    position = trainer.position
    return TrainingResult(
        stopped, position.epoch, trainer.optimizer.steps, position.best, position.history, skipped, folder.out
    )
