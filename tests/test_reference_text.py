"""Editing a file of the library changes what is checked, never what is known.

Read next: test_gradcheck_models.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from freeze_references import lines_of_files
from helpers import sample

from scratchnet.gradcheck.library.reference_text import DATA, PACKAGE

HOMEWORK = """
import numpy as np
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)
def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h)
    return da @ Wx.T, da @ Wh.T, x.T @ da, prev_h.T @ da, da.sum(axis=0)
"""
# (file, right, wrong, id of the mistake, the line that must be named)
EDITS = [
    ("cells/lstm.py", "dc_prev = dc * f  # (5)", "dc_prev = dc", "lstm.dc-without-f", "dc_prev = dc"),
    ("cells/lstm.py", "d.h[...] = da_x @ self.W_hh.T  # (0)", "d.h[...] = 0.0", "lstm.dh-dropped", "d.h[...] = 0.0"),
    ("cells/lstm.py", "dc * g * sigmoid_derivative(i)", "dc * g", "lstm.i-derivative-missing", "da_i = dc * g"),
    ("cells/lstm.py", "return da_i, da_f,", "return da_f, da_i,", "lstm.order-if",
     "return da_f, da_i, da_g, da_o, dc_prev"),
    ("cells/lstm.py", "saved.tanh_c, prev.c)", "saved.tanh_c, new.c)", "lstm.f-current-c",
     "inputs = (d.h, d.c, saved.i, saved.f, saved.g, saved.o, saved.tanh_c, new.c)"),
    ("cells/base.py", "self.db += da_x.sum(axis=0)", "self.db += da_x.mean(axis=0)", "weight gradients.b-averaged",
     "self.db += da_x.mean(axis=0)"),
    ("recurrent.py", "output += d_outputs[", "output[...] = d_outputs[", "recurrent loop.dh-dropped",
     "output[...] = d_outputs[first : first + alive]"),
]  # fmt: skip


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the library that may be changed."""
    folder = tmp_path_factory.mktemp("copied")
    shutil.copytree(PACKAGE, folder / "scratchnet", ignore=shutil.ignore_patterns("__pycache__", "exercises"))
    (folder / "homework.py").write_text(HOMEWORK, "utf-8")
    return folder


def gradcheck(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return what `scratchnet gradcheck ... --json` says with the copy of the library in a folder."""
    command = [sys.executable, "-m", "scratchnet", "gradcheck", *arguments, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode in (0, 1), done.stderr
    return dict(json.loads(done.stdout))


def test_the_reference_is_the_library_as_it_stands() -> None:
    assert json.loads(DATA.read_text("utf-8")) == lines_of_files(), (
        "the reference differs from the library: if the change is meant, run python tests/freeze_references.py"
    )


@pytest.mark.parametrize(("file", "right", "wrong", "id", "line"), sample(EDITS, 3), ids=[edit[3] for edit in EDITS])
def test_a_mistake_made_in_the_librarys_own_file_is_named_with_its_line(
    copied: Path, file: str, right: str, wrong: str, id: str, line: str
) -> None:
    path = copied / "scratchnet" / file
    text = path.read_text("utf-8")
    assert text.count(right) == 1
    try:
        path.write_text(text.replace(right, wrong), "utf-8")
        found = gradcheck(copied, "lstm")
    finally:
        path.write_text(text, "utf-8")
    (cure,) = found["cures"]
    assert (Path(cure["file"]), cure["line"]) == (path, number_of(line, text, right, wrong))
    assert [one["text"].partition(" ")[0] for one in found["findings"] if one["kind"] == "changed"] == [file]


def number_of(line: str, text: str, right: str, wrong: str) -> int:
    """Return the number of a line in the changed text."""
    lines = text.replace(right, wrong).splitlines()
    return next(k for k, found in enumerate(lines, 1) if found.strip().startswith(line))


def test_homework_is_diagnosed_as_before_whatever_was_changed_in_the_library(copied: Path) -> None:
    def said() -> Any:
        found = gradcheck(copied, "homework.py")
        return {key: found[key] for key in ("ok", "checked", "unchecked", "wrong", "cures")}

    before = said()
    assert [cure["before"] for cure in before["cures"]] == ["da = dnext_h * (1 - next_h)"]
    changes = {
        "cells/rnn.py": ("dh * tanh_derivative(h)", "dh"),
        "cells/base.py": ("+= da_x.sum(axis=0)", "-= da_x.sum(axis=0)"),
        "functions.py": ("return 1.0 - y * y", "return y"),
        "recurrent.py": ("reversed(steps)", "steps"),
        "tape.py": ('"""The tape', '"""A tape'),
        "parameters.py": ("rng if isinstance", "rng  if isinstance"),
        "packed_sequences.py": ("from __future__", "# changed\nfrom __future__"),
    }
    texts = {file: (copied / "scratchnet" / file).read_text("utf-8") for file in changes}
    try:
        for file, (right, wrong) in changes.items():
            assert right in texts[file], file
            (copied / "scratchnet" / file).write_text(texts[file].replace(right, wrong, 1), "utf-8")
        after = said()
    finally:
        for file, text in texts.items():
            (copied / "scratchnet" / file).write_text(text, "utf-8")
    assert after == before


def test_a_syntax_error_in_the_library_is_one_line(copied: Path) -> None:
    path = copied / "scratchnet/cells/lstm.py"
    text = path.read_text("utf-8")
    try:
        path.write_text(text.replace("i * g  # (5)", "(i * g  # (5)"), "utf-8")
        command = [sys.executable, "-B", "-m", "scratchnet", "gradcheck", "lstm"]
        environment = {**os.environ, "PYTHONPATH": str(copied)}
        done = subprocess.run(command, cwd=copied, env=environment, capture_output=True, text=True)
    finally:
        path.write_text(text, "utf-8")
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {path}:") and done.stderr.count("\n") == 1
