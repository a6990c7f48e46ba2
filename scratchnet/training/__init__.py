"""Training: the loop around the step, its configuration, its run folder, its progress bar.

    train.py                from sentence pairs to a trained translator in one call: train(), resume_run()
    training_data.py        the pairs of a training, and where they came from
    whole_run.py            what is said first, the training, the scores on the test pairs
    fit.py                  the same with a translator and pairs that are there already: fit()
    loop.py                 epochs, steps, validation, checkpoints: the training loop
    config.py               what can be set about a training
    scheduled_sampling.py   the decoder reads some of its own words
    validation.py           what the held-out pairs say after every epoch
    run_folder.py           the files of a run, and how an interrupted one is resumed; result.py: what it ends with
    lock.py                 one process at a time in a run's folder
    progress.py             what one sees of it, and how long it takes; interrupt.py: Ctrl-C as a request
    user_cell.py            a cell class from the user's own file

Read next: train.py; to go on with the book, skip this folder: ../visual/__init__.py.
"""

from scratchnet.training.config import TrainingConfig, TrainingError
from scratchnet.training.fit import fit
from scratchnet.training.interrupt import StopRequest
from scratchnet.training.result import TrainingResult
from scratchnet.training.run_folder import prepare_run, read_metrics
from scratchnet.training.scheduled_sampling import mix_inputs
from scratchnet.training.train import resume_run, train
from scratchnet.training.training_data import file_digest
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
    "resume_run",
    "train",
    "user_cell_loader",
]
