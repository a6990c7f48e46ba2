"""A cell out of a learner's own file, on its way into a training: checked first, then kept with the run.

    my_cell.py:MyCell           what is said on the command line; the file is executed, with the user's own rights
    RUN/best/cell.py            the copy that lies beside the weights, and that is executed when the run is used later

A run goes on, and is used, with its own copy. What has become of the file since then is said, and changes nothing.

Read next: ../visual/__init__.py.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError
from scratchnet.gradcheck import check_cell, load_cell, mistake
from scratchnet.translation import CELL, LAST, find_checkpoint, is_checkpoint, read_checkpoint
from scratchnet.usercode import Limit, call_in_child, split_target

Say = Callable[[str], None]


@dataclass(frozen=True)
class UserCell:
    """A cell class, and the whole text of the file that it comes from."""

    cell_class: type
    text: str


def load_user_cell(spec: str, *, unchecked: bool = False, warn: Say, seconds: float = 60.0) -> UserCell:
    """Execute the file of "path/to/file.py:ClassName", check the gradients of that cell, and return it.

    unchecked: a wrong gradient is a warning instead of an error. seconds: the longest that import and check may take,
    each; 0 for any time.
    Raises InputError, in one line: what `load_cell` refuses, a file that needs others beside it or does not end,
    a wrong gradient.
    """
    text = _text_of(spec)
    # In a process of its own first: what hangs or ends a process must not do so to a training.
    arguments = {"spec": spec, "seconds": seconds}
    checked = call_in_child(f"{__name__}:check_in_child", arguments, file=spec, seconds=2.0 * seconds)
    _stands_alone(Path(split_target(spec)[0]), text)
    if not checked["ok"]:
        said = "".join(f"{one}. " for one in (checked["verdict"], checked["place"]) if one).rstrip()
        if not unchecked:
            raise InputError(
                f"{spec} is not trained: {said} See `scratchnet gradcheck {spec}`; --unchecked trains it all the same"
            )
        warn(f"{said} It is trained all the same (--unchecked)")
    return UserCell(load_cell(spec, output=io.StringIO()), text)  # what it prints has been printed once


def check_in_child(spec: str, seconds: float, limit: Limit) -> dict[str, Any]:
    """Check the cell of "path/to/file.py:ClassName"; return {"ok", "verdict", "place": what is wrong, in a line}."""
    with limit(seconds, f"the import of {spec}"):
        cell_class = load_cell(spec)
    with limit(seconds, f"the check of {spec}"):
        report = check_cell(cell_class)
        return {"ok": report.ok, "verdict": report.verdict, "place": mistake(report)}


def stored_user_cell(run: Path, spec: str, *, warn: Say) -> UserCell | None:
    """Return the cell that the run in the folder `run` goes on with, or None where it keeps no cell of its own.

    Says so where the file that `spec` names is another one by now. Raises CheckpointError for a damaged run.
    """
    if not is_checkpoint(run / LAST):
        return None
    saved = read_checkpoint(run / LAST)
    if not saved.cell_text or saved.config.cell != spec:
        return None  # another spec: that the run was begun with another cell is said where the run is resumed
    return UserCell(user_cell_loader(run / LAST, saved.cell_text, warn)(spec), saved.cell_text)


def user_cell_loader(run: Path, text: str, warn: Say) -> Callable[[str], type]:
    """Return what turns the cell's name in a run into the class, out of the run's own copy where it keeps one.

    text: the copy as it was read, "" where there is none. Says that the copy is executed, and whether the file that
    the name meant at the time of training is another one by now.
    """

    def load(spec: str) -> type:
        if not text:
            return load_cell(spec)
        path, _, name = spec.rpartition(":")
        copy = find_checkpoint(run) / CELL
        warn(f"{copy} is executed, with your rights: it is the cell that this run was trained with")
        if Path(path).is_file() and _text_of(spec) != text:
            warn(f"{path} was changed since then: the run keeps its own copy, a new run takes the file as it is now")
        return load_cell(f"{copy}:{name}")

    return load


def _text_of(spec: str) -> str:
    path, _ = split_target(spec)
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text: save it as UTF-8") from None


def _stands_alone(file: Path, text: str) -> None:
    """Raise InputError where a file imports one that lies beside it: the run would keep half of the cell."""
    names = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module or "."] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    beside = sorted(name for name in names if name and ((file.parent / f"{name}.py").is_file()))
    if beside:
        raise InputError(
            f"{file} imports {beside[0]}.py, which lies beside it, and a run keeps a copy of one file only: "
            f"move what the cell needs from {beside[0]}.py into {file.name}"
        )
