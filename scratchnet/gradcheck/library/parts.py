"""The harnesses of the library's own parts, as a user of each would write them.

Each takes the tool r of a harness (../subjects/tool.py) and what makes the part; the arrays bear the names that reports
give them. What a recurrent layer adds to the rest is `a_x` (N, G*H), a random array that is added to the
pre-activations: its gradient is that of each gate at each step, from which the map is drawn (step_map.py).

Read next: copies.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from scratchnet.data import make_batch
from scratchnet.packed_sequences import Packing

LARGE = 50.0  # a norm beside which the 1e-6 that clipping adds to it does not show
PROJECTED = "a_x"

Pairs = list[tuple[Any, Any]]
Made = Callable[[], Any]  # makes the part anew, or hands out that of the run before


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


def ragged(T: int) -> list[int]:
    """Return the lengths of a ragged batch with a sequence of one step in it."""
    return [T, max(1, T - 1), 1]


def of_layer(
    made: Made, r: Any, again: bool = False, lengths: Callable[[int], list[int]] = ragged, with_map: bool = False
) -> Pairs:
    """Check a recurrent layer: all parameters, the input and the initial states; outputs and final states count."""
    layer, packing = made(), Packing(lengths(r.T))
    weights, x = Weights(layer, r), r(packing.rows, layer.input_size, name="x")
    several = len(layer.cells) > 1
    initial = [
        {name: r(packing.batch, cell.hidden_size, name=_named("initial", name, k, several)) for name in cell.state}
        for k, cell in enumerate(layer.cells)
    ]
    shift = _shifted(layer, r, packing) if with_map else None
    tape = layer.new_tape()
    outputs, final = layer.forward(x, packing, initial, tape, np.random.default_rng(7))
    d_outputs = r.loss(outputs)
    d_final = [{name: r.loss(array) for name, array in states.items()} for states in final]
    dx, d_initial = weights.backward(lambda: layer.backward(d_outputs, d_final, tape), again)
    states = zip(initial, d_initial, strict=True)
    pairs = [*weights.pairs(), (x, dx), *((state[name], d[name]) for state, d in states for name in state)]
    return pairs if shift is None else [*pairs, (shift, tape.da_x.rows)]


def _named(what: str, name: str, k: int, several: bool) -> str:
    return f"{what} {name}, cell {k}" if several else f"{what} {name}"


def _shifted(layer: Any, r: Any, packing: Packing) -> Any:
    """Return an array that is added to a single cell's projected inputs from now on."""
    cell = layer.cell
    shift = r(packing.rows, len(cell.gates) * cell.hidden_size, name=PROJECTED)
    project = type(cell).project_inputs

    def project_inputs(x: Any, a_x: Any) -> None:
        project(cell, x, a_x)
        a_x += shift

    cell.project_inputs = project_inputs
    return shift


def of_one_hot(made: Made, one_hot: Any, r: Any, again: bool = False) -> Pairs:
    """Check a recurrent layer over one-hot rows of repeated tokens."""
    layer, packing = made(), Packing(ragged(r.T + 1))
    weights, rows = Weights(layer, r), one_hot.forward(np.arange(packing.rows) % 3 * (np.arange(packing.rows) > 1))
    tape = layer.new_tape()
    outputs, _ = layer.forward(rows, packing, None, tape)
    d_outputs = r.loss(outputs)
    weights.backward(lambda: layer.backward(d_outputs, None, tape), again)
    return weights.pairs()


def of_embedding(made: Made, r: Any, again: bool = False) -> Pairs:
    """Check an embedding: ids repeat."""
    part = made()
    weights, tape = Weights(part, r), part.new_tape()
    ids = np.concatenate([[0, 0], r.ints(part.W.shape[0], r.T + 1)])
    d = r.loss(part.forward(ids, tape))
    weights.backward(lambda: part.backward(d, tape), again)
    return weights.pairs()


def of_linear(made: Made, r: Any, again: bool = False) -> Pairs:
    """Check a linear layer, or an owner of one that is called `linear`."""
    owner = made()
    part: Any = getattr(owner, "linear", owner)
    weights, tape = Weights(owner, r), part.new_tape()
    x = r(r.T + 1, part.W.shape[0] if hasattr(part, "W") else part.embedding.W.shape[1], name="x")
    dy = r.loss(part.forward(x, tape))
    dx = weights.backward(lambda: part.backward(dy, tape), again)
    return [*weights.pairs(), (x, dx)]


def of_dropout(made: Made, r: Any) -> Pairs:
    """Check dropout."""
    part, x = made(), r(r.T + 3, 4, name="x")
    tape = part.new_tape()
    dy = r.loss(part.forward(x, tape, np.random.default_rng(3)))
    return [(x, part.backward(dy, tape))]


def of_loss(made: Made, r: Any) -> Pairs:
    """Check a loss of classes, or of numbers: its own gradient is the first of all."""
    part, classes = made(), 5
    x, tape = r(2 * r.T + 1, classes, name="x"), part.new_tape()
    targets = (
        np.arange(2 * r.T + 1) % classes if hasattr(part, "smoothing") else r(2 * r.T + 1, classes, name="targets")
    )
    r.loss(part.forward(x, targets, tape))
    return [(x, part.backward(tape))]


def of_model(made: Made, r: Any, again: bool = False) -> Pairs:
    """Check an encoder-decoder: sentences of several lengths, whose targets are ordered otherwise than they are."""
    model, T = made(), r.T
    weights, tape = Weights(model, r), model.new_tape()
    sources = [[5, 4] * T, [6, 4, 4, 5][: T + 1], [4, 6, 5, 4, 4][: 2 * T + 1]]
    batch = make_batch(sources, [[4, 4][: T - 1], [6, 4, 4, 5][: T + 1], [5] * (T % 2)])
    r.loss(model.forward(batch, tape, np.random.default_rng(3)))
    weights.backward(lambda: model.backward(tape), again)
    return weights.pairs()


def of_clipping(clip: Callable[..., Any], r: Any) -> Pairs:
    """Check clipping: clipped gradients are the derivatives of a loss that grows linearly from the limit on.

    The norm that is returned is held to account as the gradient of a factor of it.
    """
    groups, factor, limit = [{"W": r(3, 4), "b": r(4)} for _ in range(2)], r(1), 1000.0 if r.T == 1 else 1.0 / r.T
    gradients = [{name: LARGE * array for name, array in group.items()} for group in groups]
    norm, other = (np.sqrt(sum((array * array).sum() for array in group.values())) for group in gradients)
    r.loss(factor[0] * other + (limit * norm - 0.5 * limit**2 if norm > limit else 0.5 * norm**2))
    clip(gradients[0], limit)
    told = clip(gradients[1], 0.5)
    clipped = [(groups[0][name], LARGE * gradient) for name, gradient in gradients[0].items()]
    return [*clipped, (factor, np.reshape(told, (1,)))]


def harness_for(part: Any) -> Callable[..., Pairs]:
    """Return the harness that fits a part of the library, harness(made, r, ...); AttributeError where none does."""
    if hasattr(part, "encoder"):
        return of_model
    if hasattr(part, "cells"):
        return partial(of_layer, with_map=hasattr(part, "cell"))
    if hasattr(part, "rate"):
        return of_dropout
    if hasattr(part, "vocabulary_size"):
        return of_embedding
    if "targets" in inspect.signature(part.forward).parameters:
        return of_loss
    return of_linear
