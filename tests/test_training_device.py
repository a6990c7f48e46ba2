"""Training, saving, resuming and scoring on a device: the stand-in of strict.py refuses whatever slips to the host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strict import SameMasks, StrictBackend
from tiny import PAIRS, everything, interrupt_after, tiny_training, tiny_translator

from scratchnet.training.loop import Trainer
from scratchnet.translation.checkpoint import load_translator
from scratchnet.translation.scores import evaluate

MODEL: dict[str, Any] = {"dropout": 0.3, "hidden_size": 8, "dtype": "float64"}
OPTIONS: dict[str, Any] = {"teacher_ratio": 0.7, "epochs": 2}


@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
def test_training_on_a_device_is_training_with_numpy(optimizer: str) -> None:
    device, host = (tiny_translator(backend=backend, **MODEL) for backend in (StrictBackend(), SameMasks()))
    found, wanted = (tiny_training(t, optimizer=optimizer, **OPTIONS) for t in (device, host))
    assert found.history[-1]["train_loss"] == pytest.approx(wanted.history[-1]["train_loss"], rel=1e-9)
    for name, array in device.model.parameters().items():
        np.testing.assert_allclose(device.model.backend.to_numpy(array), host.model.parameters()[name], rtol=1e-7)


def test_a_run_on_a_device_interrupted_and_resumed_ends_as_if_it_never_had_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = StrictBackend()
    tiny_training(tiny_translator(backend=backend, **MODEL), tmp_path / "unbroken", **OPTIONS)
    interrupt_after(monkeypatch, 8)
    assert tiny_training(tiny_translator(backend=backend, **MODEL), tmp_path / "run", **OPTIONS).interrupted
    monkeypatch.undo()
    tiny_training(tiny_translator(7, backend=backend, **MODEL), tmp_path / "run", resume=True, **OPTIONS)
    assert everything(tmp_path / "run") == everything(tmp_path / "unbroken")


def test_a_model_trained_on_a_device_is_the_same_on_the_host(tmp_path: Path) -> None:
    backend = StrictBackend()
    translator = tiny_translator(backend=backend, **MODEL)
    tiny_training(translator, tmp_path, **OPTIONS)
    host, device = load_translator(tmp_path), load_translator(tmp_path, backend=backend)
    assert device.model.backend is backend
    scores = [evaluate(t, PAIRS[:12], beam=2, max_length=8) for t in (translator, device, host)]
    assert scores[0] == scores[1]
    assert scores[2]["loss"] == pytest.approx(scores[0]["loss"], rel=1e-9)
    assert scores[2]["chrf"] == scores[0]["chrf"]


def test_a_step_brings_nothing_to_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = StrictBackend()
    brought: list[int] = []
    step = Trainer.step

    def counted(trainer: Trainer, batch: Any) -> None:
        before = backend.device.to_host
        step(trainer, batch)
        brought.append(backend.device.to_host - before)

    monkeypatch.setattr(Trainer, "step", counted)
    tiny_training(tiny_translator(backend=backend, **MODEL), **OPTIONS)
    assert brought == [0] * len(brought)
    assert len(brought) == 12
