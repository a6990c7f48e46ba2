"""Everything that wants a GPU, in one go: the GPU's tests, then the benchmark; writes docs/speed_gpu.md.

    python tests/benchmarks/gpu.py              on a machine with a GPU, CuPy and PyTorch for CUDA
    python tests/benchmarks/gpu.py --dry-run    anywhere: tiny sizes, on the CPU, the page on the screen

Against PyTorch with cuDNN, at equal precision (float32, TF32 off on both sides), in turns, after a comparison of all
gradients: small, medium and large, LSTM and GRU, with and without recorded time loops. Then how much of the floor (the
products alone) is reached from H 128 to 2,048 and batches of 64 to 1,024; then the model of Sutskever et al. (2014).

Read next: gpu_peers.py.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gpu_peers import BACKENDS, Contestant
from safetensors.numpy import load_file

from scratchnet.backend import get_backend
from scratchnet.bench.cases import CASES, CELL_NAMES, PAPER_EPOCHS, PAPER_WORDS, Case
from scratchnet.bench.machine import machine
from scratchnet.bench.pairs import Turns, steps_of_a_block, take_turns
from scratchnet.bench.same import difference
from scratchnet.bench.table import Table, spread
from scratchnet.bench.torch_peer import torch_is_there
from scratchnet.bench.worker import PRODUCTS, TORCH

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "speed_gpu.md"
HIDDEN, BATCHES = (128, 256, 512, 1024, 2048), (64, 128, 256, 512, 1024)
TINY = {"source_words": 40, "target_words": 40, "embedding": 6, "hidden": 6, "batch": 4, "lengths": (3, 3)}
PAPER_RATE = 6_300  # words/s of the paper's eight GPUs
PLAIN = "without graphs"


@dataclass(frozen=True)
class Plan:
    """What to run and where: `place` is "cuda" or "cpu"; `seconds` of a block, and how many blocks each."""

    place: str
    seconds: float = 0.5
    blocks: int = 7
    sweep: tuple[tuple[int, int], ...] = tuple((h, b) for h in HIDDEN for b in BATCHES)
    torch: bool = True

    def case(self, name: str) -> Case:
        """Return a case, tiny in a dry run."""
        return CASES[name] if self.place == "cuda" else replace(CASES[name], **TINY)  # type: ignore[arg-type]


def turns_of(plan: Plan, case: Case, cell: str, names: Sequence[str]) -> Turns:
    """Compare what the contestants compute, then let them take turns. Raises InputError where they differ."""
    contestants: Any = [Contestant(name, case, cell, plan.place) for name in names]
    compare([one for one in contestants if one.contestant != PRODUCTS])
    turns = take_turns(contestants, plan.blocks, steps_of_a_block(contestants, plan.seconds))
    del contestants
    give_memory_back(plan)
    return turns


def give_memory_back(plan: Plan) -> None:
    """Let both libraries give the device what they hold in reserve, each for the other's next model."""
    gc.collect()
    if plan.place == "cuda":
        get_backend("cupy").xp.get_default_memory_pool().free_all_blocks()
        if plan.torch:
            import torch

            torch.cuda.empty_cache()


def compare(contestants: Sequence[Contestant]) -> None:
    """Give all the first one's weights, and hold their loss and gradients to its own; one alone is compared to none."""
    if len(contestants) < 2:
        return
    with tempfile.TemporaryDirectory() as folder:
        weights, expected = str(Path(folder) / "weights"), {}
        contestants[0].ask("weights", file=weights)
        for number, one in enumerate(contestants):
            one.ask("answers", weights=weights, out=f"{weights}{number}")
            answers = load_file(f"{weights}{number}")
            expected = expected or answers
            difference(one.contestant, answers, expected, "train")


def versus(plan: Plan) -> Table:
    """Return the table of the cases: this library, PyTorch, and the products alone."""
    own = BACKENDS[plan.place]
    table = Table(("case", "cell", "tokens/s", PLAIN, "PyTorch", "vs PyTorch", "of the floor", "target"), 2)
    for name, target in (("small", "1.0"), ("medium", "1.0"), ("large", "0.7")):
        for cell in CELL_NAMES:
            turns = turns_of(plan, plan.case(name), cell, [own, *([TORCH] if plan.torch else []), PRODUCTS])
            rival = (f"{turns.rate(TORCH).median:,.0f}", ratio(turns, own, TORCH)) if plan.torch else ("", "")
            figures = (f"{turns.rate(own).median:,.0f}", f"{without_graphs(plan, name, cell):,.0f}", *rival)
            table.rows.append((name, cell, *figures, ratio(turns, own, PRODUCTS), target))
    return table


def without_graphs(plan: Plan, name: str, cell: str) -> float:
    """Return the tokens per second with recorded time loops switched off."""
    own = BACKENDS[plan.place]
    with patch.dict(os.environ, SCRATCHNET_CUDA_GRAPHS="0"):
        return turns_of(replace(plan, blocks=3), plan.case(name), cell, [own]).rate(own).median


def sweep(plan: Plan) -> Table:
    """Return the table of sizes: milliseconds of a step, and the share of the floor."""
    own = BACKENDS[plan.place]
    table = Table(("H", "batch", "tokens/s", "ms a step", "products alone, ms", "of the floor"), 2)
    for hidden, batch in plan.sweep:
        case = replace(plan.case("medium"), hidden=hidden, embedding=hidden, batch=batch)
        turns = turns_of(replace(plan, blocks=3), case, "lstm", [own, PRODUCTS])
        steps = (f"{1e3 * turns.seconds_per_step(name):,.2f}" for name in (own, PRODUCTS))
        rate = f"{turns.rate(own).median:,.0f}"
        table.rows.append((str(hidden), str(batch), rate, *steps, ratio(turns, own, PRODUCTS)))
    return table


def paper(plan: Plan) -> Table:
    """Return the table of the paper's model: words per second in both languages, and days of training."""
    own = BACKENDS[plan.place]
    table = Table(("contestant", "words/s", "times the paper's eight GPUs", "days"), 1)
    for name in (own, *([TORCH] if plan.torch else [])):
        # One after the other, because two of these models may not fit.
        turns = turns_of(replace(plan, blocks=3), plan.case("paper"), "lstm", [name])
        table.rows.append((name, *paper_figures(turns.rate(name, "words").median)))
    return table


def paper_figures(rate: float) -> tuple[str, str, str]:
    """Return a rate in words per second, how many times the paper's it is, and the days of the paper's training."""
    return f"{rate:,.0f}", f"{rate / PAPER_RATE:,.1f}", f"{PAPER_EPOCHS * PAPER_WORDS / rate / 86_400:,.1f}"


def ratio(turns: Turns, mine: str, other: str) -> str:
    """Return how many times as fast `mine` is: the median, and the smallest and largest of all pairs."""
    found = turns.ratio(mine, other)
    return spread({"minimum": found.minimum, "median": found.median, "maximum": found.maximum}, 2)


def page(plan: Plan) -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Speed on a GPU"
    if plan.place != "cuda":
        yield "\nA dry run on a CPU with tiny sizes: none of these figures means anything."
    yield "\nMade by `python tests/benchmarks/gpu.py`, in float32, TF32 off on both sides. A ratio above 1 is faster.\n"
    yield "| | |\n|---|---|"
    yield from (f"| {name} | {value} |" for name, value in (machine() | device_facts(plan)).items())
    yield f"\n## Against PyTorch\n\n{versus(plan).markdown()}"
    yield f"\n## From small to large (two layers, LSTM, 20 steps)\n\n{sweep(plan).markdown()}"
    yield f"\n## The model of Sutskever, Vinyals and Le (2014)\n\n{paper(plan).markdown()}"
    yield "\nThe paper: 6,300 words/s on eight GPUs of its day; the target is ten times that, on one."


def device_facts(plan: Plan) -> dict[str, str]:
    """Return the device's name, and the versions that matter there."""
    if plan.place != "cuda":
        return {"device": "none"}
    xp: Any = get_backend("cupy").xp
    facts = {"device": xp.cuda.runtime.getDeviceProperties(0)["name"].decode(), "cupy": xp.__version__}
    facts["CUDA runtime"] = str(xp.cuda.runtime.runtimeGetVersion())
    if plan.torch:
        import torch

        facts["cuDNN"] = str(torch.backends.cudnn.version())
    return facts


def main() -> int:
    """Run the GPU's tests and the benchmark; return 0 when the tests passed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dry-run", action="store_true", help="tiny sizes, on the CPU; nothing is written")
    dry: bool = parser.parse_args().dry_run
    if dry:
        print("\n".join(page(Plan("cpu", 0.005, 2, ((5, 2), (6, 3)), torch_is_there()))))
        return 0
    os.environ["CUPY_TF32"] = "0"
    get_backend("cupy")  # says what is missing before anything else is done
    tests = subprocess.run([sys.executable, "-m", "pytest", "-rs", "tests/test_gpu.py"], cwd=ROOT, check=False)
    PAGE.write_text("\n".join(page(Plan("cuda", torch=torch_is_there()))) + "\n", encoding="utf-8")
    return tests.returncode


if __name__ == "__main__":
    sys.exit(main())
