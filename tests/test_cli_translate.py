"""`scratchnet translate` and `scratchnet evaluate`: sentences in, translations and scores out."""

import json
import sys
from pathlib import Path

import pytest
from commands import PAIRS, fails_with_one_line, standard_input

from scratchnet.cli import main


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


# Warnings about sentences

SENTENCES = b"ravi reads zzz\nsita sees maps\nmohan qqq yyy\ngeeta zzz books\nqqq\nzzz yyy\n"


def warnings_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    main(arguments)
    return [line.removeprefix("warning: ") for line in capsys.readouterr().err.splitlines()]


def test_unknown_words_are_summed_up_in_one_line_a_kind(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standard_input(monkeypatch, SENTENCES)
    found = [line for line in warnings_of(["translate", str(run_folder)], capsys) if "--max-length" not in line]
    assert found == [
        "3 of 6 sentences hold 3 words that are not in the vocabulary: zzz, qqq, yyy "
        "(--verbose names them by sentence)",
        "2 of 6 sentences hold no word that the model knows; a blank line stands for each (--verbose names them)",
    ]


def test_verbose_names_each_sentence(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standard_input(monkeypatch, SENTENCES)
    found = warnings_of(["translate", str(run_folder), "--verbose"], capsys)
    assert "sentence 1: not in the vocabulary: zzz" in found
    assert "sentence 3: not in the vocabulary: qqq, yyy" in found
    assert "sentence 5, 'qqq': the model knows no word of it; a blank line stands for it" in found
    assert not any(" of 6 sentences" in line for line in found)


def test_many_unknown_words_are_not_all_named(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standard_input(monkeypatch, b"".join(b"ravi w%d\n" % k for k in range(1200)))
    found = [line for line in warnings_of(["translate", str(run_folder)], capsys) if "vocabulary" in line]
    assert len(found) == 1
    assert "1,200 of 1,200 sentences hold 1,200 words" in found[0]
    assert "w0, w1, w2, w3, w4, w5, w6, w7, ..." in found[0]
    assert "w8" not in found[0]


def test_a_single_sentence_is_named_itself(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = warnings_of(["translate", str(run_folder), "ravi reads maps", "ravi reads zzz"], capsys)
    assert "sentence 2: not in the vocabulary: zzz" in found


def test_whoever_types_is_told_at_once(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standard_input(monkeypatch, SENTENCES)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    found = warnings_of(["translate", str(run_folder)], capsys)
    assert "sentence 4: not in the vocabulary: zzz" in found
    assert not any(" of 6 sentences" in line for line in found)


def test_sentences_that_are_cut_off_are_summed_up(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["translate", str(run_folder), "ravi reads maps", "sita sees books", "--max-length", "1"]
    assert warnings_of(arguments, capsys) == [
        "2 of 2 sentences were cut off at 1 words (--max-length; --verbose names them)"
    ]
    assert warnings_of([*arguments, "--verbose"], capsys) == [
        f"sentence {k}: cut off at 1 words (--max-length)" for k in (1, 2)
    ]


def test_evaluation_sums_up_unknown_words_and_what_was_cut_off(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pairs.tsv"
    words = ["", "zzz", "yyy"] * 9
    lines = [f"{s} {word}\t{t}\n" for (s, t), word in zip(PAIRS, words, strict=False)]
    path.write_text("".join(lines), encoding="utf-8")
    found = warnings_of(["evaluate", str(run_folder), str(path), "--max-length", "1"], capsys)
    assert found[0].startswith("18 of 27 sentences hold 2 words that are not in the vocabulary: zzz, yyy ")
    assert "27 of 27 sentences were cut off at 1 words" in found[1]
    assert len(found) == 2
    found = warnings_of(["evaluate", str(run_folder), str(path), "--max-length", "1", "--verbose"], capsys)
    assert "sentence 2: not in the vocabulary: zzz" in found
