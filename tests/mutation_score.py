"""The score of the gradient check: `python -m tests.mutation_score`.

Every mistake of the catalogue, in every place where it can be made, at weight scales 0.01, 0.1 and 1 and for several
seeds: how many are caught, and how many are named with the right name first, by family. Then pairs of mistakes at once,
and correct cells, layers, parts and models drawn at random, of which none may raise an alarm.

    --seeds 3      --scales 0.01,0.1,1      --pairs 100      --draws 1000      --family lstm      --misses

All cores take part; with two of them the whole score takes about ten minutes.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: the arrays are tiny, and every core has a process

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent))

from helpers import make_model
from mistaken import CLASSES, Case, batch, cases

from scratchnet.cells import CELLS
from scratchnet.errors import InputError
from scratchnet.gradcheck import check_cell, check_layer, check_part, check_seq2seq
from mistakes import compatible, mistakes_of
from mistakes.mutant import Mutant
from scratchnet.layers import Dropout, Embedding, Linear
from scratchnet.losses import SoftmaxCrossEntropy, SquaredError
from scratchnet.recurrent import Recurrent
from scratchnet.stack import Bidirectional, Stack

SCALES = (0.01, 0.1, 1.0)
ALL = tuple(cases())
Map = Callable[..., Iterator[Any]]


def judge(case: Case, scale: float, seed: int) -> tuple[bool, bool, str]:
    """Return whether a mistake is caught, whether it is named first, and what was said instead."""
    report = case.check(case.build(), scale, seed)
    said = report.diagnosis
    named = said is not None and case.mistake.id in said.ids[:1]
    return not report.ok, named, "" if said is None else f"{said.kind}: {', '.join(said.ids)}"


def judge_number(number: int, scale: float, seed: int) -> tuple[bool, bool, str]:
    """Judge one of ALL: a number can be sent to another process."""
    return judge(ALL[number], scale, seed)


def judge_pair(host: str, seed: int) -> tuple[str, bool | None]:
    """Make two random mistakes at once; return their ids and whether they are found, None where one would do."""
    rng = random.Random(seed)
    known = [found for found in mistakes_of([host]) if not found.forward and not found.behaviour]
    while True:
        one, two = rng.sample(known, 2)
        if not compatible(one, two):
            continue
        try:
            wrong = Mutant((*one.edits, *two.edits)).class_for(CLASSES[host])
        except SyntaxError:
            continue
        said = check_cell(wrong, seed=seed, scale=rng.choice(SCALES), both_directions=False).diagnosis
        ids = {frozenset(m.id for m in found.mistakes) for found in (said.candidates if said else ())}
        if said is not None and said.kind == "identical":
            return f"{one.id} + {two.id}", None
        return f"{one.id} + {two.id}", frozenset((one.id, two.id)) in ids


def false_alarm(seed: int) -> str:
    """Check something correct, drawn at random; return what was reported, or ""."""
    rng = np.random.default_rng(seed)
    scale = float(10 ** rng.uniform(-2, 0.3))
    lengths = sorted((int(n) for n in rng.integers(1, 6, rng.integers(1, 5))), reverse=True)
    inputs, hidden = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    kinds = list(CELLS.values())

    def cell(width: int = inputs) -> Any:
        return kinds[rng.integers(4)](width, hidden, dtype="float64", rng=seed)

    what = ("cell", "cell", "cell", "reverse", "bidirectional", "stack", "part", "model")[rng.integers(8)]
    if what == "cell":
        report = check_cell(
            kinds[rng.integers(4)], seed=seed, scale=scale, lengths=lengths, input_size=inputs, hidden_size=hidden
        )
    elif what == "part":
        parts = (
            Linear(3, 4),
            Embedding(5, 3),
            Dropout(0.4),
            SoftmaxCrossEntropy(0.2 * rng.integers(2)),
            SquaredError(),
        )
        report = check_part(parts[rng.integers(5)], seed=seed, scale=scale)
    elif what == "model":
        options = {
            "bidirectional": bool(rng.integers(2)),
            "dropout": 0.3 * rng.integers(2),
            "layers": int(rng.integers(1, 3)),
        }
        model = make_model(
            9, 8, cell=kinds[rng.integers(4)], embedding_size=2, hidden_size=3, dtype="float64", **options
        )
        report = check_seq2seq(model, batch(), scale=scale, rng_seed=seed)
    else:
        layer: Any = Recurrent(cell(), reverse=True)
        if what == "bidirectional":
            layer = Bidirectional(Recurrent(cell()), layer)
        elif what == "stack":
            layer = Stack([Recurrent(cell()), Recurrent(cell(hidden)), Recurrent(cell(hidden))], 0.4)
        report = check_layer(layer, seed=seed, scale=scale, lengths=lengths)
    return "" if report.ok else f"seed {seed}, {what}, scale {scale:.3g}, lengths {lengths}: {report}"


def score(
    numbers: Iterable[int], scales: Iterable[float], seeds: int, console: Console, misses: bool, spread: Map = map
) -> tuple[float, float]:
    """Print the table by family and scale for these of ALL; return the shares caught and named."""
    counts: dict[tuple[str, float], list[int]] = defaultdict(lambda: [0, 0, 0])
    mistakes: dict[str, set[str]] = defaultdict(set)
    scales = tuple(scales)
    wanted = list(product(numbers, scales, range(seeds)))
    for (number, scale, seed), (caught, named, said) in zip(
        wanted, spread(judge_number, *zip(*wanted, strict=True)), strict=True
    ):
        mistake = ALL[number].mistake
        mistakes[mistake.family].add(mistake.id)
        found = counts[mistake.family, scale]
        found[0], found[1], found[2] = found[0] + 1, found[1] + caught, found[2] + named
        if misses and not (caught and named):
            told = f"{'caught' if caught else 'MISSED'}; {said}"
            console.print(f"{ALL[number].name}, scale {scale:g}, seed {seed}: {told}")
    table = Table(title="mistakes caught / named with the right name first")
    table.add_column("family")
    table.add_column("mistakes", justify="right")
    for scale in scales:
        table.add_column(f"scale {scale:g}", justify="right")
    for family, ids in mistakes.items():
        cells = [counts[family, scale] for scale in scales]
        table.add_row(family, str(len(ids)), *(f"{caught}/{named} of {total}" for total, caught, named in cells))
    sums = [[sum(counts[family, scale][k] for family in mistakes) for k in range(3)] for scale in scales]
    table.add_section()
    whole = (f"{caught / total:.1%} / {named / total:.1%}" for total, caught, named in sums)
    table.add_row("all", str(sum(len(ids) for ids in mistakes.values())), *whole)
    console.print(table)
    total, caught, named = (sum(one[k] for one in sums) for k in range(3))
    return caught / total, named / total


def on_all_cores(processes: Executor) -> Map:
    """Return a `map` over these processes."""
    return lambda work, *arguments: processes.map(work, *arguments, chunksize=4)


def main() -> int:
    """Print the score; return 0 where it is as good as it should be."""
    parser = argparse.ArgumentParser(description="How many known mistakes the gradient check catches and names.")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--scales", default="0.01,0.1,1")
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--family", default="")
    parser.add_argument("--misses", action="store_true", help="say each one that is missed or misnamed")
    given = parser.parse_args()
    if not any(given.family in ("", case.mistake.family) for case in ALL):
        raise InputError(f"there is no family {given.family!r}")
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        return 0 if print_score(given, on_all_cores(processes)) else 1


def print_score(given: argparse.Namespace, spread: Map) -> bool:
    """Print what was asked for; return whether it is as good as it should be."""
    console, start = Console(width=110), time.perf_counter()
    chosen = [number for number, case in enumerate(ALL) if given.family in ("", case.mistake.family)]
    good = True
    if given.seeds:
        scales = [float(scale) for scale in given.scales.split(",")]
        caught, named = score(chosen, scales, given.seeds, console, given.misses, spread)
        good = caught == 1.0 and named >= 0.95
        console.print(f"caught {caught:.2%}, named first {named:.2%}, over {given.seeds} seeds each")
    if given.pairs:
        wanted = list(product(CLASSES, range(given.pairs // len(CLASSES))))
        pairs = list(spread(judge_pair, *zip(*wanted, strict=True)))
        distinct = [found for _, found in pairs if found is not None]
        console.print(
            f"pairs of mistakes at once: {sum(distinct)} of {len(distinct)} found; "
            f"{len(pairs) - len(distinct)} more are one mistake's gradient alone"
        )
        if given.misses:
            console.print(*(ids for ids, found in pairs if found is False), sep="\n")
    if given.draws:
        alarms = [told for told in spread(false_alarm, range(given.draws)) if told]
        console.print(f"false alarms on correct code: {len(alarms)} of {given.draws}", *alarms, sep="\n")
        good = good and not alarms
    console.print(f"{time.perf_counter() - start:.0f} s")
    return good


if __name__ == "__main__":
    sys.exit(main())
