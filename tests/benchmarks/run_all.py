"""Measure everything and write the tables of docs/speed.md; what has been measured before is not measured again.

    python tests/benchmarks/run_all.py                          every case, cell and number of threads: an hour
    python tests/benchmarks/run_all.py small medium             only these cases
    python tests/benchmarks/run_all.py --results FILE           where the figures are kept; begin anew with a new file

Each case is a command of its own, so that a failure loses little.

Read next: pages.py.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from pages import DOCS, facts_table, replace_tables

from scratchnet.backend import allowed_cores
from scratchnet.bench import CASES, CELL_NAMES, Results, tables


def main() -> int:
    """Measure what is missing, then write the page; return the number of commands that failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"some of {', '.join(CASES)}; all by default")
    parser.add_argument("--results", type=Path, default=DOCS.parent / "build" / "speed.json")
    options = parser.parse_args()
    if unknown := [name for name in options.cases if name not in CASES]:
        parser.error(f"unknown case {unknown[0]!r}: choose from {', '.join(CASES)}")
    options.results.parent.mkdir(parents=True, exist_ok=True)
    cores = allowed_cores()
    every = [(case, cell, threads) for case in options.cases or CASES for cell in CELL_NAMES for threads in {1, cores}]
    # The paper's model is an LSTM, and large enough to be measured once.
    wanted = [run for run in every if run[0] != "paper" or run[1:] == ("lstm", cores)]
    failed = 0
    for case, cell, threads in wanted:
        if (case, cell, threads) not in Results(options.results).measured:
            words = ["bench", case, "--cell", cell, "--threads", str(threads), "--results", str(options.results)]
            command = [sys.executable, "-m", "scratchnet", *words]
            failed += subprocess.run(command, cwd=DOCS.parent, stdout=subprocess.DEVNULL).returncode != 0
    results = Results(options.results)
    replace_tables(DOCS / "speed.md", {"": facts_table(results.machine), **tables(results)})
    return failed


if __name__ == "__main__":
    sys.exit(main())
