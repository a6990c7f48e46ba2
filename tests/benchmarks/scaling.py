"""Does the cost of a training step grow as its work? Tokens a second against T, B, H and V, each around one base case.

    python tests/benchmarks/scaling.py                       what has not been measured yet, then the page: 4 minutes
    python tests/benchmarks/scaling.py --piece "H 768 1024"  these sizes only, less than a minute
    python tests/benchmarks/scaling.py --before "nice -n -5" put something before each measuring command
    python tests/benchmarks/scaling.py --draw                only the page and the picture, from figures kept before

Writes docs/speed_scaling.md and docs/images/scaling.png. The sizes are measured in pieces, each a command of its own.
All contestants at all sizes of a piece take turns in short blocks, and every piece measures the base case, too: by its
rate there, the pieces are put on one scale, for a machine's rate drifts by tens of percent in minutes.

Read next: scaling_page.py.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from scaling_page import AXES, BASE, MEMORY, Figures, draw, page, split

from scratchnet.backend import available_backends
from scratchnet.bench.cases import Case
from scratchnet.bench.machine import cores, machine
from scratchnet.bench.own_peer import OwnPeer
from scratchnet.bench.pairs import Turns, Worker, steps_of_a_block, take_turns
from scratchnet.bench.same import compare
from scratchnet.bench.torch_peer import torch_is_there
from scratchnet.bench.worker import PRODUCTS, TORCH
from scratchnet.errors import InputError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "speed_scaling.md"
PICTURE = ROOT / "docs" / "images" / "scaling.png"
EXAMPLE = ROOT / "build" / "example_profile.json"
PIECES = (
    *("T 10 50 100", "T 200 400", "B 1 4 16", "B 256 512"),
    *("H 64 128 512", "H 768 1024", "V 500 1000 2000", "V 8000 16000 32000", MEMORY),
)
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


class Watch:
    """How busy the processor was with what is not ours, from now on."""

    def __init__(self) -> None:
        self.busy, self.own, self.since = busy_seconds(), own_seconds(), time.perf_counter()

    def others(self) -> float:
        """Return the share of all cores that went to other processes; 0 where the system does not tell."""
        busy, own = busy_seconds() - self.busy, own_seconds() - self.own
        return max(0.0, busy - own) / (cores() * (time.perf_counter() - self.since))


def busy_seconds() -> float:
    """Return the processor time that everybody on this machine has used, as Linux counts it."""
    try:
        user, nice, system = Path("/proc/stat").read_text(encoding="utf-8").split()[1:4]
    except OSError:
        return 0.0
    return (int(user) + int(nice) + int(system)) / float(os.sysconf("SC_CLK_TCK"))


def own_seconds() -> float:
    """Return the processor time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def contestants() -> list[str]:
    """Return who takes part here: this library's backends for the CPU, PyTorch, and the products alone."""
    ready = [name for name, state in available_backends().items() if state.startswith("ready") and name != "cupy"]
    return [*ready, *([TORCH] if torch_is_there() else []), PRODUCTS]


def measure(cases: dict[str, Case], names: Sequence[str], rounds: int, seconds: float) -> dict[str, Any]:
    """Let all contestants at all cases take turns, `rounds` times a block of about `seconds`; return the figures."""
    watch = Watch()
    with ExitStack() as stack:
        workers = {label: [Worker(name, case, CELL, cores()) for name in names] for label, case in cases.items()}
        for worker in (one for group in workers.values() for one in group):
            stack.push(worker)
        for worker in (one for group in workers.values() for one in group):
            worker.receive()  # all have started at once; the first answer says that the model stands
        steps = {label: steps_of_a_block(group, seconds) for label, group in workers.items()}
        turns = {label: Turns(steps[label]) for label in cases}
        for number in range(rounds):
            for label, group in workers.items():
                block = take_turns(group, 1, steps[label], first=1 + number * steps[label])
                for name in names:
                    turns[label].seconds.setdefault(name, []).extend(block.seconds[name])
                    turns[label].tokens.setdefault(name, []).extend(block.tokens[name])
        figures = {label: closing(turns[label], workers[label]) for label in cases}
    return figures | {"others": watch.others()}


def closing(turns: Turns, workers: Sequence[Worker]) -> dict[str, Any]:
    """Return what is kept of one case: rates, most memory held, and where the time of a step of ours goes."""
    found: dict[str, Any] = {"tokens_per_second": {}, "peak_mib": {}, "breakdown": {}}
    for worker in workers:
        name = worker.contestant
        found["tokens_per_second"][name] = asdict(turns.rate(name))
        found["peak_mib"][name] = worker.ask("memory")["peak_mib"]
        if name not in (TORCH, PRODUCTS):
            found["breakdown"][name] = worker.ask("breakdown", first=1, steps=min(turns.steps, 20))["seconds"]
    return found


def buffer_mib(case: Case) -> float:
    """Return the most memory, in MiB, that a step's arrays take, beside the parameters and what Adam keeps of them."""
    tracemalloc.start()  # NumPy reports every array to it
    try:
        peer = OwnPeer(case, CELL, "numpy")
        peer.prepare(0, 1)
        model = tracemalloc.get_traced_memory()[0]
        peer.step(0)  # takes the buffers that the second step finds
        tracemalloc.reset_peak()
        peer.step(0)
        return (tracemalloc.get_traced_memory()[1] - model) / 2**20
    finally:
        tracemalloc.stop()


def measure_piece(piece: str, held: dict[str, Any], rounds: int, seconds: float) -> None:
    """Measure one piece and put it into the results."""
    if piece == MEMORY:
        held["memory"] = {str(steps): buffer_mib(case_of("T", steps)) for steps in AXES["T"]}
        return
    axis, values = split(piece)
    names = contestants()
    if "differences" not in held:
        held["differences"], _ = compare(BASE_CASE, CELL, cores(), names[:-1])
    cases = {"base": BASE_CASE} | {str(value): case_of(axis, value) for value in values}
    held["pieces"][piece] = measure(cases, names, rounds, seconds)
    others = held["pieces"][piece]["others"]
    print(f"{piece}: other processes had {others:.0%} of the cores", file=sys.stderr)


def load(file: Path) -> dict[str, Any]:
    """Return the results in a file, or fresh ones. Raises InputError where they are another machine's."""
    fresh: dict[str, Any] = {"machine": machine(), "pieces": {}}
    if not file.exists():
        return fresh
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if held["machine"] != fresh["machine"]:
        raise InputError(f"{file} was measured elsewhere, or with other versions: remove it to begin anew")
    return held


def is_missing(piece: str, held: dict[str, Any]) -> bool:
    """Tell whether a piece has not been measured yet."""
    return "memory" not in held if piece == MEMORY else piece not in held["pieces"]


def write_page(held: dict[str, Any], say: Callable[[str], None]) -> None:
    """Write the page and the picture, and say what they show."""
    figures = Figures(held)
    example = json.loads(EXAMPLE.read_text(encoding="utf-8")) if EXAMPLE.exists() else None
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    draw(figures, PICTURE)
    PAGE.write_text("\n".join(page(figures, example)) + "\n", encoding="utf-8")
    for line in figures.in_short():
        say(line)


def main() -> int:
    """Measure what is missing, then write the page; return the number of commands that failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--piece", choices=PIECES, help="measure this piece (again), and nothing else")
    parser.add_argument("--results", type=Path, default=ROOT / "build" / "scaling.json", help="where figures are kept")
    parser.add_argument("--draw", action="store_true", help="measure nothing")
    parser.add_argument("--before", default="", help="words that go before each measuring command")
    parser.add_argument("--rounds", type=int, default=4, help="blocks of each contestant at each size")
    parser.add_argument("--seconds", type=float, default=0.25, help="how long a block is, about")
    options = parser.parse_args()
    options.results.parent.mkdir(parents=True, exist_ok=True)
    held = load(options.results)
    if options.piece:
        measure_piece(options.piece, held, options.rounds, options.seconds)
        options.results.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
        return 0
    failed = 0
    for piece in [] if options.draw else [piece for piece in PIECES if is_missing(piece, held)]:
        command = [sys.executable, __file__, "--piece", piece, "--rounds", str(options.rounds)]
        command += ["--seconds", str(options.seconds), "--results", str(options.results)]
        print(piece, "...", file=sys.stderr)
        failed += subprocess.run([*shlex.split(options.before), *command]).returncode != 0
    held = load(options.results)
    missing = [piece for piece in PIECES if is_missing(piece, held)]
    if missing:
        print(f"not measured: {', '.join(missing)}: no page was written", file=sys.stderr)
        return failed or 1
    write_page(held, print)
    return failed


if __name__ == "__main__":
    sys.exit(main())
