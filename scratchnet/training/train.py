"""From sentence pairs to a trained translator in one call: what `scratchnet train` does.

    result = train("en-hi", out="runs/first", cell="gru", epochs=3)
    result.translator.translate(["how are you?"])
    resume_run("runs/first", epochs=5)                      goes on with it

What is read, and how large the model is, is said first.

Read next: training_data.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from os import PathLike
from pathlib import Path
from typing import Any

from rich.console import Console

from scratchnet.backend import Backend, get_backend, parse_threads
from scratchnet.cells import CELLS
from scratchnet.data import Pair, Vocabulary
from scratchnet.errors import InputError, warn
from scratchnet.training.config import TrainingConfig
from scratchnet.training.lock import locked
from scratchnet.training.progress import Progress
from scratchnet.training.result import TrainingResult
from scratchnet.training.run_folder import Position, check_folder, holds_run, prepare_run
from scratchnet.training.training_data import ReadOptions, read_data_again, read_training_data
from scratchnet.training.user_cell import UserCell, load_user_cell, stored_user_cell, user_cell_loader
from scratchnet.training.whole_run import run
from scratchnet.translation import (
    LAST,
    CheckpointError,
    ModelConfig,
    Translator,
    load_translator,
    read_checkpoint,
    read_training,
)

AnyPath = str | PathLike[str]


def train(
    pairs: AnyPath | Sequence[Pair],
    out: AnyPath | None = None,
    *,
    targets: AnyPath | None = None,
    columns: tuple[int, int] = (1, 2),
    max_bad_share: float = 0.05,
    validation: float = 0.05,
    test: float = 0.0,
    unit: str = "word",
    min_count: int = 1,
    max_vocabulary: int | None = None,
    lowercase: bool = False,
    backend: Backend | str = "numpy",
    threads: int | str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    unchecked: bool = False,
    cell_seconds: float = 60.0,
    console: Console | None = None,
    warn: Callable[[str], None] = warn,
    **options: Any,
) -> TrainingResult:
    """Train an encoder-decoder on sentence pairs and return the result, with the `translator` in it.

    pairs: the name of an embedded corpus, a file of `source TAB target` lines, or (source, target) pairs themselves.
    out: the run's folder; None keeps nothing on disk. targets: a file whose line n translates line n of `pairs`.
    columns: which columns of a file are source and target, counted from 1. max_bad_share: see `read_pairs`.
    validation, test: shares of the source sentences that are held out, to be scored after every epoch, and once at the
    end (an embedded corpus has its own split).
    unit, min_count, max_vocabulary, lowercase: see `Vocabulary.build`; lowercase for the source alone.
    threads, resume, overwrite, console: see `fit`. unchecked: train a cell from a file though its gradients are wrong;
    cell_seconds: the longest that its check may take, 0 for any time. warn: gets each warning, one line.
    options: those of `ModelConfig` and `TrainingConfig`, by name.
    Raises InputError, in one line, for what cannot be used; see `fit` for the rest.
    """
    model_config, config = split_options(options)
    if threads is not None:
        threads = parse_threads(threads)
    array_backend = get_backend(backend, say=warn)
    cell = find_user_cell(model_config.cell, out, resume=resume, unchecked=unchecked, seconds=cell_seconds, warn=warn)
    progress, folder = Progress(console), None if out is None else Path(out)
    if folder is not None:
        check_folder(folder, resume=resume, overwrite=overwrite)
    how = ReadOptions(columns, max_bad_share, validation, test, config.seed)
    data = read_training_data(pairs, targets, how, progress.say, warn)
    lowercase = lowercase or "corpus" in data.origin  # the embedded English is lower case, a typed "How" is not
    sources = Vocabulary.build([s for s, _ in data.training], unit, min_count, max_vocabulary, lowercase)
    words = Vocabulary.build([t for _, t in data.training], unit, min_count, max_vocabulary)
    cell_class = None if cell is None else cell.cell_class
    model = model_config.build(len(sources), len(words), cell=cell_class, rng=config.seed, backend=array_backend)
    translator = Translator(model, sources, words, model_config, "" if cell is None else cell.text)
    with locked(folder, progress.say):
        if folder is not None:
            prepare_run(folder, resume=resume, overwrite=overwrite)
            if not (resume and holds_run(folder)):
                data.write(folder)
        return run(translator, data, config, folder, progress, resume=resume, threads=threads)


def resume_run(
    out: AnyPath,
    *,
    pairs: AnyPath | None = None,
    backend: Backend | str | None = None,
    threads: int | str | None = None,
    console: Console | None = None,
    warn: Callable[[str], None] = warn,
    **changes: Any,
) -> TrainingResult:
    """Go on with the run in the folder `out`, with everything that it was begun with, and return the result.

    pairs: where its file of pairs lies by now, if it was moved. backend, threads: others than it was last trained with.
    changes: `epochs`, to train on beyond the plan (`TrainingConfig.schedule_change` says what the learning rate does
    then), `patience`, and whatever else a resumed run may change. Without any, it ends with the weights, bit for bit,
    that it would have had without the break.
    Raises InputError, in one line, where there is no run, its pairs are gone or changed, or another process is at it.
    """
    folder, progress = Path(out), Progress(console)
    if not holds_run(folder):
        raise InputError(f"{folder}: holds no run to resume; name the folder of one, or begin one with --out")
    for name in changes.keys() - {declared.name for declared in fields(TrainingConfig)}:
        raise InputError(f"{folder}: {name} cannot be changed when a run is resumed; begin a new run")
    with locked(folder, progress.say):
        training, _ = read_training(folder / LAST)
        try:
            config = replace(TrainingConfig.from_json(training["config"]), **changes)
            position = Position(**training["position"])
        except (KeyError, TypeError) as error:
            raise CheckpointError(f"{folder / LAST}: says too little of the training ({error})") from None
        ended = why_ended(position, config)
        if ended and changes:
            raise InputError(f"{folder}: {ended}")
        data = read_data_again(folder, pairs, progress.say, warn)
        load_class = user_cell_loader(folder / LAST, read_checkpoint(folder / LAST).cell_text, warn)
        array_backend = get_backend(backend or training.get("backend", "numpy"), say=warn)
        translator = load_translator(folder / LAST, backend=array_backend, load_class=load_class)
        threads = training.get("threads") if threads is None else parse_threads(threads)
        result = run(translator, data, config, folder, progress, resume=True, threads=threads)
    if ended:
        progress.say(f"{folder}: {ended}")
    return result


def why_ended(position: Position, config: TrainingConfig) -> str:
    """Return why a run cannot go on from `position`, and with what it would; "" where it can."""
    if position.epoch >= config.epochs:
        return f"{position.epoch} epochs are done; to train on, give a larger number with --epochs"
    waited = position.epochs_since_best
    if config.patience and waited >= config.patience:
        return f"it stopped early, after {waited} epochs without improvement; --patience {waited + 5} or 0 trains on"
    return ""


def split_options(options: dict[str, Any]) -> tuple[ModelConfig, TrainingConfig]:
    """Return the two configurations that these options make. Raises InputError for an unknown option."""
    known = {kind: {declared.name for declared in fields(kind)} for kind in (ModelConfig, TrainingConfig)}
    unknown = options.keys() - known[ModelConfig] - known[TrainingConfig]
    if unknown:
        every = ", ".join(sorted(known[ModelConfig] | known[TrainingConfig]))
        raise InputError(f"train has no option {sorted(unknown)[0]!r}: choose among {every}")
    return (
        ModelConfig(**{name: options[name] for name in options.keys() & known[ModelConfig]}),
        TrainingConfig(**{name: options[name] for name in options.keys() & known[TrainingConfig]}),
    )


def find_user_cell(
    spec: str, out: AnyPath | None, *, resume: bool, unchecked: bool, seconds: float, warn: Callable[[str], None]
) -> UserCell | None:
    """Return the cell of a file, checked, or, for a run that is resumed, the run's own copy; None for the library's."""
    if spec in CELLS or not (":" in spec or spec.endswith(".py")):
        return None
    kept = stored_user_cell(Path(out), spec, warn=warn) if resume and out is not None else None
    return kept or load_user_cell(spec, unchecked=unchecked, warn=warn, seconds=seconds)
