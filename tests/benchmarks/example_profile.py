"""Where the time of examples/english_to_hindi.py goes, before this library was made fast and now, side by side.

    python tests/benchmarks/example_profile.py                  half a minute; prints a table, keeps it for the page
    python tests/benchmarks/example_profile.py --before COMMIT  another commit to compare with

"Before" is a commit at which every line of the cells ran in NumPy as it stands. It is put into a temporary folder.
Every contestant is a process of its own that takes the example's own steps (its corpus, batches, model, optimizer), and
they take turns block by block. The clock of scratchnet/bench/breakdown.py is put around the same methods in both.

Read next: ../../scratchnet/bench/breakdown.py.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scratchnet.bench.pairs import Turns

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "build" / "example_profile.json"
COMMIT = "ba017b3"
BATCH, WARMUP, RATE = 128, 200, 8e-3  # as in the example


class Example:
    """The example's training step, on whichever version of the library this process imports."""

    def __init__(self, backend: str) -> None:
        import scratchnet  # noqa: F401  before NumPy, as in the example
        from scratchnet.data import Vocabulary, bucketed_batches, load_corpus
        from scratchnet.optim import Adam, clip_by_global_norm, cosine
        from scratchnet.translation import ModelConfig

        numpy: Any = importlib.import_module("numpy")
        corpus = load_corpus("en-hi")
        english = Vocabulary.build([source for source, _ in corpus.train], lowercase=True)
        hindi = Vocabulary.build([target for _, target in corpus.train])
        pairs = [(english.encode(source), hindi.encode(target)) for source, target in corpus.train]
        rng = numpy.random.default_rng(0)
        config = ModelConfig(cell="lstm", embedding_size=128, hidden_size=256)
        self.model: Any = config.build(len(english), len(hindi), rng=rng, backend=backend)
        self.parameters, self.gradients = self.model.parameters(), self.model.gradients()
        self.optimizer = Adam(self.parameters, self.gradients)
        self.schedule = cosine(RATE, total=3 * -(-len(pairs) // BATCH))
        self.clip_by_global_norm = clip_by_global_norm
        self.batches = list(bucketed_batches(pairs, BATCH, rng))
        self.tape, self.rng = self.model.new_tape(), rng

    def prepare(self, first: int, steps: int) -> None:
        """Batches are ready."""

    def zero(self) -> None:
        """Set all gradients to zero."""
        self.model.zero_gradients()

    def clip(self) -> None:
        """Clip all gradients by their common norm."""
        self.clip_by_global_norm(self.gradients, 1.0)

    def update(self) -> None:
        """Take the optimizer's step."""
        optimizer: Any = self.optimizer
        optimizer.step(self.schedule(optimizer.steps) * min(1.0, (optimizer.steps + 1) / WARMUP))

    def step(self, k: int) -> float:
        """Train on batch `k` of the first epoch; return the loss."""
        self.zero()
        loss = float(self.model.forward(self.batches[k % len(self.batches)], self.tape, self.rng))
        self.model.backward(self.tape)
        self.clip()
        self.update()
        return loss

    def finish(self, loss: float) -> float:
        """Return the loss."""
        return loss

    def obey(self, order: dict[str, Any], breakdown: Any, now: Callable[[], float]) -> dict[str, Any]:
        """Do what a line of the runner says: take steps, or say where their time goes."""
        first, steps = order["first"], order["steps"]
        if order["do"] == "breakdown":
            return {"seconds": breakdown.breakdown(self, first, steps)}
        start = now()
        losses = [self.step(k) for k in range(first, first + steps)]
        seconds = now() - start
        tokens = sum(self.batches[k % len(self.batches)].tokens for k in range(first, first + steps))
        return {"seconds": seconds, "tokens": tokens, "words": tokens, "losses": losses}


def load_breakdown() -> Any:
    """Return the breakdown of this file's tree, also where another version of the library is imported."""
    spec = importlib.util.spec_from_file_location("breakdown", ROOT / "scratchnet" / "bench" / "breakdown.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def serve(backend: str, clock: str) -> None:
    """Obey line by line until standard input ends."""
    breakdown = load_breakdown()
    now = time.perf_counter
    if clock == "processor":
        now = time.process_time
        breakdown.time = SimpleNamespace(perf_counter=now)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    example = Example(backend)
    print(json.dumps({"parameters": sum(array.size for array in example.parameters.values())}), file=answers)
    for line in sys.stdin:
        print(json.dumps(example.obey(json.loads(line), breakdown, now)), file=answers)


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """Have a commit's files in a temporary folder, for as long as it takes."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "before"
        subprocess.run(["git", "worktree", "add", "--detach", str(tree), commit], cwd=ROOT, check=True,
                       capture_output=True)  # fmt: skip
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


def measure(
    commit: str, rounds: int, steps: int, clock: str
) -> tuple[Turns, dict[str, dict[str, float]], dict[str, list[float]]]:
    """Return blocks of all contestants, the seconds of a step by kind, and the losses of their first steps."""
    from clocks import CommandWorker, threads_of

    from scratchnet.bench.pairs import Turns

    with checked_out(commit) as before, ExitStack() as stack:
        trees = {"before": (before, "numpy"), "now, numpy": (ROOT, "numpy"), "now, numba": (ROOT, "numba")}
        command, threads = [__file__, "--clock", clock, "--serve"], threads_of(clock)
        workers = [CommandWorker(name, [*command, on], threads, tree) for name, (tree, on) in trees.items()]
        for worker in workers:
            stack.push(worker)
        for worker in workers:
            worker.receive()
        losses = {worker.contestant: worker.ask("run", first=0, steps=steps)["losses"] for worker in workers}
        turns = Turns(steps)
        for number in range(1, rounds + 1):
            for worker in workers:
                turns.add(worker.contestant, worker.ask("run", first=number * steps, steps=steps))
        parts: dict[str, dict[str, float]] = {}
        for worker in workers:  # over the same batches as the blocks
            parts[worker.contestant] = worker.ask("breakdown", first=steps, steps=min(rounds * steps, 60))["seconds"]
        return turns, parts, losses


def furthest(losses: dict[str, list[float]]) -> float:
    """Return the largest relative distance of anybody's first losses from those of "before"."""
    pairs = [(a, b) for of in losses.values() for a, b in zip(losses["before"], of, strict=True)]
    return max(abs(a - b) / abs(a) for a, b in pairs)


def table(turns: Turns, parts: dict[str, dict[str, float]]) -> str:
    """Return the table in Markdown: milliseconds of a step by kind, in all, tokens a second, and times as fast."""
    from scratchnet.bench.breakdown import KINDS
    from scratchnet.bench.table import Table

    found = Table(("", *KINDS, "a step, ms", "tokens/s", "times as fast"), 1)
    for name, seconds in parts.items():
        ratio = turns.ratio(name, "before")
        times = "" if name == "before" else f"{ratio.median:.2f} ({ratio.minimum:.2f}-{ratio.maximum:.2f})"
        kinds = (f"{1e3 * seconds[kind]:.1f}" for kind in KINDS)
        whole = f"{1e3 * turns.seconds_per_step(name):.1f}"
        found.rows.append((name, *kinds, whole, f"{turns.rate(name).median:,.0f}", times))
    return found.markdown()


def main() -> int:
    """Measure, print the table and keep it; return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--before", default=COMMIT, metavar="COMMIT", help="what to compare with")
    parser.add_argument("--rounds", type=int, default=7, help="blocks of each contestant")
    parser.add_argument("--steps", type=int, default=8, help="steps of a block")
    parser.add_argument(
        "--clock", choices=("wall", "processor"), default="wall", help="clocks.py says when to use which"
    )
    parser.add_argument("--serve", metavar="BACKEND", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.clock)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that a temporary folder goes, whatever ends this
    turns, parts, losses = measure(options.before, options.rounds, options.steps, options.clock)
    text = table(turns, parts)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(
        json.dumps({"commit": options.before, "text": text, "difference": furthest(losses), "clock": options.clock}),
        "utf-8",
    )
    print(text)
    print(f"the losses of the first {options.steps} steps differ by at most {furthest(losses):.1e}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
