"""What one sees of a training: a bar on a terminal, plain lines elsewhere, sample translations."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console
from tiny import CONFIG, TRAIN, VALIDATION, tiny_training, tiny_translator

from scratchnet.backend.threads import NO_POOL
from scratchnet.training import TrainingConfig, fit
from scratchnet.training.progress import Progress, TimeLeft, in_words
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
    (estimate,) = [line for line in lines if re.fullmatch(r"this will take about \d+ s", line)]  # when, is time's
    lines = [line for line in lines if line not in (estimate, NO_POOL)]  # not every BLAS library has threads to choose
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


# How long it takes


class Clock:
    """Tells the time as a test says it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_time_left_is_that_of_the_steps_and_of_the_ends_of_epochs() -> None:
    clock = Clock()
    time = TimeLeft(clock)
    assert time.left(10, 1) == 0.0
    clock.now += 50.0  # the first steps: kernels are compiled
    time.count_steps(10)
    assert time.left(10, 1) == 50.0
    clock.now += 10.0
    time.count_steps(10)
    assert time.left(40, 2) == 40.0
    clock.now += 5.0
    time.count_epoch()
    assert time.left(40, 2) == 50.0
    clock.now += 30.0
    time.count_steps(10)
    assert time.left(10, 0) == 20.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.1, "1 s"), (8.4, "8 s"), (99.4, "99 s"), (130, "2 min"), (3600, "60 min"), (12000, "3 h 20 min")],
)
def test_times_are_said_as_one_says_them(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("patience", "end"), [(0, ""), (2, " at most: it stops after 2 epochs without improvement"), (3, "")]
)
def test_how_long_all_will_take_is_said_once_after_a_few_steps(
    patience: int, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("scratchnet.training.progress.time.monotonic", clock)
    progress = Progress(Console(file=io.StringIO(), width=300), patience)
    progress.begin_epoch(1, 3, 0, 100)
    for done in (10, 20, 30):
        clock.now += 60.0
        progress.advance(done, 1.0, 1.0, 1.0)
    text = progress.console.file.getvalue()
    assert text.splitlines()[1] == f"this will take about 28 min{end}"  # 280 steps, 6 s each
    assert text.count("this will take") == 1
    assert text.splitlines()[-1].endswith("tokens/s  27 min left")  # of the whole run
    clock.now += 420.0
    progress.advance(100, 1.0, 1.0, 1.0)
    clock.now += 600.0
    metrics = {"train_loss": 1.0, "validation_loss": 1.0, "validation_perplexity": 2.0}
    metrics |= {"free_running_exact_match": 0.5, "tokens_per_second": 5.0, "seconds": 1200.0}
    progress.end_epoch(metrics, True, [])
    assert "1200 s, 40 min left" in progress.console.file.getvalue().splitlines()[-1]  # and two ends of epochs


def test_the_bar_is_of_the_whole_run() -> None:
    text = shown(terminal=True, epochs=2, samples=0)
    assert "12/12" in text
    assert "epoch 2/2" in text
