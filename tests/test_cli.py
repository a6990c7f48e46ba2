"""The command line, as its users meet it: results on standard output, one line for every mistake, exit codes."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from commands import fails_with_one_line

from scratchnet.cli import main
from scratchnet.data import load_corpus
from scratchnet.version import __version__


@pytest.mark.parametrize("name", ["en-hi", "en-mr"])
def test_a_corpus_is_printed_as_tab_separated_pairs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpus", name, "--split", "test"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 500
    assert all(line.count("\t") == 1 for line in lines)


def test_info_names_version_backends_and_threads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["backends"]["numpy"].startswith("ready")
    assert {"scratchnet", "threads", "cores", "numpy"} <= facts.keys()
    assert facts["folder"].endswith("scratchnet")
    assert facts["changed"] == "nothing"


def test_without_a_split_the_pairs_to_learn_from_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpus", "en-hi"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [tuple(line.split("\t")) for line in lines] == list(load_corpus("en-hi").train)


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"scratchnet {__version__}\n"


def test_the_module_prints_the_version() -> None:
    command = [sys.executable, "-m", "scratchnet", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"scratchnet {__version__}\n"


def test_no_command_at_all_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    captured = capsys.readouterr()
    assert "translate" in captured.out + captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("command", ["", "train", "translate", "evaluate", "gradcheck", "corpus", "info"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert len(capsys.readouterr().out) > 200


def test_gradcheck_says_that_a_cell_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradcheck", "gru"]) == 0
    assert "right" in capsys.readouterr().out


MISTAKES = {
    "a missing file": (["train", "nowhere.tsv", "--out", "{new}"], ["nowhere.tsv"]),
    "a folder for a file": (["train", "{folder}", "--out", "{new}"], ["folder"]),
    "an unknown corpus": (["train", "en-xx", "--out", "{new}"], ["en-xx", "en-hi", "en-mr"]),
    "an unknown corpus to print": (["corpus", "en-xx"], ["en-hi", "en-mr"]),
    "an unknown split": (["corpus", "en-hi", "--split", "dev"], ["dev", "validation"]),
    "an unknown cell": (["train", "{pairs}", "--out", "{new}", "--cell", "lstmm"], ["lstmm", "gru-reset-before"]),
    "an unknown cell to check": (["gradcheck", "lstmm"], ["lstmm", "gru-reset-before"]),
    "an unknown backend": (["train", "{pairs}", "--out", "{new}", "--backend", "tpu"], ["tpu", "numpy", "cupy"]),
    "an unknown optimizer": (["train", "{pairs}", "--out", "{new}", "--optimizer", "adm"], ["adm", "adam"]),
    "an unknown unit": (["train", "{pairs}", "--out", "{new}", "--unit", "syllable"], ["syllable", "word"]),
    "hidden size zero": (["train", "{pairs}", "--out", "{new}", "--hidden", "0"], ["hidden_size", "0"]),
    "layers below zero": (["train", "{pairs}", "--out", "{new}", "--layers", "-1"], ["layers", "-1"]),
    "no epochs": (["train", "{pairs}", "--out", "{new}", "--epochs", "0"], ["epochs", "0"]),
    "batch size zero": (["train", "{pairs}", "--out", "{new}", "--batch-size", "0"], ["batch_size", "0"]),
    "too much dropout": (["train", "{pairs}", "--out", "{new}", "--dropout", "1"], ["dropout", "1"]),
    "tied sizes that differ": (["train", "{pairs}", "--out", "{new}", "--tied-embeddings"], ["128", "256"]),
    "no run there": (["translate", "{new}", "hello"], ["{new}"]),
    "a run that is a file": (["translate", "{pairs}", "hello"], ["pairs.tsv"]),
    "a folder that holds another run": (["train", "{pairs}", "--out", "{run}"], ["{run}", "overwrite"]),
    "an output that is a file": (["train", "{pairs}", "--out", "{pairs}"], ["pairs.tsv"]),
    "beam zero": (["translate", "{run}", "ravi", "--beam", "0"], ["beam", "0"]),
    "a limit of zero": (["translate", "{run}", "ravi", "--max-length", "0"], ["max_length", "0"]),
    "an option that does not exist": (["train", "{pairs}", "--out", "{new}", "--hiden", "3"], ["--hiden"]),
    "a size that is no number": (["train", "{pairs}", "--out", "{new}", "--hidden", "big"], ["--hidden"]),
    "no output folder": (["train", "{pairs}"], ["--out"]),
    "an unknown command": (["tarin"], ["tarin"]),
    "nothing to train on": (["train", "--out", "{new}"], ["en-hi", "--resume RUN"]),
    "resuming with other options": (
        ["train", "--resume", "{run}", "--seed", "7"],
        ["--seed", "--epochs", "--patience"],
    ),
    "resuming with another folder": (["train", "--resume", "{run}", "--out", "{new}"], ["--out"]),
    "resuming for fewer epochs": (["train", "--resume", "{run}", "--epochs", "1"], ["{run}", "2 epochs are done"]),
    "resuming for no epochs": (["train", "--resume", "{run}", "--epochs", "0"], ["epochs", "0"]),
    "resuming what is no run": (["train", "--resume", "{folder}"], ["{folder}", "no run"]),
    "resuming what is not there": (["train", "--resume", "{new}"], ["{new}", "no run"]),
    "resuming what is a file": (["train", "--resume", "{pairs}"], ["{pairs}", "no run"]),
    "resuming with a file that is not there": (["train", "{new}", "--resume", "{run}"], ["{new}", "no such file"]),
    "resuming with a corpus": (["train", "en-hi", "--resume", "{run}"], ["en-hi"]),
    "columns that are no numbers": (["train", "{pairs}", "--out", "{new}", "--columns", "1,x"], ["--columns", "'1,x'"]),
    "one column": (["train", "{pairs}", "--out", "{new}", "--columns", "2"], ["--columns", "2"]),
    "the same column twice": (["train", "{pairs}", "--out", "{new}", "--columns", "2,2"], ["--columns", "2,2"]),
    "column zero": (["train", "{pairs}", "--out", "{new}", "--columns", "0,1"], ["--columns", "0,1"]),
    "a column that no line has": (["train", "{pairs}", "--out", "{new}", "--columns", "1,9"], ["pairs.tsv", "9", "3"]),
    "columns of a corpus": (["train", "en-hi", "--out", "{new}", "--columns", "2,1"], ["en-hi", "--columns"]),
    "columns of two files": (
        ["train", "{pairs}", "--targets", "{pairs}", "--out", "{new}", "--columns", "2,1"],
        ["--columns", "--targets"],
    ),
    "a test above one": (["train", "{pairs}", "--out", "{new}", "--test", "1.5"], ["--test", "1.5"]),
    "a test below zero": (["train", "{pairs}", "--out", "{new}", "--test", "-0.5"], ["--test", "-0.5"]),
    "a test that leaves nothing": (["train", "{pairs}", "--out", "{new}", "--test", "0.95"], ["--test", "0.05"]),
    "a test of almost all": (
        ["train", "{pairs}", "--out", "{new}", "--test", "0.94"],
        ["pairs.tsv", "none to train"],
    ),
    "a test of a corpus": (["train", "en-hi", "--out", "{new}", "--test", "0.1"], ["en-hi", "--test"]),
    "a share of bad lines above one": (
        ["train", "{pairs}", "--out", "{new}", "--max-bad-share", "2"],
        ["--max-bad-share", "2"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2(
    mistake: str, run_folder: Path, pairs_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"run": run_folder, "pairs": pairs_file, "folder": tmp_path, "new": tmp_path / "new"}
    arguments, wanted = MISTAKES[mistake]
    fails_with_one_line(
        [text.format(**places) for text in arguments], capsys, *(text.format(**places) for text in wanted)
    )


def test_the_program_itself_ends_with_code_2_and_no_traceback() -> None:
    command = [sys.executable, "-m", "scratchnet", "corpus", "en-xx"]
    finished = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert finished.returncode == 2
    assert finished.stderr.startswith("error: ")
    assert finished.stderr.count("\n") == 1


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = f"{shlex.quote(sys.executable)} -m scratchnet corpus en-hi | head -n 1"
    finished = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, encoding="utf-8", check=False
    )
    assert finished.returncode == 0
    assert finished.stderr == ""
    assert finished.stdout.count("\t") == 1
