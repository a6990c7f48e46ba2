"""Arguments and small helpers that several commands share.

Read next: config_options.py.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from scratchnet.data import check_columns
from scratchnet.errors import InputError

BackendName = Annotated[str, typer.Option("--backend", help="numpy, numba, cupy, or auto (the fastest one found).")]
Threads = Annotated[
    str | None,
    typer.Option("--threads", metavar="N|auto", help="Threads; by default all cores, or OPENBLAS_NUM_THREADS."),
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `scratchnet train` wrote.")]
Beam = Annotated[int, typer.Option("--beam", help="Hypotheses that beam search keeps; 1 is greedy search.")]
MaxLength = Annotated[int, typer.Option("--max-length", help="The most words written for one sentence.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", help="A warning for each sentence with unknown words, instead of a summary.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Columns = Annotated[
    str, typer.Option("--columns", metavar="S,T", help="Which columns of a file are source and target, from 1 on.")
]
MaxBadShare = Annotated[
    float, typer.Option("--max-bad-share", help="The largest share of a file's lines that may be unusable.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random.")]


def load_run(run: Path, backend: str, threads: str | None = None) -> Any:
    """Return the translator that a run's folder holds; a cell that it keeps a copy of is executed, and that is said."""
    from scratchnet.backend import get_backend, set_threads
    from scratchnet.training import user_cell_loader
    from scratchnet.translation import load_translator, read_checkpoint

    if threads is not None:
        set_threads(threads)
    array_backend = get_backend(backend, say=warn)
    load_class = user_cell_loader(run, read_checkpoint(run).cell_text, warn)
    return load_translator(run, backend=array_backend, load_class=load_class)


def parse_columns(text: str) -> tuple[int, int]:
    """Return the two columns of "2,4". Raises InputError for anything else."""
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise InputError(f"--columns is {text!r}: it must be two different numbers from 1 on, such as 1,2 or 2,4")
    columns = int(parts[0]), int(parts[1])
    check_columns(columns)
    return columns


def warn(message: str) -> None:
    """Print a warning line on standard error."""
    print(f"warning: {message}", file=sys.stderr)
