"""What one sees of a training: a bar on a terminal and in a notebook, plain lines anywhere else.

All of it goes to stderr; in a notebook, which shows stderr in red, to stdout.

Read next: notebook_bar.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
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
    """Shows how a training goes; a context manager. patience: that of the training, which may end it early."""

    def __init__(self, console: Console | None = None, patience: int = 0) -> None:
        self.asked_for = console  # None: where progress is shown by default
        self.console = default_console() if console is None else console
        self.notebook = self.console.is_jupyter or (console is None and in_notebook())
        self.patience = patience
        self.bar: Bar | NotebookBar | None = None
        self.task = TaskID(0)
        self.title = ""
        self.epoch = self.epochs = self.steps = self.done = 0
        self.time = TimeLeft(time.monotonic)
        self.estimated = self.ended = False
        self.spoken = time.monotonic()

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn())
            self.bar = Bar(*columns, TextColumn("{task.fields[figures]}"), console=self.console, transient=True)
            self.task = self.bar.add_task("", figures="")  # of all steps of the run
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
        if not self.title:
            self.time.lap()
        self.title = f"epoch {epoch}/{epochs}"
        self.epoch, self.epochs, self.steps, self.done, self.ended = epoch, epochs, steps, done, False
        if self.bar is not None:
            completed = (epoch - 1) * steps + done
            self.bar.update(self.task, description=self.title, completed=completed, total=epochs * steps)

    def advance(self, done: int, loss: float, gradient_norm: float, tokens_per_second: float) -> None:
        """Show the figures of the last few steps, of which `done` are done in this epoch."""
        self.time.count_steps(done - self.done)
        self.done = done
        if self.time.laps == 2 and not self.estimated:
            self.estimate()
        figures = f"loss {loss:.3f}  gradient norm {gradient_norm:.2f}  {tokens_per_second:,.0f} tokens/s"
        if self.time.laps > 1:
            figures += f"  {in_words(self.left())} left"
        if self.bar is not None:
            self.bar.update(self.task, completed=(self.epoch - 1) * self.steps + done, figures=figures)
        elif time.monotonic() - self.spoken >= PLAIN_SECONDS:
            self.say(f"{self.title}  step {done}/{self.steps}  {figures}")
            self.spoken = time.monotonic()

    def left(self) -> float:
        """Return the seconds that the rest of the run will take, if nothing ends it early."""
        epochs = self.epochs - self.epoch  # after this one
        return self.time.left(epochs * self.steps + self.steps - self.done, epochs + (not self.ended))

    def estimate(self) -> None:
        """Say once how long it will take."""
        self.estimated = True
        patience = self.patience if self.patience < self.epochs else 0
        early = f" at most: it stops after {patience} epochs without improvement" if patience else ""
        self.say(f"this will take about {in_words(self.left())}{early}")

    def end_epoch(self, metrics: dict[str, Any], best: bool, samples: Sequence[Sample]) -> None:
        """Print the figures of an epoch, and sample translations."""
        self.time.count_epoch()
        self.ended = True
        left = f", {in_words(self.left())} left" if self.epoch < self.epochs else ""
        if self.bar is not None and not left:
            done, figures = self.epochs * self.steps, f"loss {metrics['train_loss']:.3f}"
            self.bar.update(self.task, completed=done, figures=figures)
        ppl = metrics["validation_perplexity"]
        self.say(
            f"{self.title}  train loss {metrics['train_loss']:.3f}  validation loss {metrics['validation_loss']:.3f}"
            f" (perplexity {'inf' if ppl is None else format(ppl, ',.1f')})"
            f"  free-running exact match {100 * metrics['free_running_exact_match']:.1f} %"
            f"  {metrics['tokens_per_second']:,.0f} tokens/s  {metrics['seconds']:.0f} s{left}"
            + ("  best" if best else "")
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


class TimeLeft:
    """Times steps and ends of epochs (validation, saving) apart. clock: returns seconds.

    The first steps are slow, and not counted once there are others: memory is laid out, kernels are compiled.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock, self.at = clock, clock()
        self.laps = 0
        self.steps = self.epochs = 0
        self.step_seconds = self.epoch_seconds = 0.0

    def lap(self) -> float:
        """Return the seconds since the last lap."""
        before, self.at = self.at, self.clock()
        return self.at - before

    def count_steps(self, steps: int) -> None:
        """Take note that so many steps were done since the last lap."""
        if self.laps == 1:
            self.steps, self.step_seconds = 0, 0.0
        self.laps += 1
        self.steps += steps
        self.step_seconds += self.lap()

    def count_epoch(self) -> None:
        """Take note that an epoch was brought to its end since the last lap."""
        self.epochs += 1
        self.epoch_seconds += self.lap()

    def left(self, steps: int, epochs: int) -> float:
        """Return the seconds that so many steps and ends of epochs will take; unknown ones count nothing."""
        return steps * self.step_seconds / max(self.steps, 1) + epochs * self.epoch_seconds / max(self.epochs, 1)


def in_words(seconds: float) -> str:
    """Return a time as one says it: "8 s", "12 min", "3 h 20 min"."""
    if seconds < 100:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
