"""Training: the loop around the step, its configuration, its run folder, its progress bar.

    train.py                from sentence pairs to a trained translator in one call: train()
    loop.py                 epochs, steps, validation, checkpoints: fit()
    config.py               what can be set about a training
    scheduled_sampling.py   the decoder reads some of its own words
    validation.py           what the held-out pairs say after every epoch
    run_folder.py           the files of a run, and how an interrupted one is resumed
    progress.py             what one sees of it; interrupt.py: Ctrl-C as a request
    user_cell.py            a cell class from the user's own file

Read next: train.py; to go on with the book, skip this folder: ../visual/__init__.py.
"""

from scratchnet.training.config import TrainingConfig, TrainingError
from scratchnet.training.interrupt import StopRequest
from scratchnet.training.loop import fit
from scratchnet.training.run_folder import TrainingResult, prepare_run, read_metrics
from scratchnet.training.scheduled_sampling import mix_inputs
from scratchnet.training.train import file_digest, train
from scratchnet.training.user_cell import user_cell_loader

__all__ = [
    "StopRequest",
    "TrainingConfig",
    "TrainingError",
    "TrainingResult",
    "file_digest",
    "fit",
    "mix_inputs",
    "prepare_run",
    "read_metrics",
    "train",
    "user_cell_loader",
]
