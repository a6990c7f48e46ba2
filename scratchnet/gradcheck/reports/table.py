"""A class on the terminal: a bar while it is checked, then one row a file.

Read next: spreadsheet.py.
"""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console, JustifyMethod
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from scratchnet.gradcheck.cure import NOT_RUN, PARTLY, REFUSED, RIGHT, WRONG
from scratchnet.gradcheck.reports.outcome import Outcome
from scratchnet.gradcheck.words import line_numbers, mistake, result

STYLES = {RIGHT: "green", WRONG: "bold red", REFUSED: "yellow", NOT_RUN: "yellow", PARTLY: "cyan"}
WIDE, LEAST = 1000, 18  # characters
COUNTED = {
    RIGHT: "right", WRONG: "wrong", REFUSED: "cannot be used", NOT_RUN: "could not be run", PARTLY: "checked in part",
}  # fmt: skip


@contextlib.contextmanager
def progress(total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error, where that is a terminal; yield what is to be called after each file."""
    columns = BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False)
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, advance=1, description=done)


def show_table(outcomes: Sequence[Outcome], console: Console, bare: bool = False) -> None:
    """Print one row a file, and how many are right. bare: without lines and mistakes.

    A terminal cuts off what is too long for it; anything else gets all of it.
    """
    columns: dict[str, list[Text]] = {
        "file": [Text(str(one.file)) for one in outcomes],
        "result": [Text(result(one.verdict), STYLES[one.verdict.status]) for one in outcomes],
        "line": [Text(line_numbers(one.verdict)) for one in outcomes],
        "seconds": [Text(f"{one.seconds:.1f}") for one in outcomes],
        "what": [Text(mistake(one.verdict)) for one in outcomes],
    }
    if bare:
        del columns["line"], columns["what"]
    table = Table(box=None, pad_edge=False, header_style="dim")
    widths = _widths(columns, console.width if console.is_terminal else WIDE)
    for title, width in widths.items():
        justify: JustifyMethod = "right" if title == "seconds" else "left"
        table.add_column(title, justify=justify, no_wrap=True, overflow="ellipsis", width=width)
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    if console.is_terminal:
        console.print(table)
    else:
        written = io.StringIO()
        Console(file=written, width=WIDE).print(table)
        console.file.writelines(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())
    console.print(Text(in_numbers(outcomes)))


def _widths(columns: dict[str, list[Text]], room: int) -> dict[str, int]:
    """Return how wide each column is: the last one gets what is left, and the first two give way to it."""
    widths = {title: max(len(title), *map(len, cells)) for title, cells in columns.items()}
    for short in ("what", "result", "file"):
        over = sum(widths.values()) + 2 * (len(widths) - 1) - room
        if short in widths and over > 0:
            widths[short] = max(min(LEAST, widths[short]), widths[short] - over)
    return widths


def in_numbers(outcomes: Sequence[Outcome]) -> str:
    """Return "30 files: 20 right, 8 wrong, 2 could not be run"."""
    counts = Counter(one.verdict.status for one in outcomes)
    said = ", ".join(f"{counts[code]} {words}" for code, words in COUNTED.items() if counts[code])
    return f"{len(outcomes)} file{'' if len(outcomes) == 1 else 's'}: {said or 'none is checked'}"
