"""Print the exercises, a page, the result of a check, hints and progress on a console.

Read next: file_watcher.py.
"""

from __future__ import annotations

from rich.console import Console
from rich.markdown import Markdown
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from scratchnet.learn.exercise import STEPS, Exercise
from scratchnet.learn.gaps import gaps
from scratchnet.learn.outcome import Finding, Outcome
from scratchnet.learn.progress import ExerciseProgress
from scratchnet.learn.workspace import Workspace

THEME = "ansi_dark"


def show_list(workspace: Workspace, console: Console) -> None:
    """Print every exercise with its state; the current one is marked."""
    progress, current = workspace.progress(), workspace.current()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "exercise", "kind", "state"):
        table.add_column(heading)
    for exercise in workspace.exercises:
        mark = Text(">", style="bold yellow") if exercise is current else Text("")
        table.add_row(mark, f"{exercise.number} {exercise.title}", exercise.kind, _state(progress.of(exercise.name)))
    console.print(table)


def show_page(workspace: Workspace, exercise: Exercise, console: Console) -> None:
    """Print an exercise's text, and which file it is about."""
    console.print(Markdown(exercise.text, code_theme=THEME, hyperlinks=False))
    file = workspace.file(exercise)
    places = ", ".join(_lines(first, last) for first, last, _ in gaps(exercise.start))
    console.print()
    _line(console, "your file", f"{file}" + (f" ({places})" if places else ""))
    _line(console, "then", f"scratchnet learn check {exercise.number}   (or keep `scratchnet learn watch` running)")


def show_outcome(exercise: Exercise, outcome: Outcome, console: Console, following: Exercise | None) -> None:
    """Print what a check found, and what to do next."""
    if outcome.printed:
        _line(console, "your code printed", "")
        console.print(Text(outcome.printed.rstrip("\n"), style="dim"))
    for finding in outcome.findings:
        _show_finding(finding, console)
    if not outcome.ok:
        number = exercise.number
        _line(console, "next", f"mend {exercise.file_name}, then `scratchnet learn check {number}`; a hint: "
              f"`scratchnet learn hint {number}`")  # fmt: skip
        return
    console.print(Text(f"{exercise.number} {exercise.title}: done", style="bold green"))
    quiz = f"`scratchnet learn quiz {exercise.number}`, three questions"
    if following is None:
        _line(console, "next", f"{quiz}. That was the last exercise: every one is done")
    else:
        _line(console, "next", f"{quiz}; then {following.number} {following.title}: `scratchnet learn next`")


def _show_finding(finding: Finding, console: Console) -> None:
    mark, style = ("right: ", "green") if finding.ok else ("wrong: ", "bold red")
    console.print(Text.assemble((mark, style), finding.text))
    for label, text in finding.details:
        _line(console, f"  {label}", text)
    if finding.drawn:
        console.print(Text.from_ansi(finding.drawn))


def show_hints(exercise: Exercise, count: int, console: Console) -> None:
    """Print the first `count` hints."""
    for number, (step, hint) in enumerate(zip(STEPS, exercise.hints, strict=True), start=1):
        if number <= count:
            console.print(Text.assemble((f"hint {number} of {len(STEPS)}, the {step}: ", "bold yellow"), hint))
    name = exercise.number
    more = f"scratchnet learn hint {name}" if count < len(STEPS) else f"scratchnet learn solution {name}"
    _line(console, "more", more)


def show_difference(difference: str, console: Console) -> None:
    """Print a unified diff."""
    if difference:
        console.print(Syntax(difference, "diff", theme=THEME, background_color="default", word_wrap=True))
    else:
        console.print("nothing is changed yet")


def show_solution(exercise: Exercise, console: Console) -> None:
    """Print what stands in the gaps of the solution."""
    for first, last, text in gaps(exercise.solution):
        _line(console, "solution", _lines(first, last))
        console.print(Syntax(text, "python", theme=THEME, background_color="default", word_wrap=True))


def show_progress(workspace: Workspace, console: Console) -> None:
    """Print how far the learner is."""
    progress = workspace.progress()
    done = [progress.of(exercise.name) for exercise in workspace.exercises]
    count, total = sum(one.done for one in done), len(done)
    console.print(f"{count} of {total} exercises done  [{'#' * count}{'.' * (total - count)}]", markup=False)
    console.print(f"quiz: {sum(sum(one.quiz) for one in done)} of {3 * total} questions answered rightly")
    console.print(f"checks: {sum(one.checks for one in done)}, hints: {sum(one.hints for one in done)}, "
                  f"solutions seen first: {sum(one.seen for one in done)}")  # fmt: skip
    predicted = [one.predicted for one in done if one.predicted]
    if predicted:
        right, of = (sum(pair[k] for pair in predicted) for k in (0, 1))
        console.print(f"first predictions: {right} of {of} places right")


def _state(done: ExerciseProgress) -> Text:
    parts = [Text("done", style="green") if done.done else Text("tried" if done.checks else "", style="yellow")]
    parts += [Text(f"checks {done.checks}")] if done.checks else []
    parts += [Text(f"hints {done.hints}")] if done.hints else []
    parts += [Text("solution seen")] if done.seen else []
    parts += [Text(f"quiz {sum(done.quiz)}/3")] if done.quiz else []
    parts += [Text("predicted {} of {}".format(*done.predicted))] if done.predicted else []
    return Text(", ").join(part for part in parts if part)


def _lines(first: int, last: int) -> str:
    if last < first:
        return f"below line {last}"
    return f"line {first}" if first == last else f"lines {first} to {last}"


def _line(console: Console, label: str, text: str) -> None:
    console.print(Text.assemble((f"{label}: ", "bold"), text))
