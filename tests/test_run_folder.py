"""The folder of a run: what is found in it on resuming, what is put right, and what is refused."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tiny import (
    CONFIG,
    TRAIN,
    VALIDATION,
    everything,
    figures,
    interrupt_after,
    tiny_training,
    tiny_translator,
    weights,
)

from scratchnet.errors import InputError
from scratchnet.training import TrainingConfig, fit, loop
from scratchnet.translation.documents import CheckpointError


def test_a_finished_run_resumed_stays_as_it_is(tmp_path: Path) -> None:
    tiny_training(tiny_translator(), tmp_path)
    before = everything(tmp_path)
    translator = tiny_translator(3)
    result = tiny_training(translator, tmp_path, resume=True)
    assert (result.stopped, result.epochs) == ("finished", 3)
    assert everything(tmp_path) == before
    assert weights(translator) == before["best"]


def test_a_run_that_patience_ended_stays_ended(tmp_path: Path) -> None:
    options: dict[str, Any] = {"epochs": 50, "learning_rate": 0.5, "schedule": "constant", "patience": 2}
    first = tiny_training(tiny_translator(), tmp_path, **options)
    again = tiny_training(tiny_translator(), tmp_path, resume=True, **options)
    assert first.stopped == again.stopped == "early"
    assert again.history == first.history


def test_resuming_where_there_is_no_run_begins_one(tmp_path: Path) -> None:
    assert tiny_training(tiny_translator(), tmp_path / "new", resume=True).stopped == "finished"


@pytest.mark.parametrize("found", ["torn", "doubled", "from the future", "gone"])
def test_the_lines_of_metrics_are_put_right(found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_training(tiny_translator(), tmp_path / "unbroken")
    interrupt_after(monkeypatch, 8)
    tiny_training(tiny_translator(), tmp_path / "run")
    monkeypatch.undo()
    path = tmp_path / "run" / "metrics.jsonl"
    text = path.read_text()
    path.write_text(
        {"torn": text[:-20], "doubled": text * 2, "from the future": text + '{"epoch": 2}\n'}.get(found, "")
    )
    if found == "gone":
        path.unlink()
    tiny_training(tiny_translator(), tmp_path / "run", resume=True)
    assert figures(tmp_path / "run") == figures(tmp_path / "unbroken")


def test_the_lines_of_metrics_of_a_finished_run_are_put_right(tmp_path: Path) -> None:
    tiny_training(tiny_translator(), tmp_path)
    before = figures(tmp_path)
    (tmp_path / "metrics.jsonl").write_text('{"epoch": 1, "st')
    tiny_training(tiny_translator(), tmp_path, resume=True)
    assert figures(tmp_path) == before


def test_a_best_that_was_not_saved_any_more_is_saved_on_resuming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(self: Any) -> None:
        raise Killed

    monkeypatch.setattr(loop.RunFolder, "save_best", killed)
    with pytest.raises(Killed):
        tiny_training(tiny_translator(), tmp_path / "run", epochs=1)
    assert not (tmp_path / "run" / "best").exists()
    monkeypatch.undo()
    tiny_training(tiny_translator(), tmp_path / "run", epochs=1, resume=True)
    tiny_training(tiny_translator(), tmp_path / "unbroken", epochs=1)
    assert everything(tmp_path / "run") == everything(tmp_path / "unbroken")


def test_checkpoints_come_every_so_many_steps_or_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def saved_at(**options: Any) -> list[int]:
        steps: list[int] = []
        with monkeypatch.context() as patched:
            patched.setattr(
                loop.RunFolder, "save_last", lambda self, position, optimizer: steps.append(optimizer.steps)
            )
            tiny_training(tiny_translator(), epochs=1, **options)
        return steps

    assert saved_at(checkpoint_seconds=0.0) == [0, 6]
    assert saved_at(checkpoint_seconds=0.0, checkpoint_steps=2) == [0, 2, 4, 6, 6]
    assert saved_at(checkpoint_seconds=1e-9) == [0, 1, 2, 3, 4, 5, 6, 6]


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """Return the folder of a run of one epoch."""
    tiny_training(tiny_translator(), tmp_path / "run", epochs=1)
    return tmp_path / "run"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("learning_rate", 0.1),
        ("batch_size", 9),
        ("seed", 4),
        ("optimizer", "sgd"),
        ("teacher_ratio", 0.5),
    ],
)
def test_another_configuration_is_refused_by_the_name_of_the_field(begun: Path, option: str, value: Any) -> None:
    before = everything(begun)
    translator = tiny_translator(7)
    untouched = weights(translator)
    with pytest.raises(InputError, match=f"run: the run was begun with {option} "):
        tiny_training(translator, begun, resume=True, **{"epochs": 1, option: value})
    assert everything(begun) == before
    assert weights(translator) == untouched


def test_how_often_to_save_may_change(begun: Path) -> None:
    tiny_training(tiny_translator(), begun, epochs=1, resume=True, checkpoint_steps=3, checkpoint_seconds=9.0)


def test_more_epochs_are_fine_where_the_schedule_does_not_depend_on_them(tmp_path: Path) -> None:
    options: dict[str, Any] = {"schedule": "constant"}
    tiny_training(tiny_translator(), tmp_path / "run", epochs=2, **options)
    tiny_training(tiny_translator(), tmp_path / "run", epochs=4, resume=True, **options)
    tiny_training(tiny_translator(), tmp_path / "straight", epochs=4, **options)
    assert everything(tmp_path / "run") == everything(tmp_path / "straight")


def test_more_epochs_of_a_cosine_go_on_as_if_they_had_been_planned(tmp_path: Path) -> None:
    tiny_training(tiny_translator(), tmp_path / "run", epochs=2)
    console = Console(file=io.StringIO(), width=400)
    tiny_training(tiny_translator(), tmp_path / "run", console, epochs=4, resume=True)
    assert (
        "4 epochs instead of 2; the cosine schedule now falls to 0 over these, as if they had been planned from the "
        "beginning: the learning rate goes on at 0.01, where it had come to 0\n"
    ) in console.file.getvalue()
    rates = [line["learning_rate"] for line in figures(tmp_path / "run")]
    schedules = [TrainingConfig(**{**CONFIG, "epochs": epochs}).make_schedule(6) for epochs in (2, 4)]
    assert rates == [schedules[0](5), schedules[0](11), schedules[1](17), schedules[1](23)]


def test_patience_may_change(tmp_path: Path) -> None:
    options: dict[str, Any] = {"learning_rate": 0.5, "schedule": "constant"}
    first = tiny_training(tiny_translator(), tmp_path, epochs=50, patience=2, **options)
    again = tiny_training(tiny_translator(), tmp_path, epochs=first.epochs + 1, patience=0, resume=True, **options)
    assert (again.stopped, again.epochs) == ("finished", first.epochs + 1)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ({"hidden_size": 7}, "hidden_size 6, not 7"),
        ({"cell": "gru"}, "cell 'lstm', not 'gru'"),
        ({"dtype": "float64"}, "dtype"),
    ],
)
def test_another_model_is_refused(begun: Path, model: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        tiny_training(tiny_translator(**model), begun, epochs=1, resume=True)


def test_other_pairs_and_other_vocabularies_are_refused(begun: Path) -> None:
    config = TrainingConfig(**{**CONFIG, "epochs": 1})
    for pairs, validation in ((TRAIN[:-1], VALIDATION), (TRAIN, VALIDATION[:-1]), (TRAIN[::-1], VALIDATION)):
        with pytest.raises(InputError, match="begun with other sentence pairs"):
            fit(tiny_translator(), pairs, validation, config, begun, resume=True)
    translator = tiny_translator()
    tokens = translator.source_vocabulary.tokens[4:]
    translator.source_vocabulary = type(translator.source_vocabulary)(tokens[::-1])
    with pytest.raises(InputError, match="begun with another source vocabulary"):
        fit(translator, TRAIN, VALIDATION, config, begun, resume=True)


def test_a_damaged_last_checkpoint_is_refused(begun: Path) -> None:
    path = begun / "last" / "training.safetensors"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CheckpointError, match=r"training\.safetensors: is cut short"):
        tiny_training(tiny_translator(), begun, epochs=1, resume=True)
    shutil.rmtree(begun / "last")
    with pytest.raises(CheckpointError, match=r"training\.json: is missing"):
        tiny_training(tiny_translator(), begun, epochs=1, resume=True)
