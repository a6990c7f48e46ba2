"""Which of two forms a harness file has, and what it imports, by its text alone: nothing is run.

Read next: harness_file.py.
"""

from __future__ import annotations

import ast
from pathlib import Path

from scratchnet.gradcheck.subjects.siblings import file_of
from scratchnet.usercode import read_source

SIMPLE = ("parameters", "loss", "gradients")


def is_harness(path: Path) -> bool:
    """Tell whether a file defines `harness`, or `parameters`, `loss` and `gradients`, at its top level."""
    try:
        tree = ast.parse(read_source(path))
    except (OSError, SyntaxError, ValueError):
        return False
    names = top_names(tree)
    return "harness" in names or set(SIMPLE) <= names


def top_names(tree: ast.Module) -> set[str]:
    """Return the names that a file gives something to at its top level."""
    found = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {one.id for one in node.targets if isinstance(one, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def neighbours(path: Path, folder: Path | None = None) -> dict[str, Path]:
    """Return the modules beside a file, or in another folder, that it imports: {name: file}."""
    found = {}
    try:
        tree = ast.parse(read_source(path))
    except (SyntaxError, ValueError):
        return {}  # it is said when the file is run
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{one.name}" for one in node.names]
            names = [name for name in names if _file(folder or path.parent, name)] or [node.module]
        for name in names:
            file = _file(folder or path.parent, name)
            if file is not None:
                found[name] = file
    return found


def _file(folder: Path, name: str) -> Path | None:
    file = file_of(folder, name)
    return file if file is not None and file.is_file() else None


def reached(file: Path, folder: Path) -> set[str]:
    """Return the names of the modules of a folder that a file imports, and those that these import."""
    found: set[str] = set()
    left = [file]
    while left:
        for name, other in neighbours(left.pop(), folder).items():
            if name not in found:
                found.add(name)
                left.append(other)
    return found
