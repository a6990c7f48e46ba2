"""What is timed: the sizes of the model and of its batches, the same for every implementation.

    small, medium, large    training steps on sentences of equal length
    ragged                  the medium model on lengths drawn evenly from 3 to 20
    decode                  the medium model writes 64 sentences greedily, all to the same length
    real                    an epoch of English to Marathi: real lengths, real repetitions of words
    paper                   the model of Sutskever, Vinyals and Le (2014), on random words

Words are drawn evenly from the vocabulary, so they repeat less often than in real text; `real` shows the difference.

Read next: equivalence.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.data import END, Vocabulary, batch_indices, read_pairs
from scratchnet.errors import InputError

Sentences = list[list[int]]
CELL_NAMES = ("lstm", "gru")
TRAIN, DECODE = "train", "decode"


@dataclass(frozen=True)
class Case:
    """One model with its batches.

    source_words, target_words: sizes of the vocabularies, special tokens included. embedding, hidden, layers: sizes E
    and H, and how many layers each half has. batch: sentences in one. lengths: the shortest and longest source
    sentence, and steps of the decoder, END included. work: "train" or "decode". optimizer: "adam" or "sgd".
    batches: how many different ones there are. text: a file of pairs that replaces random words. alone: too large for
    two implementations to be in memory together, so each takes all its turns in a row.
    """

    name: str
    source_words: int
    target_words: int
    embedding: int
    hidden: int
    layers: int
    batch: int
    lengths: Sequence[int]
    work: str = TRAIN
    optimizer: str = "adam"
    batches: int = 8
    text: str = ""
    alone: bool = False

    @property
    def ragged(self) -> bool:
        """Whether sentences differ in length."""
        return bool(self.text) or self.lengths[0] != self.lengths[1]

    @property
    def decoded_words(self) -> int:
        """How many words each sentence of a decoding case gets."""
        return self.lengths[1]


MEDIUM = Case("medium", 8_000, 8_000, 256, 256, 2, 64, (20, 20))
CASES = {
    case.name: case
    for case in (
        Case("small", 2_000, 2_000, 64, 128, 1, 64, (10, 10)),
        MEDIUM,
        Case("large", 16_000, 16_000, 512, 512, 2, 64, (25, 25)),
        replace(MEDIUM, name="ragged", lengths=(3, 20)),
        replace(MEDIUM, name="decode", work=DECODE, batches=1),
        replace(MEDIUM, name="real", lengths=(1, 50), batches=0),
        # 348 and 304 million words in 12 million pairs: 29 French words, to be written, for 25 English ones.
        Case("paper", 160_000, 80_000, 1_000, 1_000, 4, 128, (27, 27), optimizer="sgd", batches=2, alone=True),
    )
}
# Sutskever et al. (2014), section 3.1 and 3.4: what they trained on, and how often.
PAPER_WORDS, PAPER_EPOCHS = 348e6 + 304e6, 7.5
DEFAULT_TEXT = Path(__file__).parents[3] / "shared" / "data" / "mar" / "mar.txt"


def paper_days(words_per_second: float) -> float:
    """Return how many days the training of Sutskever et al. takes at a rate."""
    return PAPER_EPOCHS * PAPER_WORDS / words_per_second / 86_400


def find_case(name: str, text: Path | None = None) -> Case:
    """Return the case called `name`; the case "real" reads the pairs of the file `text`.

    Raises InputError for a name that no case has, and where that file is absent.
    """
    if name not in CASES:
        raise InputError(f"unknown case {name!r}: choose from {', '.join(CASES)}")
    if name != "real":
        return CASES[name]
    path = DEFAULT_TEXT if text is None else text
    if not path.is_file():
        raise InputError(f"the case 'real' reads {path.name}, which is not there: hand in a file of pairs with --data")
    sources, targets, pairs = read_text(str(path), CASES[name].lengths)
    count = -(-len(pairs) // CASES[name].batch)
    return replace(
        CASES[name], text=str(path.resolve()), source_words=len(sources), target_words=len(targets), batches=count
    )


def read_text(path: str, lengths: Sequence[int]) -> tuple[Vocabulary, Vocabulary, list[tuple[list[int], list[int]]]]:
    """Return a file's vocabularies and the ids of all its pairs up to the longest length."""
    pairs = read_pairs(path, warn=lambda line: None)
    sources, targets = (Vocabulary.build([pair[side] for pair in pairs], min_count=2) for side in (0, 1))
    encoded = [(list(sources.encode(s)), list(targets.encode(t))) for s, t in pairs]
    return sources, targets, [(s, t) for s, t in encoded if 0 < len(s) <= lengths[1] and len(t) < lengths[1]]


class Data:
    """The batches of a case, made from fixed seeds: every process gets the same ones."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.pairs: list[tuple[list[int], list[int]]] = []
        self.chosen: list[Any] = []
        if case.text:
            self.pairs = read_text(case.text, case.lengths)[2]
            sizes = [(len(source), len(target)) for source, target in self.pairs]
            self.chosen = batch_indices(sizes, case.batch, np.random.default_rng(0))

    def batch(self, number: int) -> tuple[Sentences, Sentences]:
        """Return sources and targets (ids, without START and END) of batch `number` modulo the number of batches."""
        case, number = self.case, number % self.case.batches
        if case.text:
            return [self.pairs[i][0] for i in self.chosen[number]], [self.pairs[i][1] for i in self.chosen[number]]
        rng = np.random.default_rng((20, number))
        low, high = case.lengths

        def sentences(vocabulary: int, ends: int) -> Sentences:
            lengths = rng.integers(low, high + 1, case.batch) - ends
            return [rng.integers(END + 1, vocabulary, length).tolist() for length in lengths]

        return sentences(case.source_words, 0), sentences(case.target_words, 1)  # the decoder's last step writes END

    def tokens(self, number: int) -> int:
        """Return the target tokens of batch `number`, END included, or the words that decoding it writes."""
        if self.case.work == DECODE:
            return self.case.batch * self.case.decoded_words
        return sum(len(target) + 1 for target in self.batch(number)[1])

    def words(self, number: int) -> int:
        """Return how many words batch `number` holds, in both languages together, as Sutskever et al. count."""
        sources, targets = self.batch(number)
        return sum(map(len, sources)) + sum(map(len, targets))
