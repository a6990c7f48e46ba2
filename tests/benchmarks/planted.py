"""How many planted mistakes the check catches, and undoes: `python tests/benchmarks/planted.py`.

Every mistake of the catalogue, planted into a copy of the library's own source, one at a time; a table by family.

    --family lstm       of one family only        --every 9       one mistake in nine
    --pairs 100         then so many draws of two mistakes at once, and with --triples of three
    --right 1000        then so many draws of right code, of which none may raise an alarm
    --seed 0            of the draws              --seconds 20    that a cure is looked for
    --workers 1         processes                 --misses        say each mistake that is not undone, and what was told

A row says: caught, the check says WRONG; cured, an edit makes all gradients right; at line, that edit is in planted
lines only; one cure, in no more lines than were planted; named, the first place that is told is planted.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: the arrays are tiny

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mistakes import families
from planted_mistakes import Case, Outcome, cases, false_alarm, judged, several

COLUMNS = ("caught", "cured", "at line", "one cure", "named")
WANTED = {"caught": 1.0, "at line": 0.97, "one cure": 0.90}


def row(outcomes: list[Outcome]) -> list[int]:
    """Return how many of the outcomes are as each column says."""
    flags = [(one.caught, one.cured, one.at_line, one.alone, one.named) for one in outcomes]
    return [sum(column) for column in zip(*flags, strict=True)]


def seconds(outcomes: list[Outcome]) -> tuple[str, str]:
    """Return the median and the 95th percentile of the seconds."""
    spent = [one.seconds for one in outcomes]
    return f"{np.median(spent):.1f}", f"{np.percentile(spent, 95):.1f}"


def table_of(outcomes: list[Outcome]) -> Table:
    """Return the table by family; of several, with a row for all."""
    table = Table(title="planted mistakes")
    for name in ("family", "mistakes", *COLUMNS, "median s", "95 % s"):
        table.add_column(name, justify="left" if name == "family" else "right")
    for family, there in by_family(outcomes):
        table.add_row(family, str(len(there)), *map(str, row(there)), *seconds(there))
    if table.row_count > 1:
        table.add_section()
        shares = (f"{count / len(outcomes):.1%}" for count in row(outcomes))
        table.add_row("all", str(len(outcomes)), *shares, *seconds(outcomes))
    return table


def by_family(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    """Yield (family, its outcomes): the outcomes come in the order of the families."""
    for family, there in groupby(outcomes, lambda one: one.case.family):
        yield family, list(there)


def missed(one: Outcome) -> str:
    """Return what was planted and what was told of it, in a few lines."""
    planted = ", ".join(f"{file}:{line}" for file, line in sorted(one.lines))
    places = ", ".join(f"{file}:{line}" for file, line in one.places[:4]) or "none"
    verdict = "MISSED" if not one.caught else "not cured" if not one.cured else "cured elsewhere"
    new = " / ".join(edit.new.strip() for mistake in one.case.mistakes for edit in mistake.edits)
    lines = [f"{one.case.name}: {verdict}, {one.seconds:.1f} s; planted at {planted}: {new}", f"    places: {places}"]
    return "\n".join(lines + [f"    cure: {edit}" for edit in one.edits])


def told(outcomes: Iterable[Outcome], console: Console, misses: bool) -> Iterator[Outcome]:
    """Hand on outcomes, and, where it is wanted, print each mistake that is not undone in its lines."""
    for one in outcomes:
        if misses and not one.alone:
            console.print(missed(one), markup=False, highlight=False)
        yield one


def on(workers: int, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    """Yield work(item) for every item, in order, side by side on so many processes."""
    if workers == 1:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, items)


def of_number(every: int, family: str, limit: float, number: int) -> Outcome:
    """Judge one of the chosen cases: a number can be sent to another process, a case cannot."""
    return judged(chosen(every, family)[number], limit)


def chosen(every: int, family: str) -> list[Case]:
    """Return the cases of a family, or all, family by family; one in so many."""
    order = families()
    there = [case for case in cases() if family in ("", case.family)]
    return sorted(there, key=lambda case: order.index(case.family))[::every]


def of_seed(number: int, limit: float, seed: int) -> Outcome:
    """Judge a draw of so many mistakes at once."""
    return judged(several(number, seed), limit)


def main() -> int:
    """Print what was asked for; return 0 where it is as good as it should be."""
    parser = argparse.ArgumentParser(description="How many planted mistakes the check catches, and undoes.")
    for name, default in (("family", ""), ("every", 1), ("pairs", 0), ("triples", 0), ("right", 0), ("seed", 0),
                          ("seconds", 20.0), ("workers", 1)):  # fmt: skip
        parser.add_argument(f"--{name}", type=type(default), default=default)
    parser.add_argument("--misses", action="store_true")
    given = parser.parse_args()
    console, began, good = Console(width=120, soft_wrap=True), time.monotonic(), True
    numbers = range(len(chosen(given.every, given.family)))
    if not numbers:
        console.print(f"there is no family {given.family!r}")
        return 2
    found: list[Outcome] = []
    judging = on(given.workers, partial(of_number, given.every, given.family, given.seconds), numbers)
    for _, there in by_family(told(judging, console, given.misses)):
        found += there
        console.print(table_of(there))
    if len({one.case.family for one in found}) > 1:
        console.print(table_of(found))
    shares = dict(zip(COLUMNS, (count / len(found) for count in row(found)), strict=True))
    good = all(shares[name] >= least for name, least in WANTED.items())
    for number, draws in ((2, given.pairs), (3, given.triples)):
        seeds = range(1000 * given.seed, 1000 * given.seed + draws)
        judging = on(given.workers, partial(of_seed, number, given.seconds), seeds)
        outcomes = list(told(judging, console, given.misses))
        if outcomes:
            named, cured = sum(one.every_place for one in outcomes), sum(one.cured for one in outcomes)
            median, most = seconds(outcomes)
            console.print(
                f"{number} mistakes at once: every place named in {named} of {draws}, cured completely in {cured}; "
                f"seconds {median}, 95 % {most}"
            )
    if given.right:
        seeds = range(1000 * given.seed, 1000 * given.seed + given.right)
        alarms = [alarm for alarm in on(given.workers, false_alarm, seeds) if alarm]
        console.print(f"false alarms on right code: {len(alarms)} of {given.right}", *alarms, sep="\n", markup=False)
        good = good and not alarms
    console.print(f"{time.monotonic() - began:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
