"""One process at a time trains in a folder; what a killed one leaves behind holds nobody up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import fails_with_one_line
from tiny import tiny_training, tiny_translator

from scratchnet.errors import InputError
from scratchnet.training import lock
from scratchnet.training.lock import identity, locked


@pytest.fixture
def other() -> Iterator[int]:
    """The number of another process, which runs."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.communicate(b"\n")


def ended() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_folder_is_locked_while_a_training_runs_and_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(
        "scratchnet.training.loop.Trainer.run",
        lambda self, stop, threads: seen.append((tmp_path / "run/lock").read_text()) or "interrupted",
    )
    tiny_training(tiny_translator(), tmp_path / "run")
    assert seen == [identity(os.getpid())]
    assert int(seen[0].split()[0]) == os.getpid()
    assert not (tmp_path / "run/lock").exists()


def test_a_training_that_fails_leaves_no_lock(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path, pytest.fail):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_by_another_process_is_refused(
    run_folder: Path, other: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run_folder / "lock"
    path.write_text(identity(other))
    try:
        fails_with_one_line(["train", "--resume", str(run_folder)], capsys, f"process {other} is training here")
        with pytest.raises(InputError, match=f"process {other} is training here"):
            tiny_training(tiny_translator(), run_folder, overwrite=True)
        assert path.read_text() == identity(other)
        assert (run_folder / "best").is_dir()
    finally:
        path.unlink()


@pytest.mark.parametrize("left", ["ended", "number used again", "", "rubbish \u0967"])
def test_what_a_killed_process_left_is_taken_over_and_said(left: str, tmp_path: Path, other: int) -> None:
    if left == "number used again" and not Path("/proc/self/stat").exists():
        pytest.skip("this system does not tell when a process began")
    texts = {"ended": f"{ended()} 17", "number used again": f"{other} 1"}
    (tmp_path / "lock").write_text(texts.get(left, left), encoding="utf-8")
    told: list[str] = []
    with locked(tmp_path, told.append):
        assert (tmp_path / "lock").read_text() == identity(os.getpid())
    assert len(told) == 1
    assert "which has ended; taken over" in told[0]
    assert not (tmp_path / "lock").exists()


def test_a_lock_inside_a_lock_is_the_same_one(tmp_path: Path) -> None:
    with locked(tmp_path, pytest.fail):
        with locked(tmp_path, pytest.fail):
            pass
        assert (tmp_path / "lock").exists()
    assert not (tmp_path / "lock").exists()


def test_where_nobody_can_tell_whether_a_process_runs_it_is_believed_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lock").write_text("1")
    monkeypatch.setattr(os, "kill", lambda number, sent: (_ for _ in ()).throw(PermissionError))
    monkeypatch.setattr(lock, "identity", str)
    with pytest.raises(InputError, match="process 1 is training here"), locked(tmp_path, pytest.fail):
        pass


def test_no_folder_needs_no_lock() -> None:
    with locked(None, pytest.fail):
        pass
