"""The library's own parts as subjects of the check: each with a harness, as its user would write it.

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

import numpy as np

from scratchnet.data import make_batch
from scratchnet.packed_sequences import Packing

LARGE = 50.0  # a norm beside which the 1e-6 that clipping adds to it does not show

Pairs = list[tuple[Any, Any]]
Harness = Callable[[Any, Any], Pairs]


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


# --- harnesses ------------------------------------------------------------------------------------------------------


class Weights:
    """A part's parameters, handed to the tool; their gradients do not start from zero, for they accumulate."""

    def __init__(self, part: Any, r: Any) -> None:
        self.part = part
        self.parameters = r.adopt(dict(part.parameters()))
        self.before: dict[str, Any] = {}
        for name, gradient in part.gradients().items():
            gradient[...] = self.before[name] = 0.1 * np.cos(np.arange(gradient.size)).reshape(gradient.shape)

    def pairs(self) -> Pairs:
        """Return what was added to each gradient since, beside its parameter."""
        gradients = self.part.gradients()
        return [(self.parameters[name], gradients[name] - self.before[name]) for name in gradients]

    def backward(self, run: Callable[[], Any], again: bool) -> Any:
        """Run a backward; again: twice over one forward, of which the second counts: it must add the same again."""
        found = run()
        if again:
            self.before = {name: np.array(gradient) for name, gradient in self.part.gradients().items()}
            found = run()
        return found


SHARED: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def built(make: Callable[[Any], Any], m: Any, again: bool) -> Any:
    """Return a part built anew; again: that of the call before, since what it remembers must not show."""
    if not again or m not in SHARED:
        SHARED[m] = make(m)
    return SHARED[m]


def lengths(T: int) -> list[int]:
    """Return a ragged batch with a sequence of one step in it."""
    return [T, max(1, T - 1), 1]


def of_layer(make: Callable[[Any], Any], m: Any, r: Any, again: bool = False) -> Pairs:
    """Check a recurrent layer: all parameters, the input and the initial states; outputs and final states count."""
    layer, packing = built(make, m, again), Packing(lengths(r.T))
    weights, x = Weights(layer, r), r(packing.rows, layer.input_size)
    initial = [{name: r(packing.batch, cell.hidden_size) for name in cell.state} for cell in layer.cells]
    tape = layer.new_tape()
    outputs, final = layer.forward(x, packing, initial, tape, np.random.default_rng(7))
    d_outputs = r.loss(outputs)
    d_final = [{name: r.loss(array) for name, array in states.items()} for states in final]
    dx, d_initial = weights.backward(lambda: layer.backward(d_outputs, d_final, tape), again)
    states = zip(initial, d_initial, strict=True)
    return [*weights.pairs(), (x, dx), *((state[name], d[name]) for state, d in states for name in state)]


def of_one_hot(m: Any, r: Any, again: bool = False) -> Pairs:
    """Check a recurrent layer over one-hot rows of repeated tokens."""
    layer, packing = m.Recurrent(m.LSTMCell(4, 3, dtype="float64")), Packing(lengths(r.T + 1))
    weights, rows = Weights(layer, r), m.OneHot(4).forward(np.arange(packing.rows) % 3 * (np.arange(packing.rows) > 1))
    tape = layer.new_tape()
    outputs, _ = layer.forward(rows, packing, None, tape)
    d_outputs = r.loss(outputs)
    weights.backward(lambda: layer.backward(d_outputs, None, tape), again)
    return weights.pairs()


def of_embedding(m: Any, r: Any, again: bool = False) -> Pairs:
    """Check an embedding: ids repeat."""
    part = m.Embedding(5, 3, dtype="float64")
    weights, tape = Weights(part, r), part.new_tape()
    ids = np.concatenate([[0, 0], r.ints(5, r.T + 1)])
    d = r.loss(part.forward(ids, tape))
    weights.backward(lambda: part.backward(d, tape), again)
    return weights.pairs()


def of_linear(make: Callable[[Any], Any], m: Any, r: Any, again: bool = False) -> Pairs:
    """Check a linear layer."""
    owner = built(make, m, again)
    part = getattr(owner, "linear", owner)
    weights, x, tape = Weights(owner, r), r(r.T + 1, 3), part.new_tape()
    dy = r.loss(part.forward(x, tape))
    dx = weights.backward(lambda: part.backward(dy, tape), again)
    return [*weights.pairs(), (x, dx)]


def of_dropout(m: Any, r: Any) -> Pairs:
    """Check dropout."""
    part, x = m.Dropout(0.4, dtype="float64"), r(r.T + 3, 4)
    tape = part.new_tape()
    dy = r.loss(part.forward(x, tape, np.random.default_rng(3)))
    return [(x, part.backward(dy, tape))]


def of_loss(make: Callable[[Any], Any], m: Any, r: Any) -> Pairs:
    """Check a loss: its own gradient is the first of all."""
    part = make(m)
    classes = 5
    x, tape = r(2 * r.T + 1, classes), part.new_tape()
    targets = np.arange(2 * r.T + 1) % classes if hasattr(part, "smoothing") else r(2 * r.T + 1, classes)
    r.loss(part.forward(x, targets, tape))
    return [(x, part.backward(tape))]


def of_model(make: Callable[[Any], Any], m: Any, r: Any, again: bool = False) -> Pairs:
    """Check an encoder-decoder: sentences of several lengths, whose targets are ordered otherwise than they are."""
    model, T = built(make, m, again), r.T
    weights, tape = Weights(model, r), model.new_tape()
    sources = [[5, 4] * T, [6, 4, 4, 5][: T + 1], [4, 6, 5, 4, 4][: 2 * T + 1]]
    batch = make_batch(sources, [[4, 4][: T - 1], [6, 4, 4, 5][: T + 1], [5] * (T % 2)])
    r.loss(model.forward(batch, tape, np.random.default_rng(3)))
    weights.backward(lambda: model.backward(tape), again)
    return weights.pairs()


def of_clipping(m: Any, r: Any) -> Pairs:
    """Check clipping: clipped gradients are the derivatives of a loss that grows linearly from the limit on.

    The norm that is returned is held to account as the gradient of a factor of it.
    """
    groups, factor, limit = [{"W": r(3, 4), "b": r(4)} for _ in range(2)], r(1), 1000.0 if r.T == 1 else 1.0 / r.T
    gradients = [{name: LARGE * array for name, array in group.items()} for group in groups]
    norm, other = (np.sqrt(sum((array * array).sum() for array in group.values())) for group in gradients)
    r.loss(factor[0] * other + (limit * norm - 0.5 * limit**2 if norm > limit else 0.5 * norm**2))
    m.clip_by_global_norm(gradients[0], limit)
    told = m.clip_by_global_norm(gradients[1], 0.5)
    clipped = [(groups[0][name], LARGE * gradient) for name, gradient in gradients[0].items()]
    return [*clipped, (factor, np.reshape(told, (1,)))]


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
    "rnn": Part((LAYER, RNN), partial(of_layer, _cell("RNNCell"))),
    "lstm": Part((LAYER, LSTM), partial(of_layer, _cell("LSTMCell"))),
    "gru": Part((LAYER, GRU), partial(of_layer, _cell("GRUCell"))),
    "gru-reset-before": Part((LAYER, GRU), partial(of_layer, _cell("GRUResetBeforeCell"))),
    "reverse": Part((LAYER, LSTM), partial(of_layer, _cell("LSTMCell", reverse=True))),
    "bidirectional": Part((LAYER, GRU, RNN, STACKS), partial(of_layer, _both)),
    "stack": Part((LAYER, RNN, STACKS), partial(of_layer, _stack)),
    "one-hot": Part((LAYER, LSTM, LAYERS), of_one_hot),
    "embedding": Part((LAYERS,), of_embedding),
    "linear": Part((LAYERS,), partial(of_linear, lambda m: m.Linear(3, 4, dtype="float64"))),
    "tied": Part((LAYERS, "parameters: ModuleDict"), partial(of_linear, _tied)),
    "dropout": Part((LAYERS,), of_dropout),
    "cross entropy": Part((LOSSES,), partial(of_loss, lambda m: m.SoftmaxCrossEntropy(0.2))),
    "squared error": Part((LOSSES,), partial(of_loss, lambda m: m.SquaredError(dtype="float64"))),
    "model": Part(WHOLE, partial(of_model, _plain)),
    "rich model": Part(WHOLE, partial(of_model, _rich)),
    "clipping": Part(("optim: clip_by_global_norm",), of_clipping),
}  # fmt: skip
TWICE = {of_layer, of_one_hot, of_embedding, of_linear, of_model}


def twice(part: Part) -> bool:
    """Tell whether a part's harness can run the backward twice."""
    return getattr(part.harness, "func", part.harness) in TWICE
