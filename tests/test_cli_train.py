"""`scratchnet train`: what it reads, says, writes, and refuses."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from commands import PAIRS, SMALL, fails_with_one_line

from scratchnet.cli import main
from scratchnet.data import Corpus, read_pairs


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


def test_a_few_bad_lines_are_counted_named_and_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{s}\t{t}\n" for s, t in PAIRS]
    (tmp_path / "pairs.txt").write_text("".join([*lines[:4], "no tab here\n", *lines[4:]]), encoding="utf-8")
    assert main(["train", str(tmp_path / "pairs.txt"), "--out", str(tmp_path / "run"), *SMALL]) == 0
    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]
    assert len(warnings) == 1
    assert "5" in warnings[0]


FILES = {
    "empty": (b"", ["empty"]),
    "without tabs": (b"one\ntwo\nthree\n", ["pairs.txt", "no line has a tab", "--targets"]),
    "mostly without tabs": (b"one\ntwo\nthree\tdrei\n", ["pairs.txt", "2 of 3 lines", "--max-bad-share"]),
    "not UTF-8": (b"a\tb\nc\t\xff\n", ["UTF-8"]),
    "one column empty": (b"a\t\nb\t\nc\td\n", ["pairs.txt"]),
    "one pair": (b"a b\tc d\n", ["pairs.txt", "too few pairs", "1 distinct source sentence,"]),
    "one pair thrice": (b"a\tb\n" * 3, ["pairs.txt", "too few pairs"]),
    "a line of a million characters": (b"a" * 1_000_000 + b"\tb\n", ["pairs.txt"]),
}


@pytest.mark.parametrize("fault", FILES)
def test_a_file_that_cannot_be_used_is_one_line_and_exit_code_2(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, wanted = FILES[fault]
    (tmp_path / "pairs.txt").write_bytes(content)
    fails_with_one_line(["train", str(tmp_path / "pairs.txt"), "--out", str(tmp_path / "run")], capsys, *wanted)


# What is said


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def trained(path: Path, out: Path, *options: str) -> int:
    return main(["train", str(path), "--out", str(out), *SMALL, *options])


def test_training_says_first_what_it_read_and_what_it_trains(
    pairs_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert trained(pairs_file, tmp_path / "run", "--test", "0.1", "--layers", "2", "--bidirectional") == 0
    lines = said(capsys)
    assert lines[0] == "pairs.tsv: 36 pairs, 30 to learn from, 2 held out for validation, 4 for a test"
    assert lines[1] == "vocabulary: 10 words of the source, 10 words of the target"
    sides = lines[2].removeprefix("reads: ").split("  writes: ")
    assert tuple(sides) in PAIRS
    weights = (tmp_path / "run/best/weights.safetensors").stat().st_size
    assert lines[3].startswith(
        "model: lstm, 2 layers of 16 units in encoder and decoder each, the encoder in both directions; "
    )
    parameters = int(lines[3].split("; ")[1].split(" ")[0].replace(",", ""))
    assert 0 < weights - 4 * parameters < 4000  # the names, besides
    assert lines[3].endswith(f"{parameters:,} parameters, {4e-6 * parameters:.2g} MB")
    assert lines[4].startswith("epoch 1/2")


def test_characters_are_called_so(pairs_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert trained(pairs_file, tmp_path / "run", "--unit", "character") == 0
    assert "characters of the source" in said(capsys)[1]


def test_something_is_said_before_a_corpus_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def made(name: str) -> Any:
        assert capsys.readouterr().err == "making the corpus en-hi, which takes some seconds\n"
        return Corpus(name, "en", "hi", tuple(PAIRS[:30]), tuple(PAIRS[30:33]), tuple(PAIRS[33:]))

    monkeypatch.setattr("scratchnet.training.training_data.load_corpus", made)
    assert main(["train", "en-hi", "--out", str(tmp_path / "run"), *SMALL]) == 0
    assert said(capsys)[0] == "en-hi: 33 pairs, 30 to learn from, 3 held out for validation"
    assert json.loads((tmp_path / "run/data.json").read_text()) == {"corpus": "en-hi"}


def test_the_json_is_all_that_is_on_standard_output(
    pairs_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert trained(pairs_file, tmp_path / "run", "--test", "0.1", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["test"]["sentences"] == 4
    assert result["example"]


def test_the_command_to_try_at_the_end_works_as_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, run = tmp_path / "pairs.tsv", tmp_path / "a run's folder"
    path.write_text("".join(f"tom's {s}?\t{t}\n" for s, t in PAIRS), encoding="utf-8")
    assert trained(path, run) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("done: try  scratchnet translate ")
    program, *arguments = shlex.split(last.removeprefix("done: try  "))
    assert (program, arguments[:2]) == ("scratchnet", ["translate", str(run)])
    assert arguments[2] in {source for source, _ in read_pairs(run / "validation.tsv")}
    assert len(arguments) == 3
    assert main(arguments) == 0
    assert "vocabulary" not in capsys.readouterr().err


# Columns


def test_the_export_of_tatoeba_is_pointed_out_and_read_by_its_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "export.tsv"
    path.write_text("".join(f"{k}\t{s}\t{9 * k}\t{t}\n" for k, (s, t) in enumerate(PAIRS)), encoding="utf-8")
    assert trained(path, tmp_path / "numbers") == 0
    warnings = [line for line in said(capsys) if line.startswith("warning")]
    assert warnings == [
        f"warning: {path}: column 1 holds numbers only, such as 0; to read the sentences: --columns 2,4"
    ]
    assert trained(path, tmp_path / "run", "--columns", "2,4") == 0
    assert not any(line.startswith("warning") for line in said(capsys))
    assert set(read_pairs(tmp_path / "run/validation.tsv")) < set(PAIRS)
    assert main(["evaluate", str(tmp_path / "run"), str(path), "--columns", "2,4", "--max-length", "4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sentences"] == len(PAIRS)


def test_more_bad_lines_may_be_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{s}\t{t}\n" for s, t in PAIRS) + "bad\n" * 9, encoding="utf-8")
    fails_with_one_line(["train", str(path), "--out", str(tmp_path / "run")], capsys, "9 of 45", "--max-bad-share")
    assert trained(path, tmp_path / "run", "--max-bad-share", "0.5") == 0


# A test


def test_a_share_is_held_out_and_scored_once_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, run = tmp_path / "pairs.tsv", tmp_path / "run"
    twice = [*PAIRS, *((source, target + " ।") for source, target in PAIRS)]  # two references for each sentence
    path.write_text("".join(f"{s}\t{t}\n" for s, t in twice), encoding="utf-8")
    assert trained(path, run, "--test", "0.25", "--validation", "0.1") == 0
    test, validation = (set(read_pairs(run / name)) for name in ("test.tsv", "validation.tsv"))
    assert len({source for source, _ in test}) == 9
    assert not {source for source, _ in test} & {source for source, _ in validation}
    assert len(test) == 18
    scores = json.loads((run / "test.json").read_text())
    line = next(line for line in said(capsys) if line.startswith("test, "))
    assert f"loss {scores['loss']:.3f}  BLEU {scores['bleu']:.1f}  chrF2 {scores['chrf']:.1f}" in line
    assert f"exact match {100 * scores['exact_match']:.1f} % of 9 sentences" in line
    assert main(["evaluate", str(run), str(run / "test.tsv"), "--json"]) == 0
    evaluated = json.loads(capsys.readouterr().out)
    assert {**evaluated, "epoch": scores["epoch"]} == scores
    monkeypatch.setattr("scratchnet.training.whole_run.evaluate", lambda *_: pytest.fail("scored twice"))
    assert main(["train", "--resume", str(run)]) == 0
    assert line in said(capsys)


def test_overwriting_removes_the_scores_of_the_run_before(pairs_file: Path, tmp_path: Path) -> None:
    assert trained(pairs_file, tmp_path / "run", "--test", "0.1") == 0
    assert trained(pairs_file, tmp_path / "run", "--overwrite") == 0
    assert not (tmp_path / "run/test.json").exists()
    assert not (tmp_path / "run/test.tsv").exists()
