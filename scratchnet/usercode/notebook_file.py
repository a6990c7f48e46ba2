"""A Jupyter notebook as a program: its code cells one after another, and a line named by its cell.

    read_source("homework.ipynb")           the text of a file; of a notebook, that of its code cells
    cell_and_line("homework.ipynb", 12)     (3, 5): line 12 of that text is the fifth of the third code cell
    notebook_with(file, text)               the notebook again, with a changed text in its cells

A cell begins with a line of its own in the text, so that a text with lines put in or taken out still falls into cells.
What is IPython's and not Python's (`%matplotlib inline`, `!pip`) does nothing.

Read next: source_lines.py.
"""

from __future__ import annotations

import ast
import json
import re
import tokenize
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError

SUFFIX = ".ipynb"
HEAD = "# ---- code cell {} ----"
HEADS = re.compile(r"^# ---- code cell (\d+) ----$", re.MULTILINE)
MAGIC = re.compile(r"^([ \t]*)([%!].*|\w[\w.]*\?{1,2})$", re.MULTILINE)
OFF = "pass  # IPython: "


def is_notebook(file: str | Path) -> bool:
    """Tell whether a file's name is that of a notebook."""
    return str(file).endswith(SUFFIX)


def read_source(file: Path) -> str:
    """Return the text of a file, of a notebook that of its code cells.

    Raises InputError where it is no text, or no notebook; OSError as reading does.
    """
    if not is_notebook(file):
        try:
            with tokenize.open(file) as stream:  # a file may declare its encoding
                return stream.read()
        except (SyntaxError, UnicodeDecodeError):
            raise InputError(f"{file} is not text in UTF-8, as Python's files are: save it in this encoding") from None
    cells = ["".join(cell["source"]) for cell in _code_cells(_notebook(file), file)]
    return joined_cells([_python(cell) for cell in cells])


def joined_cells(cells: Sequence[str]) -> str:
    """Return the text of code cells one after another, each under a line that says its number."""
    return "".join(f"{HEAD.format(k)}\n{cell}\n" for k, cell in enumerate(cells, 1))


def notebook_of(text: str) -> str:
    """Return, as JSON, the notebook whose code cells a text of `joined_cells` is."""
    parts = HEADS.split(text)[2::2]
    empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**empty, "source": part[1:].removesuffix("\n").splitlines(True)} for part in parts]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def cell_and_line(text: str, line: int) -> tuple[int, int]:
    """Return which code cell, from 1, a line of a notebook's text stands in, and its number in the cell."""
    heads = [(k, found) for k, one in enumerate(text.splitlines(), 1) if k <= line and (found := HEADS.match(one))]
    return (int(heads[-1][1][1]), max(1, line - heads[-1][0])) if heads else (0, line)


def notebook_with(file: Path, text: str) -> str:
    """Return a notebook as JSON, with the lines of a changed text in the cells that they belong to."""
    notebook = _notebook(file)
    parts = HEADS.split(text)[2::2]
    for cell, part in zip(_code_cells(notebook, file), parts, strict=True):
        lines = [re.sub(rf"^(\s*){re.escape(OFF)}", r"\1", one) for one in part[1:].removesuffix("\n").splitlines(True)]
        if "".join(lines) != "".join(cell["source"]):
            cell["source"] = lines
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _notebook(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8-sig"))
        assert isinstance(found["cells"], list)
        return dict(found)
    except (ValueError, KeyError, TypeError, AssertionError):
        raise InputError(f"{file} is no notebook of version 4, which is JSON with cells in it") from None


def _code_cells(notebook: dict[str, Any], file: Path) -> list[dict[str, Any]]:
    try:
        return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except (KeyError, TypeError):
        raise InputError(f"{file} has a cell without cell_type and source, which a notebook's cells have") from None


def _python(cell: str) -> str:
    """Return a cell as Python: a line that is IPython's becomes one that does nothing and takes as much room."""
    try:
        ast.parse(cell)
    except (SyntaxError, ValueError):
        if re.match(r"\s*%%(?!time\b|timeit\b|capture\b)", cell):  # %%bash: nothing of the cell is Python
            return re.sub("^", OFF, cell, flags=re.MULTILINE)
        return MAGIC.sub(rf"\1{OFF}\2", cell)
    return cell
