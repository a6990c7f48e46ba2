"""Training: the step, the epoch, the figures, what is shown, and what happens when something goes wrong."""

from __future__ import annotations

import copy
import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from tiny import CONFIG, STEPS, TRAIN, VALIDATION, after_step, tiny_training, tiny_translator, weights

from scratchnet.backend import Backend
from scratchnet.data import Batch, bucketed_batches
from scratchnet.errors import InputError
from scratchnet.packed_sequences import unpack
from scratchnet.training import TrainingConfig, fit, loop
from scratchnet.training.validation import Validation, spread
from scratchnet.translation.checkpoint import load_translator

KEYS = [
    "epoch",
    "step",
    "seconds",
    "train_loss",
    "validation_loss",
    "validation_perplexity",
    "free_running_exact_match",
    "learning_rate",
    "gradient_norm",
    "tokens_per_second",
]


# --- learning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": "adam"},
        {"optimizer": "adamw"},
        {"optimizer": "sgd", "learning_rate": 1.0},
        {"optimizer": "momentum", "learning_rate": 0.3},
        {"optimizer": "nesterov", "learning_rate": 0.3},
        {"schedule": "constant"},
        {"schedule": "step", "decay_epochs": 2},
        {"schedule": "inverse-sqrt", "warmup": 5},
        {"clip_norm": 0.0},
        {"teacher_ratio": 0.7},
    ],
)
def test_the_loss_falls(options: dict[str, Any]) -> None:
    history = tiny_training(tiny_translator(), **options).history
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    assert history[-1]["validation_loss"] < math.log(len(tiny_translator().target_vocabulary))


def test_the_toy_language_is_learned_so_that_the_model_writes_it_alone() -> None:
    translator = tiny_translator(hidden_size=24)
    result = tiny_training(translator, epochs=30, learning_rate=0.03)
    assert result.history[0]["free_running_exact_match"] < 0.5
    assert result.history[-1]["free_running_exact_match"] == 1.0
    assert [found.text for found in translator.translate([s for s, _ in VALIDATION])] == [t for _, t in VALIDATION]


def spied_batches(monkeypatch: pytest.MonkeyPatch) -> list[Batch]:
    """Return a list to which every batch is added that training takes from here on."""
    batches: list[Batch] = []

    def spy(*args: Any, **kwargs: Any) -> Iterator[Batch]:
        for batch in bucketed_batches(*args, **kwargs):
            batches.append(batch)
            yield batch

    monkeypatch.setattr(loop, "bucketed_batches", spy)
    return batches


def test_a_step_is_forward_backward_clip_update(monkeypatch: pytest.MonkeyPatch) -> None:
    translator, by_hand = tiny_translator(), tiny_translator().model
    batches = spied_batches(monkeypatch)
    stopped: list[dict[str, bytes]] = []
    after_step(monkeypatch, 2, lambda trainer: stopped.append(weights(translator)))
    tiny_training(translator, epochs=1, optimizer="sgd", learning_rate=0.5, schedule="constant", clip_norm=0.1)
    for batch in batches[:2]:
        tape = by_hand.new_tape()
        by_hand.forward(batch, tape)
        by_hand.zero_gradients()
        by_hand.backward(tape)
        norm = np.sqrt(sum((g.astype(float) ** 2).sum() for g in by_hand.gradients().values()))
        assert norm > 0.1, "nothing is clipped: this shows less"
        for name, w in by_hand.parameters().items():
            w -= 0.5 * 0.1 / norm * by_hand.gradients()[name]
    for name, array in by_hand.parameters().items():
        np.testing.assert_allclose(np.frombuffer(stopped[0][name], "float32"), array.ravel(), rtol=1e-4, atol=1e-7)


def test_every_epoch_sees_every_pair_once_in_an_order_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = spied_batches(monkeypatch)
    tiny_training(tiny_translator(), epochs=2)
    seen: list[tuple[Any, ...]] = []
    for batch in batches:
        sources = unpack(batch.sources.rows, batch.sources.packing, batch.sources.order)
        targets = unpack(batch.targets, batch.packing, batch.order)
        seen.extend((tuple(source), tuple(target[:-1])) for source, target in zip(sources, targets, strict=True))
    first, second = seen[: len(TRAIN)], seen[len(TRAIN) :]
    wanted = sorted((tuple(s), tuple(t)) for s, t in map(tiny_translator().encode_pair, TRAIN))
    assert sorted(first) == sorted(second) == wanted
    assert first != second


def test_every_step_draws_its_own_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[float] = []
    mix = loop.mix_inputs

    def spy(model: Any, batch: Batch, ratio: float, rng: np.random.Generator) -> Batch:
        drawn.append(copy.deepcopy(rng).random())
        return mix(model, batch, ratio, rng)

    monkeypatch.setattr(loop, "mix_inputs", spy)
    tiny_training(tiny_translator(), epochs=2)
    assert len(set(drawn)) == len(drawn) == 2 * STEPS


def test_dropout_is_on_in_training() -> None:
    found = []
    for dropout in (0.0, 0.4):
        translator = tiny_translator(dropout=dropout)
        tiny_training(translator, epochs=1)
        found.append(weights(translator))
    assert found[0] != found[1]


def test_the_same_seed_gives_the_same_weights_and_another_gives_others() -> None:
    found = []
    for seed in (1, 1, 2):
        translator = tiny_translator(dropout=0.3)
        tiny_training(translator, seed=seed, epochs=1)
        found.append(weights(translator))
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("kept", [True, False], ids=["in a folder", "in memory"])
def test_the_translator_ends_with_the_weights_of_the_best_epoch(
    kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    translator, losses, seen = tiny_translator(), [3.0, 1.5, 2.0, 1.5], []

    def loss(validation: Validation) -> float:
        seen.append(weights(translator))
        return losses[len(seen) - 1]

    monkeypatch.setattr(Validation, "loss", loss)
    result = tiny_training(translator, tmp_path if kept else None, epochs=4)
    assert result.best == result.history[1]  # the earlier one of two equals
    assert weights(translator) == seen[1]
    if kept:
        assert weights(load_translator(tmp_path)) == seen[1]
        assert weights(load_translator(tmp_path / "last")) == seen[3]


def test_patience_ends_a_training_that_no_longer_improves() -> None:
    result = tiny_training(tiny_translator(), epochs=50, learning_rate=0.5, schedule="constant", patience=2)
    assert result.stopped == "early"
    assert result.epochs == len(result.history) == result.best["epoch"] + 2 < 50
    assert tiny_training(tiny_translator(), patience=2).stopped == "finished"


# --- figures ----------------------------------------------------------------------------------------------------------


def test_metrics_are_one_line_of_json_for_each_epoch(tmp_path: Path) -> None:
    result = tiny_training(tiny_translator(), tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert lines == result.history
    assert [list(line) for line in lines] == [KEYS] * 3
    assert [line["epoch"] for line in lines] == [1, 2, 3]
    assert [line["step"] for line in lines] == [STEPS, 2 * STEPS, 3 * STEPS]
    assert all(line["tokens_per_second"] > 0 and line["gradient_norm"] > 0 for line in lines)
    assert lines[0]["seconds"] < lines[1]["seconds"] < lines[2]["seconds"]
    assert lines[1]["validation_perplexity"] == math.exp(lines[1]["validation_loss"])
    schedule = TrainingConfig(**CONFIG).make_schedule(STEPS)
    assert [line["learning_rate"] for line in lines] == [schedule(k * STEPS - 1) for k in (1, 2, 3)]


def test_the_training_loss_is_the_mean_over_tokens_not_over_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[float, int]] = []
    step = loop.Trainer.step

    def spy(trainer: Any, batch: Batch) -> None:
        step(trainer, batch)
        seen.append((float(trainer.tape.loss.nll), batch.tokens))

    monkeypatch.setattr(loop.Trainer, "step", spy)
    result = tiny_training(tiny_translator(), epochs=1, batch_size=7)
    tokens = sum(count for _, count in seen)
    assert len({count for _, count in seen}) > 1
    assert result.history[0]["train_loss"] == pytest.approx(sum(loss * count for loss, count in seen) / tokens)


def test_label_smoothing_is_not_in_the_losses_that_are_shown() -> None:
    plain, smooth = (
        tiny_training(tiny_translator(label_smoothing=s), epochs=1, optimizer="sgd", learning_rate=0.0).history[0]
        for s in (0.0, 0.3)
    )
    assert smooth["train_loss"] == pytest.approx(plain["train_loss"], rel=1e-6)
    assert smooth["validation_loss"] == pytest.approx(plain["validation_loss"], rel=1e-6)


def test_the_loss_is_fetched_every_ten_steps_and_never_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[tuple[int, ...]] = []
    to_numpy = Backend.to_numpy
    monkeypatch.setattr(Backend, "to_numpy", lambda self, a: fetched.append(np.shape(a)) or to_numpy(self, a))
    monkeypatch.setattr(Validation, "loss", lambda self: 1.0)
    monkeypatch.setattr(Validation, "free_running", lambda self: (0.0, []))
    monkeypatch.setattr(loop.RunFolder, "save_best", lambda self: None)
    monkeypatch.setattr(loop.RunFolder, "load_best", lambda self: None)
    tiny_training(tiny_translator(), epochs=2, batch_size=2)
    steps = -(-len(TRAIN) // 2)
    assert fetched == [(2,)] * (2 * (steps // 10 + 1))


def test_pairs_of_no_use_are_skipped_and_counted() -> None:
    bad = [("", "लाल।"), ("red", " "), ("red " * 30, "लाल।"), ("red", "लाल " * 30)]
    console = Console(file=io.StringIO(), width=200)
    config = TrainingConfig(**CONFIG, max_length=20)
    result = fit(tiny_translator(), TRAIN + bad, VALIDATION + bad[:1], config, console=console)
    assert result.skipped == 5
    assert "skipped 5 pairs with a blank side or one of more than 20 tokens" in console.file.getvalue()
    assert result.history[-1]["train_loss"] == tiny_training(tiny_translator()).history[-1]["train_loss"]


@pytest.mark.parametrize(
    ("pairs", "validation", "told"),
    [([], VALIDATION, "of 0 training pairs"), (TRAIN, [], "of 0 validation"), (TRAIN, [("", "x")], "of 1 validation")],
)
def test_too_few_pairs_are_one_clear_line(pairs: Any, validation: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        fit(tiny_translator(), pairs, validation, TrainingConfig(**CONFIG))


def test_sentences_to_try_are_spread_over_the_whole_validation_set() -> None:
    assert spread(range(10), 3) == [1, 5, 8]
    assert spread(range(10), 1) == [5]
    assert spread(range(3), 10) == [0, 1, 2]
    assert spread(range(10), 0) == []


def test_a_result_is_plain_values(tmp_path: Path) -> None:
    result = tiny_training(tiny_translator(), tmp_path)
    values = json.loads(json.dumps(result.to_json()))
    assert (values["stopped"], values["steps"], values["out"]) == ("finished", 3 * STEPS, str(tmp_path))
    assert values["history"] == result.history
