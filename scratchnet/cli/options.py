"""Arguments and small helpers that several commands share.

Read next: train.py.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

BackendName = Annotated[str, typer.Option("--backend", help="numpy, numba, cupy, or auto (the fastest one found).")]
Threads = Annotated[
    str | None,
    typer.Option("--threads", metavar="N|auto", help="Threads; by default all cores, or OPENBLAS_NUM_THREADS."),
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `scratchnet train` wrote.")]
Beam = Annotated[int, typer.Option("--beam", help="Hypotheses that beam search keeps; 1 is greedy search.")]
MaxLength = Annotated[int, typer.Option("--max-length", help="The most words written for one sentence.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random.")]


def load_run(run: Path, backend: str, threads: str | None = None) -> Any:
    """Return the translator that a run's folder holds; a cell that it keeps a copy of is executed, and that is said."""
    from scratchnet.backend import get_backend, set_threads
    from scratchnet.training.user_cell import loader_of
    from scratchnet.translation import load_translator, read_checkpoint

    if threads is not None:
        set_threads(threads)
    array_backend = get_backend(backend, say=warn)
    load_class = loader_of(run, read_checkpoint(run).cell_text, warn)
    return load_translator(run, backend=array_backend, load_class=load_class)


def warn(message: str) -> None:
    """Print a warning line on standard error."""
    print(f"warning: {message}", file=sys.stderr)
