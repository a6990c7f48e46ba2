"""Measure everything and write docs/speed.md; what has been measured before is not measured again.

    python tests/benchmarks/run_all.py                          every case, cell and number of threads: an hour
    python tests/benchmarks/run_all.py small medium             only these cases
    python tests/benchmarks/run_all.py --results FILE           where the figures are kept; begin anew with a new file
    python tests/benchmarks/run_all.py --before "nice -n -5"    put something before each measuring command

Each case is a command of its own, so that a break costs little.

Read next: scratchnet/cli_bench.py.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

from scratchnet.bench.cases import CASES, CELL_NAMES
from scratchnet.bench.machine import cores
from scratchnet.bench.page import page
from scratchnet.bench.results import Results

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "speed.md"


def main() -> int:
    """Measure what is missing, then write the page; return the number of commands that failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"some of {', '.join(CASES)}; all by default")
    parser.add_argument("--results", type=Path, default=ROOT / "build" / "speed.json")
    parser.add_argument("--before", default="", help="words that go before each measuring command")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    if unknown := [name for name in options.cases if name not in CASES]:
        parser.error(f"unknown case {unknown[0]!r}: choose from {', '.join(CASES)}")
    options.results.parent.mkdir(parents=True, exist_ok=True)
    failed = 0
    for case in options.cases or CASES:
        for cell in CELL_NAMES:
            # The paper's model is an LSTM, and large enough to be measured once.
            if case == "paper" and cell != "lstm":
                continue
            for threads in {cores()} if case == "paper" else sorted({1, cores()}):
                if (case, cell, threads) in Results(options.results).measured:
                    continue
                words = ["bench", case, "--cell", cell, "--threads", str(threads), "--results", str(options.results)]
                command = [*shlex.split(options.before), sys.executable, "-m", "scratchnet", *words]
                failed += subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode != 0
    options.page.write_text(page(Results(options.results), "python tests/benchmarks/run_all.py"), encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
