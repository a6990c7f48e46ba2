"""What is odd about single sentences of a translation, said in one line a kind at the end, or at once on demand.

Read next: evaluate.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from scratchnet.cli.options import warn
from scratchnet.translation import Translation

SHOWN = 8  # words named in a line


class SentenceWarnings:
    """Collects warnings about sentences, numbered from 1. at_once: a line for each, instead of a summary at the end."""

    def __init__(self, max_length: int, at_once: bool) -> None:
        self.max_length, self.at_once = max_length, at_once
        self.sentences = 0
        self.words: dict[str, None] = {}  # those that are unknown, in order
        self.unknown: list[str] = []
        self.refused: list[str] = []
        self.cut: list[str] = []

    def add(self, found: Translation, sentence: str, known: bool) -> None:
        """Take note of a translation of `sentence`. known: whether the model knows a word of it at all."""
        self.sentences += 1
        name = f"sentence {self.sentences}"
        if not known:
            self.tell(
                self.refused, f"{name}, {sentence!r:.60}: the model knows no word of it; a blank line stands for it"
            )
        elif found.unknown:
            self.words |= dict.fromkeys(found.unknown)
            self.tell(self.unknown, f"{name}: not in the vocabulary: {', '.join(found.unknown)}")
        if not found.complete:
            self.tell(self.cut, f"{name}: cut off at {self.max_length} words (--max-length)")

    def tell(self, lines: list[str], line: str) -> None:
        """Add a line to those of its kind, and print it where each is wanted at once."""
        lines.append(line)
        if self.at_once:
            warn(line)

    def summarise(self) -> None:
        """Print one line for each kind of warning, unless they were printed at once."""
        words, named = f"{len(self.words):,} words", some(list(self.words))
        for lines, rest in (
            (self.unknown, f"hold {words} that are not in the vocabulary: {named} (--verbose names them by sentence)"),
            (self.refused, "hold no word that the model knows; a blank line stands for each (--verbose names them)"),
            (self.cut, f"were cut off at {self.max_length} words (--max-length; --verbose names them)"),
        ):
            if lines and not self.at_once:
                warn(lines[0] if len(lines) == 1 else f"{len(lines):,} of {self.sentences:,} sentences {rest}")


def some(texts: Sequence[str]) -> str:
    """Return the first few of these texts, with ", ..." where there are more."""
    return ", ".join(texts[:SHOWN]) + (", ..." if len(texts) > SHOWN else "")
