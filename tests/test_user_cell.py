"""A cell of one's own on the command line: checked before training, kept with the run, and used from its folder."""

import io
import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from scratchnet.cli import main
from scratchnet.errors import InputError
from scratchnet.training import read_metrics
from scratchnet.visual import curves_table

CELL = """
from scratchnet.cells import Cell
from scratchnet.functions import tanh, tanh_derivative


class MyCell(Cell):
    def forward_step(self, a_x, prev, new, saved):
        new.h[...] = tanh(a_x + prev.h @ self.W_hh)

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        da_x[...] = d.h * tanh_derivative(new.h)
        d.h[...] = da_x @ self.W_hh.T
"""
WRONG = CELL.replace("self.W_hh.T", "self.W_hh")
PAIRS = "".join(f"{a} {b}\t{b} {a} .\n" for a in "abcd" for b in "efgh")
SMALL = ["--hidden", "8", "--embedding", "8", "--batch-size", "4", "--schedule", "constant"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with my_cell.py and pairs.tsv."""
    (tmp_path / "my_cell.py").write_text(CELL, "utf-8")
    (tmp_path / "pairs.tsv").write_text(PAIRS, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def trains(*options: str, epochs: int = 1, out: str = "run") -> int:
    target = ["--cell", "my_cell.py:MyCell", "--out", out, "--epochs", str(epochs)]
    return main(["train", "pairs.tsv", *target, *SMALL, *options])


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().err.split())


def test_a_run_translates_and_evaluates_from_its_folder_alone(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trains() == 0
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "moved"
    shutil.move(folder / "run", elsewhere)
    (folder / "my_cell.py").unlink()
    capsys.readouterr()
    assert main(["translate", str(elsewhere), "a e", "--max-length", "4"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    assert "cell.py is executed, with your rights" in captured.err
    assert main(["evaluate", str(elsewhere), "pairs.tsv", "--max-length", "4"]) == 0


def test_the_copy_is_the_file_byte_for_byte(folder: Path) -> None:
    assert trains() == 0
    copies = [(folder / "run" / name / "cell.py").read_bytes() for name in ("best", "last")]
    assert copies == [(folder / "my_cell.py").read_bytes()] * 2


def test_a_library_cell_leaves_no_copy(folder: Path) -> None:
    assert main(["train", "pairs.tsv", "--cell", "rnn", "--out", "run", "--epochs", "1", *SMALL]) == 0
    assert list((folder / "run").rglob("cell.py")) == []


def test_a_run_is_resumed_without_the_file_to_the_same_weights(folder: Path) -> None:
    assert trains(epochs=2, out="whole") == 0
    assert trains(epochs=1) == 0
    (folder / "my_cell.py").unlink()
    assert main(["train", "--resume", "run", "--epochs", "2"]) == 0
    weights = [(folder / run / "last" / "weights.safetensors").read_bytes() for run in ("whole", "run")]
    assert weights[0] == weights[1]


def test_a_changed_file_is_said_and_the_run_keeps_its_own_copy(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trains() == 0
    (folder / "my_cell.py").write_text(CELL + "\nraise SystemExit\n", "utf-8")
    capsys.readouterr()
    assert main(["train", "--resume", "run", "--epochs", "2"]) == 0
    assert "my_cell.py was changed since then" in said(capsys)
    assert (folder / "run/last/cell.py").read_text("utf-8") == CELL


def test_a_changed_copy_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert trains() == 0
    (folder / "run/best/cell.py").write_text(WRONG, "utf-8")
    capsys.readouterr()
    assert main(["translate", "run", "a e"]) == 2
    assert "cell.py: was changed after the weights were saved" in said(capsys)


def test_a_wrong_gradient_is_said_before_anything_is_trained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "my_cell.py").write_text(WRONG, "utf-8")
    assert trains() == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    cure = "write `d.h[...] = da_x @ self.W_hh.T`"
    for text in ("MyCell: WRONG", cure, "scratchnet gradcheck my_cell.py:MyCell", "--unchecked"):
        assert text in lines[0]
    assert not (folder / "run").exists()


def test_a_wrong_gradient_is_trained_when_one_insists(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "my_cell.py").write_text(WRONG, "utf-8")
    assert trains("--unchecked") == 0
    assert "warning: MyCell: WRONG" in said(capsys)


@pytest.mark.parametrize(
    ("spec", "text", "wanted"),
    [
        ("my_cell.py", CELL, "write my_cell.py:"),
        ("my_cell.py:MyCll", CELL, "has no class MyCll"),
        ("gone.py:MyCell", CELL, "there is no file gone.py"),
        ("my_cell.py:MyCell", "import parts\n" + CELL, "imports parts.py, which lies beside it"),
        ("my_cell.py:MyCell", CELL.replace("(a_x +", "(a_y +"), "a_y"),
        ("my_cell.py:MyCell", "def f(:\n", "SyntaxError"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(
    spec: str, text: str, wanted: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "parts.py").write_text("", "utf-8")
    (folder / "my_cell.py").write_text(text, "utf-8")
    assert main(["train", "pairs.tsv", "--cell", spec, "--out", "run", *SMALL]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert wanted in lines[0]


def test_a_cell_that_does_not_end_is_stopped(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "my_cell.py").write_text(
        CELL.replace("        new.h", "        while True: pass\n        new.h"), "utf-8"
    )
    assert trains("--time-limit", "3") == 2
    assert "while True: pass" in said(capsys)


def test_two_curves_are_shown_side_by_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert trains(out="first") == 0
    assert trains("--beside", "first", out="second", epochs=2) == 0
    rows = [line.split() for line in capsys.readouterr().err.splitlines() if line.strip().startswith(("1 ", "2 "))]
    losses = [read_metrics(folder / run)[0]["validation_loss"] for run in ("second", "first")]
    assert [rows[0][1], rows[0][5]] == [f"{loss:.3f}" for loss in losses]
    assert len(rows) == 2


def test_runs_without_a_curve_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no metrics\.jsonl"):
        read_metrics(tmp_path)
    (tmp_path / "metrics.jsonl").write_text("")
    with pytest.raises(InputError, match="has not done an epoch yet"):
        read_metrics(tmp_path)
    (tmp_path / "metrics.jsonl").write_text('{"epoch": 1}\n')
    with pytest.raises(InputError, match="is damaged"):
        read_metrics(tmp_path)


def test_curves_of_different_lengths_leave_blanks() -> None:
    long = [{"validation_loss": loss, "free_running_exact_match": 0.0} for loss in (2.0, 1.0)]
    assert json.dumps(curves_table([("a", long), ("b", long[:1])]).row_count) == "2"


@pytest.mark.parametrize(("width", "bar"), [(40, 0), (60, 7), (120, 16)])
def test_curves_fit_into_a_narrow_terminal(width: int, bar: int) -> None:
    curves = [{"validation_loss": loss, "free_running_exact_match": 0.5} for loss in (2.0, 1.0)]
    console = Console(width=width, file=io.StringIO())
    console.print(curves_table([("first", curves), ("a run with a name that is long" * 2, curves)], width))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert max(map(len, lines)) <= width
    row = next(line for line in lines if line.lstrip().startswith("1 "))
    assert row.split()[:4] == ["1", "2.000", "50.0", "%"]
    assert row.count("█") == 2 * bar
    assert "…" not in row
