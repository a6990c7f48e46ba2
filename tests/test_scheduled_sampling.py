"""Scheduled sampling, held to greedy search; the gradient after it, held to the complex step.

The decoder reads true words and its own; which, is drawn for each word.
"""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_gradients_match
from tiny import KINDS, favour, ragged_batch, tiny_model

from scratchnet.data import START, UNK, make_batch, make_sources
from scratchnet.decoding import greedy_search
from scratchnet.errors import InputError
from scratchnet.training.scheduled_sampling import mix_inputs


def test_with_teachers_alone_nothing_is_mixed() -> None:
    batch = ragged_batch()
    assert mix_inputs(tiny_model(), batch, 1.0, np.random.default_rng(0)) is batch


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_teacher_the_decoder_reads_what_greedy_search_writes(kind: str) -> None:
    model = favour(tiny_model(seed=1, **KINDS[kind]), PAD=-60.0, START=-60.0, END=-60.0)
    sources = [[4, 5, 6, 4], [5], [6, 6, 4], [4, 4]]
    batch = make_batch(sources, [[5, 4], [4, 4, 5, 5, 4], [5], [4, 5, 4]])
    mixed = mix_inputs(model, batch, 0.0, np.random.default_rng(0)).inputs
    written = greedy_search(model, make_sources(sources), 8)
    for row, (step, sequence) in enumerate(zip(batch.packing.step_of_row, batch.packing.sequence_of_row, strict=True)):
        wanted = START if step == 0 else written[batch.order[sequence]].ids[step - 1]
        assert mixed[row] == wanted
    assert (mixed != batch.inputs).any()


@pytest.mark.parametrize("ratio", [0.0, 0.3])
def test_the_first_word_read_stays_start_and_nothing_but_the_words_read_changes(ratio: float) -> None:
    batch = ragged_batch()
    before = batch.inputs.copy()
    mixed = mix_inputs(tiny_model(), batch, ratio, np.random.default_rng(0))
    assert (mixed.inputs[: batch.sentences] == START).all()
    assert mixed.targets is batch.targets
    assert mixed.sources is batch.sources
    np.testing.assert_array_equal(batch.inputs, before)


def test_the_share_of_true_words_is_the_teacher_ratio_and_drawn_for_each_word() -> None:
    model = favour(tiny_model(), UNK=60.0)  # its own word is always UNK, which no target holds
    batch = make_batch([[4, 5]] * 200, [[4, 5] * 10] * 200)
    mixed = mix_inputs(model, batch, 0.7, np.random.default_rng(0)).inputs.reshape(21, 200)[1:]
    kept = mixed != UNK
    assert abs(kept.mean() - 0.7) < 0.02  # four standard deviations of 4000 draws are 0.03
    assert 0 < kept[0].mean() < 1  # not all of a step alike
    assert 0 < kept[:, 0].mean() < 1  # nor all of a sentence


def test_mixing_draws_the_same_words_from_the_same_seed() -> None:
    one, same, other = (
        mix_inputs(tiny_model(), ragged_batch(), 0.5, np.random.default_rng(seed)).inputs for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


@pytest.mark.parametrize("ratio", [0.0, 0.5])
def test_the_gradient_after_mixing_is_that_of_the_loss_on_the_mixed_words(ratio: float) -> None:
    model = tiny_model(scale=0.5)
    batch = ragged_batch()
    mixed = mix_inputs(model, batch, ratio, np.random.default_rng(3))
    assert (mixed.inputs != batch.inputs).any()
    tape = model.new_tape()
    model.forward(mixed, tape)
    model.zero_gradients()
    model.backward(tape)
    imaginary = model.to(dtype="complex128")
    kept = {"decoder.output.b", "decoder.output.W", "decoder.layers.0.W_hh", "encoder.layers.0.b"}
    parameters = {name: array for name, array in imaginary.parameters().items() if name in kept}
    gradients = {name: array for name, array in model.gradients().items() if name in kept}
    assert len(parameters) > 1, sorted(imaginary.parameters())
    assert_gradients_match(lambda: imaginary.forward(mixed, imaginary.new_tape()), parameters, gradients)


@pytest.mark.parametrize("ratio", [-0.1, 1.1, float("nan")])
def test_a_teacher_ratio_outside_zero_to_one_is_refused(ratio: float) -> None:
    with pytest.raises(InputError, match="teacher ratio"):
        mix_inputs(tiny_model(), ragged_batch(), ratio, np.random.default_rng(0))
