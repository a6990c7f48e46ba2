"""How one file is checked: which function is called in a process of its own, and the verdict in what comes back.

Read next: command.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError
from scratchnet.gradcheck.cure import Verdict
from scratchnet.gradcheck.reports import failed, is_file_or_folder
from scratchnet.gradcheck.subjects import is_harness

HARNESS = "scratchnet.gradcheck.check_harness:check_harness"
WRITTEN = "scratchnet.gradcheck.check_harness:check_without_harness"
NAMED = "scratchnet.gradcheck.library:check_named"
Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Shown:
    """What is shown of a check, and written: the arguments of `command.run` that are called so."""

    as_json: bool = False
    full: bool = False
    hint: int = 0
    fix: bool = False
    html: Path | None = None
    csv: Path | None = None
    verdict_only: bool = False


def has_harness(file: Path, harness: Path | None) -> bool:
    """Tell whether it is said how a file is to be checked: in a harness of its own, or in itself."""
    return harness is not None or is_harness(file)


def harness_call(file: Path, harness: Path | None, seed: int, limit: float, shown: Shown) -> Call:
    """Return the function that checks a file with a harness, and its arguments, for `call_in_child`."""
    target, code = (str(file), None) if harness is None else (str(harness), str(file))
    return HARNESS, {
        "target": target, "code": code, "seed": seed, "cures": not shown.verdict_only, "seconds": limit,
    }  # fmt: skip


def call_of(target: str, harness: Path | None, seed: int, limit: float, shown: Shown) -> Call:
    """Return the function that checks a file, a cell in one or a cell of the library, and its arguments."""
    file = Path(target)
    if has_harness(file, harness):
        return harness_call(file, harness, seed, limit, shown)
    named = not is_file_or_folder(target) or (":" in file.name and not file.is_file())
    return NAMED if named else WRITTEN, {
        "target": target, "seed": seed, "cures": not shown.verdict_only, "seconds": limit,
    }  # fmt: skip


def verdict_of(file: Path, found: Any) -> Verdict:
    """Return the verdict in what a call of `call_of` has returned, or in the InputError that it has raised."""
    if isinstance(found, InputError):
        return failed(file, found)
    return Verdict.of(found.get("verdict", found))
