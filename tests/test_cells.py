"""Each cell held to its equations in explicit loops, over time, for sentences of different lengths."""

from types import SimpleNamespace

import numpy as np
import pytest
from formulas import run_formula
from helpers import CELL_NAMES, LENGTHS, LayerRun, randomise

from scratchnet.cells import CELLS, Cell, GRUCell, GRUResetBeforeCell, LSTMCell
from scratchnet.cells.base import orthogonal
from scratchnet.errors import InputError
from scratchnet.packed_sequences import unpack
from scratchnet.recurrent import Recurrent

ORDER = np.arange(len(LENGTHS))


@pytest.fixture(params=CELL_NAMES)
def cell(request: pytest.FixtureRequest, rng: np.random.Generator) -> Cell:
    """A cell of 2 inputs and 3 units, all its parameters random, in float64."""
    made = CELLS[request.param](2, 3, dtype="float64")
    randomise(made, rng)
    return made


def test_outputs_follow_the_equations_sentence_by_sentence(cell: Cell, rng: np.random.Generator) -> None:
    run = LayerRun(Recurrent(cell), rng)
    outputs, _ = run.forward()
    sentences, found = (unpack(rows, run.packing, ORDER) for rows in (run.x, outputs))
    for k, sentence in enumerate(sentences):
        wanted, _ = run_formula(cell, sentence, {name: run.initial[0][name][k] for name in cell.state})
        np.testing.assert_allclose(found[k], wanted, rtol=1e-12, atol=1e-14)


def test_final_states_are_those_after_each_sentence_own_last_word(cell: Cell, rng: np.random.Generator) -> None:
    run = LayerRun(Recurrent(cell), rng)
    _, (final,) = run.forward()
    for k, sentence in enumerate(unpack(run.x, run.packing, ORDER)):
        _, wanted = run_formula(cell, sentence, {name: run.initial[0][name][k] for name in cell.state})
        for name in cell.state:
            np.testing.assert_allclose(final[name][k], wanted[name], rtol=1e-12, atol=1e-14)


def test_a_sentence_starts_from_zeros_where_no_state_is_given(cell: Cell, rng: np.random.Generator) -> None:
    run = LayerRun(Recurrent(cell), rng)
    run.initial = None
    outputs, _ = run.forward()
    for found, sentence in zip(*(unpack(rows, run.packing, ORDER) for rows in (outputs, run.x)), strict=True):
        np.testing.assert_allclose(found, run_formula(cell, sentence)[0], rtol=1e-12, atol=1e-14)


def test_parameters_have_the_documented_shapes(cell: Cell) -> None:
    gates = len(cell.gates)
    wanted = {"W_ih": (2, gates * 3), "W_hh": (3, gates * 3), "b": (gates * 3,)}
    if isinstance(cell, GRUCell):
        wanted["b_hn"] = (3,)
    assert {name: array.shape for name, array in cell.parameters().items()} == wanted
    assert {name: array.shape for name, array in cell.gradients().items()} == wanted


def test_the_same_seed_makes_the_same_cell_in_every_dtype() -> None:
    single, double = LSTMCell(2, 3, rng=4), LSTMCell(2, 3, rng=4, dtype="float64")
    assert (single.W_ih == double.W_ih.astype("float32")).all()
    assert (single.W_hh == double.W_hh.astype("float32")).all()


def test_recurrent_weights_start_orthogonal_in_every_gate() -> None:
    made = GRUCell(2, 5, dtype="float64")
    for gate in made.gates:
        block = made.block(made.W_hh, gate)
        np.testing.assert_allclose(block.T @ block, np.eye(5), atol=1e-12)


def test_orthogonal_matrices_are_drawn_with_either_sign_of_determinant() -> None:
    signs = {round(np.linalg.det(orthogonal(3, np.random.default_rng(seed)))) for seed in range(20)}
    assert signs == {-1, 1}


def test_input_weights_start_within_the_glorot_limit() -> None:
    weights = LSTMCell(20, 30, dtype="float64").W_ih
    limit = np.sqrt(6 / (20 + 30))
    assert 0.99 * limit < np.abs(weights).max() <= limit
    assert abs(weights.mean()) < 0.02


def test_the_forget_gate_alone_starts_with_a_bias_of_one() -> None:
    made = LSTMCell(2, 3)
    assert [made.block(made.b, gate).tolist() for gate in "ifgo"] == [[0.0] * 3, [1.0] * 3, [0.0] * 3, [0.0] * 3]


def test_the_update_gate_alone_starts_with_a_bias_of_one() -> None:
    for name in ("gru", "gru-reset-before"):
        made = CELLS[name](2, 3)
        assert [made.block(made.b, gate).tolist() for gate in "rzn"] == [[0.0] * 3, [1.0] * 3, [0.0] * 3]


def test_other_biases_start_at_zero() -> None:
    assert not CELLS["rnn"](2, 3).b.any()
    assert not GRUCell(2, 3).b_hn.any()


def test_the_two_grus_differ_where_the_reset_gate_acts(rng: np.random.Generator) -> None:
    after, before = GRUCell(2, 3, dtype="float64"), GRUResetBeforeCell(2, 3, dtype="float64")
    randomise(after, rng)
    after.b_hn[...] = 0
    before.load_parameters({name: after.parameters()[name] for name in ("W_ih", "W_hh", "b")})
    run = LayerRun(Recurrent(after), rng, (1,))
    first, _ = run.forward()
    second, _ = Recurrent(before).forward(run.x, run.packing, run.initial)
    assert np.abs(first - second).max() > 1e-3


def test_a_block_is_a_view_of_its_gate(cell: Cell) -> None:
    for position, gate in enumerate(cell.gates):
        cell.block(cell.b, gate)[...] = position
    assert cell.b.tolist() == [float(position) for position in range(len(cell.gates)) for _ in range(3)]
    assert [block[0] for block in cell.blocks(cell.b)] == list(range(len(cell.gates)))


def test_an_unknown_gate_is_an_error_that_names_the_gates() -> None:
    made = LSTMCell(2, 3)
    with pytest.raises(InputError, match=r"LSTMCell has no gate 'z': its gates are i, f, g, o"):
        made.block(made.b, "z")


@pytest.mark.parametrize(("sizes", "name"), [((0, 3), "input_size"), ((2, -1), "hidden_size"), ((2, 1.5), "hidden")])
def test_impossible_sizes_are_errors(sizes: tuple[int, int], name: str) -> None:
    with pytest.raises(InputError, match=name):
        LSTMCell(*sizes)


def test_an_unwritten_step_says_what_to_write() -> None:
    empty = SimpleNamespace()
    with pytest.raises(NotImplementedError, match="Cell must define forward_step"):
        Cell(2, 3).forward_step(None, empty, empty, empty)
    with pytest.raises(NotImplementedError, match="Cell must define backward_step"):
        Cell(2, 3).backward_step(empty, empty, empty, empty, None, None)
