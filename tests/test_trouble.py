"""What goes wrong in training: numbers that explode, full disks, folders that hold something else."""

from __future__ import annotations

import errno
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import STEPS, after_step, tiny_training, tiny_translator

from scratchnet.errors import InputError
from scratchnet.training import TrainingError
from scratchnet.translation.checkpoint import load_translator, read_training
from scratchnet.translation.documents import CheckpointError


@pytest.mark.parametrize("name", ["weights", "loss", "gradient"])
def test_numbers_that_are_no_longer_finite_stop_training_and_keep_the_last_good_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def spoil(trainer: Any) -> None:
        if name == "weights":
            trainer.model.decoder.output.b[4] = np.nan
        elif name == "loss":
            trainer.loss_sum = trainer.loss_sum + np.inf
        else:
            trainer.norm_sum = trainer.norm_sum * np.inf

    after_step(monkeypatch, STEPS + 2, spoil)
    with pytest.raises(TrainingError, match=rf"no longer finite.*keeps the checkpoint of step {STEPS}$"):
        tiny_training(tiny_translator(), tmp_path)
    for name in ("last", "best"):
        assert all(np.isfinite(w).all() for w in load_translator(tmp_path / name).model.parameters().values())
    assert read_training(tmp_path / "last")[0]["step"] == STEPS
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize("place", ["weights", "optimizer"])
def test_state_that_is_not_finite_is_seen_before_the_loss_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def spoil(trainer: Any) -> None:
        arrays = trainer.model.parameters() if place == "weights" else trainer.optimizer.state["v"]
        arrays["encoder.embedding.W"][0] = np.inf  # of PAD, which no sentence holds

    after_step(monkeypatch, 3, spoil)
    with pytest.raises(TrainingError, match=r"no longer finite at step 4.*keeps the checkpoint of step 2"):
        tiny_training(tiny_translator(), tmp_path, checkpoint_steps=2)
    training_state, arrays = read_training(tmp_path / "last")
    assert training_state["step"] == 2
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_an_epoch_that_ends_with_state_that_is_not_finite_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(trainer: Any) -> None:
        trainer.optimizer.state["v"]["encoder.embedding.W"][0] = np.inf

    after_step(monkeypatch, 2 * STEPS, spoil)
    with pytest.raises(TrainingError, match=rf"at step {2 * STEPS}.*keeps the checkpoint of step {STEPS}$"):
        tiny_training(tiny_translator(), tmp_path)
    assert read_training(tmp_path / "last")[0]["step"] == STEPS
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"optimizer": "adam", "learning_rate": 1e6}, r"the loss is .* where blind guessing costs .*1e\+06, is likely"),
        ({"optimizer": "sgd", "learning_rate": 1e38, "clip_norm": 0.0}, "nothing clips them: set clip_norm"),
        ({"optimizer": "sgd", "learning_rate": 1e38}, r"learning rate, 1e\+38, is likely too high"),
    ],
)
def test_a_learning_rate_beyond_sense_is_said_to_be_so_without_any_warning(options: dict[str, Any], told: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TrainingError, match=told):
            tiny_training(tiny_translator(), schedule="constant", **options)


def test_a_full_disk_stops_training_with_the_checkpoint_before_intact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    after_step(monkeypatch, 5, lambda trainer: monkeypatch.setattr(os, "fsync", full))
    with pytest.raises(CheckpointError, match=r"last: cannot be saved \(No space left on device\)"):
        tiny_training(tiny_translator(), tmp_path / "run", checkpoint_steps=2)
    assert read_training(tmp_path / "run" / "last")[0]["step"] == 4
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["last"]


def test_a_folder_that_holds_a_run_is_refused_and_left_alone(tmp_path: Path) -> None:
    tiny_training(tiny_translator(), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="holds another run; resume it, overwrite it"):
        tiny_training(tiny_translator(1), tmp_path)
    with pytest.raises(InputError, match="contradict"):
        tiny_training(tiny_translator(1), tmp_path, resume=True, overwrite=True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_overwriting_removes_the_run_and_nothing_else(tmp_path: Path) -> None:
    tiny_training(tiny_translator(), tmp_path, epochs=3)
    (tmp_path / "notes.txt").write_text("mine")
    result = tiny_training(tiny_translator(1), tmp_path, epochs=1, overwrite=True)
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == len(result.history) == 1
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best", "last", "metrics.jsonl", "notes.txt"]


def test_a_folder_that_cannot_be_used_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(InputError, match="cannot be used as a run's folder"):
            tiny_training(tiny_translator(), out)
