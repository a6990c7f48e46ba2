"""Stacked and bidirectional LSTM, GRU and RNN beside PyTorch's, values and every gradient; and so the cross-entropy.

Same weights, same ragged batch, random initial states, random upstream gradients on all outputs and final states:

    L = sum(outputs * d_outputs) + sum(final * d_final)          so that dL/d(outputs) is d_outputs

Sequences are handed to both sides unsorted; whatever belongs to a sequence is compared in that order.

Read next: test_torch_seq2seq.py.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from torch_twins import load_torch_weights, recurrent_arrays, recurrent_stack, torch, torch_recurrent

from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.packed_sequences import pack, unpack
from scratchnet.recurrent import States

pytestmark = pytest.mark.torch

INPUTS, HIDDEN = 3, 4
LENGTHS = {"ragged": (3, 6, 1, 4, 4), "equal": (5, 5), "one step": (1, 1, 1)}
ALL = "outputs and final states"
CASES = [
    pytest.param(kind, layers, bidirectional, lengths, ALL, True, id=f"{kind}-{layers}-{name}-{lengths}")
    for kind in ("lstm", "gru", "rnn")
    for layers in (1, 2, 3)
    for bidirectional, name in ((False, "one way"), (True, "both ways"))
    for lengths in LENGTHS
]
# A gradient that enters by one door only, and states that start from zero because none are given.
CASES += [
    pytest.param(kind, 2, True, "ragged", upstream, started, id=f"{kind}-2-both ways-{name}")
    for kind in ("lstm", "gru", "rnn")
    for upstream, started, name in (
        ("outputs", True, "outputs only"),
        ("final states", True, "final only"),
        (ALL, False, "from zero"),
    )
]
each_case = pytest.mark.parametrize("case", [pytest.param(c.values, id=c.id) for c in CASES])


@cache
def both_sides(
    kind: str, layers: int, bidirectional: bool, lengths: str, upstream: str, started: bool
) -> tuple[SimpleNamespace, SimpleNamespace]:
    """Return (ours, torch's) results of one forward and backward pass: plain arrays in the order of the sequences.

    outputs and dx: one array for each sequence. final and d_initial: {state: (cells, B, H)}. gradients: by name.
    """
    rng = np.random.default_rng(11)
    width, count, batch = HIDDEN * (1 + bidirectional), layers * (1 + bidirectional), len(LENGTHS[lengths])
    names = ("h", "c") if kind == "lstm" else ("h",)
    x = [rng.standard_normal((n, INPUTS)) for n in LENGTHS[lengths]]
    d_outputs = [rng.standard_normal((n, width)) for n in LENGTHS[lengths]]
    initial, d_final = ({name: rng.standard_normal((count, batch, HIDDEN)) for name in names} for _ in range(2))
    module = torch_recurrent(kind, INPUTS, HIDDEN, layers, bidirectional)
    for parameter in module.parameters():
        parameter.data = torch.tensor(0.5 * rng.standard_normal(tuple(parameter.shape)))

    stack = recurrent_stack(kind, INPUTS, HIDDEN, layers, bidirectional)
    load_torch_weights(stack, module)
    rows, packing, order = pack(x)
    tape = stack.new_tape()
    start = [{name: initial[name][k][order] for name in names} for k in range(count)] if started else None
    outputs, final = stack.forward(rows, packing, start, tape)
    d_states: States = [{name: d_final[name][k][order] for name in names} for k in range(count)]
    dx, d_initial = stack.backward(
        pack(d_outputs)[0] if "outputs" in upstream else None, d_states if "final" in upstream else None, tape
    )
    back = np.argsort(order)
    ours = SimpleNamespace(
        outputs=unpack(outputs, packing, order),
        final={name: np.stack([states[name][back] for states in final]) for name in names},
        dx=unpack(np.asarray(dx), packing, order),
        d_initial={name: np.stack([states[name][back] for states in d_initial]) for name in names},
        gradients=stack.gradients(),
    )

    functions = torch.nn.utils.rnn
    xs = [torch.tensor(sequence, requires_grad=True) for sequence in x]
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in initial.items()}
    packed = functions.pack_padded_sequence(
        functions.pad_sequence(xs), torch.tensor(LENGTHS[lengths]), enforce_sorted=False
    )
    hx = (tuple(leaves.values()) if kind == "lstm" else leaves["h"]) if started else None
    packed_outputs, last = module(packed, hx)
    last = dict(zip(names, last if kind == "lstm" else (last,), strict=True))
    padded, _ = functions.pad_packed_sequence(packed_outputs)
    parts = []
    if "outputs" in upstream:
        parts.append((padded * functions.pad_sequence([torch.tensor(d) for d in d_outputs])).sum())
    if "final" in upstream:
        parts += [(last[name] * torch.tensor(d_final[name])).sum() for name in names]
    sum(parts).backward()
    theirs = SimpleNamespace(
        outputs=[padded[:n, j].detach().numpy() for j, n in enumerate(LENGTHS[lengths])],
        final={name: state.detach().numpy() for name, state in last.items()},
        dx=[sequence.grad.numpy() for sequence in xs],
        d_initial={name: leaf.grad.numpy() if started else None for name, leaf in leaves.items()},
        gradients=recurrent_arrays(module, "grad"),
    )
    return ours, theirs


def same(ours: Any, theirs: Any) -> None:
    """Fail unless the arrays differ by less than 1e-10 of the largest entry."""
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 1e-10 * np.abs(theirs).max()


@each_case
def test_outputs_are_those_of_torch(case: Any) -> None:
    ours, theirs = both_sides(*case)
    for own, wanted in zip(ours.outputs, theirs.outputs, strict=True):
        same(own, wanted)


@each_case
def test_final_states_are_those_of_torch(case: Any) -> None:
    ours, theirs = both_sides(*case)
    assert ours.final.keys() == theirs.final.keys()
    for name, wanted in theirs.final.items():
        same(ours.final[name], wanted)


@each_case
def test_input_gradients_are_those_of_torch(case: Any) -> None:
    ours, theirs = both_sides(*case)
    for own, wanted in zip(ours.dx, theirs.dx, strict=True):
        same(own, wanted)


@pytest.mark.parametrize("case", [pytest.param(c.values, id=c.id) for c in CASES if c.values[-1]])
def test_initial_state_gradients_are_those_of_torch(case: Any) -> None:
    ours, theirs = both_sides(*case)
    assert ours.d_initial.keys() == theirs.d_initial.keys()
    for name, wanted in theirs.d_initial.items():
        same(ours.d_initial[name], wanted)


@each_case
def test_every_weight_and_bias_gradient_is_that_of_torch(case: Any) -> None:
    ours, theirs = both_sides(*case)
    assert ours.gradients.keys() == theirs.gradients.keys()
    for name, wanted in theirs.gradients.items():
        same(ours.gradients[name], wanted)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_cross_entropy_and_its_gradient_are_those_of_torch(smoothing: float, scale: float) -> None:
    rng = np.random.default_rng(12)
    logits, targets = scale * rng.standard_normal((6, 5)), rng.integers(0, 5, 6)
    tape = SimpleNamespace()
    loss_function = SoftmaxCrossEntropy(smoothing)
    loss = loss_function.forward(logits, targets, tape)
    leaf = torch.tensor(logits, requires_grad=True)
    wanted = torch.nn.functional.cross_entropy(leaf, torch.tensor(targets), label_smoothing=smoothing)
    wanted.backward()
    assert float(loss) == pytest.approx(wanted.item(), rel=1e-13)
    same(loss_function.backward(tape), leaf.grad.numpy())


def test_the_unsmoothed_loss_stands_beside_the_smoothed_one() -> None:
    rng = np.random.default_rng(13)
    logits, targets = rng.standard_normal((6, 5)), rng.integers(0, 5, 6)
    tape = SimpleNamespace()
    SoftmaxCrossEntropy(0.3).forward(logits, targets, tape)
    wanted = torch.nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(targets))
    assert float(tape.nll) == pytest.approx(wanted.item(), rel=1e-13)
