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
        self.drawn = 0.0  # when

    def add_task(self, description: str, *, figures: str = "") -> TaskID:
        """Set the text before and behind the bar."""
        self.description, self.figures = description, figures
        return TaskID(0)

    def start(self) -> None:
        """Show the bar below the notebook's cell."""
        from IPython.display import display

        self.output = display(self, display_id=True)  # type: ignore[no-untyped-call]

    def update(
        self,
        task: TaskID,
        *,
        completed: int,
        total: int | None = None,
        description: str | None = None,
        figures: str | None = None,
    ) -> None:
        """Show how many steps are done; what is None stays as it is."""
        self.completed = completed
        self.total = self.total if total is None else total
        self.description = self.description if description is None else description
        self.figures = self.figures if figures is None else figures
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

    def __repr__(self) -> str:
        parts = (self.description, f"{self.completed}/{self.total}", self.figures)
        return "  ".join(part for part in parts if part)

    def _repr_html_(self) -> str:
        """Return the bar between its two texts."""
        bar = f'<progress value="{self.completed}" max="{max(self.total, 1)}" {STYLE}></progress>'
        behind = repr(self).removeprefix(self.description)
        return f'<div style="white-space: pre">{html.escape(self.description)}{bar}{html.escape(behind.strip())}</div>'
