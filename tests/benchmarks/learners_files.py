"""What the check makes of files as learners write them: `python tests/benchmarks/learners_files.py`.

    --of seen           mistakes_in_the_wild/seen     --of unseen       those that nobody who builds may look at
    --of styles         thirty_styles                 --workers 1       processes
    --quiet             the sums only, no file by name

Each file is checked by the command, with its harness. A row says: the exit code; cured, an edit makes all gradients
right; named, how many of its wrong statements are told, by a cure or as a place; first, whether the line that is told
first is one of them; and the processor's seconds, Python's start among them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

TESTS = Path(__file__).resolve().parents[1]
HALVES = {"seen": "mistakes_in_the_wild/seen", "unseen": "mistakes_in_the_wild/unseen", "styles": "thirty_styles"}
LIMIT = (sys.executable, "-c", "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
         "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime, file=sys.stderr); "
         "sys.exit(code)")  # fmt: skip


@dataclass
class Row:
    """One file. statements: those that are wrong; named: those that were told; first: the first line told is one."""

    name: str
    code: int
    cured: bool
    statements: int
    named: int
    first: bool
    seconds: float

    @property
    def false_alarm(self) -> bool:
        return not self.statements and self.code != 0


def checked(folder: Path) -> Row:
    """Check one file as its writer would, and compare what is told with what is wrong."""
    command = [sys.executable, "-m", "scratchnet", "gradcheck", str(folder / "code.py"),
               "--harness", str(folder / "harness.py"), "--json", "--time-limit", "0"]  # fmt: skip
    done = subprocess.run([*LIMIT, *command], capture_output=True, text=True, cwd=TESTS.parent)
    told = json.loads(done.stdout) if done.stdout.strip() else {}
    lines = [one["line"] for one in told.get("cures", [])]
    lines += [one["line"] for one in told.get("findings", []) if one["kind"] == "place"]
    wrong = [lines_of(one) for one in json.loads((folder / "truth.json").read_text("utf-8"))["statements"]]
    return Row(
        folder.name, done.returncode, bool(told.get("cured")) and done.returncode == 1, len(wrong),
        sum(bool(some & {*lines}) for some in wrong), bool(lines) and any(lines[0] in some for some in wrong),
        float(done.stderr.split()[-1]),
    )  # fmt: skip


def lines_of(statement: dict[str, object]) -> set[int]:
    """Return the lines of a wrong statement; where one is missing, the two that it belongs between."""
    line, before = int(str(statement["line"])), str(statement["before"])
    return {line - 1, line} if not before else {*range(line, line + len(before.splitlines()))}


def main() -> int:
    """Print the table; return 0 where no right file is called wrong and no wrong one right."""
    parser = argparse.ArgumentParser(description="What the check makes of files as learners write them.")
    parser.add_argument("--of", choices=list(HALVES), default="seen")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--quiet", action="store_true")
    given = parser.parse_args()
    folders = sorted(path.parent for path in (TESTS / HALVES[given.of]).glob("*/truth.json"))
    if not folders:
        print(f"there are no files in {TESTS / HALVES[given.of]}")
        return 2
    with ThreadPoolExecutor(given.workers) as pool:
        rows = list(pool.map(checked, folders))
    console = Console(width=120, soft_wrap=True)
    if not given.quiet:
        table = Table("file", "exit code", "cured", "named", "first", "CPU s")
        for row in rows:
            named = f"{row.named} of {row.statements}" if row.statements else "right"
            told = [{True: "yes", False: "no"}[one] if row.statements else "" for one in (row.cured, row.first)]
            table.add_row(row.name, str(row.code), told[0], named, told[1], f"{row.seconds:.1f}")
        console.print(table)
    wrong = [row for row in rows if row.statements]
    alarms, missed = sum(row.false_alarm for row in rows), sum(row.code == 0 for row in wrong)
    for number in sorted({row.statements for row in wrong}):
        some = [row for row in wrong if row.statements == number]
        console.print(f"{number} wrong at once: {sum(row.cured for row in some)} of {len(some)} cured completely")
    seconds = [row.seconds for row in rows]
    sums = (
        f"{given.of}: {len(rows)} files, {len(wrong)} of them wrong",
        f"{sum(row.cured for row in wrong)} of {len(wrong)} cured completely",
        f"{sum(row.named for row in wrong)} of {sum(row.statements for row in wrong)} wrong statements named",
        f"a wrong line told first in {sum(row.first for row in wrong)}",
        f"wrong ones called right: {missed}",
        f"refused: {sum(row.code in (2, 3) for row in rows)}",
        f"false alarms: {alarms} of {len(rows) - len(wrong)}",
        f"CPU seconds: median {np.median(seconds):.1f}, most {max(seconds):.1f}",
    )
    console.print("\n".join(sums))
    return 1 if alarms or missed else 0


if __name__ == "__main__":
    sys.exit(main())
