"""The same training on a real GPU as with NumPy; skipped where there is none."""

from typing import Any

import numpy as np
import pytest
from helpers import CELL_NAMES, OPTIONS, train

from scratchnet.backend import NUMPY, Backend, get_backend
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
    mask = gpu.to_numpy(gpu.keep_mask((500, 400), 0.9, np.random.default_rng(1), np.dtype("float32")))
    assert set(np.unique(mask)) == {np.float32(0), 1 / np.float32(0.9)}
    assert abs((mask > 0).mean() - 0.9) < 0.003
