"""The part of a program that a class or function needs: imports, and the definitions that it reaches by their names.

The rest is left blank, so that every line keeps its number: a script that checks its own cell, or a notebook that
trains for an hour, can be executed again and again for the sake of what it defines.

Read next: step_map.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from scratchnet.gradcheck.subjects import first_line


def needed_text(text: str, names: Iterable[str]) -> str:
    """Return a program with all but the statements at its top level that these names need left blank.

    Raises SyntaxError where it is no program.
    """
    body = ast.parse(text).body
    wanted, kept = set(names), set[int]()
    grown = True
    while grown:
        grown = False
        for k, node in enumerate(body):
            if k not in kept and (isinstance(node, (ast.Import, ast.ImportFrom)) or _binds(node) & wanted):
                kept.add(k)
                wanted |= {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
                grown = True
    lines = text.split("\n")
    for k, node in enumerate(body):
        if k not in kept:
            for number in range(first_line(node), (node.end_lineno or node.lineno) + 1):
                lines[number - 1] = ""
    return "\n".join(lines)


def _binds(node: ast.stmt) -> set[str]:
    """Return the names that a statement gives something to, or changes in place: W in W[0] = 1."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {one.id for target in targets for one in _owners(target)}
    if isinstance(node, (ast.If, ast.Try, ast.With)):  # try: import cupy as xp ...; if np.__version__ ...: def f
        inner = [one for one in ast.walk(node) if isinstance(one, ast.stmt) and one is not node]
        found = {name for one in inner for name in _binds(one) | _imports(one)}
        return set() if _is_main(node) else found
    return set()


def _owners(target: ast.expr) -> Iterator[ast.Name]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for one in target.elts:
            yield from _owners(one)
    elif isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred)):
        yield from _owners(target.value)
    elif isinstance(target, ast.Name):
        yield target


def _imports(node: ast.stmt) -> set[str]:
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return set()
    return {(one.asname or one.name).split(".")[0] for one in node.names}


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__main__" in ast.dump(node.test)
