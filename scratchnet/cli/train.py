"""The command `scratchnet train`: from a file or a corpus, and a row of options, to a folder with a trained model.

Read next: translate.py.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scratchnet.cli.config_options import with_configs
from scratchnet.cli.options import BackendName, Columns, MaxBadShare, parse_columns, warn
from scratchnet.errors import InputError
from scratchnet.training import TrainingConfig
from scratchnet.translation import ModelConfig, option_of

if TYPE_CHECKING:
    from scratchnet.visual import History


@with_configs(model_config=ModelConfig, config=TrainingConfig)
def train_command(
    context: typer.Context,
    pairs: Annotated[
        str | None,
        typer.Argument(metavar="PAIRS|CORPUS", help="A file of `source TAB target` lines, or a corpus: en-hi, en-mr."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The folder to write the run to.")] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Go on with the run in this folder, as it was begun; --epochs N trains on."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the run that the folder holds.")] = False,
    targets: Annotated[
        Path | None, typer.Option(help="With it, PAIRS holds sources only, and line n here belongs to line n there.")
    ] = None,
    columns: Columns = "1,2",
    max_bad_share: MaxBadShare = 0.05,
    validation: Annotated[float, typer.Option(help="Share of source sentences held out, for a file.")] = 0.05,
    test: Annotated[
        float, typer.Option(help="Share of source sentences held out and scored once, at the end, for a file.")
    ] = 0.0,
    unit: Annotated[str, typer.Option(help="word or character.")] = "word",
    min_count: Annotated[int, typer.Option(help="Rarer words count as unknown.")] = 1,
    max_vocabulary: Annotated[int | None, typer.Option(help="The most words of a language that are known.")] = None,
    lowercase: Annotated[bool, typer.Option("--lowercase", help="Ignore capital letters in the source.")] = False,
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
    backend: BackendName = "numpy",
    threads: Annotated[
        str | None,
        typer.Option(
            metavar="N|auto",
            help="auto: the fastest number at each time; N: a run then repeats to the bit. "
            "By default OPENBLAS_NUM_THREADS where that is set, else auto.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    *,
    model_config: ModelConfig,
    config: TrainingConfig,
) -> int:
    """Train an encoder-decoder on pairs of sentences.

    The folder then holds the best and the last checkpoint, metrics.jsonl (a line an epoch) and validation.tsv (the
    pairs that were held out). Ctrl-C saves; --resume RUN goes on as if it had not stopped, to the bit with --threads N.
    The cell of a file is executed, with your rights; its gradients are checked, and a copy is kept with the weights.
    """
    from scratchnet.training import read_metrics, resume_run, train

    other = None if beside is None else read_metrics(beside)
    if resume is not None:
        changes = _changes(context, config)
        new_backend = backend if "backend" in _given(context) else None
        result = resume_run(resume, pairs=pairs, backend=new_backend, threads=threads, warn=warn, **changes)
        out = resume
    elif pairs is None:
        raise InputError(
            "name a file of pairs or a corpus to train on (en-hi, en-mr), or a run to go on with: --resume RUN"
        )
    elif out is None:
        raise InputError("say where the run is to be kept: --out FOLDER, such as --out runs/first")
    else:
        if one_hot:
            model_config = replace(model_config, embedding_size=None)
        result = train(
            pairs,
            out,
            targets=targets,
            columns=parse_columns(columns),
            max_bad_share=max_bad_share,
            validation=validation,
            test=test,
            unit=unit,
            min_count=min_count,
            max_vocabulary=max_vocabulary,
            lowercase=lowercase,
            backend=backend,
            threads=threads,
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
    run = quoted(str(out))
    if result.interrupted:
        print(f"interrupted at step {result.steps:,}; to go on:  scratchnet train --resume {run}", file=sys.stderr)
        return 130
    print(f"done: try  scratchnet translate {run} {quoted(result.example)}", file=sys.stderr)
    return 0


def _given(context: typer.Context) -> set[str]:
    """Return the names of the options that are on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}


def _changes(context: typer.Context, config: TrainingConfig) -> dict[str, Any]:
    """Return what is to change in a run that is resumed. Raises InputError for what must stay as it was begun."""
    may_change = ["epochs", *(declared.name for declared in fields(config) if option_of(declared).resume)]
    given = _given(context) - {"resume", "pairs", "backend", "beside", "as_json"}
    for name in sorted(given - set(may_change)):
        flag = "--" + name.replace("_", "-")
        free = ", ".join("--" + one.replace("_", "-") for one in may_change)
        raise InputError(f"{flag} cannot go with --resume: the run goes on as it was begun, but for {free}, --backend")
    return {name: getattr(config, name) for name in may_change if name in given}


def show_curves(curves: Sequence[tuple[str, History]]) -> None:
    """Print the curves of runs side by side, on standard error."""
    from rich.console import Console

    from scratchnet.visual import curves_table

    console = Console(stderr=True, highlight=False)
    console.print(curves_table(curves, console.width))


def quoted(text: str) -> str:
    """Return a text as one argument of a shell, in double quotes where they serve every system's."""
    plain = not set(text) & set('"$`\\!%')
    return shlex.quote(text) if not plain or shlex.quote(text) == text else f'"{text}"'
