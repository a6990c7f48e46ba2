"""Products of a step's few rows: the same numbers either way, and weights that lie as they are read."""

from typing import Any

import numpy as np
import pytest

import scratchnet.backend.blas as blas
from scratchnet.backend import NUMPY
from scratchnet.backend.blas import SMALL, WIDTHS, WORTHWHILE, step_product
from scratchnet.cells import CELLS, LSTMCell
from scratchnet.packing import Packing
from scratchnet.recurrent import Recurrent

SHAPES = [(1, 8, 32), (3, 16, 64), (8, 256, 1024), (20, 1024, 256), (30, 7, 96), (40, 256, 1024), (5, 12, 20)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the pieces, whatever this processor is called: they must be right everywhere."""
    monkeypatch.setattr(blas, "quick_with_small_products", lambda: True)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_product_in_pieces_is_the_product(
    quick: None, shape: tuple[int, int, int], threads: int, rng: np.random.Generator
) -> None:
    rows, inner, columns = shape
    left = rng.standard_normal((rows, inner)).astype(np.float32)
    right = rng.standard_normal((inner, columns)).astype(np.float32)
    exact = left.astype(np.float64) @ right
    scale = np.abs(left).astype(np.float64) @ np.abs(right)
    for one in (right, np.asfortranarray(right.T).T, np.repeat(right, 2, axis=1)[:, ::2]):
        assert np.all(np.abs(step_product(left, one, threads) - exact) < 1e-6 * scale)
    assert np.all(np.abs(step_product(np.asfortranarray(left), right, threads) - exact) < 1e-6 * scale)


def test_pieces_are_taken_for_few_rows_only(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    dimensions: list[int] = []
    matmul = np.matmul

    def noted(left: Any, right: Any, **named: Any) -> Any:
        dimensions.append(right.ndim)
        return matmul(left, right, **named)

    monkeypatch.setattr(np, "matmul", noted)
    weights = np.ones((256, 1024), np.float32)
    few, many = 8, WORTHWHILE // weights.size + 1
    step_product(np.ones((few, 256), np.float32), weights, 1)
    step_product(np.ones((many, 256), np.float32), weights, 1)
    step_product(np.ones((1, 256), np.float32), weights, 1)
    step_product(np.ones((few, 256), np.float64), weights.astype(np.float64), 1)
    assert dimensions == [3, 2, 2, 2]
    assert few * 256 * min(WIDTHS) <= SMALL


@pytest.mark.parametrize("threads", [1, 2])
def test_a_vector_is_multiplied_too(quick: None, threads: int) -> None:
    assert step_product(np.ones(3, np.float32), np.ones((3, 64), np.float32), threads).tolist() == [3.0] * 64


@pytest.mark.parametrize("library", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (64, 256), (5, 0)])
def test_a_matrix_by_columns_is_the_same_matrix(
    shape: tuple[int, int], dtype: str, library: bool, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not library:
        monkeypatch.setattr(blas, "openblas", lambda: None)
    matrix = rng.standard_normal(shape).astype(dtype)
    for one in (matrix, matrix[::2], matrix.T):
        turned = blas.by_columns(one)
        assert np.array_equal(turned, one)
        assert turned.flags.f_contiguous
        assert turned.dtype == one.dtype
        assert not np.shares_memory(turned, one) or one.flags.f_contiguous


@pytest.mark.parametrize("backwards", [False, True])
def test_recurrent_weights_are_the_same_numbers_read_row_by_row(backwards: bool, rng: np.random.Generator) -> None:
    weights = rng.standard_normal((6, 64)).astype(np.float32)
    found = NUMPY.recurrent_weights(weights, backwards)
    right = found.T if backwards else found
    assert np.array_equal(found, weights)
    assert right.flags.c_contiguous
    left = rng.standard_normal((4, len(right))).astype(np.float32)
    assert type(left @ right) is np.ndarray
    np.testing.assert_allclose(left @ right, left @ np.array(right), rtol=1e-5)


class Stumbling(LSTMCell):
    """An LSTM whose steps fail, and that tells how its weights lay."""

    seen: Any = None

    def backward_step(self, *arguments: Any) -> None:
        type(self).seen = self.W_hh
        raise ZeroDivisionError


def test_a_cell_finds_its_own_weights_again_even_after_an_error(rng: np.random.Generator) -> None:
    layer = Recurrent(Stumbling(3, 4, rng=1))
    own, packing, tape = layer.cell.W_hh, Packing([3, 2]), layer.new_tape()
    layer.forward(rng.standard_normal((5, 3)).astype(np.float32), packing, None, tape)
    assert layer.cell.W_hh is own
    with pytest.raises(ZeroDivisionError):
        layer.backward(np.ones((5, 4), np.float32), None, tape)
    assert layer.cell.W_hh is own
    assert Stumbling.seen is not own
    assert Stumbling.seen.flags.f_contiguous


@pytest.mark.parametrize("cell", CELLS.values())
def test_training_goes_on_with_the_weights_that_an_optimizer_changed(cell: type, rng: np.random.Generator) -> None:
    layer = Recurrent(cell(3, 32, rng=1))
    layer.flatten()
    x, packing = rng.standard_normal((5, 3)).astype(np.float32), Packing([3, 2])
    before, _ = layer.forward(x, packing, None, layer.new_tape())
    before = before.copy()
    layer.cell.W_hh *= 2.0
    after, _ = layer.forward(x, packing, None, layer.new_tape())
    assert not np.array_equal(before, after)
    assert layer.parameters()["W_hh"] is layer.cell.W_hh
