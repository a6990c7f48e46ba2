"""The benchmark: a full training step here and in PyTorch, in turns, beside the time of its matrix products alone.

    cases.py                        the models and batches that are timed
    implementation.py               what an implementation can do; scratchnet_, torch_implementation.py, matmul_bound.py
    worker.py                       one implementation in a process of its own
    equivalence.py                  all implementations compute the same
    timings.py                      workers take turns; ratios of neighbouring blocks
    breakdown.py                    where the time of a step goes
    measure.py                      all of it for one case
    machine.py                      processor, versions, start-up time
    results.py, report.py           figures to keep, and to read

Read next: breakdown.py; to go on with the book, skip this folder: ../cli/__init__.py.
"""

from scratchnet.bench.breakdown import KINDS
from scratchnet.bench.cases import CASES, CELL_NAMES, Case, find_case, paper_days
from scratchnet.bench.equivalence import compare, compare_workers
from scratchnet.bench.machine import cpu_backends, describe_machine, start_seconds
from scratchnet.bench.matmul_bound import MatmulBound
from scratchnet.bench.measure import QUICK, Effort, add_usage, measure_case
from scratchnet.bench.report import Table, spread, summary, tables
from scratchnet.bench.results import Results
from scratchnet.bench.scratchnet_implementation import ScratchnetImplementation
from scratchnet.bench.timings import Timings, steps_per_block, take_turns
from scratchnet.bench.torch_implementation import TorchImplementation, torch_installed
from scratchnet.bench.worker import MATMUL, TORCH, Worker, obey, run_steps, serve, start_worker

__all__ = [
    "CASES",
    "CELL_NAMES",
    "KINDS",
    "MATMUL",
    "QUICK",
    "TORCH",
    "Case",
    "Effort",
    "MatmulBound",
    "Results",
    "ScratchnetImplementation",
    "Table",
    "Timings",
    "TorchImplementation",
    "Worker",
    "add_usage",
    "compare",
    "compare_workers",
    "cpu_backends",
    "describe_machine",
    "find_case",
    "measure_case",
    "obey",
    "paper_days",
    "run_steps",
    "serve",
    "spread",
    "start_seconds",
    "start_worker",
    "steps_per_block",
    "summary",
    "tables",
    "take_turns",
    "torch_installed",
]
