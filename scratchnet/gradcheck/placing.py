"""Where a finding lies, as a person says it: in which function, and in a notebook in which cell.

Read next: behaviour_words.py.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from scratchnet.gradcheck.cure import Cure, Finding
from scratchnet.usercode import cell_and_line, is_notebook

Placed = TypeVar("Placed", Finding, Cure)


def placed(found: list[Placed], texts: Mapping[str, str]) -> list[Placed]:
    """Return findings or cures with their function and, in a notebook, their cell. texts: {file: source}."""
    trees = {file: ast.parse(text) for file, text in texts.items()}
    return [one if one.file not in texts else _placed(one, texts[one.file], trees[one.file]) for one in found]


def place(one: Finding | Cure) -> str:
    """Return "attention.py:22", or "homework.ipynb, cell 3, line 5"."""
    return f"{Path(one.file).name}{', ' if one.cell else ':'}{line(one)}"


def line(one: Finding | Cure) -> str:
    """Return "22", or "cell 3, line 5" of a notebook."""
    return f"cell {one.cell}, line {one.line}" if one.cell else str(one.line)


def function_at(tree: ast.Module, line: int) -> str:
    """Return the name of the innermost function that a line stands in, "Net.backward"; "" outside of all."""
    scopes = [one for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.ClassDef))]
    around = [one for one in scopes if one.lineno <= line <= (one.end_lineno or one.lineno)]
    return ".".join(one.name for one in sorted(around, key=lambda one: one.lineno))


def _placed(one: Placed, text: str, tree: ast.Module) -> Placed:
    found: dict[str, Any] = {"function": function_at(tree, one.line)}
    if is_notebook(one.file):
        found["cell"], found["line"] = cell_and_line(text, one.line)
        if isinstance(one, Finding) and one.should_line:
            found["should_cell"], found["should_line"] = cell_and_line(text, one.should_line)
    return replace(one, **found)
