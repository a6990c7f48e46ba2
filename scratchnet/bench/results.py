"""A file of results: what was measured on one machine, added to and replaced from run to run.

Read next: table.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scratchnet.bench.cases import CASES
from scratchnet.bench.machine import machine
from scratchnet.errors import InputError

Result = dict[str, Any]
FORMAT = 1


class Results:
    """Measurements by case, cell and number of threads, and how long a start takes; all from one machine."""

    def __init__(self, file: Path | None = None) -> None:
        """Begin with what `file` holds, if it exists. Raises InputError where it is of another kind or machine."""
        self.file, self.machine = file, machine()
        self.start_seconds: dict[str, float] = {}
        self.measured: dict[tuple[str, str, int], Result] = {}
        if file is None or not file.exists():
            return
        try:
            held = json.loads(file.read_text(encoding="utf-8"))
            good = held["format"] == FORMAT
        except (ValueError, KeyError, TypeError):
            good = False
        if not good:
            raise InputError(f"{file} holds no results of this benchmark: choose another file")
        if held["machine"] != self.machine:
            differs = [key for key in self.machine if held["machine"].get(key) != self.machine[key]]
            raise InputError(f"{file} was measured elsewhere ({', '.join(differs)} differ): choose another file")
        self.start_seconds = held["start_seconds"]
        self.add(held["results"])

    def add(self, results: list[Result]) -> None:
        """Take in measurements; one of the same case, cell and number of threads is replaced. Saves."""
        for result in results:
            self.measured[result["case"], result["cell"], result["threads"]] = result
        self.save()

    def save(self) -> None:
        """Write the file, if there is one to write."""
        if self.file is not None:
            self.file.write_text(json.dumps(self.to_json(), indent=1) + "\n", encoding="utf-8")

    def to_json(self) -> Result:
        """Return everything as plain values."""
        return {
            "format": FORMAT,
            "machine": self.machine,
            "start_seconds": self.start_seconds,
            "results": self.in_order(),
        }

    def in_order(self) -> list[Result]:
        """Return the measurements in the order of the cases, then of cells and threads, as these first came."""
        cases = list(CASES)
        return sorted(self.measured.values(), key=lambda one: cases.index(one["case"]) if one["case"] in cases else -1)
