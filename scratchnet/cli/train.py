"""The command `scratchnet train`: from a file or a corpus, and a row of options, to a folder with a trained model.

Read next: cli_translate.py.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scratchnet.cli.options import file_digest, warn
from scratchnet.errors import InputError

if TYPE_CHECKING:
    from scratchnet.training.user_cell import OwnCell
    from scratchnet.visual import History

Pairs = list[tuple[str, str]]


def train_command(
    pairs: Annotated[
        str,
        typer.Argument(metavar="PAIRS|CORPUS", help="A file of `source TAB target` lines, or a corpus: en-hi, en-mr."),
    ],
    out: Annotated[Path, typer.Option(help="The folder to write the run to.")],
    targets: Annotated[
        Path | None, typer.Option(help="With it, PAIRS holds sources only, and line n here belongs to line n there.")
    ] = None,
    cell: Annotated[
        str, typer.Option(help="lstm, gru, gru-reset-before, rnn, or file.py:ClassName (executed, with your rights).")
    ] = "lstm",
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Train a cell of a file although its gradients are wrong.")
    ] = False,
    time_limit: Annotated[
        float, typer.Option(min=0, help="Seconds that a file's cell may take to be checked; 0 for any time.")
    ] = 60.0,
    beside: Annotated[
        Path | None, typer.Option(help="Another run: its curve is shown beside this one's, epoch by epoch.")
    ] = None,
    layers: Annotated[int, typer.Option(help="Layers in each half.")] = 1,
    hidden: Annotated[int, typer.Option(help="Hidden units of a layer.")] = 256,
    embedding: Annotated[int, typer.Option(help="Size of the word vectors.")] = 128,
    one_hot: Annotated[bool, typer.Option("--one-hot", help="One-hot words instead of learned vectors.")] = False,
    bidirectional: Annotated[bool, typer.Option("--bidirectional", help="Read the source both ways.")] = False,
    reverse_source: Annotated[bool, typer.Option("--reverse-source", help="Read the source backwards.")] = False,
    tied_embeddings: Annotated[
        bool, typer.Option("--tied-embeddings", help="Target vectors are also the output matrix.")
    ] = False,
    dropout: Annotated[float, typer.Option(help="Share of units dropped in training.")] = 0.0,
    label_smoothing: Annotated[float, typer.Option(help="Share of probability spread over all words.")] = 0.0,
    unit: Annotated[str, typer.Option(help="word or character.")] = "word",
    min_count: Annotated[int, typer.Option(help="Rarer words count as unknown.")] = 1,
    max_vocabulary: Annotated[int | None, typer.Option(help="The most words of a language that are known.")] = None,
    lowercase: Annotated[bool, typer.Option("--lowercase", help="Ignore capital letters in the source.")] = False,
    optimizer: Annotated[str, typer.Option(help="adam, adamw, sgd, momentum or nesterov.")] = "adam",
    learning_rate: Annotated[float, typer.Option(help="The highest learning rate.")] = 2e-3,
    schedule: Annotated[str, typer.Option(help="cosine, constant, step or inverse-sqrt.")] = "cosine",
    warmup: Annotated[int, typer.Option(help="Steps over which the learning rate rises.")] = 0,
    clip: Annotated[float, typer.Option(help="The largest norm of all gradients together.")] = 1.0,
    teacher_ratio: Annotated[
        float, typer.Option(help="Share of true previous words that the decoder reads; below 1: scheduled sampling.")
    ] = 1.0,
    batch_size: Annotated[int, typer.Option(help="Sentences in a batch.")] = 64,
    recompute_every: Annotated[
        int, typer.Option(metavar="K", help="Keep every K-th step, compute the others twice: less memory; 0 for all.")
    ] = 0,
    epochs: Annotated[int, typer.Option(help="Passes over the training pairs.")] = 10,
    patience: Annotated[int, typer.Option(help="Stop after so many epochs without a better validation loss.")] = 5,
    validation: Annotated[float, typer.Option(help="Share of source sentences held out, for a file.")] = 0.05,
    backend: Annotated[str, typer.Option(help="numpy, cupy, or auto (a GPU where there is one).")] = "numpy",
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the run that the folder holds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> int:
    """Train an encoder-decoder on pairs of sentences.

    The folder then holds the best and the last checkpoint, metrics.jsonl (a line an epoch) and validation.tsv (the
    pairs that were held out). Ctrl-C saves; --resume goes on, and ends bit for bit as if nothing had happened.
    The cell of a file is executed, with your rights; its gradients are checked, and a copy is kept with the weights.
    """
    from scratchnet.backend import get_backend
    from scratchnet.data import Vocabulary
    from scratchnet.training import TrainingConfig, prepare_run, read_metrics, train
    from scratchnet.translation import ModelConfig, Translator

    config = TrainingConfig(
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        schedule=schedule,
        warmup=warmup,
        clip_norm=clip,
        teacher_ratio=teacher_ratio,
        patience=patience,
        seed=seed,
        recompute_every=recompute_every,
    )
    model_config = ModelConfig(
        cell=cell,
        embedding_size=None if one_hot else embedding,
        hidden_size=hidden,
        layers=layers,
        bidirectional=bidirectional,
        reverse_source=reverse_source,
        dropout=dropout,
        tied_embeddings=tied_embeddings,
        label_smoothing=label_smoothing,
    )
    array_backend = get_backend(backend, say=warn)
    other = None if beside is None else read_metrics(beside)
    own = find_own_cell(cell, out, resume=resume, unchecked=unchecked, seconds=time_limit)
    training, held_out, facts = read_training_data(pairs, targets, validation, seed)
    lowercase = lowercase or "corpus" in facts  # the embedded English is lower case; a typed "How" should be known
    sources = Vocabulary.build([s for s, _ in training], unit, min_count, max_vocabulary, lowercase)
    words = Vocabulary.build([t for _, t in training], unit, min_count, max_vocabulary)
    load_class = None if own is None else lambda spec: own.cell_class
    model = model_config.build(len(sources), len(words), load_class=load_class, rng=seed, backend=array_backend)
    translator = Translator(model, sources, words, model_config, "" if own is None else own.text)
    prepare_run(out, resume=resume, overwrite=overwrite)
    if not (resume and (out / "data.json").exists()):
        write_data_files(out, held_out, facts)
    result = train(translator, training, held_out, config, out, resume=resume)
    if as_json:
        print(json.dumps(result.to_json(), ensure_ascii=False))
    if beside is not None and other is not None and result.history:
        show_curves([(str(out), result.history), (str(beside), other)])
    if result.interrupted:
        print(f"interrupted at step {result.steps}; to go on, give the same command with --resume", file=sys.stderr)
        return 130
    print(f"done: try  scratchnet translate {out} 'how are you?'", file=sys.stderr)
    return 0


def find_own_cell(spec: str, out: Path, *, resume: bool, unchecked: bool, seconds: float) -> OwnCell | None:
    """Return the cell of a file, checked, or, for a run that is resumed, the run's own copy; None for the library's."""
    from scratchnet.cells import CELLS
    from scratchnet.training.user_cell import cell_of_run, own_cell

    if spec in CELLS or not (":" in spec or spec.endswith(".py")):
        return None
    kept = cell_of_run(out, spec, warn=warn) if resume else None
    return kept or own_cell(spec, unchecked=unchecked, warn=warn, seconds=seconds)


def show_curves(curves: Sequence[tuple[str, History]]) -> None:
    """Print the curves of runs side by side, on standard error."""
    from rich.console import Console

    from scratchnet.visual import curves_table

    Console(stderr=True, highlight=False).print(curves_table(curves))


def read_training_data(
    pairs: str, targets: Path | None, validation: float, seed: int
) -> tuple[Pairs, Pairs, dict[str, object]]:
    """Return training pairs, validation pairs and what is said of their origin in data.json."""
    from scratchnet.data import CORPORA, load_corpus, read_aligned, read_pairs, split_pairs

    if targets is None and not Path(pairs).exists() and (pairs in CORPORA or Path(pairs).suffix == ""):
        found = load_corpus(pairs) if pairs in CORPORA else None
        if found is None:
            raise InputError(f"{pairs!r} is neither a file nor a corpus; the corpora are {', '.join(CORPORA)}")
        return list(found.train), list(found.validation), {"corpus": pairs}
    if not 0 < validation < 1:
        raise InputError(f"--validation is {validation}: it must be above 0 and below 1, to know when to stop")
    everything = read_pairs(pairs, warn=warn) if targets is None else read_aligned(pairs, targets, warn=warn)
    training, held_out, _ = split_pairs(everything, validation, seed=seed)
    facts = {"file": Path(pairs).name, "sha256": file_digest(Path(pairs)), "validation": validation, "seed": seed}
    return training, held_out, facts


def write_data_files(out: Path, held_out: Pairs, facts: dict[str, object]) -> None:
    """Write validation.tsv and data.json into the run's folder."""
    from scratchnet.data import write_pairs

    write_pairs(out / "validation.tsv", held_out)
    (out / "data.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
