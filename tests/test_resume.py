"""A run that is interrupted or killed, and resumed, ends as if it never had been: every bit, every figure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import everything, interrupt_after, tiny_training, tiny_translator, weights

from scratchnet.training import loop
from scratchnet.translation.checkpoint import load_translator, read_training

KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "adam, dropout, scheduled sampling": ({"teacher_ratio": 0.6}, {"dropout": 0.4}),
    "momentum, step schedule, two layers": (
        {"optimizer": "momentum", "learning_rate": 0.3, "schedule": "step", "decay_epochs": 1, "warmup": 3},
        {"cell": "gru", "layers": 2, "bidirectional": True, "dropout": 0.2, "label_smoothing": 0.1},
    ),
}


@pytest.fixture(params=KINDS, scope="module")
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return options of training, options of the model, and all that a run without a break ends with."""
    options, model = KINDS[request.param]
    out = tmp_path_factory.mktemp("unbroken")
    tiny_training(tiny_translator(**model), out, **options)
    return options, model, everything(out)


# --- killed -----------------------------------------------------------------------------------------------------------


def test_a_run_killed_at_three_random_moments_ends_as_if_it_never_had_been(kind: Any, tmp_path: Path) -> None:
    options, model, unbroken = kind
    script = [sys.executable, Path(__file__).parent / "tiny.py", tmp_path / "run"]
    script += [json.dumps({**options, "checkpoint_steps": 2}), json.dumps(model)]
    rng = np.random.default_rng(len(options))
    killed = 0
    for _ in range(3):
        with subprocess.Popen(script, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            lines = iter(process.stderr.readline, "")
            for _line, _ in zip(lines, range(int(rng.integers(1, 10))), strict=False):
                pass  # it goes on meanwhile: what it is at when the signal comes, nobody knows
            process.kill()
        killed += process.returncode == -signal.SIGKILL
    assert killed == 3
    done = subprocess.run(script, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "going on after step" in done.stderr
    assert everything(tmp_path / "run") == unbroken


KILLED_ANYWHERE = """
import os, signal, sys
from pathlib import Path
from tiny import tiny_training, tiny_translator

out = Path(sys.argv[1])

def run(number, killed_at):
    calls = 0
    def wrap(function):
        def wrapped(*args, **kwargs):
            nonlocal calls
            calls += 1
            if calls == killed_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)
        return wrapped
    for name in ("fsync", "mkdir", "rename", "replace", "unlink", "rmdir"):
        setattr(os, name, wrap(getattr(os, name)))
    tiny_training(tiny_translator(), out / str(number), epochs=2, batch_size=23, resume=True)

for number, killed_at in enumerate(range(1, 1000, 5)):
    for at in (killed_at, 0):
        pid = os.fork()
        if pid == 0:
            run(number, at)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if at == 0 or status == 0:
            assert status == 0, (killed_at, at, status)
            break
    if at:
        break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes, and there is no fork here")
def test_a_run_killed_at_any_file_operation_ends_as_if_it_never_had_been(tmp_path: Path) -> None:
    script = [sys.executable, "-c", KILLED_ANYWHERE, str(tmp_path)]
    done = subprocess.run(script, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    runs = sorted(tmp_path.iterdir(), key=lambda out: int(out.name))
    assert len(runs) > 15
    unbroken = everything(runs[-1])  # this one was over before the operation at which it would have been killed
    for out in runs[:-1]:
        assert everything(out) == unbroken, out.name


# --- interrupted ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 6, 7, 18])
def test_a_run_interrupted_and_resumed_ends_as_if_it_never_had_been(
    kind: Any, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options, model, unbroken = kind
    interrupt_after(monkeypatch, number)
    result = tiny_training(tiny_translator(**model), tmp_path, **options)
    assert (result.stopped, result.interrupted, result.steps) == ("interrupted", True, number)
    assert read_training(tmp_path / "last")[0]["step"] == number
    monkeypatch.undo()
    translator = tiny_translator(5, **model)  # its weights do not matter
    result = tiny_training(translator, tmp_path, resume=True, **options)
    assert result.stopped == "finished"
    assert everything(tmp_path) == unbroken
    assert weights(translator) == unbroken["best"]
    assert [metrics["epoch"] for metrics in result.history] == [1, 2, 3]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_translator_holds_the_weights_that_were_saved(
    sent: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(sent)
    interrupt_after(monkeypatch, 8, sent)
    translator = tiny_translator()
    assert tiny_training(translator, tmp_path).interrupted
    assert weights(load_translator(tmp_path / "last")) == weights(translator)
    assert signal.getsignal(sent) == before


def test_a_second_interrupt_acts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = loop.RunFolder.save_last

    def impatient(*arguments: Any) -> None:
        if arguments[2].steps:
            os.kill(os.getpid(), signal.SIGINT)
        save(*arguments)

    interrupt_after(monkeypatch, 3)
    monkeypatch.setattr(loop.RunFolder, "save_last", impatient)
    # A shell that starts pytest in the background has it ignore SIGINT; a person at a terminal has not.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            tiny_training(tiny_translator(), tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    assert read_training(tmp_path / "last")[0]["step"] == 0


def test_an_interrupt_without_a_folder_ends_training_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_after(monkeypatch, 8)
    result = tiny_training(tiny_translator())
    assert (result.interrupted, result.steps, result.out) == (True, 8, None)


def test_training_in_a_thread_leaves_signals_alone() -> None:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(tiny_training(tiny_translator(), epochs=1)))
    thread.start()
    thread.join()
    assert results[0].stopped == "finished"
