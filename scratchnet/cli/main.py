"""The command line: reads arguments, calls the rooms below, prints. Nothing is computed here.

Results go to standard output, everything else (progress, warnings, errors) to standard error. Exit codes: 0 done;
1 the answer is no (a wrong gradient); 2 something handed in cannot be used, said in one line; 130 interrupted.

Read next: options.py.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from scratchnet.errors import InputError
from scratchnet.version import __version__

COMMANDS = {
    "train": "train_command",
    "translate": "translate_command",
    "evaluate": "evaluate_command",
    "gradcheck": "gradcheck_command",
    "learn": "learn_app",
    "corpus": "corpus_command",
    "bench": "bench_command",
    "info": "info_command",
}


def make_app(wanted: str) -> typer.Typer:
    """Return the application. Only the module of the command that is wanted is imported: the list of all needs none."""
    app = typer.Typer(
        help="Learn backpropagation through time: train, use and check encoder-decoders written from scratch.",
        epilog="First: scratchnet train en-hi --out runs/first, then: scratchnet translate runs/first 'how are you?'",
        no_args_is_help=True,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(show_version)  # and so a single command keeps its name
    for name, attribute in COMMANDS.items():
        if name != wanted:
            app.command(name, help=first_words(name))(lambda: None)
            continue
        command = getattr(import_module(f"scratchnet.cli.{name}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def show_version(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Print the version, where that was asked for."""
    if version:
        print(f"scratchnet {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        raise InputError("name a command; scratchnet --help lists them")


def first_words(name: str) -> str:
    """Return what a command's own docstring (or, for a group, its help text) begins with, read without importing it."""
    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == COMMANDS[name]:
            return (ast.get_docstring(node) or "").split("\n")[0]
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "help"]
    return str(ast.literal_eval(texts[0]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; a user's mistake is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # Devanagari, whatever the locale says
    try:
        first = next(iter(sys.argv[1:] if arguments is None else arguments), "")
        code = typer.main.get_command(make_app(first)).main(
            args=arguments, prog_name="scratchnet", standalone_mode=False
        )
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
    except SyntaxError as error:  # in a file of the library that somebody is changing
        return _fail(f"{error.filename}:{error.lineno}: {type(error).__name__}: {error.msg}")
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
