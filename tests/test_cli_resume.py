"""`scratchnet train --resume RUN`: a run goes on from its folder alone, and may go on for longer than planned."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import PAIRS, SMALL, fails_with_one_line
from tiny import everything, interrupt_after

from scratchnet.cli import main
from scratchnet.data import Corpus
from scratchnet.errors import InputError
from scratchnet.training import resume_run, train
from scratchnet.training.training_data import read_data_again

OPTIONS = [*SMALL, "--dropout", "0.2", "--cell", "gru", "--teacher-ratio", "0.7", "--seed", "3", "--min-count", "2"]


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with pairs.tsv, and in `run` a training that was interrupted at step 6 of 10."""
    monkeypatch.chdir(tmp_path)
    lines = "".join(f"{k}\t{s}\t{t}\n" for k, (s, t) in enumerate(PAIRS))
    Path("pairs.tsv").write_text(lines, encoding="utf-8")
    with monkeypatch.context() as patched:
        interrupt_after(patched, 6)
        assert train_in("run") == 130
    return tmp_path


def train_in(out: str, *more: str) -> int:
    return main(["train", "pairs.tsv", "--columns", "2,3", "--test", "0.1", "--out", out, *OPTIONS, *more])


def goes_on(run: Path | str, *options: str, pairs: tuple[str, ...] = ()) -> int:
    return main(["train", *pairs, "--resume", str(run), *options])


def test_the_line_at_an_interruption_is_the_command_that_goes_on(
    tmp_path: Path, begun: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patched:
        interrupt_after(patched, 2)
        assert train_in("my run") == 130
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == 'interrupted at step 2; to go on:  scratchnet train --resume "my run"'


def test_a_run_resumed_from_its_folder_ends_as_if_it_never_had_stopped(
    begun: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert train_in("unbroken") == 0
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert goes_on(begun / "run") == 0
    assert everything(begun / "run") == everything(begun / "unbroken")
    for name in ("validation.tsv", "test.tsv", "test.json", "data.json"):
        assert (begun / "run" / name).read_bytes() == (begun / "unbroken" / name).read_bytes()


def test_a_finished_run_stays_as_it_is_and_says_how_to_go_on(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert goes_on("run") == 0
    before = everything(begun / "run")
    capsys.readouterr()
    assert goes_on("run") == 0
    assert "2 epochs are done; to train on, give a larger number with --epochs" in capsys.readouterr().err
    assert everything(begun / "run") == before


@pytest.mark.parametrize("finished", [True, False])
def test_more_epochs_train_a_run_on_and_what_the_rate_does_is_said(
    finished: bool, begun: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if finished:
        assert goes_on("run") == 0
    capsys.readouterr()
    assert goes_on("run", "--epochs", "4", "--json") == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["epochs"] == 4
    lines = [line for line in captured.err.splitlines() if line.startswith("4 epochs instead of 2; the cosine")]
    assert len(lines) == 1
    step = 8 if finished else 6
    assert ("at 0.001, where it had come to 0" if finished else "where it had come to 0.0") in lines[0]
    history = [json.loads(line) for line in (begun / "run/metrics.jsonl").read_text().splitlines()]
    assert [metrics["epoch"] for metrics in history] == [1, 2, 3, 4]
    assert history[-1]["learning_rate"] < 1e-3 < 2e-3
    assert step < history[-1]["step"] == 16


def test_a_run_trained_on_is_resumed_with_the_new_plan(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree("run", "unbroken")
    assert goes_on("unbroken", "--epochs", "4") == 0
    with monkeypatch.context() as patched:
        interrupt_after(patched, 1)  # before anything else of the new plan is saved
        assert goes_on("run", "--epochs", "4") == 130
    assert goes_on("run") == 0
    assert everything(begun / "run") == everything(begun / "unbroken")


def test_a_run_that_stopped_early_says_what_would_train_it_on(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--learning-rate", "5", "--schedule", "constant", "--patience", "1"]
    assert train_in("early", *options, "--epochs", "50") == 0
    epochs = len(Path("early/metrics.jsonl").read_text().splitlines())
    assert epochs < 50
    fails_with_one_line(["train", "--resume", "early", "--epochs", "60"], capsys, "early", "--patience 6 or 0")
    assert goes_on("early", "--patience", "0", "--epochs", str(epochs + 2)) == 0
    assert len(Path("early/metrics.jsonl").read_text().splitlines()) == epochs + 2


def test_how_often_to_save_may_change_and_the_backend(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert goes_on("run", "--checkpoint-steps", "1", "--checkpoint-seconds", "0", "--recompute-every", "2") == 0
    fails_with_one_line(["train", "--resume", "run", "--backend", "tpu"], capsys, "tpu", "numpy")


def test_the_backend_is_the_one_before(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    module = sys.modules["scratchnet.training.train"]
    monkeypatch.setattr(module, "get_backend", lambda name, say: asked.append(name) or 1 / 0)
    for options in ([], ["--backend", "auto"]):
        with pytest.raises(ZeroDivisionError):
            goes_on("run", *options)
    assert asked == ["numpy", "auto"]
    assert not Path("run/lock").exists()


# The pairs


def test_a_file_that_was_moved_is_named_anew(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pairs.tsv").rename("moved.tsv")
    line = fails_with_one_line(["train", "--resume", "run"], capsys, "run", "pairs.tsv", "is gone", "--resume run")
    assert "scratchnet train NEW_PLACE --resume run" in line
    assert goes_on("run", pairs=("moved.tsv",)) == 0


def test_a_file_that_was_changed_is_refused(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open("pairs.tsv", "a", encoding="utf-8") as file:
        file.write("99\tone more\tone more\n")
    before = everything_of("run")
    fails_with_one_line(["train", "--resume", "run"], capsys, "run", "pairs.tsv", "no longer")
    assert everything_of("run") == before


def everything_of(run: str) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path(run).rglob("*") if path.is_file()}


def test_two_aligned_files_are_read_again(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("en.txt").write_text("".join(f"{s}\n" for s, _ in PAIRS), encoding="utf-8")
    Path("hi.txt").write_text("".join(f"{t}\n" for _, t in PAIRS), encoding="utf-8")
    assert main(["train", "en.txt", "--targets", "hi.txt", "--out", "two", *SMALL]) == 0
    assert goes_on("two", "--epochs", "3") == 0
    Path("hi.txt").write_text("\n" * len(PAIRS), encoding="utf-8")
    fails_with_one_line(["train", "--resume", "two", "--epochs", "4"], capsys, "hi.txt", "no longer")
    Path("hi.txt").unlink()
    fails_with_one_line(["train", "--resume", "two", "--epochs", "4"], capsys, "hi.txt", "is gone")


def test_a_corpus_is_made_again(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Corpus("en-hi", "en", "hi", tuple(PAIRS[:30]), tuple(PAIRS[30:33]), tuple(PAIRS[33:]))
    monkeypatch.setattr("scratchnet.training.training_data.load_corpus", lambda name: small)
    assert main(["train", "en-hi", "--out", "corpus", *SMALL]) == 0
    assert goes_on("corpus", "--epochs", "3") == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read"),
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ('{"file": "pairs.tsv", "sha256": "0"}', "does not say how the pairs were read"),
        ('{"corpus": "en-xx"}', "en-xx"),
    ],
)
def test_a_data_json_that_says_too_little_is_one_line(
    text: str | None, told: str, begun: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("run/data.json").unlink()
    if text is not None:
        Path("run/data.json").write_text(text)
    fails_with_one_line(["train", "--resume", "run"], capsys, told)


def test_a_run_begun_in_python_is_resumed_there(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options: dict[str, Any] = {"hidden_size": 8, "embedding_size": 8, "epochs": 1, "schedule": "constant"}
    first = train(PAIRS, "python", test=0.2, **options)
    assert first.test is not None
    assert first.test["sentences"] == 7
    fails_with_one_line(["train", "--resume", "python"], capsys, "begun in Python", "resume=True")
    again = train(PAIRS, "python", test=0.2, resume=True, **{**options, "epochs": 2})
    assert again.epochs == 2


def test_a_run_is_resumed_from_python(begun: Path) -> None:
    result = resume_run("run", epochs=3)
    assert (result.stopped, result.epochs) == ("finished", 3)
    assert result.translator is not None
    assert result.translator.translate(["ravi reads maps"], max_length=3)[0].unknown == ()


@pytest.mark.parametrize("changes", [{"learning_rate": 0.1}, {"hidden_size": 9}, {"colour": 1}])
def test_what_a_resumed_run_cannot_change_is_refused_by_name(changes: dict[str, Any], begun: Path) -> None:
    before = everything_of("run")
    with pytest.raises(InputError, match=next(iter(changes))):
        resume_run("run", **changes)
    assert everything_of("run") == before


def test_the_pairs_are_read_as_they_were(begun: Path) -> None:
    data = read_data_again(Path("run"), None, print, pytest.fail)
    assert set(data.training) | set(data.validation) | set(data.test) == set(PAIRS)
    origin = json.loads(Path("run/data.json").read_text())
    assert origin["columns"] == [2, 3]
    assert origin["file"] == str(begun / "pairs.tsv")
