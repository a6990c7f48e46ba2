"""The encoder-decoder whole: loss in loops, every gradient of every kind of model, and what a step must not leave."""

from typing import Any

import numpy as np
import pytest
from formulas import seq2seq_loss
from helpers import (
    CELL_NAMES,
    OPTIONS,
    SENTENCES,
    STEP,
    TRANSLATIONS,
    assert_gradients_match,
    dropping,
    gradients_of,
    make_model,
    model_of,
    sample,
    tiny_batch,
)

from scratchnet.data import make_batch
from scratchnet.errors import InputError
from scratchnet.functions import log_softmax

all_options = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
all_cells = pytest.mark.parametrize("cell", CELL_NAMES)


# Two layers in two directions have the most entries and nothing new in them; the model of a real size has them, too.
FEW = [(cell, name) for name in OPTIONS if "," not in name for cell in CELL_NAMES]


@pytest.mark.parametrize(
    ("cell", "options"), sample([(cell, OPTIONS[name]) for cell, name in FEW], 3), ids=map(" ".join, FEW)
)
def test_every_gradient_matches_the_complex_step(cell: str, options: dict[str, Any]) -> None:
    model, batch = model_of(cell, **options), tiny_batch(options.get("source_features"))
    gradients = gradients_of(model, batch)
    imaginary = model.to(dtype="complex128")
    tape = imaginary.new_tape()
    assert_gradients_match(lambda: imaginary.forward(batch, tape, dropping()), imaginary.parameters(), gradients)


@all_options
@all_cells
def test_the_loss_is_what_loops_over_sentences_say(cell: str, options: dict[str, Any]) -> None:
    model, batch = model_of(cell, **options), tiny_batch(options.get("source_features"))
    sources: Any = SENTENCES
    if "source_features" in options:
        rows, packing = batch.sources.rows, batch.sources.packing
        sources = [rows[packing.sequence_of_row == batch.sources.order.tolist().index(k)] for k in range(4)]
    wanted = seq2seq_loss(model, sources, TRANSLATIONS)
    assert model.forward(batch, model.new_tape()) == pytest.approx(wanted, rel=1e-12)


def test_gradients_match_at_a_real_size() -> None:
    rng = np.random.default_rng(0)
    sentences = [rng.integers(4, 200, rng.integers(3, 13)).tolist() for _ in range(16)]
    batch = make_batch(sentences, sentences[::-1])
    options = {"bidirectional": True, "dropout": 0.2, "label_smoothing": 0.1, "layers": 2, "dtype": "float64"}
    model = make_model(200, 200, embedding_size=48, hidden_size=64, **options)
    gradients = gradients_of(model, batch)
    assert {name: bool(np.linalg.norm(array) > 1e-4) for name, array in gradients.items()} == dict.fromkeys(
        gradients, True
    )
    imaginary = model.to(dtype="complex128")
    tape = imaginary.new_tape()
    for _ in range(3):
        analytic = 0.0
        for name, array in imaginary.parameters().items():
            # Scaled so that each block, large or small, weighs the same in the sum.
            direction = rng.standard_normal(array.shape) / np.linalg.norm(gradients[name])
            array.imag = STEP * direction
            analytic += (gradients[name] * direction).sum()
        assert imaginary.forward(batch, tape, dropping()).imag / STEP == pytest.approx(analytic, rel=1e-11)


def test_one_hot_words_train_as_an_embedding_that_is_the_identity() -> None:
    one_hot = make_model(7, 7, embedding_size=None, hidden_size=3, layers=2, dtype="float64", rng=1)
    table = make_model(7, 7, embedding_size=7, hidden_size=3, layers=2, dtype="float64", rng=2)
    shared = one_hot.parameters()
    for name, array in table.parameters().items():
        array[...] = np.eye(7) if "embedding" in name else shared[name]
    batch = make_batch([[4, 5, 4], [6, 4, 5, 5]], [[5], [4, 6, 4]])
    losses = [float(model.forward(batch, model.new_tape())) for model in (one_hot, table)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-14)
    wanted = gradients_of(table, batch)
    for name, gradient in gradients_of(one_hot, batch).items():
        np.testing.assert_allclose(gradient, wanted[name], rtol=1e-11, atol=1e-15)


def test_the_order_of_the_pairs_does_not_matter() -> None:
    model = model_of(bidirectional=True)
    batch = make_batch(SENTENCES[::-1], TRANSLATIONS[::-1])
    wanted = gradients_of(model, tiny_batch())
    for name, gradient in gradients_of(model, batch).items():
        np.testing.assert_allclose(gradient, wanted[name], rtol=1e-11, atol=1e-15)


@all_options
def test_a_batch_is_the_mean_of_its_sentences_weighed_by_their_tokens(options: dict[str, Any]) -> None:
    if "source_features" in options:
        options = {"bidirectional": True, "reverse_source": True}
    model = model_of("gru", **options)
    losses = [
        float(model.forward(make_batch([source], [target]), model.new_tape()))
        for source, target in zip(SENTENCES, TRANSLATIONS, strict=True)
    ]
    weights = [len(target) + 1 for target in TRANSLATIONS]
    found = model.forward(tiny_batch(), model.new_tape())
    assert found == pytest.approx(np.average(losses, weights=weights), rel=1e-13)


def test_decoding_the_true_words_one_by_one_gives_the_loss() -> None:
    model = model_of("gru", layers=2, bidirectional=True)
    total = 0.0
    for source, target in zip(SENTENCES, TRANSLATIONS, strict=True):
        batch = make_batch([source], [target])
        states = model.encode(batch.sources)
        for word, following in zip(batch.inputs, batch.targets, strict=True):
            logits, states = model.step(np.array([word]), states)
            total -= log_softmax(logits)[0, following]
    batch = tiny_batch()
    assert total / batch.tokens == pytest.approx(float(model.forward(batch, model.new_tape())), rel=1e-13)


def test_the_same_seed_makes_the_same_model() -> None:
    first, second, other = (make_model(9, 7, embedding_size=2, hidden_size=3, rng=seed) for seed in (1, 1, 2))
    assert all((array == second.parameters()[name]).all() for name, array in first.parameters().items())
    assert (first.encoder.layers.cells[0].W_hh != other.encoder.layers.cells[0].W_hh).any()


def test_parameters_have_readable_names() -> None:
    names = model_of(bidirectional=True).parameters().keys()
    assert {
        "encoder.embedding.W",
        "encoder.layers.layer0.forward.W_ih",
        "encoder.layers.layer0.backward.b",
        "bridge.layer0.c.W",
        "decoder.embedding.W",
        "decoder.layers.layer0.W_hh",
        "decoder.output.b",
    } <= names


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((9, 7), {"source_features": 2}, "not both"),
        ((None, 7), {}, "give either source_vocabulary"),
        ((9, 7), {"tied_embeddings": True}, "tied embeddings need embedding_size 2 equal to hidden_size 3"),
        ((9, 0), {}, "target_vocabulary is 0"),
        ((9, 7), {"layers": 0}, "layers is 0"),
        ((9, 7), {"dropout": 1.0}, "dropout is 1.0"),
        ((9, 7), {"label_smoothing": -1}, "label smoothing is -1"),
    ],
)
def test_options_that_cannot_be_are_errors(arguments: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_model(*arguments, **({"embedding_size": 2, "hidden_size": 3} | options))
