"""Checkpoints: a translator, and where its training stands, in a folder that is complete or not there at all.

    model.json             format, versions, ModelConfig, both vocabularies, the SHA-256 of the weights
    weights.safetensors    every parameter by name
    cell.py                the file of a learner's own cell, where there is one; it is only run by whoever asks for it
    training.json          where training stands, the SHA-256 of the arrays         (for resuming only)
    training.safetensors   the optimizer's arrays                                   (for resuming only)

How the folder is replaced, and why it can be neither half new nor half read, says storage.py. All that is read is
checked before anything is built from it, so a damaged checkpoint is one clear error and never half a model.

Read next: documents.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.backend import Backend
from scratchnet.data import Vocabulary, current_folder, replace_folder, write_file
from scratchnet.errors import InputError
from scratchnet.translation.documents import (
    Arrays,
    CheckpointError,
    Document,
    read_document,
    read_file,
    write_document,
)
from scratchnet.translation.model_config import ModelConfig
from scratchnet.translation.translator import Translator

MODEL, WEIGHTS, TRAINING, TRAINING_ARRAYS = (
    "model.json",
    "weights.safetensors",
    "training.json",
    "training.safetensors",
)
BEST, LAST = "best", "last"
CELL = "cell.py"


class NotFiniteError(CheckpointError):
    """A model that must not be saved, for its numbers are no longer finite."""


@dataclass(frozen=True)
class SavedModel:
    """What a checkpoint says of a model: checked, but not yet built."""

    config: ModelConfig
    source_vocabulary: Vocabulary
    target_vocabulary: Vocabulary
    dtype: str
    weights: Arrays
    cell_text: str = ""


def save_translator(
    translator: Translator,
    folder: str | PathLike[str],
    *,
    training: Document | None = None,
    training_arrays: Arrays | None = None,
) -> None:
    """Write a translator to `folder`, replacing as a whole the checkpoint that is there.

    `training` (plain JSON values) and `training_arrays` say where training stands, for a run to be resumed.
    Raises NotFiniteError for weights that are not finite, and CheckpointError where the folder holds something else or
    the disk refuses; what was there before is then still there.
    """
    folder = Path(folder)
    model = translator.model
    if not is_checkpoint(folder) and (folder.is_file() or (folder.is_dir() and any(folder.iterdir()))):
        raise CheckpointError(f"{folder}: holds something other than a checkpoint; choose another folder")
    if model.dtype.kind == "c":
        raise CheckpointError(f"{folder}: a model of {model.dtype} cannot be saved; make it float64 with .to()")
    weights = {name: model.backend.to_numpy(array) for name, array in model.parameters().items()}
    for kind, arrays in (("weights", weights), ("the optimizer's state", training_arrays or {})):
        for name, array in arrays.items():
            if not np.isfinite(array).all():
                raise NotFiniteError(f"{folder}: {kind} {name!r} are not finite, so they are not saved; train anew")
    document = {
        "dtype": model.dtype.name,
        "config": translator.config.to_json(),
        "source_vocabulary": translator.source_vocabulary.to_json(),
        "target_vocabulary": translator.target_vocabulary.to_json(),
    }
    cell = translator.cell_text.encode("utf-8")
    if cell:
        document["cell_sha256"] = hashlib.sha256(cell).hexdigest()

    def fill(new: Path) -> None:
        write_document(new, MODEL, WEIGHTS, document, weights)
        if cell:
            write_file(new / CELL, cell)
        if training is not None:
            write_document(new, TRAINING, TRAINING_ARRAYS, training, training_arrays or {})

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        replace_folder(folder, fill)
    except OSError as error:
        kept = "the checkpoint before it is kept" if is_checkpoint(folder) else "nothing was written"
        raise CheckpointError(f"{folder}: cannot be saved ({error.strerror or error}); {kept}") from None


def load_translator(
    path: str | PathLike[str],
    *,
    backend: Backend | str = "numpy",
    dtype: Any = None,
    load_class: Callable[[str], Any] | None = None,
) -> Translator:
    """Return the translator that `save_translator` wrote, from a checkpoint's folder or a run's (its best model).

    dtype: None for the one it was saved in. load_class: turns a cell's "file.py:ClassName" into the class; without it,
    no file is ever executed.
    Raises CheckpointError saying what is missing, damaged, changed or of another version; InputError for an unknown
    cell or a backend that cannot run here.
    """
    saved = read_checkpoint(path)
    sizes = len(saved.source_vocabulary), len(saved.target_vocabulary)
    try:
        own = saved.config.cell if ":" in saved.config.cell else ""
        cell = load_class(own) if own and load_class is not None else None
        model = saved.config.build(*sizes, cell=cell, dtype=dtype or saved.dtype, backend=backend)
        model.load_parameters(saved.weights)
    except InputError as error:
        raise CheckpointError(f"{path}: {error}") from None
    except TypeError as error:
        raise CheckpointError(f"{path}: the model's configuration cannot be built ({error})") from None
    return Translator(model, saved.source_vocabulary, saved.target_vocabulary, saved.config, saved.cell_text)


def read_checkpoint(path: str | PathLike[str]) -> SavedModel:
    """Return what a checkpoint says, without building the model. Raises CheckpointError as `load_translator` does."""
    folder = find_checkpoint(path)
    document, weights = read_document(folder, MODEL, WEIGHTS)
    try:
        return SavedModel(
            ModelConfig.from_json(document["config"]),
            Vocabulary.from_json(document["source_vocabulary"]),
            Vocabulary.from_json(document["target_vocabulary"]),
            document["dtype"],
            weights,
            _cell_text(folder, document.get("cell_sha256")),
        )
    except KeyError as error:
        raise CheckpointError(f"{folder / MODEL}: has no {error}; the file is damaged or another's") from None
    except (InputError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{folder / MODEL}: {error}") from None


def _cell_text(folder: Path, wanted: str | None) -> str:
    """Return the text of the cell's file, "" where the checkpoint has none; its hash must be `wanted`."""
    if wanted is None:
        return ""
    data = read_file(folder / CELL)
    if hashlib.sha256(data).hexdigest() != wanted:
        raise CheckpointError(
            f"{folder / CELL}: was changed after the weights were saved, which belong to the cell as it was; "
            "put it back, or train the changed cell as a new run"
        )
    return data.decode("utf-8")


def read_training(path: str | PathLike[str]) -> tuple[Document, Arrays]:
    """Return the `training` and `training_arrays` that `save_translator` was given.

    Raises CheckpointError as `load_translator` does, and for a checkpoint of a model alone.
    """
    return read_document(current_folder(Path(path)), TRAINING, TRAINING_ARRAYS)


def find_checkpoint(path: str | PathLike[str]) -> Path:
    """Return the checkpoint's folder for a path to one, or to a run: its best/, or last/ before there is a best.

    Raises CheckpointError where there is none.
    """
    path = Path(path)
    for folder in (path, path / BEST, path / LAST):
        if is_checkpoint(folder):
            return current_folder(folder)
    if path.is_file():
        raise CheckpointError(f"{path}: this is a file; name the folder of a run or of a checkpoint")
    if not path.exists():
        raise CheckpointError(f"{path}: there is no such folder; check the name, or train a model first")
    raise CheckpointError(f"{path}: holds no {MODEL}; name the folder of a run or of a checkpoint")


def is_checkpoint(folder: Path) -> bool:
    """Tell whether a checkpoint, good or bad, lies at `folder`."""
    return (current_folder(folder) / MODEL).is_file()
