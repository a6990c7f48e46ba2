"""Products by cuBLAS: the arguments that the library hands over, understood by a stand-in that follows addresses."""

import ctypes
from typing import Any

import numpy as np
import pytest
from helpers import normal
from hypothesis import given, settings
from hypothesis import strategies as st
from strict import StrictBackend
from strict_array import Device
from strict_cuda import StrictCublas


def block(rng: np.random.Generator, rows: int, columns: int, form: str, dtype: str) -> Any:
    """Return a (rows, columns) matrix that lies in memory in one of the forms that the library uses."""
    if form == "transposed":
        return normal(rng, (columns, rows), dtype).T
    if form == "columns of a wider one":
        return normal(rng, (rows, columns + 3), dtype)[:, 2 : columns + 2]
    if form == "rows of a longer one":
        return normal(rng, (rows + 2, columns), dtype)[1 : rows + 1]
    if form == "transposed columns of a wider one":
        return normal(rng, (columns, rows + 3), dtype)[:, 1 : rows + 1].T
    return normal(rng, (rows, columns), dtype)


FORMS = ("plain", "transposed", "columns of a wider one", "rows of a longer one", "transposed columns of a wider one")
form, size = st.sampled_from(FORMS), st.integers(1, 5)


@settings(max_examples=150, deadline=None)
@given(
    m=size,
    k=size,
    n=size,
    left=form,
    right=form,
    out=st.sampled_from((FORMS[0], FORMS[2], FORMS[3])),
    dtype=st.sampled_from(("float32", "float64")),
    add=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_product_of_any_views_is_numpys(
    m: int, k: int, n: int, left: str, right: str, out: str, dtype: str, add: bool, seed: int
) -> None:
    strict, rng = StrictBackend(), np.random.default_rng(seed)
    a, b, c = block(rng, m, k, left, dtype), block(rng, k, n, right, dtype), block(rng, m, n, out, dtype)
    wanted = a @ b + (c if add else 0)
    strict_arrays = [on_device(strict, values) for values in (a, b, c)]
    strict.device.reset()
    strict.product(*strict_arrays, add)
    assert (strict.cublas.calls, strict.device.launches) == (1, 1)
    np.testing.assert_allclose(
        strict.to_numpy(strict_arrays[2]), wanted, rtol=1e-4 if dtype == "float32" else 1e-11, atol=1e-6
    )


def on_device(strict: StrictBackend, values: Any) -> Any:
    """Return a view on the device that lies in memory as `values` does."""
    whole = values if values.base is None else values.base
    moved = strict.asarray(whole)
    start = (values.ctypes.data - whole.ctypes.data) // values.itemsize
    view = np.lib.stride_tricks.as_strided(moved.values.reshape(-1)[start:], values.shape, values.strides)
    return moved._view(view)


def test_memory_that_was_never_written_does_not_spoil_a_product(strict: StrictBackend) -> None:
    ones = strict.asarray(np.ones((2, 2)))
    assert strict.to_numpy(strict.product(ones, ones)).tolist() == [[2.0, 2.0], [2.0, 2.0]]


@pytest.fixture
def strict() -> StrictBackend:
    """A fresh device, its counts at zero."""
    return StrictBackend()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (np.ones((2, 3)), np.ones((3, 2), np.float32)),
        (np.ones((2, 3), complex), np.ones((3, 2), complex)),
        (np.ones((4, 6))[::2, ::2], np.ones((3, 2))),
        (np.ones((2, 0)), np.ones((0, 2))),
    ],
    ids=["two precisions", "complex", "every other element", "nothing to sum"],
)
def test_what_cublas_cannot_read_in_place_is_cupys_product(strict: StrictBackend, left: Any, right: Any) -> None:
    found = strict.product(on_device(strict, left), on_device(strict, right))
    np.testing.assert_array_equal(strict.to_numpy(found), left @ right)
    assert strict.cublas.calls == 0


def test_a_product_follows_the_current_stream_with_its_workspace(strict: StrictBackend) -> None:
    a = strict.asarray(np.ones((2, 2)))
    strict.product(a, a)
    with strict.xp.cuda.Stream(non_blocking=True) as stream:
        strict.product(a, a)
        assert strict.cublas.stream == stream.ptr
    strict.product(a, a)
    assert not strict.cublas.stream
    assert strict.cublas.workspace == strict.products.workspace.data.ptr


def test_a_library_that_cannot_be_loaded_leaves_cupys_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StrictCublas, "cublasCreate_v2", lambda *arguments: 1)
    strict = StrictBackend()
    a, b = strict.asarray(np.ones((2, 3))), strict.asarray(np.ones((3, 2)))
    out = strict.asarray(np.ones((2, 2)))
    assert strict.products is None
    assert strict.graphs is None
    strict.product(a, b, out, add=True)
    assert strict.to_numpy(out).tolist() == [[4.0, 4.0], [4.0, 4.0]]


def test_an_error_of_cublas_is_raised(strict: StrictBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StrictCublas, "cublasDgemm_v2", lambda *arguments: 13)
    a = strict.asarray(np.ones((2, 2)))
    with pytest.raises(OSError, match="status 13"):
        strict.product(a, a)


@pytest.mark.parametrize(("asked", "mode"), [("0", 0), ("1", 3)])
def test_fewer_bits_are_used_only_where_cupy_uses_them(asked: str, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def set_mode(self: Any, handle: Any, value: ctypes.c_int) -> int:
        seen.append(value.value)
        return 0

    monkeypatch.setenv("CUPY_TF32", asked)
    monkeypatch.setattr(StrictCublas, "cublasSetMathMode", set_mode)
    StrictBackend()
    assert seen == [mode]


def test_the_stand_in_refuses_a_line_shorter_than_its_elements() -> None:
    cublas = StrictCublas(Device())
    cublas.cublasSetWorkspace_v2(None, ctypes.c_void_p(1), ctypes.c_size_t(1))
    one = ctypes.byref(ctypes.c_double(1))
    numbers = [ctypes.c_int(value) for value in (0, 0, 4, 4, 4)]
    place, lead = ctypes.c_void_p(0), ctypes.c_int(3)
    assert cublas.cublasDgemm_v2(None, *numbers, one, place, lead, place, lead, one, place, lead) != 0
