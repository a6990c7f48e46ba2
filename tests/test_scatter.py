"""An embedding's gradient on the device in a fixed order: the kernel compiled by g++, and for a GPU."""

import numpy as np
import pytest
from c_text import C_TYPES, as_function, compile_for_gpu, need_compiler
from helpers import normal
from strict import StrictBackend

from scratchnet.backend import NUMPY
from scratchnet.backend.cupy_kernels import ADD_ROWS

all_dtypes = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.fixture(autouse=True)
def compiler() -> None:
    """The stand-in compiles kernels with raw parameters."""
    need_compiler()


@all_dtypes
def test_a_repeated_word_adds_up_in_a_fixed_order(dtype: str, rng: np.random.Generator) -> None:
    strict = StrictBackend(deterministic=True)
    ids, rows, target = rng.integers(0, 6, 40), normal(rng, (40, 5), dtype), normal(rng, (7, 5), dtype)
    on_device = strict.asarray(target)
    strict.device.reset()
    strict.add_at(on_device, *(strict.asarray(values) for values in (ids, rows)))
    assert strict.device.launches == 2  # sort, add
    assert strict.device.waits == 0
    wanted = target.copy()
    for place in np.argsort(ids, kind="stable"):
        wanted[ids[place]] += rows[place]
    NUMPY.add_at(target, ids, rows)
    np.testing.assert_allclose(strict.to_numpy(on_device), wanted, rtol=1e-5 if dtype == "float32" else 1e-13)
    np.testing.assert_allclose(target, wanted, rtol=1e-5 if dtype == "float32" else 1e-13)


def test_a_fixed_order_gives_the_same_bits_wherever_a_word_stands(rng: np.random.Generator) -> None:
    rows = normal(rng, (30, 4), "float32")
    found = []
    for ids in (np.arange(30) % 3, np.arange(30) % 3 + 4):
        strict = StrictBackend(deterministic=True)
        target = strict.xp.zeros((8, 4), "float32")
        strict.add_at(target, strict.asarray(ids), strict.asarray(rows))
        found.append(strict.to_numpy(target)[ids[:3]].tobytes())
    assert found[0] == found[1]


@pytest.mark.parametrize(("asked", "fixed"), [("1", True), ("0", False)])
def test_the_environment_may_ask_for_a_fixed_order(asked: str, fixed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCHNET_DETERMINISTIC", asked)
    assert StrictBackend().deterministic is fixed
    assert StrictBackend(deterministic=not fixed).deterministic is not fixed


def test_no_rows_are_added_nowhere() -> None:
    strict = StrictBackend(deterministic=True)
    target = strict.xp.zeros((3, 2))
    strict.add_at(target, strict.asarray(np.zeros(0, int)), strict.asarray(np.zeros((0, 2))))
    assert not strict.to_numpy(target).any()


@pytest.mark.nvrtc
@all_dtypes
def test_the_scatter_kernel_compiles_for_a_gpu_without_atomics(dtype: str) -> None:
    found = compile_for_gpu(as_function(ADD_ROWS, {"T": C_TYPES[dtype], "I": C_TYPES["int64"]}, device=True))
    assert "sm_90" in found.ptx
    assert "atom" not in found.ptx
    assert "red." not in found.ptx
    assert found.spilled == 0
