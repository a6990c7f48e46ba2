"""Does the cost of a training step grow as its work? Tokens per second against T, B, H and V, around one base case.

    python tests/benchmarks/scaling.py                  what has not been measured yet, then the page: 4 minutes
    python tests/benchmarks/scaling.py --results FILE   where the figures are kept; begin anew with a new file

Writes the tables of docs/speed_scaling.md, and docs/images/scaling.png. The sizes are measured in groups, and the
figures are saved after each. All implementations at all sizes of a group take turns in short blocks, and every group
measures the base case, too: its rate there brings the groups to one scale, for the speed of a machine drifts by tens of
percent in minutes.

Read next: scaling_page.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import tracemalloc
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from pages import DOCS, replace_tables
from scaling_page import AXES, BASE, Figures, draw, split

from scratchnet import bench
from scratchnet.backend import allowed_cores
from scratchnet.bench import MATMUL, TORCH, Case, Timings
from scratchnet.errors import InputError

GROUPS = (
    *("T 10 50 100", "T 200 400", "B 1 4 16", "B 256 512"),
    *("H 64 128 512", "H 768 1024", "V 500 1000 2000", "V 8000 16000 32000"),
)
ROUNDS, SECONDS = 4, 0.25  # blocks of each implementation at each size, and how long a block takes, about
CELL = "lstm"
BASE_CASE = Case("scaling", BASE["V"], BASE["V"], BASE["E"], BASE["H"], 1, BASE["B"], (BASE["T"], BASE["T"]), batches=2)


def case_of(axis: str, value: int) -> Case:
    """Return the base case with one size changed: steps "T", batch "B", hidden "H" or words "V" of both languages."""
    changes: dict[str, dict[str, Any]] = {
        "T": {"lengths": (value, value)},
        "B": {"batch": value},
        "H": {"hidden": value},
        "V": {"source_words": value, "target_words": value},
    }
    return replace(BASE_CASE, **changes[axis])


def measure(cases: dict[str, Case], names: Sequence[str]) -> dict[str, Any]:
    """Let all implementations at all cases take turns; return the figures of each case."""
    with ExitStack() as stack:
        workers = {
            label: [bench.start_worker(name, case, CELL, allowed_cores()) for name in names]
            for label, case in cases.items()
        }
        for worker in (one for group in workers.values() for one in group):
            stack.push(worker)
        for worker in (one for group in workers.values() for one in group):
            worker.receive()  # all start at the same time; the first answer says that the model is ready
        timings = {label: Timings(bench.steps_per_block(group, SECONDS)) for label, group in workers.items()}
        for number in range(ROUNDS):
            for label, group in workers.items():
                bench.take_turns(group, 1, timings[label], first=1 + number * timings[label].steps)
        return {label: figures_of(timings[label], workers[label], cases[label]) for label in cases}


def figures_of(timings: Timings, workers: Sequence[bench.Worker], case: Case) -> dict[str, Any]:
    """Return what is kept of one case: rates, peak memory, and the breakdown of a step of this library."""
    found: dict[str, Any] = {"peak_mib": {}, "breakdown": {}}
    bench.add_usage(found, workers, case, timings.steps)
    return found | {"tokens_per_second": {worker.name: timings.rate(worker.name) for worker in workers}}


def buffer_mib(case: Case) -> float:
    """Return the peak memory, in MiB, of a step's arrays, without the parameters and what Adam keeps of them."""
    tracemalloc.start()  # NumPy reports every array to it
    try:
        implementation = bench.ScratchnetImplementation(case, CELL, "numpy")
        implementation.prepare(0, 1)
        model = tracemalloc.get_traced_memory()[0]
        implementation.step(0)  # takes the buffers that the second step finds
        tracemalloc.reset_peak()
        implementation.step(0)
        return (tracemalloc.get_traced_memory()[1] - model) / 2**20
    finally:
        tracemalloc.stop()


def load(file: Path) -> dict[str, Any]:
    """Return the results in a file, or fresh ones. Raises InputError where they are another machine's."""
    fresh: dict[str, Any] = {"machine": bench.describe_machine(), "groups": {}}
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else fresh
    if held["machine"] != fresh["machine"] or "groups" not in held:
        raise InputError(f"{file} was measured elsewhere, or with other versions: remove it to begin anew")
    return held


def main() -> int:
    """Measure what is missing, then write the page and the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--results", type=Path, default=DOCS.parent / "build" / "scaling.json", help="where figures are kept"
    )
    results: Path = parser.parse_args().results
    results.parent.mkdir(parents=True, exist_ok=True)
    held = load(results)
    names = [*bench.cpu_backends(), *([TORCH] if bench.torch_installed() else []), MATMUL]
    if "memory" not in held:
        bench.compare(BASE_CASE, CELL, allowed_cores(), names[:-1])  # raises InputError where they differ
        held["memory"] = {str(steps): buffer_mib(case_of("T", steps)) for steps in AXES["T"]}
    for group in GROUPS:
        if group not in held["groups"]:
            print(group, "...", file=sys.stderr)
            axis, values = split(group)
            held["groups"][group] = measure(
                {"base": BASE_CASE} | {str(value): case_of(axis, value) for value in values}, names
            )
            results.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    figures = Figures(held)
    draw(figures, DOCS / "images" / "scaling.png")
    replace_tables(DOCS / "speed_scaling.md", figures.tables())
    return 0


if __name__ == "__main__":
    sys.exit(main())
