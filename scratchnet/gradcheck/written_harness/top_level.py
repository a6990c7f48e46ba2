"""What a script does besides defining things, left out: a training that never ends, data that are not there.

Each statement at the top level is run, one after another. One that takes long, writes, reads what is missing, or fails
is replaced by `pass`, or by a short text where it reads a data file. Line numbers stay as they are.

Read next: constructor.py.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from scratchnet.gradcheck.subjects import Program, first_line, with_replacements
from scratchnet.usercode import read_source

DATA = "abcad beacd"  # stands for a text that is not there
MOST_SECONDS, MOST_LINES = 0.5, 3000
LARGE = 9


class _Stopped(BaseException):
    """A statement took too long."""


def replacements(path: Path) -> dict[int, str]:
    """Return {line of a statement at the top level: what is run instead of it}."""
    text = read_source(path)
    tree = ast.parse(text, str(path))
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    found: dict[int, str] = {}
    sys.path.insert(0, str(path.resolve().parent))
    before, arguments = sys.modules.get(path.stem), sys.argv
    sys.modules[path.stem], sys.argv = module, [str(path)]
    os.environ.setdefault("MPLBACKEND", "Agg")
    try:
        with _no_writing(), contextlib.redirect_stdout(io.StringIO()):
            for node in tree.body:
                error = _run(node, module, path)
                if error is not None:
                    found[first_line(node)] = _instead(node, error)
                    with contextlib.suppress(Exception):
                        exec(found[first_line(node)], vars(module))
    finally:
        sys.path.pop(0)
        sys.argv = arguments
        if before is None:
            sys.modules.pop(path.stem, None)
        else:
            sys.modules[path.stem] = before
    return found | _smaller(path, text, tree, found)


def _run(node: ast.stmt, module: ModuleType, path: Path) -> BaseException | None:
    """Run one statement; return what stopped it."""
    began, lines = time.monotonic(), 0

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        if event == "line":
            lines += 1
        if lines > MOST_LINES or time.monotonic() - began > MOST_SECONDS:
            raise _Stopped
        return look

    slow = isinstance(node, (ast.While, ast.For, ast.Expr, ast.With, ast.Assign))
    before = sys.gettrace()
    try:
        code = compile(ast.Module([node], []), str(path), "exec")
        if slow:
            sys.settrace(look)
        with np.errstate(all="ignore"):
            exec(code, vars(module))
    except (Exception, SystemExit, _Stopped) as error:
        return error
    finally:
        sys.settrace(before)
    return None


def _instead(node: ast.stmt, error: BaseException) -> str:
    """Return a text for the data that a statement reads, or `pass`."""
    if isinstance(error, FileNotFoundError):
        for inner in ast.walk(node):
            if (
                isinstance(inner, ast.Assign)
                and isinstance(inner.targets[0], ast.Name)
                and "read" in ast.unparse(inner)
            ):
                many = "readlines" in ast.unparse(inner)
                return f"{inner.targets[0].id} = {[DATA, DATA[::-1]] if many else DATA!r}"
    return "pass"


@contextlib.contextmanager
def _no_writing() -> Iterator[None]:
    """Let nothing open a file to write to it, and nothing wait for input."""
    kept = builtins.open, builtins.input

    def only_read(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        if set(mode) & set("wax+"):
            raise PermissionError("a check writes no files")
        return kept[0](file, mode, *more, **named)

    def no_input(*prompt: Any) -> str:
        raise EOFError("a check reads no input")

    builtins.open, builtins.input = only_read, no_input
    try:
        yield
    finally:
        builtins.open, builtins.input = kept


def _smaller(path: Path, text: str, tree: ast.Module, instead: dict[int, str]) -> dict[int, str]:
    """Return replacements for whole numbers at the top level that make the module's arrays large."""

    def sizes(changes: dict[int, str]) -> int:
        module = Program(path, with_replacements(text, {**instead, **changes})).load()
        return sum(value.size for value in vars(module).values() if isinstance(value, np.ndarray))

    found: dict[int, str] = {}
    free = iter((7, 3, 8, 9))
    numbers = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and type(node.value.value) is int
        and node.value.value > LARGE
    ]
    for node in numbers:
        small = next(free, 10)
        name = ast.unparse(node.targets[0])
        with contextlib.suppress(Exception):
            if sizes({**found, node.lineno: f"{name} = {small}"}) < sizes(found):
                found[node.lineno] = f"{name} = {small}"
    return found
