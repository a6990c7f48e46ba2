"""What examples/english_to_hindi.py prints, on a corpus of a few sentences."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from commands import PAIRS

from scratchnet.data import Corpus

EXAMPLE = Path(__file__).parent.parent / "examples" / "english_to_hindi.py"


def test_sentences_are_printed_under_a_heading_that_says_what_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    learned = (*PAIRS[:24], ("nice to meet you", "आपसे मिलकर ख़ुशी हुई"))
    corpus = Corpus("en-hi", "en", "hi", learned, tuple(PAIRS[24:26]), tuple(PAIRS[26:]))
    monkeypatch.setattr(example, "load_corpus", lambda name: corpus)
    example.main(["--epochs", "1", "ravi reads maps"])
    lines = capsys.readouterr().out.splitlines()
    held_out, learned_from, own = map(
        lines.index, ("held-out sentences:", "a sentence that it learned from:", "your own sentences:")
    )
    unseen = {line.strip() for line in lines[held_out + 1 : learned_from : 2]}
    assert len(unseen) == 8
    assert unseen <= {source for source, _ in corpus.test}
    assert [line.strip() for line in lines[learned_from + 1 : own : 2]] == ["nice to meet you"]
    assert lines[own + 1].strip() == "ravi reads maps"
    example.main(["--epochs", "1"])
    assert "your own sentences:" not in capsys.readouterr().out
