"""The library's own parts as subjects of the check, each imported from a copy of the library.

    PARTS["lstm"].text          what the file under check imports; it stands beside a copy of the library
    PARTS["lstm"].harness       harness(module, r)

Read next: planted_mistakes.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from scratchnet.gradcheck.library import parts
from scratchnet.gradcheck.library.parts import Pairs

Harness = Callable[..., Pairs]


@dataclass(frozen=True)
class Part:
    """A part of the library: the names that `part.py` imports, "file: names", and the harness that checks it."""

    imports: tuple[str, ...]
    harness: Harness

    @property
    def text(self) -> str:
        """The text of part.py."""
        lines = (line.split(": ") for line in self.imports)
        return "".join(f"from library.{file} import {names}\n" for file, names in lines)


SHARED: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def built(make: Callable[[Any], Any], m: Any, again: bool) -> Any:
    """Return a part built anew; again: that of the call before, since what it remembers must not show."""
    if not again or m not in SHARED:
        SHARED[m] = make(m)
    return SHARED[m]


def of(kind: Harness, make: Callable[[Any], Any]) -> Harness:
    """Return harness(m, r) of a part that `make` makes; harness(m, r, again=True) runs the backward twice."""

    def harness(m: Any, r: Any, **options: Any) -> Pairs:
        return kind(partial(built, make, m, options.get("again", False)), r, **options)

    harness.kind = kind  # type: ignore[attr-defined]
    return harness


def of_layer(make: Callable[[Any], Any]) -> Harness:
    """Return the harness of a recurrent layer."""
    return of(parts.of_layer, make)


def of_one_hot(m: Any, r: Any, again: bool = False) -> Pairs:
    """Check a layer over one-hot rows."""
    make = partial(built, lambda m: m.Recurrent(m.LSTMCell(4, 3, dtype="float64")), m, again)
    return parts.of_one_hot(make, m.OneHot(4), r, again)


def of_clipping(m: Any, r: Any) -> Pairs:
    """Check clipping."""
    return parts.of_clipping(m.clip_by_global_norm, r)


# --- parts ----------------------------------------------------------------------------------------------------------


def _tied(m: Any) -> Any:
    embedding = m.Embedding(5, 3, dtype="float64")
    return m.ModuleDict(embedding=embedding, linear=m.TiedLinear(embedding))


def _cell(name: str, reverse: bool = False) -> Callable[[Any], Any]:
    return lambda m: m.Recurrent(getattr(m, name)(2, 3, dtype="float64"), reverse=reverse)


def _both(m: Any) -> Any:
    halves = m.Recurrent(m.GRUCell(2, 3, dtype="float64")), m.Recurrent(m.RNNCell(2, 3, dtype="float64"), reverse=True)
    return m.Bidirectional(*halves)


def _stack(m: Any) -> Any:
    return m.Stack([m.Recurrent(m.RNNCell(3, 3, dtype="float64", rng=seed)) for seed in (1, 2, 3)], 0.4)


def _plain(m: Any) -> Any:
    place = {"dtype": "float64"}
    layers = [m.Stack([m.Recurrent(m.LSTMCell(2, 3, **place))], 0.3) for _ in range(2)]
    encoder = m.Encoder(m.Embedding(9, 2, **place), layers[0], 0.3)
    decoder = m.Decoder(m.Embedding(8, 2, **place), layers[1], m.Linear(3, 8, **place), 0.3)
    bridge = m.IdentityBridge(decoder.backend, decoder.dtype)
    return m.Seq2Seq(encoder, bridge, decoder, m.SoftmaxCrossEntropy(0.0, decoder.backend))


def _rich(m: Any) -> Any:
    place = {"dtype": "float64"}
    halves = m.Recurrent(m.GRUCell(3, 3, **place)), m.Recurrent(m.GRUCell(3, 3, **place), reverse=True)
    encoder = m.Encoder(m.Embedding(9, 3, **place), m.Stack([m.Bidirectional(*halves)]), 0.0, True)
    table, layers = m.Embedding(8, 3, **place), m.Stack([m.Recurrent(m.GRUCell(3, 3, **place))])
    decoder = m.Decoder(table, layers, m.TiedLinear(table), 0.0)
    bridge = m.LinearBridge(layers.cells, dtype=decoder.dtype, backend=decoder.backend)
    return m.Seq2Seq(encoder, bridge, decoder, m.SoftmaxCrossEntropy(0.2, decoder.backend))


LAYER = "recurrent: Recurrent"
GRU, LSTM, RNN = "cells.gru: GRUCell, GRUResetBeforeCell", "cells.lstm: LSTMCell", "cells.rnn: RNNCell"
LAYERS, LOSSES = "layers: Dropout, Embedding, Linear, OneHot, TiedLinear", "losses: SoftmaxCrossEntropy, SquaredError"
STACKS = "stack: Bidirectional, Stack"
WHOLE = (LAYER, GRU, LSTM, LAYERS, LOSSES, STACKS,
         "seq2seq: Decoder, Encoder, IdentityBridge, LinearBridge, Seq2Seq")  # fmt: skip

PARTS: dict[str, Part] = {
    "rnn": Part((LAYER, RNN), of_layer(_cell("RNNCell"))),
    "lstm": Part((LAYER, LSTM), of_layer(_cell("LSTMCell"))),
    "gru": Part((LAYER, GRU), of_layer(_cell("GRUCell"))),
    "gru-reset-before": Part((LAYER, GRU), of_layer(_cell("GRUResetBeforeCell"))),
    "reverse": Part((LAYER, LSTM), of_layer(_cell("LSTMCell", reverse=True))),
    "bidirectional": Part((LAYER, GRU, RNN, STACKS), of_layer(_both)),
    "stack": Part((LAYER, RNN, STACKS), of_layer(_stack)),
    "one-hot": Part((LAYER, LSTM, LAYERS), of_one_hot),
    "embedding": Part((LAYERS,), of(parts.of_embedding, lambda m: m.Embedding(5, 3, dtype="float64"))),
    "linear": Part((LAYERS,), of(parts.of_linear, lambda m: m.Linear(3, 4, dtype="float64"))),
    "tied": Part((LAYERS, "parameters: ModuleDict"), of(parts.of_linear, _tied)),
    "dropout": Part((LAYERS,), of(parts.of_dropout, lambda m: m.Dropout(0.4, dtype="float64"))),
    "cross entropy": Part((LOSSES,), of(parts.of_loss, lambda m: m.SoftmaxCrossEntropy(0.2))),
    "squared error": Part((LOSSES,), of(parts.of_loss, lambda m: m.SquaredError(dtype="float64"))),
    "model": Part(WHOLE, of(parts.of_model, _plain)),
    "rich model": Part(WHOLE, of(parts.of_model, _rich)),
    "clipping": Part(("optim: clip_by_global_norm",), of_clipping),
}  # fmt: skip
TWICE = {parts.of_layer, parts.of_embedding, parts.of_linear, parts.of_model}


def twice(part: Part) -> bool:
    """Tell whether a part's harness can run the backward twice."""
    return part.harness is of_one_hot or getattr(part.harness, "kind", None) in TWICE
