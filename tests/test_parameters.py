"""Named parameters and gradients: what is listed, loaded, copied and zeroed."""

from typing import Any

import numpy as np
import pytest
from helpers import make_model, normal, randomise

from scratchnet.backend import NUMPY, Backend
from scratchnet.cells import LSTMCell
from scratchnet.errors import InputError
from scratchnet.layers import Embedding, Linear, TiedLinear
from scratchnet.parameters import Module, check_sizes, make_rng


class Pair(Module):
    """A linear layer under its own name and a cell under none, beside a parameter of its own."""

    def __init__(self) -> None:
        super().__init__(dtype="float64")
        self.linear, self.cell = Linear(2, 3, dtype="float64"), LSTMCell(2, 3, dtype="float64")
        self.add_parameter("scale", [1.0, 2.0])

    def children(self) -> dict[str, Module]:
        return {"linear": self.linear, "": self.cell}


@pytest.fixture
def pair(rng: np.random.Generator) -> Pair:
    """A pair with random parameters and gradients."""
    made = Pair()
    randomise(made, rng)
    for gradient in made.gradients().values():
        gradient[...] = normal(rng, gradient.shape)
    return made


def test_names_are_dotted_and_a_nameless_part_adds_none(pair: Pair) -> None:
    assert list(pair.parameters()) == ["scale", "linear.W", "linear.b", "W_ih", "W_hh", "b"]
    assert pair.gradients().keys() == pair.parameters().keys()


def test_what_is_listed_are_the_arrays_themselves(pair: Pair) -> None:
    assert pair.parameters()["linear.W"] is pair.linear.W
    assert pair.gradients()["W_hh"] is pair.cell.dW_hh


def test_modules_are_the_object_and_all_its_parts(pair: Pair) -> None:
    assert list(pair.modules()) == [pair, pair.linear, pair.cell]


def test_a_parameter_shares_no_memory_with_what_it_was_made_of() -> None:
    values = np.ones(3, np.float32)
    made = Module()
    made.add_parameter("w", values)
    made.add_parameter("v", values)
    values[...] = 5.0
    made.w[...] = 2.0  # type: ignore[attr-defined]
    assert made.v.tolist() == [1.0, 1.0, 1.0]  # type: ignore[attr-defined]


def test_gradients_begin_at_zero() -> None:
    assert not any(gradient.any() for gradient in Pair().gradients().values())


def test_zeroing_gradients_happens_in_place(pair: Pair) -> None:
    before = pair.gradients()
    pair.zero_gradients()
    for name, gradient in pair.gradients().items():
        assert gradient is before[name]
        assert not gradient.any()


def test_loading_copies_values_into_the_same_arrays(pair: Pair) -> None:
    before = pair.parameters()
    values = {name: array + 1.0 for name, array in before.items()}
    pair.load_parameters(values)
    for name, array in pair.parameters().items():
        assert array is before[name]
        assert (array == values[name]).all()
        assert not np.shares_memory(array, values[name])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values.pop("linear.b"), "parameter 'linear.b' is missing"),
        (lambda values: values.update(extra=np.zeros(1)), "parameter 'extra' is unknown here"),
        (lambda values: values.update(b=np.zeros(3)), r"parameter 'b' has shape \(3,\), wanted \(12,\)"),
    ],
)
def test_weights_that_do_not_fit_are_errors_and_change_nothing(pair: Pair, change: Any, message: str) -> None:
    kept = {name: array.copy() for name, array in pair.parameters().items()}
    values = {name: array + 1.0 for name, array in pair.parameters().items()}
    change(values)
    with pytest.raises(InputError, match=message):
        pair.load_parameters(values)
    assert all((array == kept[name]).all() for name, array in pair.parameters().items())


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_a_copy_has_the_values_in_its_dtype_and_gradients_of_zero(pair: Pair, dtype: str) -> None:
    copied = pair.to(dtype=dtype)
    for name, array in copied.parameters().items():
        assert array.dtype == dtype
        assert (array == pair.parameters()[name].astype(dtype)).all()
        assert not np.shares_memory(array, pair.parameters()[name])
        assert copied.gradients()[name].dtype == dtype
        assert not copied.gradients()[name].any()
    assert {module.dtype for module in copied.modules()} == {np.dtype(dtype)}


def test_copying_leaves_the_original_as_it_was(pair: Pair) -> None:
    kept = {name: array.copy() for name, array in pair.gradients().items()}
    copied = pair.to()
    for array in copied.parameters().values():
        array[...] = 0
    assert all(array.any() for array in pair.parameters().values())
    assert all((array == kept[name]).all() for name, array in pair.gradients().items())


@pytest.mark.filterwarnings("error")
def test_a_complex_copy_goes_back_to_its_real_part(pair: Pair) -> None:
    imaginary = pair.to(dtype="complex128")
    imaginary.linear.W += 3j
    assert (imaginary.to(dtype="float64").linear.W == pair.linear.W).all()


def test_every_part_of_a_copied_model_is_on_its_backend() -> None:
    other = Backend()
    model = make_model(9, 7, embedding_size=3, hidden_size=3, layers=2, bidirectional=True, dropout=0.1)
    for moved in (model.to(other), make_model(9, 7, embedding_size=3, hidden_size=3, dropout=0.1, backend=other)):
        assert {id(module.backend) for module in moved.modules()} == {id(other)}
        assert moved.loss.backend is other
    assert {id(module.backend) for module in model.modules()} == {id(NUMPY)}


def test_a_tied_table_is_listed_once_and_stays_tied_in_a_copy() -> None:
    model = make_model(9, 7, embedding_size=3, hidden_size=3, tied_embeddings=True).to(dtype="float64")
    assert "decoder.output.W" not in model.parameters()
    output = model.decoder.output
    assert isinstance(output, TiedLinear)
    assert np.shares_memory(output.W, model.decoder.embedding.W)  # type: ignore[union-attr]
    assert output.dtype == np.float64


def test_two_tables_of_equal_size_are_two_parameters() -> None:
    first, second = Embedding(3, 2, rng=1), Embedding(3, 2, rng=1)
    first.W[...] = 0
    assert second.W.any()


@pytest.mark.parametrize("size", [0, -1, 2.0, "3", None, True])
def test_a_size_is_a_whole_number_above_zero(size: Any) -> None:
    with pytest.raises(InputError, match=r"width is .*: it must be a whole number above zero"):
        check_sizes(height=3, width=size)


def test_whole_numbers_of_numpy_are_sizes_too() -> None:
    check_sizes(height=np.int64(3), width=1)


def test_a_generator_is_used_as_it_is_and_a_seed_makes_one() -> None:
    rng = np.random.default_rng(4)
    assert make_rng(rng) is rng
    assert make_rng(4).random() == np.random.default_rng(4).random()
