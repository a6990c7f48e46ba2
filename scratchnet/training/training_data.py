"""The pairs of a training: read from a corpus or from files, split, and found again when the run is resumed.

    RUN/validation.tsv, test.tsv    the pairs that were held out
    RUN/data.json                   where the pairs came from and how they were read

Read next: whole_run.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from scratchnet.data import (
    CORPORA,
    Pair,
    check_columns,
    load_corpus,
    normalise,
    read_aligned,
    read_pairs,
    replace_file,
    split_pairs,
    write_pairs,
)
from scratchnet.errors import InputError

VALIDATION, TEST, DATA = "validation.tsv", "test.tsv", "data.json"
AnyPath = str | PathLike[str]
Say = Callable[[str], None]


@dataclass(frozen=True)
class ReadOptions:
    """How files of pairs are read and split; `train` says what each means."""

    columns: tuple[int, int] = (1, 2)
    max_bad_share: float = 0.05
    validation: float = 0.05
    test: float = 0.0
    seed: int = 0

    def check_shares(self) -> None:
        """Raise InputError unless some pairs are held out, and some are left to train on."""
        if not 0 < self.validation < 1:
            raise InputError(f"--validation is {self.validation}: it must be above 0 and below 1, to know when to stop")
        if not 0 <= self.test < 1 - self.validation:
            raise InputError(
                f"--test is {self.test}: it must be 0 or more, and below 1 together with --validation {self.validation}"
            )


@dataclass(frozen=True)
class TrainingData:
    """Pairs to train on, pairs held out for validation and test, and where they come from (as data.json says it)."""

    training: Sequence[Pair]
    validation: Sequence[Pair]
    test: Sequence[Pair]
    origin: dict[str, Any]

    @property
    def name(self) -> str:
        """How to call the pairs."""
        return str(self.origin.get("corpus") or Path(self.origin.get("file", "pairs")).name)

    def write(self, out: Path) -> None:
        """Write to the run's folder what was held out, and where all came from."""
        write_pairs(out / VALIDATION, self.validation)
        if self.test:
            write_pairs(out / TEST, self.test)
        else:
            (out / TEST).unlink(missing_ok=True)  # of a run that was overwritten
        text = json.dumps(self.origin, ensure_ascii=False, indent=2) + "\n"
        try:
            replace_file(out / DATA, text.encode("utf-8", "surrogatepass"))
        except OSError as error:
            raise InputError(f"{out / DATA}: cannot be written ({error.strerror or error})") from None


def read_training_data(
    pairs: AnyPath | Sequence[Pair], targets: AnyPath | None, options: ReadOptions, say: Say, warn: Say
) -> TrainingData:
    """Return the pairs of a corpus, of one or two files, or those given. Raises InputError for what cannot be used."""
    if isinstance(pairs, (str, PathLike)):
        path = Path(pairs)
        if targets is None and not path.exists() and (str(pairs) in CORPORA or path.suffix == ""):
            return read_corpus(str(pairs), options, say)
        options.check_shares()
        everything, origin = read_files(path, targets, options, warn)
    else:
        options.check_shares()
        everything, origin = list(pairs), {"pairs": len(pairs)}
    try:
        training, validation, test = split_pairs(everything, options.validation, options.test, options.seed)
    except InputError as error:
        raise InputError(f"{origin['file']}: {error}" if "file" in origin else str(error)) from None
    test = [pair for pair in test if all(map(normalise, pair))]
    return TrainingData(training, validation, test, {**origin, **asdict(options)})


def read_corpus(name: str, options: ReadOptions, say: Say) -> TrainingData:
    """Return an embedded corpus, which has its own split. Its test part is not scored: that is for `evaluate`."""
    if name not in CORPORA:
        raise InputError(f"{name!r} is neither a file nor a corpus; the corpora are {', '.join(CORPORA)}")
    if options.test:
        raise InputError(f"{name} has a test part of its own: leave out --test, and score with scratchnet evaluate")
    if options.columns != (1, 2):
        raise InputError(f"{name} is a corpus, not a file with columns: leave out --columns")
    say(f"making the corpus {name}, which takes some seconds")
    corpus = load_corpus(name)
    return TrainingData(corpus.train, corpus.validation, (), {"corpus": name})


def read_files(path: Path, targets: AnyPath | None, options: ReadOptions, warn: Say) -> tuple[list[Pair], Any]:
    """Return the pairs of one or two files, and what tells these files from others."""
    origin = {"file": str(path.absolute()), "targets": None if targets is None else str(Path(targets).absolute())}
    if targets is None:
        check_columns(options.columns)
        pairs = read_pairs(path, columns=options.columns, max_bad_share=options.max_bad_share, warn=warn)
        return pairs, {**origin, "sha256": file_digest(path)}
    if options.columns != (1, 2):
        raise InputError("--columns is for one file of pairs: leave it out, or leave out --targets")
    pairs = read_aligned(path, targets, max_bad_share=options.max_bad_share, warn=warn)
    return pairs, {**origin, "sha256": file_digest(path), "targets_sha256": file_digest(Path(targets))}


def read_data_again(run: Path, moved_to: AnyPath | None, say: Say, warn: Say) -> TrainingData:
    """Return the pairs that a run was begun with. moved_to: where its file lies by now, if not where it lay.

    Raises InputError, in one line, where they cannot be had any more.
    """
    origin = read_origin(run)
    if "corpus" in origin:
        if moved_to is not None and str(moved_to) != origin["corpus"]:
            raise InputError(f"{run}: was begun with the corpus {origin['corpus']}, not with {moved_to}")
        return read_corpus(str(origin["corpus"]), ReadOptions(), say)
    if "pairs" in origin:
        raise InputError(f"{run}: was begun in Python, with pairs from memory: use train(pairs, out, resume=True)")
    try:
        known = {name: origin[name] for name in asdict(ReadOptions())}
        options = ReadOptions(**{**known, "columns": tuple(known["columns"])})
        path, targets, digest = Path(origin["file"]), origin["targets"], origin["sha256"]
    except (KeyError, TypeError) as error:
        raise InputError(f"{run / DATA}: does not say how the pairs were read ({error}); begin a new run") from None
    moved_to = None if moved_to is None else Path(moved_to)
    path = moved_to or path
    for file, wanted in ((path, digest), (targets and Path(targets), origin.get("targets_sha256"))):
        if not file:
            continue
        if not file.is_file() and file == moved_to:
            raise InputError(f"{file}: there is no such file; check the name")
        if not file.is_file():
            raise InputError(
                f"{run}: {file}, which it was begun with, is gone; put it back, or name its new place: "
                f"scratchnet train NEW_PLACE --resume {run}"
            )
        if file_digest(file) != wanted:
            raise InputError(
                f"{run}: {file} is not, or no longer, the file that the run was begun with (its SHA-256 differs); "
                "put that one back, or begin a new run"
            )
    return read_training_data(path, targets, options, say, warn)


def read_origin(run: Path) -> dict[str, Any]:
    """Return what data.json says. Raises InputError where it cannot be read."""
    try:
        found = json.loads((run / DATA).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{run / DATA}: cannot be read ({error.strerror}), so the pairs are not known") from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError(f"{run / DATA}: is damaged, so the pairs are not known; begin a new run")
    return found


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
