"""What the tests of the command line share: a small file of pairs, options for a small model, and what is looked at."""

from __future__ import annotations

import io
import sys

import pytest

from scratchnet.cli import main

PAIRS = [(f"{who} {verb} {what}", f"{kaun} {kya} {karta}")
         for who, kaun in (("ravi", "रवि"), ("sita", "सीता"), ("mohan", "मोहन"), ("geeta", "गीता"))
         for verb, karta in (("reads", "पढ़ना"), ("buys", "ख़रीदना"), ("sees", "देखना"))
         for what, kya in (("books", "किताबें"), ("letters", "चिट्ठियाँ"), ("maps", "नक्शे"))]  # fmt: skip
SMALL = ["--hidden", "16", "--embedding", "8", "--epochs", "2", "--batch-size", "8"]


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
