"""A hundred training steps of the whole encoder-decoder beside a PyTorch twin that starts from the same weights.

    for both, step after step:  loss of a fresh ragged batch -> backward -> clip by global norm -> Adam

The twin (torch_twins.py) is written as one would write it there: packed sources, padded targets whose padding the loss
ignores. If the losses agree at every step, then so do all gradients, the clipping and the optimizer before it.

Read next: ../scratchnet/seq2seq.py.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers import make_model
from torch_twins import CELL_CLASSES, TorchSeq2Seq, torch

from scratchnet.data import make_batch
from scratchnet.optim import Adam, clip_by_global_norm

pytestmark = pytest.mark.torch

STEPS, BATCH, RATE, MAX_NORM = 100, 6, 0.02, 0.5
SOURCE_VOCABULARY, TARGET_VOCABULARY = 9, 11
MODELS: dict[str, dict[str, Any]] = {
    "lstm": {"kind": "lstm"},
    "gru, two layers": {"kind": "gru", "layers": 2},
    "lstm, two layers, both ways": {"kind": "lstm", "layers": 2, "bidirectional": True},
    "gru, both ways": {"kind": "gru", "bidirectional": True},
    "lstm, source reversed": {"kind": "lstm", "reverse_source": True},
    "lstm, tied embeddings": {"kind": "lstm", "tied_embeddings": True, "hidden_size": 5},
    "rnn, smoothed labels": {"kind": "rnn", "label_smoothing": 0.1},
}


def draw_pairs(rng: np.random.Generator) -> tuple[list[list[int]], list[list[int]]]:
    """Return ragged sources of 1 to 6 ids, and their targets: read backwards, some ids once, some twice, some not.

    So the longest target is rarely that of the longest source, and some targets are empty.
    """
    sources = [rng.integers(4, SOURCE_VOCABULARY, rng.integers(1, 7)).tolist() for _ in range(BATCH)]
    return sources, [[token + 2 for token in source[::-1] for _ in range(token % 3)] for source in sources]


@pytest.fixture(scope="module", params=list(MODELS.values()), ids=list(MODELS))
def trained(request: pytest.FixtureRequest) -> SimpleNamespace:
    """Train both sides; each has losses, norms (before clipping), first_gradients and last_weights."""
    options = {"embedding_size": 5, "hidden_size": 6, **request.param}
    torch.manual_seed(21)
    twin = TorchSeq2Seq(source_vocabulary=SOURCE_VOCABULARY, target_vocabulary=TARGET_VOCABULARY, **options)
    cell = CELL_CLASSES[options.pop("kind")]
    model = make_model(SOURCE_VOCABULARY, TARGET_VOCABULARY, cell=cell, dtype="float64", **options)
    model.load_parameters(twin.arrays("data"))

    ours, theirs = (SimpleNamespace(losses=[], norms=[]) for _ in range(2))
    weights = list(twin.modules.parameters())
    optimizer, torch_optimizer = Adam(model.parameters(), model.gradients(), RATE), torch.optim.Adam(weights, RATE)
    tape = model.new_tape()
    rng = np.random.default_rng(22)
    for step in range(STEPS):
        sources, targets = draw_pairs(rng)
        model.zero_gradients()
        ours.losses.append(float(model.forward(make_batch(sources, targets), tape)))
        model.backward(tape)
        torch_optimizer.zero_grad()
        loss = twin.loss(sources, targets)
        loss.backward()
        theirs.losses.append(loss.item())
        if step == 0:
            ours.first_gradients = {name: gradient.copy() for name, gradient in model.gradients().items()}
            theirs.first_gradients = {name: gradient.copy() for name, gradient in twin.arrays("grad").items()}
        ours.norms.append(float(clip_by_global_norm(model.gradients(), MAX_NORM)))
        theirs.norms.append(torch.nn.utils.clip_grad_norm_(weights, MAX_NORM).item())
        optimizer.step()
        torch_optimizer.step()
    ours.last_weights, theirs.last_weights = model.parameters(), twin.arrays("data")
    return SimpleNamespace(ours=ours, theirs=theirs)


def test_every_gradient_of_the_first_step_is_that_of_torch(trained: SimpleNamespace) -> None:
    ours, theirs = trained.ours.first_gradients, trained.theirs.first_gradients
    assert ours.keys() == theirs.keys()
    for name, wanted in theirs.items():
        assert np.abs(ours[name] - wanted).max() <= 1e-12 * np.abs(wanted).max(), name


def test_the_loss_of_every_step_is_that_of_torch(trained: SimpleNamespace) -> None:
    assert trained.ours.losses == pytest.approx(trained.theirs.losses, rel=1e-9)


def test_the_gradient_norm_of_every_step_is_that_of_torch(trained: SimpleNamespace) -> None:
    assert trained.ours.norms == pytest.approx(trained.theirs.norms, rel=1e-9)


def test_the_weights_after_the_last_step_are_those_of_torch(trained: SimpleNamespace) -> None:
    ours, theirs = trained.ours.last_weights, trained.theirs.last_weights
    assert ours.keys() == theirs.keys()
    for name, wanted in theirs.items():
        assert np.abs(ours[name] - wanted).max() <= 1e-9 * np.abs(wanted).max(), name


def test_some_steps_were_clipped_and_some_were_not(trained: SimpleNamespace) -> None:
    assert min(trained.theirs.norms) < MAX_NORM < max(trained.theirs.norms)


def test_the_twins_learned(trained: SimpleNamespace) -> None:
    losses = trained.theirs.losses
    assert np.mean(losses[-10:]) < 0.85 * np.mean(losses[:10])
