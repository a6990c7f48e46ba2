"""Layers side by side and on top of one another: values, gradients, and what a second pass must not change."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import LAYERS, LayerRun, assert_layer_gradients_match, both, flat, one
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import cell_names, ragged_lengths, seeds

from scratchnet.cells import CELLS, GRUCell, LSTMCell, RNNCell
from scratchnet.errors import InputError
from scratchnet.stack import Bidirectional, Stack

all_layers = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())


@all_layers
def test_every_gradient_matches_the_complex_step(make: Callable[..., Any], rng: np.random.Generator) -> None:
    assert_layer_gradients_match(make(dtype="float64"), rng)


@settings(max_examples=8)
@given(
    cells=st.lists(cell_names(), min_size=1, max_size=3),
    two_ways=st.booleans(),
    lengths=ragged_lengths(longest=3, most=3),
    seed=seeds(),
)
def test_gradients_match_for_any_stack(cells: list[str], two_ways: bool, lengths: list[int], seed: int) -> None:
    layers: list[Any] = []
    for name in cells:
        inputs = layers[-1].output_size if layers else 1
        layers.append((both if two_ways else one)(CELLS[name], (inputs, 2), dtype="float64"))
    rng = np.random.default_rng(seed)
    assert_layer_gradients_match(Stack(layers), rng, lengths, tolerance=1e-9)


def test_a_bidirectional_layer_is_two_layers_side_by_side(rng: np.random.Generator) -> None:
    layer = both(dtype="float64")
    run = LayerRun(layer, rng)
    outputs, final = run.forward()
    dx, d_initial = run.backward()
    left, right = one(dtype="float64"), one(reverse=True, dtype="float64")
    for k, (direction, part) in enumerate([("forward", left), ("backward", right)]):
        tape, columns = part.new_tape(), slice(3 * k, 3 * k + 3)
        wanted, (state,) = part.forward(run.x, run.packing, run.initial[k : k + 1], tape)
        assert (outputs[:, columns] == wanted).all()
        assert all((final[k][name] == array).all() for name, array in state.items())
        own_dx, (d_state,) = part.backward(run.d_outputs[:, columns], run.d_final[k : k + 1], tape)
        assert all((d_initial[k][name] == array).all() for name, array in d_state.items())
        for name, gradient in part.gradients().items():
            assert (gradient == layer.gradients()[f"{direction}.{name}"]).all()
        dx = dx - own_dx
    np.testing.assert_allclose(dx, 0.0, atol=1e-14)


def test_a_stack_is_its_layers_called_one_after_another(rng: np.random.Generator) -> None:
    layers = [both(LSTMCell, (2, 3), dtype="float64"), one(GRUCell, (6, 4), dtype="float64")]
    run = LayerRun(Stack(layers, 0.5), rng)
    outputs, final = run.layer.forward(run.x, run.packing, run.initial, run.tape)  # no rng: no dropout
    below, below_final = layers[0].forward(run.x, run.packing, run.initial[:2])
    wanted, above_final = layers[1].forward(below, run.packing, run.initial[2:])
    assert (outputs == wanted).all()
    for name, state in flat(below_final + above_final).items():
        assert (flat(final)[name] == state).all()


def test_dropout_acts_between_the_layers_and_nowhere_else(rng: np.random.Generator) -> None:
    layers = [one(LSTMCell, (2, 3), dtype="float64"), one(GRUCell, (3, 4), dtype="float64")]
    run = LayerRun(Stack(layers, 0.5), rng)
    outputs, _ = run.layer.forward(run.x, run.packing, run.initial, run.tape, np.random.default_rng(5))
    mask = run.tape.dropout1.mask
    assert set(np.unique(mask)) == {0.0, 2.0}
    below, _ = layers[0].forward(run.x, run.packing, run.initial[:1])
    wanted, _ = layers[1].forward(below * mask, run.packing, run.initial[1:])
    assert (outputs == wanted).all()


def test_without_a_generator_nothing_is_dropped(rng: np.random.Generator) -> None:
    layers = [one(LSTMCell, (2, 3), dtype="float64"), one(GRUCell, (3, 4), dtype="float64")]
    run = LayerRun(Stack(layers, 0.5), rng)
    run.forward()
    outputs, _ = run.layer.forward(run.x, run.packing, run.initial, run.tape)
    assert run.tape.dropout1.mask is None
    wanted, _ = Stack(layers).forward(run.x, run.packing, run.initial)
    assert (outputs == wanted).all()


@all_layers
def test_all_layers_learn_where_the_input_gradient_is_not_wanted(make: Callable[..., Any]) -> None:
    runs = [LayerRun(make(dtype="float64"), np.random.default_rng(3)) for _ in range(2)]
    for run in runs:
        run.forward()
    wanted, d_initial = runs[0].backward()
    missing, d_initial_too = runs[1].layer.backward(runs[1].d_outputs, runs[1].d_final, runs[1].tape, need_dx=False)
    assert wanted is not None
    assert missing is None
    assert all((flat(d_initial_too)[name] == array).all() for name, array in flat(d_initial).items())
    for name, gradient in runs[0].layer.gradients().items():
        assert (runs[1].layer.gradients()[name] == gradient).all(), name


def test_a_forward_layer_cannot_be_the_second_of_a_pair() -> None:
    for left, right in ((one(), one()), (one(reverse=True), one(reverse=True)), (one(), one(RNNCell, (4, 3), True))):
        with pytest.raises(InputError, match="a forward and a reverse layer over the same input size"):
            Bidirectional(left, right)


def test_layers_that_do_not_fit_on_one_another_are_errors() -> None:
    with pytest.raises(InputError, match="a layer of 2 inputs cannot stand on 3 outputs"):
        Stack([one(), one()])
    with pytest.raises(InputError, match="at least one layer"):
        Stack([])


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_dropout_out_of_range_is_an_error(rate: float) -> None:
    with pytest.raises(InputError, match="at least 0 and below 1"):
        Stack([one()], rate)


def test_cells_are_counted_bottom_first_and_forward_first() -> None:
    stack = LAYERS["bidirectional stack with dropout"]()
    assert [cell.hidden_size for cell in stack.cells] == [3, 3, 4, 4]
    ways = ("layer0.backward", "layer0.forward", "layer1.backward", "layer1.forward")
    assert sorted(stack.parameters())[::3] == [f"{way}.W_hh" for way in ways]
