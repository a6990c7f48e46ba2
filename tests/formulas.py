"""The models of the library as formulas in explicit loops, one sentence, one step, one product at a time.

Slow, plain and without a line of the library's: what forward passes are held to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchnet.cells import CELLS
from scratchnet.data import END, START

Host = np.ndarray[Any, Any]
State = dict[str, Host]


def affine(x: Host, weight: Host, bias: Host | None = None) -> Host:
    """Return x W + b, product by product."""
    result = np.zeros(weight.shape[1]) if bias is None else np.array(bias)
    for i in range(weight.shape[0]):
        for k in range(weight.shape[1]):
            result[k] += x[i] * weight[i, k]
    return result


def sigmoid(a: Host) -> Host:
    return 1.0 / (1.0 + np.exp(-a))


def lstm(p: SimpleNamespace, x: Host, state: State) -> State:
    i, f, g, o = (affine(x, p.W_ih, p.b) + affine(state["h"], p.W_hh)).reshape(4, -1)
    c = sigmoid(f) * state["c"] + sigmoid(i) * np.tanh(g)
    return {"h": sigmoid(o) * np.tanh(c), "c": c}


def gru(p: SimpleNamespace, x: Host, state: State) -> State:
    from_x, from_h = affine(x, p.W_ih, p.b).reshape(3, -1), affine(state["h"], p.W_hh).reshape(3, -1)
    r, z = sigmoid(from_x[0] + from_h[0]), sigmoid(from_x[1] + from_h[1])
    n = np.tanh(from_x[2] + r * (from_h[2] + p.b_hn))
    return {"h": (1 - z) * n + z * state["h"]}


def gru_reset_before(p: SimpleNamespace, x: Host, state: State) -> State:
    size = len(state["h"])
    from_x, from_h = affine(x, p.W_ih, p.b).reshape(3, -1), affine(state["h"], p.W_hh[:, : 2 * size]).reshape(2, -1)
    r, z = sigmoid(from_x[0] + from_h[0]), sigmoid(from_x[1] + from_h[1])
    n = np.tanh(from_x[2] + affine(r * state["h"], p.W_hh[:, 2 * size :]))
    return {"h": (1 - z) * n + z * state["h"]}


def rnn(p: SimpleNamespace, x: Host, state: State) -> State:
    return {"h": np.tanh(affine(x, p.W_ih, p.b) + affine(state["h"], p.W_hh))}


FORMULAS = {"lstm": lstm, "gru": gru, "gru-reset-before": gru_reset_before, "rnn": rnn}


def formula_of(cell: Any) -> Callable[..., State]:
    """Return the formula of a cell, by its class."""
    return next(FORMULAS[name] for name, kind in CELLS.items() if type(cell) is kind)


def run_formula(cell: Any, xs: Iterable[Host], state: State | None = None) -> tuple[list[Host], Any]:
    """Run a cell's formula over one sentence; return the output after each step, and the last state."""
    state = {name: np.zeros(cell.hidden_size) for name in cell.state} if state is None else state
    weights = SimpleNamespace(**cell.parameters())
    outputs = []
    for x in xs:
        state = formula_of(cell)(weights, x, state)
        outputs.append(state["h"])
    return outputs, state


def seq2seq_loss(model: Any, sources: Iterable[Any], targets: Iterable[list[int]]) -> float:
    """Return a model's loss in nats per target token, END counted, read off its parameters sentence by sentence."""
    p, total, tokens = model.parameters(), 0.0, 0
    for source, target in zip(sources, targets, strict=True):
        inputs = look_up(p, "encoder", source, model.encoder.embedding)
        states = encode(model, inputs[::-1] if model.encoder.reverse_source else inputs)
        if "bridge.layer0.h.W" in p:
            states = [bridge(p, k, *states[2 * k : 2 * k + 2]) for k in range(len(states) // 2)]
        outputs = look_up(p, "decoder", [START, *target], model.decoder.embedding)
        for layer, state in zip(model.decoder.layers.layers, states, strict=True):
            outputs, _ = run_formula(layer.cell, outputs, state)
        weight = p["decoder.output.W"] if "decoder.output.W" in p else p["decoder.embedding.W"].T
        for output, word in zip(outputs, [*target, END], strict=True):
            total += cross_entropy(affine(output, weight, p["decoder.output.b"]), word, model.loss.smoothing)
            tokens += 1
    return total / tokens


def look_up(p: State, half: str, words: Any, embedding: Any) -> list[Host]:
    """Return a vector for each word: its row of the table, its one-hot vector, or the features themselves."""
    if embedding is None:
        return list(words)
    name = f"{half}.embedding.W"
    return [p[name][word] if name in p else np.eye(embedding.output_size)[word] for word in words]


def encode(model: Any, xs: list[Host]) -> list[State]:
    """Return each encoder cell's state after the last word, bottom layer first, forward before backward."""
    states = []
    for layer in model.encoder.layers.layers:
        if hasattr(layer, "cell"):
            xs, state = run_formula(layer.cell, xs)
            states.append(state)
            continue
        left, left_state = run_formula(layer.left.cell, xs)
        right, right_state = run_formula(layer.right.cell, xs[::-1])
        states += [left_state, right_state]
        xs = [np.array([*one, *other]) for one, other in zip(left, right[::-1], strict=True)]
    return states


def bridge(p: State, layer: int, left: State, right: State) -> State:
    """Return the decoder's state for the encoder's two."""
    names = ((name, f"bridge.layer{layer}.{name}") for name in left)
    return {name: affine(np.array([*left[name], *right[name]]), p[f"{at}.W"], p[f"{at}.b"]) for name, at in names}


def cross_entropy(logits: Host, word: int, smoothing: float) -> float:
    """Return -sum q log p for one word."""
    log_p = logits - np.log(sum(np.exp(z) for z in logits))
    return float(-(1 - smoothing) * log_p[word] - smoothing * sum(log_p) / len(log_p))
