"""What is left out of a file under check: statements at its top level that train for ever, or read what is not there.

A harness file says so itself: `instead = {81: "pass"}`, by the statement's first line. Line numbers stay as they are.

Read next: harness_form.py.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping


def replacements_in(tree: ast.Module) -> dict[int, str]:
    """Return what a harness file says of it: {line: what is run instead}; {} where it says nothing of that form."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "instead":
            try:
                found = ast.literal_eval(node.value)
            except ValueError:
                return {}
            if isinstance(found, dict):
                return {int(line): str(text) for line, text in found.items() if isinstance(line, int)}
    return {}


def with_replacements(text: str, instead: Mapping[int, str]) -> str:
    """Return a file's text with statements at the top level replaced, every line at its number."""
    lines = text.split("\n")
    for node in ast.parse(text).body:
        first, last = first_line(node), node.end_lineno or node.lineno
        if first in instead:
            lines[first - 1 : last] = [instead[first], *[""] * (last - first)]
    return "\n".join(lines)


def as_written(original: str, shortened: str, mended: str) -> str:
    """Return a mended text with what was left out of it put back."""
    own, short, new = (text.split("\n") for text in (original, shortened, mended))
    found: list[str] = []
    for kind, i, j, k, n in difflib.SequenceMatcher(None, short, new, autojunk=False).get_opcodes():
        found += own[i:j] if kind == "equal" else new[k:n]
    return "\n".join(found)


def first_line(node: ast.stmt) -> int:
    """Return the first line of a statement, that of its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])
