"""The command `scratchnet train`: from a file or a corpus, and a row of options, to a folder with a trained model.

Read next: translate.py.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scratchnet.cli.config_options import with_configs
from scratchnet.cli.options import BackendName, warn
from scratchnet.training import TrainingConfig
from scratchnet.translation import ModelConfig

if TYPE_CHECKING:
    from scratchnet.visual import History

Pairs = list[tuple[str, str]]


@with_configs(model_config=ModelConfig, config=TrainingConfig)
def train_command(
    pairs: Annotated[
        str,
        typer.Argument(metavar="PAIRS|CORPUS", help="A file of `source TAB target` lines, or a corpus: en-hi, en-mr."),
    ],
    out: Annotated[Path, typer.Option(help="The folder to write the run to.")],
    targets: Annotated[
        Path | None, typer.Option(help="With it, PAIRS holds sources only, and line n here belongs to line n there.")
    ] = None,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Train a cell of a file although its gradients are wrong.")
    ] = False,
    time_limit: Annotated[
        float, typer.Option(min=0, help="Seconds that a file's cell may take to be checked; 0 for any time.")
    ] = 60.0,
    beside: Annotated[
        Path | None, typer.Option(help="Another run: its curve is shown beside this one's, epoch by epoch.")
    ] = None,
    one_hot: Annotated[bool, typer.Option("--one-hot", help="One-hot words instead of learned vectors.")] = False,
    unit: Annotated[str, typer.Option(help="word or character.")] = "word",
    min_count: Annotated[int, typer.Option(help="Rarer words count as unknown.")] = 1,
    max_vocabulary: Annotated[int | None, typer.Option(help="The most words of a language that are known.")] = None,
    lowercase: Annotated[bool, typer.Option("--lowercase", help="Ignore capital letters in the source.")] = False,
    validation: Annotated[float, typer.Option(help="Share of source sentences held out, for a file.")] = 0.05,
    backend: BackendName = "numpy",
    threads: Annotated[
        str | None,
        typer.Option(
            metavar="N|auto",
            help="auto: the fastest number at each time; N: a run then repeats to the bit. "
            "By default OPENBLAS_NUM_THREADS where that is set, else auto.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the run that the folder holds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    *,
    model_config: ModelConfig,
    config: TrainingConfig,
) -> int:
    """Train an encoder-decoder on pairs of sentences.

    The folder then holds the best and the last checkpoint, metrics.jsonl (a line an epoch) and validation.tsv (the
    pairs that were held out). Ctrl-C saves; --resume goes on as if nothing had happened, with --threads N to the bit.
    The cell of a file is executed, with your rights; its gradients are checked, and a copy is kept with the weights.
    """
    from scratchnet.training import read_metrics, train

    if one_hot:
        model_config = replace(model_config, embedding_size=None)
    other = None if beside is None else read_metrics(beside)
    result = train(
        pairs,
        out,
        targets=targets,
        validation=validation,
        unit=unit,
        min_count=min_count,
        max_vocabulary=max_vocabulary,
        lowercase=lowercase,
        backend=backend,
        threads=threads,
        resume=resume,
        overwrite=overwrite,
        unchecked=unchecked,
        cell_seconds=time_limit,
        warn=warn,
        **model_config.to_json(),
        **config.to_json(),
    )
    if as_json:
        print(json.dumps(result.to_json(), ensure_ascii=False))
    if beside is not None and other is not None and result.history:
        show_curves([(str(out), result.history), (str(beside), other)])
    if result.interrupted:
        print(f"interrupted at step {result.steps}; to go on, give the same command with --resume", file=sys.stderr)
        return 130
    print(f"done: try  scratchnet translate {out} 'how are you?'", file=sys.stderr)
    return 0


def show_curves(curves: Sequence[tuple[str, History]]) -> None:
    """Print the curves of runs side by side, on standard error."""
    from rich.console import Console

    from scratchnet.visual import curves_table

    Console(stderr=True, highlight=False).print(curves_table(curves))
