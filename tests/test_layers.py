"""The layers around the time loop: values in loops, gradients, and the equality of one-hot products and embeddings."""

from typing import Any

import numpy as np
import pytest
from formulas import affine
from helpers import assert_gradients_match, make_model, normal, randomise

from scratchnet.cells import LSTMCell
from scratchnet.errors import InputError
from scratchnet.layers import Dropout, Embedding, Linear, OneHot, TiedLinear

IDS = np.array([3, 1, 3, 0, 3, 1])
V, E, H = 5, 2, 3


def made(kind: Any, *sizes: Any, dtype: str = "float64") -> Any:
    """Return a layer with random parameters."""
    layer = kind(*sizes, dtype=dtype)
    randomise(layer, np.random.default_rng(1))
    return layer


def recorded(layer: Any, x: Any, **more: Any) -> Any:
    """Return the tape of one forward pass."""
    tape = layer.new_tape()
    layer.forward(x, tape, **more)
    return tape


def test_an_embedding_looks_rows_up() -> None:
    layer = made(Embedding, V, E)
    found = layer.forward(IDS)
    for n, token in enumerate(IDS):
        for e in range(E):
            assert found[n, e] == layer.W[token, e]


def test_the_gradient_of_an_embedding_matches_with_tokens_repeated(rng: np.random.Generator) -> None:
    layer, d_rows = made(Embedding, V, E), normal(rng, (6, E))
    layer.backward(d_rows, recorded(layer, IDS))
    imaginary = layer.to(dtype="complex128")
    assert_gradients_match(lambda: (imaginary.forward(IDS) * d_rows).sum(), imaginary.parameters(), layer.gradients())


def test_a_row_never_looked_up_has_no_gradient(rng: np.random.Generator) -> None:
    layer = made(Embedding, V, E)
    layer.backward(normal(rng, (6, E)), recorded(layer, IDS))
    assert [bool(row.any()) for row in layer.dW] == [True, True, False, True, False]


def test_the_first_pre_activations_are_of_order_one_whatever_the_size() -> None:
    for size in (8, 512):
        x = Embedding(200, size).W
        a_x = x @ LSTMCell(size, size).W_ih
        assert 0.5 < a_x.std() < 2.0


def test_a_table_that_is_also_the_output_matrix_starts_with_logits_of_order_one() -> None:
    model = make_model(9, 300, embedding_size=64, hidden_size=64, tied_embeddings=True)
    h = np.tanh(np.random.default_rng(0).normal(size=(50, 64)).astype("float32"))
    assert model.decoder.output.forward(h).std() < 2.0


def test_one_hot_rows_hold_a_single_one_at_the_token() -> None:
    dense = OneHot(V).forward(IDS).dense("float64")
    assert dense.dtype == np.float64
    assert dense.tolist() == [[1.0 if v == token else 0.0 for v in range(V)] for token in IDS]


def test_a_one_hot_product_is_that_of_the_dense_matrix(rng: np.random.Generator) -> None:
    rows, weight = OneHot(V).forward(IDS), normal(rng, (V, H))
    np.testing.assert_allclose(rows @ weight, rows.dense("float64") @ weight, rtol=1e-15)


def test_a_transposed_one_hot_product_adds_repeated_tokens_up(rng: np.random.Generator) -> None:
    rows, values = OneHot(V).forward(IDS), normal(rng, (6, H))
    assert rows.T.shape == (V, 6)
    np.testing.assert_allclose(rows.T @ values, rows.dense("float64").T @ values, rtol=1e-14)


def test_a_one_hot_product_is_an_embedding_lookup(rng: np.random.Generator) -> None:
    layer, d_rows = made(Embedding, V, E), normal(rng, (6, E))
    rows = OneHot(V, dtype="float64").forward(IDS)
    assert (rows @ layer.W == layer.forward(IDS)).all()
    layer.backward(d_rows, recorded(layer, IDS))
    np.testing.assert_allclose(rows.T @ d_rows, layer.dW, rtol=1e-15)


def test_rows_of_a_one_hot_matrix_can_be_chosen() -> None:
    rows = OneHot(V).forward(IDS)
    assert rows.shape == (6, V)
    assert (rows[np.array([4, 0])].dense() == rows.dense()[[4, 0]]).all()


def test_a_one_hot_layer_learns_nothing(rng: np.random.Generator) -> None:
    layer = OneHot(V)
    layer.backward(normal(rng, (6, V)), recorded(layer, IDS))
    assert layer.parameters() == {}
    assert layer.output_size == V


def test_a_linear_layer_is_a_product_and_a_bias(rng: np.random.Generator) -> None:
    layer, x = made(Linear, E, H), normal(rng, (4, E))
    np.testing.assert_allclose(layer.forward(x), [affine(row, layer.W, layer.b) for row in x], rtol=1e-13)


def test_the_gradients_of_a_linear_layer_match(rng: np.random.Generator) -> None:
    layer, x, dy = made(Linear, E, H), normal(rng, (4, E)), normal(rng, (4, H))
    gradients = {"x": layer.backward(dy, recorded(layer, x)), **layer.gradients()}
    imaginary, x = layer.to(dtype="complex128"), x.astype(complex)
    arrays = {"x": x, **imaginary.parameters()}
    assert_gradients_match(lambda: (imaginary.forward(x) * dy).sum(), arrays, gradients)


def test_a_linear_layer_starts_with_no_bias_and_within_the_glorot_limit() -> None:
    layer = Linear(30, 20, dtype="float64")
    assert not layer.b.any()
    limit = np.sqrt(6 / 50)
    assert 0.98 * limit < np.abs(layer.W).max() <= limit


def test_an_input_of_another_width_is_an_error() -> None:
    with pytest.raises(InputError, match=r"x has shape \(4, 3\), wanted \(N, 2\)"):
        Linear(2, 3).forward(np.zeros((4, 3)))


def test_a_tied_layer_multiplies_by_the_table_turned_round(rng: np.random.Generator) -> None:
    table, x = made(Embedding, V, E), normal(rng, (4, E))
    tied = TiedLinear(table)
    tied.b[...] = normal(rng, (V,))
    wanted = [[sum(x[n, e] * table.W[v, e] for e in range(E)) + tied.b[v] for v in range(V)] for n in range(4)]
    np.testing.assert_allclose(tied.forward(x), wanted, rtol=1e-13)


def test_a_table_used_twice_collects_both_gradients(rng: np.random.Generator) -> None:
    table, weight = made(Embedding, V, E), normal(rng, (6, V))
    tied = TiedLinear(table)
    x, tape = table.forward(IDS), recorded(table, IDS)
    table.backward(tied.backward(weight, recorded(tied, x)), tape)
    imaginary = table.to(dtype="complex128")
    output = TiedLinear(imaginary)
    gradients = {"W": table.dW, "b": tied.db}
    arrays = {"W": imaginary.W, "b": output.b}
    assert_gradients_match(lambda: (output.forward(imaginary.forward(IDS)) * weight).sum(), arrays, gradients)


def test_a_tied_layer_owns_its_bias_alone() -> None:
    assert TiedLinear(Embedding(V, E)).parameters().keys() == {"b"}


def test_dropout_leaves_the_expectation_and_zeroes_its_share(rng: np.random.Generator) -> None:
    layer, tape = Dropout(0.3, dtype="float64"), Dropout(0.3).new_tape()
    y = layer.forward(np.ones((500, 400)), tape, rng)
    assert abs((y == 0).mean() - 0.3) < 0.005  # five standard deviations
    assert abs(y.mean() - 1.0) < 0.008
    np.testing.assert_allclose(np.unique(y), [0.0, 1 / 0.7], rtol=1e-15)
    assert (y == tape.mask).all()


def test_dropout_goes_back_through_its_own_mask(rng: np.random.Generator) -> None:
    layer, x, dy = Dropout(0.4, dtype="float64"), normal(rng, (4, 5)), normal(rng, (4, 5))
    tape = recorded(layer, x, rng=np.random.default_rng(2))
    x, imaginary = x.astype(complex), layer.to(dtype="complex128")
    assert_gradients_match(
        lambda: (imaginary.forward(x, None, np.random.default_rng(2)) * dy).sum(),
        {"x": x},
        {"x": layer.backward(dy, tape)},
    )


@pytest.mark.parametrize(("rate", "generator"), [(0.5, None), (0.0, np.random.default_rng(0))])
def test_dropout_does_nothing_outside_training_or_at_rate_zero(rate: float, generator: Any) -> None:
    layer, x = Dropout(rate), np.ones((2, 3), np.float32)
    tape = layer.new_tape()
    assert layer.forward(x, tape, generator) is x
    assert layer.backward(x, tape) is x


@pytest.mark.parametrize("rate", [-0.01, 1.0, float("nan")])
def test_a_rate_out_of_range_is_an_error(rate: float) -> None:
    with pytest.raises(InputError, match=r"dropout is .*: it must be at least 0 and below 1"):
        Dropout(rate)


@pytest.mark.parametrize("layer", [Embedding(V, E), OneHot(V)])
@pytest.mark.parametrize("ids", [np.zeros((2, 2), int), np.zeros(3)])
def test_ids_that_are_no_row_of_integers_are_errors(layer: Any, ids: np.ndarray[Any, Any]) -> None:
    with pytest.raises(InputError, match=r"wanted \(N,\) integers"):
        layer.forward(ids)


@pytest.mark.parametrize("make", [lambda: Embedding(0, 2), lambda: Embedding(3, 0), lambda: OneHot(0)])
def test_tables_of_no_size_are_errors(make: Any) -> None:
    with pytest.raises(InputError, match="must be a whole number above zero"):
        make()


def test_float32_stays_float32(rng: np.random.Generator) -> None:
    table, linear = made(Embedding, V, E, dtype="float32"), made(Linear, E, H, dtype="float32")
    dropout, tape = Dropout(0.5), Dropout(0.5).new_tape()
    x = dropout.forward(table.forward(IDS), tape, rng)
    dx = linear.backward(linear.forward(x), recorded(linear, x))
    table.backward(dropout.backward(dx, tape), recorded(table, IDS))
    rows = OneHot(V).forward(IDS)
    arrays = [x, tape.mask, dx, table.dW, linear.dW, linear.db, rows @ table.W, rows.T @ dx, rows.dense()]
    assert {array.dtype.name for array in arrays} == {"float32"}


@pytest.mark.parametrize("layer", [Embedding(V, E), Linear(E, H), Dropout(0.5)])
def test_backward_before_forward_is_one_clear_line(layer: Any) -> None:
    with pytest.raises(InputError, match="backward needs a forward pass first"):
        layer.backward(np.ones((6, E), np.float32), layer.new_tape())


@pytest.mark.parametrize("name", ["W", "b"])
def test_a_weight_or_bias_that_is_bound_anew_counts(name: str, rng: np.random.Generator) -> None:
    layer, x = Linear(E, H, dtype="float64"), normal(rng, (4, E))
    layer.flatten()
    setattr(layer, name, normal(rng, getattr(layer, name).shape))
    np.testing.assert_allclose(layer.forward(x), x @ layer.W + layer.b, rtol=1e-13)
