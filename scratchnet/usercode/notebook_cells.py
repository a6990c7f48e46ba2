"""The cells of a notebook or of an IPython session: code that was typed in, and has a number but no file.

IPython compiles each cell under an invented file name, under which `linecache` then has its text. Reports call a cell
as IPython's own tracebacks do: In[3].

Read next: notebook_file.py.
"""

from __future__ import annotations

import linecache
import re
import sys

# IPython; ipykernel, which is under every notebook; Google Colab.
CELL = re.compile(r"^<ipython-input-|[\\/]ipykernel_\d+[\\/]|[\\/]ipython-input-")


def is_cell(file: str) -> bool:
    """Tell whether a file name is one that IPython invented for a cell."""
    return bool(CELL.search(file))


def cell_label(file: str) -> str:
    """Return what a cell is called, "In[3]"; the file name itself where no number is known."""
    number = _numbers().get(file)
    return file if number is None else f"In[{number}]"


def cell_file(label: str) -> str:
    """Return the file name of the cell that is called so; `label` itself where there is none."""
    return next((file for file in _numbers() if cell_label(file) == label), label)


def cells_run() -> list[tuple[int, str]]:
    """Return (number, file name) of each cell of the session that was run."""
    return sorted((number, file) for file, number in _numbers().items())


def with_other_cells(files: frozenset[str]) -> frozenset[str]:
    """Return the files and, where one of them is a cell, all cells: a notebook is one program in many pieces."""
    if not any(is_cell(file) for file in files):
        return files
    return files | {file for file in (*linecache.cache, *_numbers()) if is_cell(file)}


def _numbers() -> dict[str, int]:
    """Return the number of each cell that was run, by its file name."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    numbers: dict[str, int] = getattr(getattr(shell, "compile", None), "_filename_map", {})
    return numbers
