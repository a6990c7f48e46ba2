"""What a model, layer or cell consists of: its parts, the shapes of their parameters, how many and how large they are.

    str(Summary(model))        a table as text; rich and notebooks show it as a table of their own
    Summary(model).as_block()  the same as a few lines, for `repr(model)`

Read next: ../learn/__init__.py.
"""

from __future__ import annotations

import html
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from scratchnet.visual.html_style import fragment

HEAD = ("part", "kind", "parameters", "how many", "MB")
WIDTH = 160  # characters, for a table that is no wider than it has to be
INDENT = 2


@dataclass(frozen=True)
class Row:
    """One part. depth: how deep inside the model. shapes: of its own parameters. size: how many numbers they are."""

    depth: int
    name: str
    kind: str
    settings: str
    shapes: str
    size: int
    nbytes: int

    @property
    def described(self) -> str:
        """The kind with its settings: "LSTMCell(input_size=3, hidden_size=8)"."""
        return f"{self.kind}({self.settings})" if self.settings else self.kind


class Summary:
    """The parts of a `Module` and their parameters; it shows itself as a table."""

    def __init__(self, module: Any) -> None:
        self.rows = list(_rows(module, "", 0))
        self.place = f"{module.dtype} on {module.backend.name}"
        self.size, self.nbytes = (sum(getattr(row, name) for row in self.rows) for name in ("size", "nbytes"))

    def as_block(self) -> str:
        """Return a line for each part."""
        lines = []
        for row in self.rows:
            label = f"{row.name}: " if row.depth else ""
            lines.append(" " * INDENT * row.depth + label + row.described + (f": {row.shapes}" if row.shapes else ""))
        lines[0] += f"; {self.size:,} parameters, {megabytes(self.nbytes)} MB, {self.place}"
        return "\n".join(lines)

    def __rich__(self) -> Table:
        """Return the table for a terminal."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for number, name in enumerate(HEAD):
            table.add_column(name, justify="left" if number < 3 else "right")
        for row in self.rows:
            table.add_row(" " * INDENT * row.depth + row.name, *_cells(row))
        table.add_row("total", self.place, "", f"{self.size:,}", megabytes(self.nbytes))
        return table

    def __str__(self) -> str:
        console = Console(file=io.StringIO(), width=WIDTH, color_system=None, force_terminal=False, force_jupyter=False)
        console.print(self, markup=False)
        lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
        return "\n".join(line.rstrip() for line in lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        words = '<th class="words">'
        head = "".join(f"{words if number < 3 else '<th>'}{name}</th>" for number, name in enumerate(HEAD))
        rows = []
        for row in self.rows:
            kind, shapes, *figures = (html.escape(cell) for cell in _cells(row))
            rows.append(
                f'<tr><td style="padding-left: {0.7 + 1.2 * row.depth:g}em">{html.escape(row.name)}</td>'
                f'<td class="words">{kind}</td><td class="words code">{shapes}</td>'
                f"{''.join(f'<td>{figure}</td>' for figure in figures)}</tr>"
            )
        rows.append(
            f'<tr class="sum"><td>total</td><td class="words">{self.place}</td><td></td>'
            f"<td>{self.size:,}</td><td>{megabytes(self.nbytes)}</td></tr>"
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        return fragment(f'<div class="scroll">{table}</div>')


def _rows(module: Any, name: str, depth: int) -> Iterator[Row]:
    arrays = {key: getattr(module, key) for key in module.parameter_names}
    shapes = ", ".join(f"{key} {tuple(array.shape)}" for key, array in arrays.items())
    size, nbytes = (sum(int(getattr(array, what)) for array in arrays.values()) for what in ("size", "nbytes"))
    kind = type(module).__name__
    yield Row(depth, name or (kind if not depth else "cell"), kind, _settings(module), shapes, size, nbytes)
    for key, child in module.children().items():
        if getattr(child, "rate", None) != 0.0:  # dropout that drops nothing
            yield from _rows(child, key, depth + 1)


def _settings(module: Any) -> str:
    """Return the sizes and options that a part keeps, those aside that are zero or off."""
    found = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    plain = {name: value for name, value in found.items() if isinstance(value, (bool, int, float, str)) and value}
    return ", ".join(f"{name}={value!r}" for name, value in plain.items())


def _cells(row: Row) -> tuple[str, ...]:
    count = (f"{row.size:,}", megabytes(row.nbytes)) if row.shapes else ("", "")
    return (row.described, row.shapes, *count)


def megabytes(nbytes: int) -> str:
    """Return a number of bytes in MB (10^6 bytes), to two figures at least."""
    value = nbytes / 1e6
    return f"{value:,.2f}" if value >= 0.1 else f"{value:.2g}"
