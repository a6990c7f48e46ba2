"""The command `scratchnet learn`: exercises in a workspace of one's own.

Exit codes as everywhere: 0 right or done; 1 the check or the quiz found an error; 2 the input cannot be used.

Read next: corpus.py.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scratchnet.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from scratchnet.learn import Exercise, Outcome, Workspace

learn_app = typer.Typer(
    help="Exercises: from the first difference quotient to a cell of your own, each with a check that explains.",
    epilog="First: scratchnet learn start my_path, then: cd my_path, then: scratchnet learn next",
    no_args_is_help=True,
)

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="3, tanh or a file; the current one by default.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Seconds = Annotated[
    float | None, typer.Option(min=0.1, help="End a check after so many seconds; the exercise's own limit by default.")
]


@learn_app.command("start")
def start_command(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder.")]) -> int:
    """Copy the exercises into a folder. Nothing that is there already is ever overwritten."""
    from scratchnet.learn import start_workspace

    workspace, added, new = start_workspace(folder)
    if new:
        print(f"{folder}: {len(workspace.exercises)} exercises. Now: cd {folder}, then: scratchnet learn next")
        return 0
    done = sum(workspace.progress().of(one.name).done for one in workspace.exercises)
    print(f"{folder} is a workspace already, with {done} of {len(workspace.exercises)} exercises done; "
          f"{'added what was missing: ' + ', '.join(added) if added else 'nothing was changed'}. "
          "Go on there with: scratchnet learn next")  # fmt: skip
    return 0


@learn_app.command("list")
def list_command() -> int:
    """List the exercises, with what you have done."""
    from scratchnet.learn import show_list

    show_list(_workspace(), _console())
    return 0


@learn_app.command("next")
def next_command(name: Name = None) -> int:
    """Show the text of the current exercise, or of the one named."""
    from scratchnet.learn import show_page

    workspace = _workspace()
    if name is None and workspace.current() is None:
        print("every exercise is done; `scratchnet learn list` shows them, `scratchnet learn next 3` shows one again")
        return 0
    show_page(workspace, workspace.exercise(name), _console())
    return 0


@learn_app.command("check")
def check_command(name: Name = None, seconds: Seconds = None, as_json: Json = False) -> int:
    """Check your file, which executes it, with your rights; what is wrong is explained, down to the line."""
    workspace, exercise = _chosen(name)
    outcome = _check(workspace, exercise, seconds, None if as_json else _console())
    if as_json:
        print(json.dumps({"exercise": exercise.name, **outcome.as_dict()}, ensure_ascii=False))
    return 0 if outcome.ok else 1


@learn_app.command("watch")
def watch_command(name: Name = None, seconds: Seconds = None) -> int:
    """Check the current exercise, or the one named, now; then any file whenever you save it, until Ctrl-C."""
    from scratchnet.learn import watch_files

    workspace, console = _workspace(), _console()
    files = {exercise.name: workspace.file(exercise) for exercise in workspace.exercises}
    changes = watch_files(files, time.sleep)
    first = workspace.current() if name is None else workspace.exercise(name)
    name = first.name if first else None
    try:
        while True:
            if name is not None:
                console.rule(name)
                try:
                    _check(workspace, workspace.exercise(name), seconds, console)
                except InputError as error:
                    console.print(f"error: {error}", style="bold red", markup=False, highlight=False)
            console.print("watching: save a file to check it, Ctrl-C ends", style="dim")
            name = next(changes)
    except KeyboardInterrupt:
        console.print()
        return 0


@learn_app.command("hint")
def hint_command(name: Name = None) -> int:
    """Show a hint; ask again for the next: the symptom, the equation, the line."""
    from scratchnet.learn import STEPS, show_hints

    workspace, exercise = _chosen(name)
    with workspace.updating(exercise) as progress:
        progress.hints = min(progress.hints + 1, len(STEPS))
    show_hints(exercise, progress.hints, _console())
    return 0


@learn_app.command("diff")
def diff_command(name: Name = None) -> int:
    """Show what you changed in the starting file."""
    from scratchnet.learn import show_difference

    workspace, exercise = _chosen(name)
    show_difference(workspace.difference(exercise), _console())
    return 0


@learn_app.command("reset")
def reset_command(name: Annotated[str, typer.Argument(metavar="NAME", help="3, tanh or a file.")]) -> int:
    """Put the starting file back; your version is kept in .learn/kept."""
    workspace, exercise = _chosen(name)
    kept = workspace.reset(exercise)
    print(f"{exercise.file_name} is as at the start" + (f"; your version is {kept}" if kept else ""))
    return 0


@learn_app.command("solution")
def solution_command(name: Name = None) -> int:
    """Show the solution; it has to be asked for twice."""
    from scratchnet.learn import STEPS, show_solution

    workspace, exercise = _chosen(name)
    with workspace.updating(exercise) as progress:
        first, progress.asked = not progress.asked and not progress.done, True
        progress.seen = progress.seen or not (first or progress.done)
    if not first:
        show_solution(exercise, _console())
        return 0
    left = len(STEPS) - progress.hints
    hints = f"{left} hint{'s' if left > 1 else ''} left (`scratchnet learn hint {exercise.number}`)"
    print(f"{exercise.number} {exercise.title}: {hints if left else 'every hint is read'}. "
          "To see the solution, ask once more.")  # fmt: skip
    return 0


@learn_app.command("progress")
def progress_command(as_json: Json = False) -> int:
    """Show how far you are."""
    from dataclasses import asdict

    from scratchnet.learn import show_progress

    workspace = _workspace()
    if as_json:
        progress = workspace.progress()
        print(json.dumps({one.name: asdict(progress.of(one.name)) for one in workspace.exercises}))
    else:
        show_progress(workspace, _console())
    return 0


@learn_app.command("quiz")
def quiz_command(name: Name = None) -> int:
    """Ask three questions and check the answers; an empty line passes one by."""
    from scratchnet.learn import LETTERS, is_right, reply

    workspace, exercise = _chosen(name)
    right = []
    for number, question in enumerate(exercise.quiz, start=1):
        print(f"{exercise.number}, question {number} of {len(exercise.quiz)}: {question.ask}")
        for letter, choice in zip(LETTERS, question.choices, strict=False):
            print(f"  {letter}) {choice}")
        print("> ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            raise InputError(f"no answer to question {number}: type one, or give three lines on standard input")
        right.append(is_right(question, line))
        print(f"{reply(question, line)}: {question.why}")
    with workspace.updating(exercise) as progress:
        progress.quiz = right if sum(right) >= sum(progress.quiz) else progress.quiz
    print(f"{sum(right)} of {len(right)}")
    return 0 if all(right) else 1


def _check(workspace: Workspace, exercise: Exercise, seconds: float | None, console: Console | None) -> Outcome:
    """Check one exercise, record the result, and print it unless `console` is None."""
    from scratchnet.learn import show_outcome

    width, colour = (console.width, console.is_terminal) if console else (100, False)
    outcome = workspace.check(exercise, seconds=seconds, width=width, colour=colour)
    if console is not None:
        show_outcome(exercise, outcome, console, workspace.current())
    return outcome


def _workspace() -> Workspace:
    from scratchnet.learn import find_workspace

    return find_workspace()


def _chosen(name: str | None) -> tuple[Workspace, Exercise]:
    """Return the workspace and the exercise that `name` means in it, the current one for None."""
    workspace = _workspace()
    return workspace, workspace.exercise(name)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)
