"""The command line: reads arguments, calls the rooms below, prints. Nothing is computed here.

Results go to standard output, everything else (progress, warnings, errors) to standard error. Exit codes: 0 done;
1 the answer is no (a wrong gradient); 2 something handed in cannot be used, said in one line; 130 interrupted.

Read next: options.py.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from scratchnet.cli.bench import bench_command
from scratchnet.cli.corpus import corpus_command
from scratchnet.cli.evaluate import evaluate_command
from scratchnet.cli.gradcheck import gradcheck_command
from scratchnet.cli.info import info_command
from scratchnet.cli.learn import learn_app
from scratchnet.cli.train import train_command
from scratchnet.cli.translate import translate_command
from scratchnet.errors import InputError

app = typer.Typer(
    help="Learn backpropagation through time: train, use and check encoder-decoders written from scratch.",
    epilog="First: scratchnet train en-hi --out runs/first, then: scratchnet translate runs/first 'how are you?'",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("train")(train_command)
app.command("translate")(translate_command)
app.command("evaluate")(evaluate_command)
app.command("gradcheck")(gradcheck_command)
app.add_typer(learn_app, name="learn")
app.command("corpus")(corpus_command)
app.command("bench")(bench_command)
app.command("info")(info_command)


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
