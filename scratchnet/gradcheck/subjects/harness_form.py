"""Which of two forms a harness file has, and what it imports, by its text alone: nothing is run.

Read next: harness_file.py.
"""

from __future__ import annotations

import ast
from pathlib import Path

SIMPLE = ("parameters", "loss", "gradients")


def is_harness(path: Path) -> bool:
    """Tell whether a file defines `harness`, or `parameters`, `loss` and `gradients`, at its top level."""
    try:
        tree = ast.parse(path.read_text("utf-8-sig"))
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


def neighbours(path: Path) -> list[Path]:
    """Return the files beside a file that it imports."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8-sig"), str(path))):
        names = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            file = path.parent / (name.replace(".", "/") + ".py")
            if file.exists() and file not in found:
                found.append(file)
    return found
