"""Everything that needs a GPU, in one command: the GPU's tests, then the benchmark; writes docs/speed_gpu.md.

    python tests/benchmarks/gpu.py              on a machine with a GPU, CuPy and PyTorch for CUDA: 8 minutes
    python tests/benchmarks/gpu.py --minutes 30 more time, for all cases
    python tests/benchmarks/gpu.py --dry-run    anywhere: tiny sizes, on the CPU, nothing is written

The most important comes first, because a borrowed GPU may be gone before the end: tests/test_gpu.py; small, medium and
large, LSTM and GRU, against PyTorch with cuDNN at equal precision (float32, TF32 off), in turns, after a comparison of
all gradients; the model of Sutskever et al. (2014); then sizes from H 128 to 2,048 and batches of 64 to 1,024 beside
the matmul bound. The page is written again after each case, and no case begins that would not end in time.

Read next: gpu_cases.py.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from gpu_cases import PAPER, SWEEP, VERSUS, Plan
from pages import DOCS, facts_table, replace_tables

from scratchnet.backend import get_backend
from scratchnet.bench import Table, describe_machine, torch_installed

RATES = ("case", "cell", "tokens/s", "without graphs", "PyTorch", "vs PyTorch", "of the bound", "target")
SIZES = ("H", "batch", "tokens/s", "ms a step", "matmul bound, ms", "of the bound")
DAYS = ("implementation", "words/s", "times the paper's eight GPUs", "days")
TESTS, FAILED, MISSING = "tests/test_gpu.py", "failed", "no time for"


class Report:
    """The tables of the page, as far as they have been measured."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.facts = plan, device_facts(plan) | {TESTS: "not run", FAILED: "", MISSING: ""}
        self.tables = {VERSUS: Table(RATES, 2), PAPER: Table(DAYS, 1), SWEEP: Table(SIZES, 2)}

    def note(self, name: str, text: str) -> None:
        """Add something to a list among the facts."""
        self.facts[name] += f"{'; ' if self.facts[name] else ''}{text}"

    def by_heading(self) -> dict[str, Table]:
        """Return heading -> table of docs/speed_gpu.md."""
        return {"": facts_table({name: fact for name, fact in self.facts.items() if fact}), **self.tables}

    def save(self) -> None:
        """Write all tables into the page."""
        replace_tables(DOCS / "speed_gpu.md", self.by_heading())


def run(report: Report, save: Callable[[], None], deadline: float) -> None:
    """Measure case by case until `deadline` (of time.monotonic), and save after each.

    A case is taken to need as long as the slowest one of its table so far. What fails is reported, and the next begins.
    """
    slowest: dict[str, float] = {}
    for title, name, measure_row in report.plan.work():
        begun = time.monotonic()
        if report.facts[MISSING] or begun + slowest.get(title, 0.0) >= deadline:
            report.note(MISSING, name)
            continue
        try:
            row = measure_row()
            report.tables[title].rows.append(row)
            print(" | ".join(row), flush=True)
        except Exception as error:  # such as too little memory for the largest sizes
            report.note(FAILED, f"{name}: {type(error).__name__}: {error}".splitlines()[0])
            print(report.facts[FAILED], flush=True)
        slowest[title] = max(slowest.get(title, 0.0), time.monotonic() - begun)
        save()
    save()


def run_tests(seconds: float) -> tuple[int, str]:
    """Run the GPU's tests; return the exit code and pytest's last line."""
    command = [sys.executable, "-m", "pytest", "-rs", "tests/test_gpu.py"]
    try:
        done = subprocess.run(command, cwd=DOCS.parent, stdout=subprocess.PIPE, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return 1, f"not done after {seconds:.0f} seconds"
    print(done.stdout, flush=True)
    return done.returncode, (done.stdout.strip().splitlines() or ["no output"])[-1].strip("= ")


def device_facts(plan: Plan) -> dict[str, str]:
    """Return the machine, the device's name, and the versions of its libraries."""
    if plan.place != "cuda":
        return describe_machine() | {"device": "none: a dry run with tiny sizes, whose figures mean nothing"}
    xp: Any = get_backend("cupy").xp
    found = {"device": xp.cuda.runtime.getDeviceProperties(0)["name"].decode(), "cupy": xp.__version__}
    found["CUDA runtime"] = str(xp.cuda.runtime.runtimeGetVersion())
    if plan.torch:
        import torch

        found["cuDNN"] = str(torch.backends.cudnn.version())
    return describe_machine() | found


def main() -> int:
    """Run the GPU's tests and the benchmark; return 0 when the tests passed and no case failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=8.0, help="begin no case that would end later; 8 by default")
    parser.add_argument("--dry-run", action="store_true", help="tiny sizes, on the CPU; nothing is written")
    options = parser.parse_args()
    deadline = time.monotonic() + 60 * options.minutes
    if options.dry_run:
        report = Report(Plan("cpu", 0.005, 2, ((5, 2), (6, 3)), torch_installed()))
        run(report, lambda: None, deadline)
        print(
            *(f"## {title or 'Machine'}\n\n{table.markdown()}\n" for title, table in report.by_heading().items()),
            sep="\n",
        )
        return int(bool(report.facts[FAILED]))
    os.environ["CUPY_TF32"] = "0"
    get_backend("cupy")  # says what is missing before anything else is done
    report = Report(Plan("cuda", torch=torch_installed()))
    code, report.facts[TESTS] = run_tests(deadline - time.monotonic())
    report.save()
    run(report, report.save, deadline)
    return code or int(bool(report.facts[FAILED]))


if __name__ == "__main__":
    sys.exit(main())
