"""A verdict that shows itself: printed, in an assertion, as the last line of a notebook's cell.

Read next: checks.py.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from scratchnet.gradcheck.cure import Verdict
from scratchnet.gradcheck.reports import Outcome, as_html
from scratchnet.gradcheck.words import lines_of
from scratchnet.visual import html_fragment


class Report(Verdict):
    """What a check has found. `ok`, `wrong`, `cures`, `findings` are data; `str` gives the first screen of it."""

    @classmethod
    def showing(cls, verdict: Verdict) -> Report:
        """Return a verdict that shows itself."""
        return cls(**{one.name: getattr(verdict, one.name) for one in fields(Verdict)})

    @property
    def verdict(self) -> str:
        """The first line: right, to how many digits, or wrong in what."""
        return lines_of(self)[0]

    def __str__(self) -> str:
        return as_text(self)

    def __repr__(self) -> str:
        return f"<Report {self.verdict}{'' if self.ok else '; print it to see where'}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        files = [one.file for one in self.cures] + [one.file for one in self.findings]
        file = Path(next(filter(None, files), self.name))
        return html_fragment(as_html(Outcome(file, self, self.seconds)).replace("<h1", "<p").replace("</h1>", "</p>"))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print what an IPython terminal shows: for a report alone the text, inside a list the one line."""
        printer.text(repr(self) if printer.indentation else str(self))


def as_text(report: Verdict, full: bool = False) -> str:
    """Return a report in lines: the first screen, or all of it."""
    return "\n".join(lines_of(report, full))


def show(report: Verdict, console: Console, full: bool = False) -> None:
    """Print a report: the verdict in colour, then what was found."""
    first, *others = lines_of(report, full)
    with console:  # all at once: in a notebook, each piece would be an output of its own
        console.print(Text(first, style="bold green" if report.ok else "bold red"), soft_wrap=True)
        for line in others:
            console.print(Text(line), soft_wrap=True)
