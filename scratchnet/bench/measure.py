"""One measurement: a case, with one cell, on some number of threads, all contestants taking turns.

The figures are plain values by name, as they stand in a file of results:

    block_seconds       of every contestant, turn by turn
    tokens_per_second   target tokens; minimum, median and maximum over the blocks
    ratios              of each of this library's backends to PyTorch and to its products alone, the same three
    peak_mib            the most memory that each process ever held
    breakdown           seconds of a step by kind, for each backend
    flops, best_rate    of a step's products, and of the fastest large product here, per second

Read next: machine.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from scratchnet.bench.cases import PAPER_EPOCHS, PAPER_WORDS, TRAIN, Case
from scratchnet.bench.pairs import Turns, Worker, steps_of_a_block, take_turns
from scratchnet.bench.same import compare
from scratchnet.bench.worker import PRODUCTS, TORCH, TORCH_VALID

Result = dict[str, Any]


@dataclass(frozen=True)
class Effort:
    """How long to measure: how many blocks each, and the seconds of a block. quick: the least that tells anything."""

    pairs: int = 9
    seconds: float = 1.0
    quick: bool = False

    def plan(self, case: Case, workers: Sequence[Worker]) -> tuple[int, int]:
        """Return (pairs, steps of a block) for a case. Real text is walked through once, from end to end."""
        if case.alone:
            return (1, 1) if self.quick else (2, 1)
        if case.text and not self.quick:
            return self.pairs, -(-case.batches // self.pairs)
        return self.pairs, steps_of_a_block(workers, self.seconds)


QUICK = Effort(3, 0.25, True)


def contestants(case: Case, backends: Sequence[str], torch: bool) -> list[str]:
    """Return who takes part in a case, besides the products alone."""
    twins = [TORCH, TORCH_VALID] if case.ragged and case.work == TRAIN else [TORCH]
    return [*backends, *(twins if torch else [])]


def measure(case: Case, cell: str, threads: int, backends: Sequence[str], torch: bool, effort: Effort) -> Result:
    """Compare the contestants, then measure a case with one cell on a number of threads.

    Raises InputError where a contestant fails, or computes something else.
    """
    names = contestants(case, backends, torch)
    differences, form = compare(case, cell, threads, names)
    figures = measure_apart if case.alone else measure_together
    turns, result = figures(case, cell, threads, [*names, PRODUCTS], form, effort)
    others = [name for name in (TORCH, TORCH_VALID, PRODUCTS) if name in turns.seconds]
    result |= {
        "case": case.name,
        "cell": cell,
        "threads": threads,
        "pairs": len(turns.seconds[PRODUCTS]),
        "steps_per_block": turns.steps,
        "block_seconds": turns.seconds,
        "tokens_per_second": {name: asdict(turns.rate(name)) for name in turns.seconds},
        "seconds_per_step": {name: turns.seconds_per_step(name) for name in turns.seconds},
        "ratios": {name: {other: asdict(turns.ratio(name, other)) for other in others} for name in backends},
        "relative_differences": differences,
        "optimizer_form": form,
    }
    if case.name == "paper":
        rates = {name: turns.rate(name, "words").median for name in turns.seconds}
        result["words_per_second"] = rates
        result["days"] = {name: PAPER_EPOCHS * PAPER_WORDS / rate / 86_400 for name, rate in rates.items()}
    return result


def measure_together(
    case: Case, cell: str, threads: int, names: Sequence[str], form: str, effort: Effort
) -> tuple[Turns, Result]:
    """Let all contestants take turns."""
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(name, case, cell, threads, form)) for name in names]
        pairs, steps = effort.plan(case, workers)
        turns = take_turns(workers, pairs, steps)
        return turns, closing_figures(workers, case, steps)


def measure_apart(
    case: Case, cell: str, threads: int, names: Sequence[str], form: str, effort: Effort
) -> tuple[Turns, Result]:
    """Let one contestant after the other take all its turns, with the memory to itself."""
    pairs, steps = effort.plan(case, [])
    turns = Turns(steps)
    result: Result = {}
    for name in names:
        with Worker(name, case, cell, threads, form) as worker:
            own = take_turns([worker], pairs, steps)
            for what in ("seconds", "tokens", "words"):
                getattr(turns, what).update(getattr(own, what))
            for key, value in closing_figures([worker], case, steps).items():
                result[key] = result[key] | value if isinstance(value, dict) and key in result else value
    return turns, result


def closing_figures(workers: Sequence[Worker], case: Case, steps: int) -> Result:
    """Return peak memory, the breakdown of a step and the floor: all that is asked once the turns are over."""
    result: Result = {"peak_mib": {worker.contestant: worker.ask("memory")["peak_mib"] for worker in workers}}
    result["breakdown"] = {}
    for worker in workers:
        if worker.contestant == PRODUCTS:
            result |= worker.ask("floor", first=1, steps=steps)
        elif worker.contestant not in (TORCH, TORCH_VALID) and case.work == TRAIN:
            parts = worker.ask("breakdown", first=1, steps=min(steps, 20))
            result["breakdown"][worker.contestant] = parts["seconds"]
    return result
