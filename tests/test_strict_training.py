"""A whole training on the strict stand-in for CuPy: validation, checkpoints and resuming, its transfers counted."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from strict import StrictBackend

from scratchnet.data import Vocabulary
from scratchnet.training import TrainingConfig, fit
from scratchnet.training.loop import Trainer
from scratchnet.translation import ModelConfig, Translator

PAIRS = [("a b c", "x y"), ("b c", "y z"), ("c a b", "z x x"), ("a", "x"), ("b b c a", "y y z")] * 3


def run(epochs: int, out: Path, resume: bool = False) -> tuple[StrictBackend, dict[str, Any]]:
    """Train a tiny translator on a device of its own; return the device and the weights."""
    strict, config = StrictBackend(), ModelConfig(embedding_size=3, hidden_size=4, bidirectional=True, dropout=0.2)
    source, target = (Vocabulary.build([pair[side] for pair in PAIRS]) for side in (0, 1))
    model = config.build(len(source), len(target), backend=strict)
    translator = Translator(model, source, target, config)
    training = TrainingConfig(epochs=epochs, batch_size=4, schedule="constant")
    fit(translator, PAIRS, PAIRS[:4], training, out, resume=resume, console=Console(file=io.StringIO()))
    return strict, {name: strict.to_numpy(array) for name, array in model.parameters().items()}


def test_a_training_step_sends_its_batch_and_fetches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[tuple[int, int, int]] = []
    step = Trainer.step

    def counting(trainer: Trainer, batch: Any) -> None:
        device = trainer.model.backend.device  # type: ignore[attr-defined]
        before = device.to_device, device.to_host, device.waits
        step(trainer, batch)
        after = device.to_device, device.to_host, device.waits
        counted.append(tuple(np.subtract(after, before).tolist()))

    monkeypatch.setattr(Trainer, "step", counting)
    run(1, tmp_path / "run")
    assert len(counted) == 4
    assert set(counted) == {(11, 0, 0)}


def test_a_training_broken_off_and_resumed_on_the_device_ends_the_same(tmp_path: Path) -> None:
    _, whole = run(2, tmp_path / "whole")
    run(1, tmp_path / "parts")
    _, resumed = run(2, tmp_path / "parts", resume=True)
    for name, array in whole.items():
        assert (resumed[name] == array).all(), name
