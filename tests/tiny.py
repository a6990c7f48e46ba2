"""What the tests of translators share: a toy language, learned in a second, and a tiny translator for it.

Run as a script, `python tiny.py OUT CONFIG MODEL` (both JSON) trains, resuming where a run lies in OUT, and prints a
line after each step: something to be killed.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import make_model
from rich.console import Console

from scratchnet.backend import Backend
from scratchnet.cells import CELLS
from scratchnet.data import END, PAD, START, UNK, Batch, Vocabulary, make_batch
from scratchnet.seq2seq import Seq2Seq
from scratchnet.training import TrainingConfig, TrainingResult, fit, loop, progress
from scratchnet.translation import ModelConfig, Translator
from scratchnet.translation.checkpoint import load_translator, read_training

WORDS = {"red": "लाल", "blue": "नीला", "old": "पुराना", "big": "बड़ा"}
PAIRS = [
    (" ".join(words), " ".join(WORDS[word] for word in reversed(words)) + "।")
    for length in (1, 2, 3)
    for words in product(WORDS, repeat=length)
][:50]
TRAIN, VALIDATION = PAIRS[:8] + PAIRS[12:], PAIRS[8:12]
MODEL = {"embedding_size": 5, "hidden_size": 6}
CONFIG = {"epochs": 3, "batch_size": 8, "learning_rate": 0.02}
TIMES = ("seconds", "tokens_per_second")  # among the metrics
STEPS = -(-len(TRAIN) // 8)  # of an epoch


KINDS: dict[str, dict[str, Any]] = {
    "lstm": {},
    "gru": {"cell": CELLS["gru"]},
    "bidirectional": {"bidirectional": True},
    "two layers, source reversed": {"layers": 2, "reverse_source": True},
    "one-hot": {"embedding_size": None},
}


def tiny_translator(
    seed: int = 0, dtype: str = "float32", backend: Backend | str = "numpy", **model: Any
) -> Translator:
    """Return an untrained translator of the toy language."""
    sources, targets = (Vocabulary.build([pair[side] for pair in PAIRS]) for side in (0, 1))
    config = ModelConfig(**{**MODEL, **model})
    network = config.build(len(sources), len(targets), rng=seed, dtype=dtype, backend=backend)
    return Translator(network, sources, targets, config)


def tiny_training(
    translator: Translator, out: Path | None = None, console: Console | None = None, **options: Any
) -> TrainingResult:
    """Train on the toy language; options that are not those of `train` go into the configuration."""
    ways = {name: options.pop(name) for name in ("resume", "overwrite", "samples", "threads") if name in options}
    ways.setdefault("threads", 1)  # what a run is then repeatable with, to the bit
    console = Console(file=io.StringIO(), width=200) if console is None else console
    return fit(translator, TRAIN, VALIDATION, TrainingConfig(**{**CONFIG, **options}), out, console=console, **ways)


def weights(translator: Translator) -> dict[str, bytes]:
    """Return the bytes of all weights: equal only where every bit is."""
    return {name: array.tobytes() for name, array in translator.model.parameters().items()}


def after_step(monkeypatch: pytest.MonkeyPatch, number: int, act: Any) -> None:
    """Let `act(trainer)` happen once, after the step of that number."""
    step = loop.Trainer.step

    def and_then(trainer: Any, batch: Batch) -> None:
        step(trainer, batch)
        if trainer.optimizer.steps == number:
            act(trainer)

    monkeypatch.setattr(loop.Trainer, "step", and_then)


def figures(out: Path) -> list[dict[str, Any]]:
    """Return the lines of metrics.jsonl, without those figures that tell the time."""
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text("utf-8").splitlines()]
    return [{key: value for key, value in line.items() if key not in TIMES} for line in lines]


def everything(out: Path) -> dict[str, Any]:
    """Return all that must not depend on interruptions."""
    state, arrays = read_training(out / "last")
    return {
        "last": weights(load_translator(out / "last")),
        "best": weights(load_translator(out / "best")),
        "optimizer": {name: array.tobytes() for name, array in arrays.items()},
        "step": state["step"],
        "figures": figures(out),
        "files": sorted(path.name for path in out.iterdir()),
    }


def interrupt_after(monkeypatch: pytest.MonkeyPatch, number: int, sent: int = signal.SIGINT) -> None:
    """Send this process a signal amid the step of that number, once."""
    forward = loop.mix_inputs
    steps = 0

    def and_interrupt(*arguments: Any) -> Batch:
        nonlocal steps
        steps += 1
        if steps == number:
            os.kill(os.getpid(), sent)
        return forward(*arguments)

    monkeypatch.setattr(loop, "mix_inputs", and_interrupt)


def tiny_model(target_vocabulary: int = 6, scale: float = 1.0, seed: int = 0, **options: Any) -> Seq2Seq:
    """Return a random model of 7 source words, in float64, whose sentences are anything but clear cut."""
    sizes = {"embedding_size": 3, "hidden_size": 4, **options}
    model = make_model(7, target_vocabulary, rng=seed, dtype="float64", **sizes)
    rng = np.random.default_rng(seed + 1)
    for array in model.parameters().values():
        array[...] = scale * rng.standard_normal(array.shape)
    return model


def favour(model: Seq2Seq, **biases: float) -> Seq2Seq:
    """Return the model with something added to the output bias of words, named as in the vocabulary."""
    ids = {"PAD": PAD, "UNK": UNK, "START": START, "END": END}
    for name, bias in biases.items():
        model.decoder.output.b[ids[name]] += bias
    return model


def ragged_batch() -> Batch:
    """Return four pairs of different lengths, with repeated words, for `tiny_model`."""
    return make_batch([[4, 5, 6, 4], [5], [6, 6, 4], [4, 4]], [[5, 4], [4, 4, 5, 5, 4], [5], [4, 5, 4]])


if __name__ == "__main__":
    progress.PLAIN_SECONDS, loop.LOOK_EVERY = 0.0, 1
    options, model = (json.loads(text) for text in sys.argv[2:4])
    tiny_training(tiny_translator(**model), Path(sys.argv[1]), Console(stderr=True), resume=True, **options)
