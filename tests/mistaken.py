"""Every mistake of the catalogue put where it belongs: a wrong cell, layer, part or model, and the check that fits it.

Read next: test_mistakes.py, mutation_score.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpers import make_model

from scratchnet.cells import CELLS, GRUCell, LSTMCell, RNNCell
from scratchnet.data import Batch, make_batch
from scratchnet.gradcheck import Report, check_cell, check_clipping, check_layer, check_part, check_seq2seq
from mistakes import Mistake, catalogue, mutant_of
from scratchnet.gradcheck.reference import walk
from scratchnet.layers import Dropout, Embedding, Linear
from scratchnet.losses import SoftmaxCrossEntropy, SquaredError
from scratchnet.optim import clip_by_global_norm
from scratchnet.recurrent import Recurrent
from scratchnet.stack import Bidirectional, Stack

LENGTHS = (3, 2, 1)
CLASSES = {cell.__name__: cell for cell in CELLS.values()}


def lstm() -> Any:
    """Return one LSTM layer."""
    return Recurrent(LSTMCell(2, 3, dtype="float64"))


def reverse() -> Any:
    """Return one LSTM layer that reads right to left."""
    return Recurrent(LSTMCell(2, 3, dtype="float64"), reverse=True)


def both() -> Any:
    """Return a bidirectional layer of two cells of one size and different kinds."""
    return Bidirectional(
        Recurrent(GRUCell(2, 3, dtype="float64")), Recurrent(RNNCell(2, 3, dtype="float64"), reverse=True)
    )


def stack() -> Any:
    """Return three layers of one size with dropout between them."""
    return Stack([Recurrent(RNNCell(3, 3, dtype="float64", rng=seed)) for seed in (1, 2, 3)], 0.4)


def plain() -> Any:
    """Return an LSTM encoder-decoder over embeddings, with dropout, of pairwise distinct sizes."""
    return make_model(9, 8, embedding_size=2, hidden_size=3, dropout=0.3, dtype="float64")


def rich() -> Any:
    """Return a bidirectional GRU encoder-decoder with tied embeddings, label smoothing and the source reversed."""
    return make_model(
        9, 8, cell=GRUCell, embedding_size=3, hidden_size=3, bidirectional=True, tied_embeddings=True,
        label_smoothing=0.2, reverse_source=True, dtype="float64",
    )  # fmt: skip


def onehot() -> Any:
    """Return an LSTM encoder-decoder over one-hot vectors."""
    return make_model(9, 8, embedding_size=None, hidden_size=3, dtype="float64")


MODELS = (plain, rich, onehot)


def batch() -> Batch:
    """Return a ragged batch with repeated words whose targets are not sorted as its sources are; START is 2, END 3."""
    return make_batch([[5, 5, 7], [8, 4, 5, 6, 5], [7, 4], [6, 6, 8, 4]], [[4, 4], [], [6, 4, 7], [5, 7, 5, 6]])


# Where a mistake in a class that is not a cell is made, and which classes it is made in.
WHERE: dict[str, Callable[[], Any]] = {
    "Recurrent": lstm, "Bidirectional": both, "Stack": stack, "Embedding": plain, "OneHot": onehot, "Linear": plain,
    "Dropout": plain, "SoftmaxCrossEntropy": plain, "Seq2Seq": plain, "Encoder": rich, "Decoder": plain,
    "LinearBridge": rich,
    "TiedLinear": rich,
}  # fmt: skip
PARTS: dict[str, Callable[[], Any]] = {
    "Linear": lambda: Linear(3, 4, dtype="float64"), "Embedding": lambda: Embedding(6, 3, dtype="float64"),
    "Dropout": lambda: Dropout(0.4, dtype="float64"), "SoftmaxCrossEntropy": lambda: SoftmaxCrossEntropy(0.2),
    "SquaredError": SquaredError,
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A mistake in one host. kind: "cell", "layer", "model", "part" or "clipping", which says what checks it."""

    mistake: Mistake
    host: str
    kind: str
    base: Callable[[], Any]

    @property
    def name(self) -> str:
        return f"{self.mistake.id} in {self.host}, {self.kind}"

    def build(self) -> Any:
        """Return the wrong subject: a cell class, a layer, a model, a part or a function."""
        mutant = mutant_of(self.mistake.edits)
        if self.kind == "cell":
            return mutant.class_for(CLASSES[self.host])
        if self.kind == "clipping":
            return mutant.function_for(clip_by_global_norm)
        whole = self.base()
        fitting = (
            [part for _, part in walk(whole) if type(part).__name__ == self.host] if self.kind != "part" else [whole]
        )
        assert fitting, f"{self.name}: no {self.host} in {type(whole).__name__}"
        for part in fitting:
            part.__class__ = mutant.class_for(type(part))
        return whole

    def check(self, subject: Any, scale: float, seed: int) -> Report:
        """Run the check that fits."""
        return check(self.kind, subject, scale, seed)


def check(kind: str, subject: Any, scale: float, seed: int) -> Report:
    """Run the check that fits a kind of subject."""
    if kind == "cell":
        return check_cell(subject, scale=scale, seed=seed, lengths=LENGTHS, hidden_size=3, both_directions=False)
    if kind == "layer":
        return check_layer(subject, scale=scale, seed=seed, lengths=LENGTHS)
    if kind == "part":
        return check_part(subject, scale=scale, seed=seed)
    if kind == "clipping":
        return check_clipping(subject, seed=seed)
    return check_seq2seq(subject, batch(), scale=scale, rng_seed=seed)


def cases() -> list[Case]:
    """Return every mistake in every host that it can be made in, and parts both alone and within a model."""
    found = []
    for mistake in catalogue():
        for host in mistake.hosts:
            if host in CLASSES:
                found.append(Case(mistake, host, "cell", lambda host=host: CLASSES[host]))
                continue
            if host == "clip_by_global_norm":
                found.append(Case(mistake, host, "clipping", lambda: clip_by_global_norm))
                continue
            if host in WHERE:
                base = _base(mistake, host)
                found.append(Case(mistake, host, "model" if base in MODELS else "layer", base))
            if host in PARTS and not mistake.id.startswith("loss.gradient-not-masked"):
                found.append(Case(mistake, host, "part", PARTS[host]))
    return found


def _base(mistake: Mistake, host: str) -> Callable[[], Any]:
    if mistake.family == "bidirectional" and host == "Recurrent":
        return reverse
    if mistake.id.startswith("loss.smoothing"):
        return rich
    return WHERE[host]


def wrong(id: str) -> Any:
    """Return the subject with the mistake of this id, in the first host that it can be made in."""
    return next(case for case in cases() if case.mistake.id == id).build()
