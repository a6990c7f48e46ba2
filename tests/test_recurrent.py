"""The time loop, forward and back: gradients entry by entry, in both directions, and the values of single sentences."""

import numpy as np
import pytest
from helpers import CELL_NAMES, LENGTHS, LayerRun, assert_layer_gradients_match, flat, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ragged_lengths, seeds, sizes

from scratchnet.cells import CELLS, LSTMCell
from scratchnet.errors import InputError
from scratchnet.layers import OneHot
from scratchnet.packed_sequences import Packing, pack, unpack
from scratchnet.recurrent import Recurrent

directions = pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
all_cells = pytest.mark.parametrize("name", CELL_NAMES)


def layer_of(name: str, reverse: bool = False, dtype: str = "float64", sizes: tuple[int, int] = (2, 3)) -> Recurrent:
    """Return a layer of one cell with random parameters."""
    layer = Recurrent(CELLS[name](*sizes, dtype=dtype), reverse=reverse)
    randomise(layer, np.random.default_rng(1))
    return layer


@directions
@all_cells
def test_every_gradient_matches_the_complex_step(name: str, reverse: bool, rng: np.random.Generator) -> None:
    assert_layer_gradients_match(layer_of(name, reverse), rng)


@all_cells
def test_gradients_match_where_all_lengths_are_equal(name: str, rng: np.random.Generator) -> None:
    assert_layer_gradients_match(layer_of(name), rng, (3, 3))


@settings(max_examples=15)
@given(
    name=st.sampled_from(CELL_NAMES),
    reverse=st.booleans(),
    lengths=ragged_lengths(longest=4, most=3),
    sizes=sizes(largest=3),
    seed=seeds(),
)
def test_gradients_match_for_any_shape(
    name: str, reverse: bool, lengths: list[int], sizes: tuple[int, int], seed: int
) -> None:
    layer = layer_of(name, reverse, sizes=sizes)
    # Not 1e-12: a block of one entry may, by chance, be a sum that nearly cancels.
    assert_layer_gradients_match(layer, np.random.default_rng(seed), lengths, tolerance=1e-9)


@settings(max_examples=20)
@given(
    name=st.sampled_from(CELL_NAMES),
    reverse=st.booleans(),
    dtype=st.sampled_from(["float32", "float64"]),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    seed=st.integers(0, 999),
)
def test_a_sentence_in_a_batch_is_treated_as_it_would_be_alone(
    name: str, reverse: bool, dtype: str, lengths: list[int], seed: int
) -> None:
    layer, rng = layer_of(name, reverse, dtype), np.random.default_rng(seed)
    sentences = [rng.normal(size=(length, 2)).astype(dtype) for length in lengths]
    rows, packing, order = pack(sentences)
    outputs, (final,) = layer.forward(rows, packing)
    for place, found in enumerate(unpack(outputs, packing, order)):
        alone, (state,) = layer.forward(sentences[place], Packing([lengths[place]]))
        tolerance = 1e-5 if dtype == "float32" else 1e-12
        np.testing.assert_allclose(found, alone, atol=tolerance)
        row = order.tolist().index(place)
        np.testing.assert_allclose(final["h"][row], state["h"][0], atol=tolerance)


@all_cells
def test_reading_in_reverse_is_reading_each_sentence_turned_round(name: str, rng: np.random.Generator) -> None:
    run = LayerRun(layer_of(name, reverse=True), rng)
    outputs, (final,) = run.forward()
    order = np.arange(len(LENGTHS))
    turned, _, _ = pack([sentence[::-1] for sentence in unpack(run.x, run.packing, order)])
    wanted, (wanted_final,) = layer_of(name).forward(turned, run.packing, run.initial)
    for found, turned_output in zip(*(unpack(rows, run.packing, order) for rows in (outputs, wanted)), strict=True):
        np.testing.assert_allclose(found, turned_output[::-1], rtol=1e-13, atol=1e-15)
    for state, wanted_state in zip(final.values(), wanted_final.values(), strict=True):
        np.testing.assert_allclose(state, wanted_state, rtol=1e-13, atol=1e-15)


@directions
@all_cells
def test_one_hot_rows_and_their_dense_matrix_train_alike(name: str, reverse: bool, rng: np.random.Generator) -> None:
    sparse, dense = (LayerRun(layer_of(name, reverse, sizes=(4, 3)), rng) for _ in range(2))
    dense.initial, dense.d_outputs, dense.d_final = sparse.initial, sparse.d_outputs, sparse.d_final
    sparse.x = OneHot(4, dtype="float64").forward(rng.integers(0, 4, sparse.packing.rows))
    dense.x = sparse.x.dense("float64")
    np.testing.assert_allclose(sparse.forward()[0], dense.forward()[0], rtol=1e-13, atol=1e-15)
    dx, _ = sparse.backward()
    dense.backward()
    assert dx is None
    for parameter, gradient in sparse.layer.gradients().items():
        np.testing.assert_allclose(gradient, dense.layer.gradients()[parameter], rtol=1e-12, atol=1e-14)


@all_cells
def test_an_upstream_gradient_left_out_is_zero(name: str, rng: np.random.Generator) -> None:
    run, zeros = (LayerRun(layer_of(name), np.random.default_rng(3)) for _ in range(2))
    for other in (run, zeros):
        other.forward()
    zeros.d_outputs = zeros.d_outputs * 0
    wanted, _ = zeros.backward()
    found, _ = run.layer.backward(None, run.d_final, run.tape)
    assert wanted.any()
    assert (found == wanted).all()
    for other in (run, zeros):
        other.forward()
    zeros.d_outputs = run.d_outputs
    zeros.d_final = [{state: array * 0 for state, array in zeros.d_final[0].items()}]
    wanted, _ = zeros.backward()
    found, _ = run.layer.backward(run.d_outputs, None, run.tape)
    assert (found == wanted).all()


def test_long_sequences_neither_explode_nor_vanish_in_an_lstm_that_only_remembers() -> None:
    layer = Recurrent(LSTMCell(1, 1, dtype="float64"))
    for array in layer.parameters().values():
        array[...] = 0
    layer.cell.block(layer.cell.b, "f")[...] = 50.0  # the forget gate is 1 to the last bit
    run = LayerRun(layer, np.random.default_rng(0), (300,))
    _, (final,) = run.forward()
    np.testing.assert_allclose(final["c"], run.initial[0]["c"], rtol=1e-12)
    run.d_final = [{"h": np.zeros((1, 1)), "c": np.ones((1, 1))}]
    _, (d_initial,) = layer.backward(None, run.d_final, run.tape)
    np.testing.assert_allclose(d_initial["c"], 1.0, rtol=1e-12)


def test_states_of_wrong_number_name_or_shape_are_errors(rng: np.random.Generator) -> None:
    run = LayerRun(layer_of("lstm"), rng)
    wrong = {
        "2 states given for 1 cells": run.initial * 2,
        "state 'c' of cell 0 is missing": [{"h": run.initial[0]["h"]}],
        r"state 'h' of cell 0 has shape \(4, 2\), wanted \(4, 3\)": [{"h": np.zeros((4, 2)), "c": np.zeros((4, 3))}],
    }
    for message, states in wrong.items():
        with pytest.raises(InputError, match=message):
            run.layer.forward(run.x, run.packing, states)
        if "missing" in message:  # a gradient that is left out is zero
            continue
        run.forward()
        if "missing" not in message:
            with pytest.raises(InputError, match=message):
                run.layer.backward(None, states, run.tape)


def test_a_final_gradient_that_is_left_out_is_zero_and_an_unknown_one_an_error(rng: np.random.Generator) -> None:
    run = LayerRun(layer_of("lstm"), rng)
    run.forward()
    (d,) = run.d_final
    found, wanted = (run.layer.backward(None, [given], run.tape) for given in ({"h": d["h"]}, {**d, "c": 0.0 * d["c"]}))
    np.testing.assert_array_equal(found[0], wanted[0])
    with pytest.raises(InputError, match="cell 0 has no state 'H': its states are h, c"):
        run.layer.backward(None, [{"H": d["h"]}], run.tape)


def test_an_input_of_another_shape_is_an_error(rng: np.random.Generator) -> None:
    run = LayerRun(layer_of("gru"), rng)
    with pytest.raises(InputError, match=r"x has shape \(11, 2\), wanted \(12, 2\)"):
        run.layer.forward(run.x[:-1], run.packing)


def test_states_come_out_by_cell_and_name(rng: np.random.Generator) -> None:
    run = LayerRun(layer_of("lstm"), rng)
    assert flat(run.forward()[1]).keys() == flat(run.backward()[1]).keys() == {"0.h", "0.c"}
