"""The same training on a real GPU as with NumPy; skipped where there is none."""

from typing import Any

import numpy as np
import pytest
from c_text import compare_dtypes
from helpers import CELL_NAMES, OPTIONS, normal, train
from test_graphs import Loop
from test_kernels import TEXTS, arguments

from scratchnet.backend import NUMPY, Backend, CupyBackend, get_backend
from scratchnet.errors import InputError

WITHOUT_DROPOUT = {name: options for name, options in OPTIONS.items() if "dropout" not in options}


@pytest.fixture(scope="module")
def gpu() -> Backend:
    """CuPy on the current device."""
    try:
        return get_backend("cupy")
    except InputError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("options", WITHOUT_DROPOUT.values(), ids=WITHOUT_DROPOUT.keys())
@pytest.mark.parametrize("cell", CELL_NAMES)
def test_training_on_a_gpu_is_training_with_numpy(cell: str, options: dict[str, Any], gpu: Backend) -> None:
    found, wanted = train(gpu, cell, options), train(NUMPY, cell, options)
    for name, array in found.items():
        np.testing.assert_allclose(array, wanted[name], rtol=1e-3, atol=1e-5, err_msg=name)


def test_training_with_dropout_on_a_gpu_is_repeatable(gpu: Backend) -> None:
    first, second = (train(gpu, "lstm", OPTIONS["dropout"]) for _ in range(2))
    for name, array in first.items():
        np.testing.assert_allclose(array, second[name], rtol=1e-4, atol=1e-6, err_msg=name)


def test_a_mask_of_a_gpu_keeps_the_share_asked_for(gpu: Backend) -> None:
    mask = gpu.to_numpy(gpu.dropout_mask((500, 400), 0.9, np.random.default_rng(1), np.dtype("float32")))
    assert set(np.unique(mask)) == {np.float32(0), 1 / np.float32(0.9)}
    assert abs((mask > 0).mean() - 0.9) < 0.003


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("maths", TEXTS.values(), ids=TEXTS.keys())
def test_a_kernel_on_a_gpu_computes_what_numpy_does(maths: Any, dtype: str, gpu: Backend) -> None:
    inputs = arguments(maths, dtype)
    wanted = maths(*inputs)
    outputs = [gpu.xp.empty_like(gpu.asarray(inputs[0])) for _ in wanted]
    gpu.pointwise(maths, [gpu.asarray(value) for value in inputs], outputs)
    for found, value in zip(outputs, wanted, strict=True):
        limit = 4 * compare_dtypes(dtype) * np.abs(value).max()  # a GPU fuses a product and a sum
        np.testing.assert_allclose(gpu.to_numpy(found), value, rtol=0, atol=limit)


def test_products_on_a_gpu_are_those_of_cublas_itself_and_numpys(gpu: Any, rng: np.random.Generator) -> None:
    assert gpu.products is not None, "cuBLAS was not found, so no time loop is recorded"
    whole, weights, total = normal(rng, (7, 12)), normal(rng, (5, 6)), normal(rng, (7, 6))
    out = gpu.asarray(total)
    gpu.product(gpu.asarray(whole)[:, 3:8], gpu.asarray(weights.T.copy()).T, out, add=True)
    np.testing.assert_allclose(gpu.to_numpy(out), total + whole[:, 3:8] @ weights, rtol=1e-12)


def test_a_loop_is_recorded_and_repeated_on_a_gpu(gpu: Any) -> None:
    loop, wanted = Loop(gpu), Loop(NUMPY)
    for seed in range(5):
        loop.change(seed)
        wanted.change(seed)
        np.testing.assert_allclose(loop.run(), wanted.run(), rtol=1e-12)
    assert not gpu.graphs.refused
    assert loop.done == 2


def test_all_that_a_cell_does_is_recorded_on_a_gpu(gpu: Any) -> None:
    assert gpu.graphs is not None
    found, wanted = train(gpu, "gru", {}, steps=6), train(CupyBackend(graphs=False), "gru", {}, steps=6)
    assert not gpu.graphs.refused
    for name, array in found.items():
        np.testing.assert_allclose(array, wanted[name], rtol=1e-4, atol=1e-6, err_msg=name)


def test_what_is_seen_of_a_tapes_array_multiplies_by_cublas(gpu: Any) -> None:
    array = gpu.multiplying(gpu.xp.ones((4, 6)))
    plain = gpu.xp.ones((3, 3))
    kind = type(array)
    assert kind is not gpu.xp.ndarray
    for part in (array[1:3], array[:, 2:4], array[..., 1:2], array.T, 0.5 * array, array + array, np.tanh(array)):
        assert type(part) is kind
    assert type(array[:, :3] @ plain) is type(plain @ array[:3]) is kind


def test_a_training_on_a_gpu_in_a_fixed_order_repeats_to_the_bit(gpu: Backend) -> None:
    first, second = (train(CupyBackend(deterministic=True), "gru", {}, steps=8) for _ in range(2))
    for name, array in first.items():
        assert array.tobytes() == second[name].tobytes(), name
