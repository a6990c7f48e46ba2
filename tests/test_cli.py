"""The command line, as its users meet it: results on standard output, one line for every mistake, exit codes."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scratchnet.cli import main

PAIRS = [(f"{who} {verb} {what}", f"{kaun} {kya} {karta}")
         for who, kaun in (("ravi", "रवि"), ("sita", "सीता"), ("mohan", "मोहन"), ("geeta", "गीता"))
         for verb, karta in (("reads", "पढ़ना"), ("buys", "ख़रीदना"), ("sees", "देखना"))
         for what, kya in (("books", "किताबें"), ("letters", "चिट्ठियाँ"), ("maps", "नक्शे"))]  # fmt: skip
SMALL = ["--hidden", "16", "--embedding", "8", "--epochs", "2", "--batch-size", "8"]


@pytest.fixture(scope="module")
def pairs_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "pairs.tsv"
    path.write_text("".join(f"{s}\t{t}\tsomeone\n" for s, t in PAIRS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run_folder(pairs_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "small"
    assert main(["train", str(pairs_file), "--out", str(out), *SMALL]) == 0
    return out


def fails_with_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str], *wanted: str) -> str:
    capsys.readouterr()
    assert main(arguments) == 2
    captured = capsys.readouterr()
    lines = [line for line in captured.err.splitlines() if line.startswith("error: ")]
    assert captured.out == ""
    assert len(lines) == 1
    assert "Traceback" not in captured.err
    for text in wanted:
        assert text in lines[0]
    return lines[0]


def standard_input(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def test_training_leaves_checkpoints_metrics_and_the_pairs_that_were_held_out(run_folder: Path) -> None:
    metrics = [json.loads(line) for line in (run_folder / "metrics.jsonl").read_text().splitlines()]
    held_out = (run_folder / "validation.tsv").read_text(encoding="utf-8").splitlines()
    assert [line["epoch"] for line in metrics] == [1, 2]
    assert len(held_out) == 2
    assert (run_folder / "best").is_dir()
    assert (run_folder / "last").is_dir()


def test_training_prints_its_result_as_json_when_asked(
    pairs_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(pairs_file), "--out", str(tmp_path / "run"), *SMALL, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["epochs"] == 2


@pytest.mark.parametrize(
    "options",
    [
        ["--cell", "gru", "--layers", "2", "--bidirectional"],
        ["--cell", "gru-reset-before", "--one-hot", "--reverse-source"],
        ["--cell", "rnn", "--optimizer", "nesterov", "--dropout", "0.2", "--unit", "character"],
        ["--tied-embeddings", "--embedding", "16", "--label-smoothing", "0.1", "--teacher-ratio", "0.5"],
        ["--recompute-every", "2"],
    ],
    ids=" ".join,
)
def test_every_option_of_training_ends_in_a_model_that_translates(
    options: list[str], pairs_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main(["train", str(pairs_file), "--out", str(run), *SMALL, *options]) == 0
    capsys.readouterr()
    assert main(["translate", str(run), "ravi reads books", "--max-length", "5"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_two_aligned_files_can_be_trained_on(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("".join(f"{s}\n" for s, _ in PAIRS), encoding="utf-8")
    (tmp_path / "hi.txt").write_text("".join(f"{t}\n" for _, t in PAIRS), encoding="utf-8")
    out = str(tmp_path / "run")
    assert main(["train", str(tmp_path / "en.txt"), "--targets", str(tmp_path / "hi.txt"), "--out", out, *SMALL]) == 0


def test_translations_are_one_a_line_and_blank_lines_stay_where_they_were(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standard_input(monkeypatch, b"ravi reads books\n\nsita sees maps\n   \n")
    assert main(["translate", str(run_folder)]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert len(lines) == 5
    assert lines[1] == lines[3] == lines[4] == ""


def test_arguments_and_standard_input_translate_alike_with_any_beam(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for beam in ("1", "3"):
        assert main(["translate", str(run_folder), "geeta buys letters", "--beam", beam]) == 0
        from_argument = capsys.readouterr().out
        standard_input(monkeypatch, b"geeta buys letters\r\n")
        assert main(["translate", str(run_folder), "--beam", beam]) == 0
        assert capsys.readouterr().out == from_argument


def test_a_sentence_of_only_unknown_words_is_named_and_keeps_its_line(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standard_input(monkeypatch, b"ravi reads books\nqqq zzz\nsita sees maps\n")
    assert main(["translate", str(run_folder)]) == 2
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 3
    assert captured.out.splitlines()[1] == ""
    assert "sentence 2" in captured.err
    assert "qqq" in captured.err


def test_standard_input_that_is_not_utf8_is_refused_with_its_place(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standard_input(monkeypatch, b"ravi\nab\xff\n")
    fails_with_one_line(["translate", str(run_folder)], capsys, "line 2", "byte 7", "UTF-8")


def test_evaluation_prints_the_eight_keys(
    run_folder: Path, pairs_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(run_folder), str(pairs_file), "--json", "--max-length", "5"]) == 0
    captured = capsys.readouterr()
    scores = json.loads(captured.out)
    keys = {"loss", "perplexity", "bleu", "chrf", "exact_match", "tokens", "sentences", "signature"}
    assert scores.keys() == keys
    assert scores["sentences"] == len(PAIRS)
    assert "trained on" in captured.err


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
    "resuming with other options": (["train", "{pairs}", "--out", "{run}", "--resume", "--seed", "7"], ["{run}"]),
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


FILES = {
    "empty": (b"", ["empty"]),
    "without tabs": (b"one\ntwo\nthree\n", ["tab"]),
    "not UTF-8": (b"a\tb\nc\t\xff\n", ["UTF-8"]),
    "one column empty": (b"a\t\nb\t\nc\td\n", ["pairs.txt"]),
    "a single word": (b"a\tb\n" * 3, ["pairs"]),
    "a line of a million characters": (b"a" * 1_000_000 + b"\tb\n", ["pairs.txt"]),
}


@pytest.mark.parametrize("fault", FILES)
def test_a_file_that_cannot_be_used_is_one_line_and_exit_code_2(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, wanted = FILES[fault]
    (tmp_path / "pairs.txt").write_bytes(content)
    fails_with_one_line(["train", str(tmp_path / "pairs.txt"), "--out", str(tmp_path / "run")], capsys, *wanted)


def test_a_few_bad_lines_are_counted_named_and_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{s}\t{t}\n" for s, t in PAIRS]
    (tmp_path / "pairs.txt").write_text("".join([*lines[:4], "no tab here\n", *lines[4:]]), encoding="utf-8")
    assert main(["train", str(tmp_path / "pairs.txt"), "--out", str(tmp_path / "run"), *SMALL]) == 0
    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]
    assert len(warnings) == 1
    assert "5" in warnings[0]


def test_the_program_itself_ends_with_code_2_and_no_traceback() -> None:
    command = [sys.executable, "-m", "scratchnet", "corpus", "en-xx"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert finished.stderr.startswith("error: ")
    assert finished.stderr.count("\n") == 1


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = f"{sys.executable} -m scratchnet corpus en-hi | head -n 1"
    finished = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert finished.returncode == 0
    assert finished.stderr == ""
    assert finished.stdout.count("\t") == 1
