"""What stands between the encoder's last states and the decoder's first."""

from typing import Any

import numpy as np
import pytest
from formulas import affine
from helpers import assert_gradients_match, flat, normal, random_states, randomise

from scratchnet.backend import NUMPY
from scratchnet.cells import GRUCell, LSTMCell
from scratchnet.seq2seq import IdentityBridge, LinearBridge

B = 4


@pytest.fixture
def cells() -> list[Any]:
    """The decoder's cells: an LSTM of 3 units beneath a GRU of 2."""
    return [LSTMCell(2, 3, dtype="float64"), GRUCell(3, 2, dtype="float64")]


@pytest.fixture
def bridge(cells: list[Any], rng: np.random.Generator) -> LinearBridge:
    """A bridge to these cells with random parameters."""
    made = LinearBridge(cells, dtype="float64", backend=NUMPY)
    randomise(made, rng)
    return made


def encoder_states(cells: list[Any], rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return random last states of both directions of each layer."""
    return random_states([cell for cell in cells for _ in range(2)], B, rng)


def test_a_state_is_one_linear_map_of_both_directions(
    bridge: LinearBridge, cells: list[Any], rng: np.random.Generator
) -> None:
    final = encoder_states(cells, rng)
    found = bridge.forward(final)
    assert flat(found).keys() == {"0.h", "0.c", "1.h"}
    for k, state in enumerate(found):
        for name, rows in state.items():
            weight, bias = (bridge.parameters()[f"layer{k}.{name}.{part}"] for part in "Wb")
            for row in range(B):
                joined = [*final[2 * k][name][row], *final[2 * k + 1][name][row]]
                np.testing.assert_allclose(rows[row], affine(np.array(joined), weight, bias), rtol=1e-13, atol=1e-15)


def test_every_gradient_of_a_bridge_matches(bridge: LinearBridge, cells: list[Any], rng: np.random.Generator) -> None:
    final, upstream, tape = encoder_states(cells, rng), random_states(cells, B, rng), bridge.new_tape()
    bridge.forward(final, tape)
    d_final = bridge.backward(upstream, tape)
    imaginary = bridge.to(dtype="complex128")
    inputs = [{name: array.astype(complex) for name, array in state.items()} for state in final]

    def loss() -> Any:
        found = flat(imaginary.forward(inputs))
        return sum((found[name] * weight).sum() for name, weight in flat(upstream).items())

    arrays = {**imaginary.parameters(), **flat(inputs)}
    assert_gradients_match(loss, arrays, {**bridge.gradients(), **flat(d_final)})


def test_a_second_backward_adds_exactly_the_same_again(
    bridge: LinearBridge, cells: list[Any], rng: np.random.Generator
) -> None:
    final, upstream, tape = encoder_states(cells, rng), random_states(cells, B, rng), bridge.new_tape()
    kept = {name: array.copy() for name, array in flat(final).items()}
    bridge.forward(final, tape)
    first = flat(bridge.backward(upstream, tape))
    once = {name: array.copy() for name, array in bridge.gradients().items()}
    for name, array in flat(bridge.backward(upstream, tape)).items():
        assert (array == first[name]).all()
    for name, array in bridge.gradients().items():
        assert (array == 2 * once[name]).all()
    for name, array in flat(final).items():
        assert (array == kept[name]).all()


def test_float32_stays_float32(rng: np.random.Generator) -> None:
    cells = [LSTMCell(2, 3)]
    bridge = LinearBridge(cells, backend=NUMPY)
    tape = bridge.new_tape()
    initial = bridge.forward(encoder_states(cells, rng), tape)
    arrays = {**flat(initial), **bridge.gradients()}
    arrays |= {f"d {name}": array for name, array in flat(bridge.backward(initial, tape)).items()}
    assert {array.dtype.name for array in arrays.values()} == {"float32"}


def test_an_identity_bridge_passes_states_and_gradients_as_they_are(rng: np.random.Generator) -> None:
    states = [{"h": normal(rng, (B, 3))}]
    assert IdentityBridge().forward(states) is states
    assert IdentityBridge().backward(states) is states
    assert IdentityBridge().parameters() == {}
