"""Writing checkpoints: never over something else, never half, not even on a full disk or when killed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import tiny_translator, weights

from scratchnet.translation.checkpoint import CheckpointError, NotFiniteError, load_translator, save_translator

OPERATIONS = ("fsync", "mkdir", "chmod", "rename", "replace", "unlink", "rmdir")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return a checkpoint with all four files."""
    arrays = {"m.b": np.arange(3.0)}
    save_translator(tiny_translator(), tmp_path / "last", training={"step": 7}, training_arrays=arrays)
    return tmp_path / "last"


def test_a_folder_with_something_else_in_it_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "photo").write_text("x")
    (tmp_path / "note").write_text("x")
    for name in ("precious", "note"):
        with pytest.raises(CheckpointError, match="something other than a checkpoint"):
            save_translator(tiny_translator(), tmp_path / name)
    assert (tmp_path / "precious" / "photo").read_text() == (tmp_path / "note").read_text() == "x"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_never_replace_good_ones(saved: Path, value: float) -> None:
    before = weights(load_translator(saved))
    spoiled = tiny_translator()
    spoiled.model.decoder.output.W[1, 2] = value
    with pytest.raises(NotFiniteError, match=r"decoder\.output\.W"):
        save_translator(spoiled, saved)
    with pytest.raises(NotFiniteError, match=r"optimizer.*v\.b"):
        save_translator(tiny_translator(), saved, training={}, training_arrays={"v.b": np.array([value])})
    assert weights(load_translator(saved)) == before


def test_a_complex_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="complex128"):
        save_translator(tiny_translator(dtype="complex128"), tmp_path / "run")


@pytest.mark.parametrize("operation", ["fsync", "mkdir", "rename"])
def test_a_full_disk_leaves_the_checkpoint_before_and_no_litter(
    saved: Path, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    before = weights(load_translator(saved))

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, operation, full)
    with pytest.raises(CheckpointError, match=r"last: cannot be saved \(No space left on device\).*is kept"):
        save_translator(tiny_translator(1), saved)
    monkeypatch.undo()
    assert [path.name for path in saved.parent.iterdir()] == ["last"]
    assert weights(load_translator(saved)) == before


def test_a_file_that_cannot_be_written_to_its_end_leaves_the_checkpoint_before(saved: Path) -> None:
    resource = pytest.importorskip("resource")
    before = weights(load_translator(saved))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(CheckpointError, match=r"cannot be saved \(File too large\)"):
            save_translator(tiny_translator(1), saved)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert [path.name for path in saved.parent.iterdir()] == ["last"]
    assert weights(load_translator(saved)) == before


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match=r"cannot be saved.*nothing was written"):
        save_translator(tiny_translator(), tmp_path / "file" / "run")


KILLED_ANYWHERE = f"""
import os, signal, sys
from pathlib import Path
from scratchnet.translation.checkpoint import load_translator, save_translator
from tiny import tiny_translator, weights

folder = Path(sys.argv[1]) / "last"
old, new = (tiny_translator(seed) for seed in (0, 1))
states = {{str(weights(old)): "old", str(weights(new)): "new"}}

def child(killed_at):
    calls = 0
    def wrap(function):
        def wrapped(*args, **kwargs):
            nonlocal calls
            calls += 1
            if calls == killed_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)
        return wrapped
    for name in {OPERATIONS}:
        setattr(os, name, wrap(getattr(os, name)))
    save_translator(new, folder)

found = []
for killed_at in range(1, 1000):
    save_translator(old, folder)
    assert [path.name for path in folder.parent.iterdir()] == ["last"], "litter"
    pid = os.fork()
    if pid == 0:
        child(killed_at)
        os._exit(0)
    killed = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    found.append(states[str(weights(load_translator(folder)))])
    if not killed:
        break
print(*found)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process, and there is no fork here")
def test_a_process_killed_at_any_file_operation_leaves_the_old_checkpoint_or_the_new(tmp_path: Path) -> None:
    script = [sys.executable, "-c", KILLED_ANYWHERE, str(tmp_path)]
    done = subprocess.run(script, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = done.stdout.split()
    assert len(found) > 12
    assert found == sorted(found, reverse=True), "once the new one counts, it stays"
    assert set(found) == {"old", "new"}
