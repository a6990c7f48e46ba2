"""The progress bar of a training in a notebook: one output of the cell, drawn anew while the training goes on.

It has those methods of rich's bar that progress.py calls. Rich's own needs ipywidgets in a notebook, and is gone when
the notebook is opened the next day.

Read next: interrupt.py.
"""

from __future__ import annotations

import html
import time
from typing import Any

from rich.progress import TaskID

BETWEEN = 0.1  # seconds: a browser need not draw faster
STYLE = 'style="width: 14em; height: 1em; vertical-align: middle; margin: 0 .6em"'


class NotebookBar:
    """A bar with one task."""

    def __init__(self) -> None:
        self.description, self.figures = "", ""
        self.completed, self.total = 0, 0
        self.output: Any = None  # IPython's handle of what is shown
        self.began, self.drawn = (time.monotonic(), 0), 0.0  # when, and after how many steps

    def add_task(self, description: str, *, figures: str = "") -> TaskID:
        """Set the text before and behind the bar."""
        self.description, self.figures = description, figures
        return TaskID(0)

    def start(self) -> None:
        """Show the bar below the notebook's cell."""
        from IPython.display import display

        self.output = display(self, display_id=True)  # type: ignore[no-untyped-call]

    def reset(self, task: TaskID, *, description: str, completed: int, total: int, figures: str) -> None:
        """Begin anew, `completed` of `total` steps being done."""
        self.description, self.total, self.began = description, total, (time.monotonic(), completed)
        self.update(task, completed=completed, figures=figures)

    def update(self, task: TaskID, *, completed: int, figures: str) -> None:
        """Show how many steps are done, and the figures."""
        self.completed, self.figures = completed, figures
        if time.monotonic() - self.drawn >= BETWEEN:
            self.draw()

    def stop(self) -> None:
        """Leave the bar as it is now."""
        self.draw()

    def draw(self) -> None:
        """Draw it in the place where it is."""
        self.drawn = time.monotonic()
        if self.output is not None:
            self.output.update(self)

    @property
    def remaining(self) -> str:
        """How long the rest takes at the pace so far: "1:05 left"; "" before the first step and after the last."""
        (began, before), now = self.began, time.monotonic()
        if not before < self.completed < self.total:
            return ""
        seconds = round((now - began) / (self.completed - before) * (self.total - self.completed))
        return f"{seconds // 60}:{seconds % 60:02} left"

    def __repr__(self) -> str:
        parts = (self.description, f"{self.completed}/{self.total}", self.remaining, self.figures)
        return "  ".join(part for part in parts if part)

    def _repr_html_(self) -> str:
        """Return the bar between its two texts."""
        bar = f'<progress value="{self.completed}" max="{max(self.total, 1)}" {STYLE}></progress>'
        behind = repr(self).removeprefix(self.description)
        return f'<div style="white-space: pre">{html.escape(self.description)}{bar}{html.escape(behind.strip())}</div>'
