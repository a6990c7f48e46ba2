"""From sentence pairs to a trained translator in one call: what `scratchnet train` does.

    result = train("en-hi", out="runs/first", cell="gru", epochs=3)
    result.translator.translate(["how are you?"])

The run's folder then also holds validation.tsv, the pairs that were held out, and data.json, where the pairs came from.

Read next: config.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from os import PathLike
from pathlib import Path
from typing import Any

from rich.console import Console

from scratchnet.backend import Backend, get_backend
from scratchnet.cells import CELLS
from scratchnet.data import CORPORA, Pair, Vocabulary, load_corpus, read_aligned, read_pairs, split_pairs, write_pairs
from scratchnet.errors import InputError, warn
from scratchnet.training.config import TrainingConfig
from scratchnet.training.loop import fit
from scratchnet.training.run_folder import TrainingResult, prepare_run
from scratchnet.training.user_cell import OwnCell, cell_of_run, own_cell
from scratchnet.translation import ModelConfig, Translator

VALIDATION, DATA = "validation.tsv", "data.json"
AnyPath = str | PathLike[str]


@dataclass(frozen=True)
class TrainingData:
    """Pairs to train on, pairs held out for validation, and where they come from (as data.json says it)."""

    training: Sequence[Pair]
    validation: Sequence[Pair]
    origin: dict[str, Any]


def train(
    pairs: AnyPath | Sequence[Pair],
    out: AnyPath | None = None,
    *,
    targets: AnyPath | None = None,
    validation: float = 0.05,
    unit: str = "word",
    min_count: int = 1,
    max_vocabulary: int | None = None,
    lowercase: bool = False,
    backend: Backend | str = "numpy",
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
    validation: share of the source sentences that is held out (an embedded corpus has its own split).
    unit, min_count, max_vocabulary, lowercase: see `Vocabulary.build`; lowercase for the source alone.
    resume, overwrite, console: see `fit`. unchecked: train a cell from a file though its gradients are wrong;
    cell_seconds: the longest that its check may take, 0 for any time. warn: gets each warning, one line.
    options: those of `ModelConfig` and `TrainingConfig`, by name.
    Raises InputError, in one line, for what cannot be used; see `fit` for the rest.
    """
    model_config, config = split_options(options)
    array_backend = get_backend(backend, say=warn)
    cell = find_user_cell(model_config.cell, out, resume=resume, unchecked=unchecked, seconds=cell_seconds, warn=warn)
    data = read_training_data(pairs, targets, validation, config.seed, warn)
    lowercase = lowercase or "corpus" in data.origin  # the embedded English is lower case, a typed "How" is not
    sources = Vocabulary.build([s for s, _ in data.training], unit, min_count, max_vocabulary, lowercase)
    words = Vocabulary.build([t for _, t in data.training], unit, min_count, max_vocabulary)
    cell_class = None if cell is None else cell.cell_class
    model = model_config.build(len(sources), len(words), cell=cell_class, rng=config.seed, backend=array_backend)
    translator = Translator(model, sources, words, model_config, "" if cell is None else cell.text)
    if out is not None:
        prepare_run(out, resume=resume, overwrite=overwrite)
        if not (resume and (Path(out) / DATA).exists()):
            write_pairs(Path(out) / VALIDATION, data.validation)
            text = json.dumps(data.origin, ensure_ascii=False, indent=2) + "\n"
            (Path(out) / DATA).write_text(text, encoding="utf-8")
    result = fit(translator, data.training, data.validation, config, out, resume=resume, console=console)
    return replace(result, translator=translator)


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
) -> OwnCell | None:
    """Return the cell of a file, checked, or, for a run that is resumed, the run's own copy; None for the library's."""
    if spec in CELLS or not (":" in spec or spec.endswith(".py")):
        return None
    kept = cell_of_run(Path(out), spec, warn=warn) if resume and out is not None else None
    return kept or own_cell(spec, unchecked=unchecked, warn=warn, seconds=seconds)


def read_training_data(
    pairs: AnyPath | Sequence[Pair],
    targets: AnyPath | None,
    validation: float,
    seed: int,
    warn: Callable[[str], None],
) -> TrainingData:
    """Return the pairs of a corpus, of one or two files, or those given. Raises InputError for what cannot be used."""
    if isinstance(pairs, (str, PathLike)):
        path = Path(pairs)
        if targets is None and not path.exists() and (str(pairs) in CORPORA or path.suffix == ""):
            if str(pairs) not in CORPORA:
                raise InputError(f"{str(pairs)!r} is neither a file nor a corpus; the corpora are {', '.join(CORPORA)}")
            corpus = load_corpus(str(pairs))
            return TrainingData(corpus.train, corpus.validation, {"corpus": str(pairs)})
        check_validation_share(validation)
        everything = read_pairs(path, warn=warn) if targets is None else read_aligned(path, targets, warn=warn)
        origin: dict[str, Any] = {"file": path.name, "sha256": file_digest(path)}
    else:
        check_validation_share(validation)
        everything, origin = list(pairs), {"pairs": len(pairs)}
    training, held_out, _ = split_pairs(everything, validation, seed=seed)
    return TrainingData(training, held_out, {**origin, "validation": validation, "seed": seed})


def check_validation_share(validation: float) -> None:
    """Raise InputError unless some pairs are held out, and some are left to train on."""
    if not 0 < validation < 1:
        raise InputError(f"--validation is {validation}: it must be above 0 and below 1, to know when to stop")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
