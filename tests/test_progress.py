"""What one sees of a training: a bar on a terminal, plain lines elsewhere, sample translations."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console
from tiny import CONFIG, TRAIN, VALIDATION, tiny_training, tiny_translator

from scratchnet.training import TrainingConfig, fit
from scratchnet.training.progress import Progress
from scratchnet.training.validation import spread


def shown(terminal: bool, **options: Any) -> str:
    console = Console(file=io.StringIO(), width=300, force_terminal=terminal)
    tiny_training(tiny_translator(), console=console, **options)
    return console.file.getvalue()


def test_without_a_terminal_progress_is_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scratchnet.training.progress.PLAIN_SECONDS", 0.0)
    text = shown(terminal=False, epochs=2, batch_size=4, samples=0)
    assert "\x1b" not in text
    assert "\r" not in text
    lines = text.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/2"] * 3 + ["epoch 2/2"] * 3
    assert "step 10/12  loss " in lines[0]
    assert "gradient norm" in lines[0]
    assert "tokens/s" in lines[0]
    assert "validation loss" in lines[2]
    assert "free-running exact match" in lines[2]


def test_on_a_terminal_a_bar_lives_and_is_gone_at_the_end() -> None:
    text = shown(terminal=True, epochs=2, samples=0)
    assert "\x1b[" in text
    assert text.count("validation loss") == 2
    assert text.rstrip().endswith("\x1b[2K") or "\x1b[?25h" in text[-200:]  # the line cleared, the cursor back


def test_progress_goes_to_standard_error() -> None:
    assert Progress().console.stderr


def test_sample_translations_are_shown_after_each_epoch() -> None:
    text = shown(terminal=False, epochs=2, samples=2)
    assert text.count("  ->  ") == 4
    assert all(source in text for source, _ in spread(VALIDATION, 2))
    assert "->" not in shown(terminal=False, epochs=1, samples=0)
    learned = shown(terminal=False, epochs=30, learning_rate=0.03, samples=4)
    assert learned.count("(right)") > 0 < learned.count("(reference: ")


def test_square_brackets_in_a_sentence_are_shown_as_they_are() -> None:
    console = Console(file=io.StringIO(), width=300)
    pairs = [(f"[red] {source}", target) for source, target in VALIDATION]
    fit(tiny_translator(), TRAIN, pairs, TrainingConfig(**CONFIG), console=console)
    assert "[red] " in console.file.getvalue()
