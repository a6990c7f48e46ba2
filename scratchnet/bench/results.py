"""A file of results: what was measured on one machine, run after run.

Read next: scratchnet_implementation.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scratchnet.bench.cases import CASES
from scratchnet.bench.machine import describe_machine
from scratchnet.errors import InputError

Result = dict[str, Any]
FORMAT = 2


class Results:
    """Measurements by case, cell and number of threads, and start-up times; all from one machine."""

    def __init__(self, file: Path | None = None) -> None:
        """Read `file`, if it exists. Raises InputError where it holds something else, or another machine's results."""
        self.file, self.machine = file, describe_machine()
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
        """Add measurements, replacing those of the same case, cell and number of threads; save."""
        for result in results:
            self.measured[result["case"], result["cell"], result["threads"]] = result
        self.save()

    def save(self) -> None:
        """Write the file, if results are kept in one."""
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
        """Return the measurements in the order of the cases, and within a case in the order in which they were made."""
        return sorted(self.measured.values(), key=lambda one: [*CASES, one["case"]].index(one["case"]))
