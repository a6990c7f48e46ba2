"""How one file is checked: which function is called in a process of its own, and the verdict in what comes back.

Read next: command.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError
from scratchnet.gradcheck.cure import Finding, Verdict
from scratchnet.gradcheck.reports import failed
from scratchnet.gradcheck.subjects import is_harness

HARNESS = "scratchnet.gradcheck.check_harness:check_harness"
WRITTEN = "scratchnet.gradcheck.check_harness:check_without_harness"
CHECK = "scratchnet.gradcheck.check_file:report_on_file"
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


def call_of(file: Path, harness: Path | None, seed: int, limit: float, shown: Shown) -> Call:
    """Return the function that checks a file, with a harness or without, and its arguments."""
    if has_harness(file, harness):
        return harness_call(file, harness, seed, limit, shown)
    outputs, settings = {"as_json": True, "html": None, "png": None}, {"seed": seed, "scale": 0.5, "backend": "numpy"}
    return written_call(file, seed, limit, shown, {"settings": settings, "outputs": outputs, "look": {}})


def written_call(file: Path, seed: int, limit: float, shown: Shown, otherwise: dict[str, Any] | None) -> Call:
    """Return the function that checks a file by a harness that it writes; otherwise: as for that function."""
    return WRITTEN, {
        "target": str(file), "seed": seed, "cures": not shown.verdict_only, "seconds": limit, "otherwise": otherwise,
    }  # fmt: skip


def verdict_of(file: Path, found: Any) -> Verdict:
    """Return the verdict in what a call of `call_of` has returned, or in the InputError that it has raised."""
    if isinstance(found, InputError):
        return failed(file, found)
    if "text" not in found:
        return Verdict.of(found.get("verdict", found))
    whole = json.loads(found["text"])
    reports = whole.get("reports", [whole])
    blocks = {f"{one['name']}: {block['name']}": block for one in reports for block in one["blocks"]}
    wrong = [name for name, block in blocks.items() if not block["ok"]]
    digits = min((one["digits"] or 0 for one in reports), default=0)
    said = [(one["diagnosis"] or {}).get("text") or one["verdict"] for one in reports if not one["ok"]]
    findings = [Finding("report", text=text.splitlines()[0]) for text in said]
    return Verdict(file.name, found["ok"], list(blocks), [], wrong, [], findings, dict.fromkeys(blocks, float(digits)))
