"""The command line: reads arguments, calls the rooms below, prints. Nothing is computed here.

Results go to standard output, everything else (progress, warnings, errors) to standard error. Exit codes: 0 done;
1 the answer is no (a wrong gradient); 2 something handed in cannot be used, said in one line; 130 interrupted.

Read next: cli_train.py.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from scratchnet.cli_bench import bench_command
from scratchnet.cli_learn import learn_app
from scratchnet.cli_train import file_digest, train_command
from scratchnet.cli_train import warn as _warn
from scratchnet.cli_translate import BackendName, Beam, MaxLength, Run, load_run, translate_command
from scratchnet.errors import InputError
from scratchnet.version import __version__

app = typer.Typer(
    help="Learn backpropagation through time: train, use and check encoder-decoders written from scratch.",
    epilog="First: scratchnet train en-hi --out runs/first, then: scratchnet translate runs/first 'how are you?'",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("train")(train_command)
app.command("translate")(translate_command)
app.command("bench")(bench_command)
app.add_typer(learn_app, name="learn")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random.")]


@app.command()
def evaluate(
    run: Run,
    pairs: Annotated[str, typer.Argument(metavar="PAIRS", help="A tab-separated file, or a corpus: its test part.")],
    beam: Beam = 1,
    max_length: MaxLength = 100,
    backend: BackendName = "numpy",
    as_json: Json = False,
) -> int:
    """Score a model: loss and perplexity with teacher forcing; BLEU, chrF2 and exact match of what it writes alone.

    Several translations of one source sentence count as references of it.
    """
    from scratchnet.data.corpora import CORPORA, load_corpus
    from scratchnet.data.readers import read_pairs
    from scratchnet.evaluation import evaluate as score

    if pairs in CORPORA and not Path(pairs).exists():
        found: Sequence[tuple[str, str]] = load_corpus(pairs).test
    else:
        found = read_pairs(pairs, warn=_warn)
        _warn_if_trained_on(run, Path(pairs))
    scores = score(load_run(run, backend), found, beam=beam, max_length=max_length)
    if as_json:
        print(json.dumps(scores, ensure_ascii=False))
    else:
        for name, value in scores.items():
            print(f"{name:12} {value:.4f}" if isinstance(value, float) else f"{name:12} {value}")
    return 0


@app.command()
def gradcheck(
    target: Annotated[str, typer.Argument(metavar="CELL", help="lstm, gru, ..., or path/to/file.py, or file.py:Name.")],
    seed: Seed = 0,
    scale: Annotated[float, typer.Option(help="Standard deviation of the random weights.")] = 0.5,
    backend: BackendName = "numpy",
    as_json: Json = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write the report to this file, too, as a page.")] = None,
    png: Annotated[Path | None, typer.Option("--png", help="Write a picture of it to this file, too.")] = None,
    limit: Annotated[float, typer.Option("--time-limit", min=0, help="Seconds that a file may take; 0: any.")] = 60.0,
) -> int:
    """Prove a backward right, or say what is wrong: which mistake, at which gate and step, in which line.

    CELL is one of the library's, a class with its contract, or homework in the plain form: lstm_step_forward and
    lstm_step_backward, or a class with forward and backward, whatever the names, weights and layouts. A file given here
    is executed, with your rights, as if you had run it yourself.
    """
    from rich.console import Console

    from scratchnet.gradcheck import run

    return run(
        target,
        seed=seed,
        scale=scale,
        backend=backend,
        as_json=as_json,
        console=Console(),
        html=html,
        png=png,
        limit=limit,
    )


@app.command()
def corpus(
    name: Annotated[str, typer.Argument(help="en-hi or en-mr.")],
    split: Annotated[str, typer.Option(help="train, validation, test or all.")] = "all",
) -> int:
    """Print an embedded corpus, one `English TAB translation` a line."""
    from scratchnet.data.corpora import load_corpus

    found = load_corpus(name)
    parts = {"train": found.train, "validation": found.validation, "test": found.test, "all": found.pairs}
    if split not in parts:
        raise InputError(f"unknown split {split!r}: choose one of {', '.join(parts)}")
    sys.stdout.writelines(f"{source}\t{target}\n" for source, target in parts[split])
    return 0


@app.command()
def info(as_json: Json = False) -> int:
    """Show the version, the backends found, and how many threads NumPy's products may use."""
    import numpy as np

    from scratchnet.backend import available_backends

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    facts: dict[str, Any] = {
        "scratchnet": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "cores": cores,
        "threads": os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or f"all {cores} cores",
        "backends": available_backends(),
    }
    if as_json:
        print(json.dumps(facts))
        return 0
    for name, value in facts.items():
        lines = [f"{key}: {text}" for key, text in value.items()] if isinstance(value, dict) else [str(value)]
        print(f"{name:11} " + ("\n" + " " * 12).join(lines))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; a user's mistake is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # Devanagari, whatever the locale says
    try:
        code = typer.main.get_command(app).main(args=arguments, prog_name="scratchnet", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except InputError as error:
        return _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted", file=sys.stderr)
        return 130
    except (BrokenPipeError, SystemExit) as error:
        if isinstance(error, SystemExit) and not isinstance(error.__context__, BrokenPipeError):
            raise
        # Whoever read us has had enough; what Python still holds back must not be written on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
        return 0
    except OSError as error:
        return _fail(f"{error.filename or 'output'}: {error.strerror or error}")
    except Exception as error:
        # Typer's own usage errors, whichever of its versions raised them, know how to say themselves.
        if hasattr(error, "format_message"):
            code = getattr(error, "exit_code", 2)
            if not str(error.format_message()).strip():
                return int(code)  # no arguments at all: the help text has been printed
            return _fail(f"{error.format_message()} (see scratchnet --help)")
        raise


def _fail(message: str) -> int:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    return 2


def _warn_if_trained_on(run: Path, pairs: Path) -> None:
    """Say so when the file is the one that the model was trained on: its scores are then no measure of anything new."""
    try:
        trained_on = json.loads((run / "data.json").read_text(encoding="utf-8")).get("sha256")
    except (OSError, ValueError, AttributeError):
        return
    if trained_on == file_digest(pairs):
        _warn(f"{pairs} is the file this model was trained on; what it never saw is in {run / 'validation.tsv'}")


if __name__ == "__main__":
    sys.exit(main())
