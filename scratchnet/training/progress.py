"""What one sees of a training: a bar on a terminal and in a notebook, plain lines anywhere else.

All of it goes to stderr; in a notebook, which shows stderr in red, to stdout.

Read next: notebook_bar.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from scratchnet.errors import in_notebook
from scratchnet.training.notebook_bar import NotebookBar

PLAIN_SECONDS = 10.0  # without a terminal: a line so often, and not more


class Sample(NamedTuple):
    """A sentence, the model's translation of it, and what it should have been."""

    source: str
    written: str
    reference: str
    right: bool


class Progress:
    """Shows how a training goes; a context manager."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = default_console() if console is None else console
        self.notebook = self.console.is_jupyter or (console is None and in_notebook())
        self.bar: Bar | NotebookBar | None = None
        self.task = TaskID(0)
        self.title = ""
        self.total = 0
        self.spoken = time.monotonic()

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
            self.bar = Bar(*columns, TextColumn("{task.fields[figures]}"), console=self.console, transient=True)
            self.task = self.bar.add_task("", figures="")
            self.bar.start()
        elif self.notebook:
            self.bar = NotebookBar()
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def begin_epoch(self, epoch: int, epochs: int, done: int, steps: int) -> None:
        """Begin (or, with `done` of its `steps`, go on with) an epoch, counted from 1."""
        self.title, self.total = f"epoch {epoch}/{epochs}", steps
        if self.bar is not None:
            self.bar.reset(self.task, description=self.title, completed=done, total=steps, figures="")

    def advance(self, done: int, loss: float, gradient_norm: float, tokens_per_second: float) -> None:
        """Show the figures of the last few steps, of which `done` are done in this epoch."""
        figures = f"loss {loss:.3f}  gradient norm {gradient_norm:.2f}  {tokens_per_second:,.0f} tokens/s"
        if self.bar is not None:
            self.bar.update(self.task, completed=done, figures=figures)
        elif time.monotonic() - self.spoken >= PLAIN_SECONDS:
            self.say(f"{self.title}  step {done}/{self.total}  {figures}")
            self.spoken = time.monotonic()

    def end_epoch(self, metrics: dict[str, Any], best: bool, samples: Sequence[Sample]) -> None:
        """Print the figures of an epoch, and sample translations."""
        ppl = metrics["validation_perplexity"]
        self.say(
            f"{self.title}  train loss {metrics['train_loss']:.3f}  validation loss {metrics['validation_loss']:.3f}"
            f" (perplexity {'inf' if ppl is None else format(ppl, ',.1f')})"
            f"  free-running exact match {100 * metrics['free_running_exact_match']:.1f} %"
            f"  {metrics['tokens_per_second']:,.0f} tokens/s  {metrics['seconds']:.0f} s" + ("  best" if best else "")
        )
        for sample in samples:
            end = "  (right)" if sample.right else f"  (reference: {sample.reference})"
            self.say(f"    {sample.source}  ->  {sample.written or '(nothing)'}{end}")
        self.spoken = time.monotonic()


def default_console() -> Console:
    """Return where progress is shown unless something else is asked for."""
    if in_notebook():
        return Console(file=sys.stdout, force_jupyter=False, force_terminal=False)
    return Console(stderr=True)
