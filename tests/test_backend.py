"""The NumPy backend, held to explicit loops, and what is said where a backend is not to be had."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import normal
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchnet.backend.cupy_backend as device_module
import scratchnet.backend.numba_backend as compiled_module
from scratchnet.backend import NUMPY, Backend, CupyBackend, available_backends, check_dtype, get_backend
from scratchnet.errors import InputError


def fake_cupy(monkeypatch: pytest.MonkeyPatch, count_devices: object) -> None:
    """Let `import cupy` yield a module whose device count is what the function returns or raises."""
    cupy = SimpleNamespace(
        __version__="0", cuda=SimpleNamespace(runtime=SimpleNamespace(getDeviceCount=count_devices)), ndarray=list
    )
    monkeypatch.setattr(device_module, "find_spec", lambda name: object())
    monkeypatch.setattr(device_module, "import_module", lambda name: cupy)


def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Numba and CuPy be absent."""
    for module in (compiled_module, device_module):
        monkeypatch.setattr(module, "find_spec", lambda name: None)


def no_driver() -> int:
    raise RuntimeError("cudaErrorInsufficientDriver: no driver\nsecond line")


def test_numpy_is_one_shared_object() -> None:
    assert get_backend("numpy") is NUMPY is get_backend()


def test_a_backend_object_is_taken_as_it_is() -> None:
    mine = Backend()
    assert get_backend(mine) is mine


def test_a_deep_copy_shares_its_backend() -> None:
    assert copy.deepcopy({"backend": NUMPY})["backend"] is NUMPY


def test_an_unknown_backend_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'torch'.*numpy, numba, cupy, auto"):
        get_backend("torch")


@pytest.mark.parametrize(("name", "extra"), [("cupy", "cuda12"), ("numba", "numba")])
def test_a_missing_package_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, name: str, extra: str
) -> None:
    nothing_installed(monkeypatch)
    with pytest.raises(InputError, match=rf"pip install -e '\.\[{extra}\]'"):
        get_backend(name)


def test_a_missing_driver_is_an_error_of_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_cupy(monkeypatch, no_driver)
    with pytest.raises(InputError, match=r"cannot use a GPU here: cudaErrorInsufficientDriver: no driver$"):
        get_backend("cupy")


def test_no_device_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_cupy(monkeypatch, lambda: 0)
    with pytest.raises(InputError, match="found no CUDA device"):
        get_backend("cupy")


def test_a_device_gives_the_cupy_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_cupy(monkeypatch, lambda: 1)
    assert isinstance(get_backend("cupy"), CupyBackend)


def test_auto_takes_a_gpu_where_there_is_one_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_cupy(monkeypatch, lambda: 1)
    said: list[str] = []
    assert get_backend("auto", say=said.append).name == "cupy"
    assert said == ["backend: cupy (chosen automatically)"]


def test_auto_without_a_device_takes_numba_where_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba", reason="needs Numba (pip install -e '.[numba]')")
    fake_cupy(monkeypatch, lambda: 0)
    assert get_backend("auto").name == "numba"


def test_auto_takes_numpy_where_there_is_nothing_else_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_installed(monkeypatch)
    said: list[str] = []
    assert get_backend("auto", say=said.append) is NUMPY
    assert said == ["backend: numpy (chosen automatically)"]


def test_every_backend_is_listed_with_its_state(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_installed(monkeypatch)
    found = available_backends()
    assert list(found) == ["numpy", "numba", "cupy"]
    assert found["numpy"].startswith("ready")
    assert all("pip install" in found[name] for name in ("numba", "cupy"))


@pytest.mark.parametrize("dtype", ["float32", np.float64, np.dtype("complex128")])
def test_the_three_dtypes_are_accepted_in_any_spelling(dtype: object) -> None:
    assert check_dtype(dtype) == np.dtype(dtype)


@pytest.mark.parametrize("dtype", ["float16", "int64", "nonsense", int, [1]])
def test_other_dtypes_are_errors(dtype: object) -> None:
    with pytest.raises(InputError, match="choose one of float32, float64, complex128"):
        check_dtype(dtype)


def test_asarray_copies_only_where_it_must() -> None:
    values = np.ones(3)
    assert NUMPY.asarray(values) is values
    assert NUMPY.to_numpy(values) is values
    assert NUMPY.asarray(values, dtype="float32").dtype == np.float32


@settings(max_examples=40)
@given(ids=st.lists(st.integers(0, 4), max_size=12), width=st.integers(1, 3), seed=st.integers(0, 99))
def test_add_at_adds_every_row_where_its_id_stands(ids: list[int], width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    target, rows = normal(rng, (5, width)), normal(rng, (len(ids), width))
    wanted = target.copy()
    for position, row in zip(ids, rows, strict=True):
        wanted[position] = wanted[position] + row
    NUMPY.add_at(target, np.array(ids, dtype=int), rows)
    np.testing.assert_allclose(target, wanted, atol=1e-14)


def test_add_at_is_repeatable_to_the_bit(rng: np.random.Generator) -> None:
    ids, rows = rng.integers(0, 3, 500), normal(rng, (500, 4), "float32")
    first, second = np.zeros((3, 4), np.float32), np.zeros((3, 4), np.float32)
    NUMPY.add_at(first, ids, rows)
    NUMPY.add_at(second, ids, rows)
    assert first.any()
    assert first.tobytes() == second.tobytes()


def test_add_at_leaves_ids_and_rows_alone(rng: np.random.Generator) -> None:
    ids, rows = np.array([2, 0, 2]), normal(rng, (3, 2))
    kept = ids.copy(), rows.copy()
    NUMPY.add_at(np.zeros((3, 2)), ids, rows)
    assert (ids == kept[0]).all()
    assert (rows == kept[1]).all()


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_a_mask_holds_zeros_and_the_inverse_of_keep(rng: np.random.Generator, dtype: str) -> None:
    mask = NUMPY.dropout_mask((40, 30), 0.75, rng, np.dtype(dtype))
    assert mask.dtype == dtype
    assert mask.shape == (40, 30)
    assert set(np.unique(mask)) == {np.dtype(dtype).type(0), 1 / np.dtype(dtype).type(0.75)}


def test_a_mask_keeps_the_share_asked_for(rng: np.random.Generator) -> None:
    mask = NUMPY.dropout_mask((500, 400), 0.9, rng, np.dtype("float32"))
    assert abs((mask > 0).mean() - 0.9) < 0.003  # 4.5 standard deviations


def test_the_same_seed_draws_the_same_mask() -> None:
    first, second, other = (
        NUMPY.dropout_mask((9, 9), 0.5, np.random.default_rng(seed), np.dtype("float32")) for seed in (1, 1, 2)
    )
    assert (first == second).all()
    assert (first != other).any()


def test_pointwise_may_write_over_what_it_reads(rng: np.random.Generator) -> None:
    a, b = normal(rng, (3, 2)), normal(rng, (3, 2))
    total, difference = a + b, a - b
    NUMPY.pointwise(lambda x, y: (x + y, x - y), (a, b), (a, b))
    assert (a == total).all()
    assert (b == difference).all()


def test_pointwise_refuses_another_number_of_results(rng: np.random.Generator) -> None:
    a = normal(rng, (2, 2))
    with pytest.raises(ValueError, match="argument 2 is longer"):
        NUMPY.pointwise(lambda x: (x, x), (a,), (a,))


@pytest.mark.parametrize("name", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_log_of_a_rows_total_overflows_nowhere(name: str, dtype: str, rng: np.random.Generator) -> None:
    if name == "numba":
        pytest.importorskip("numba")
    z = (30.0 * rng.standard_normal((5, 70))).astype(dtype)
    z[1] += 1000.0
    z[2] -= 1000.0
    z[3, 4] = -np.inf
    wanted = np.logaddexp.reduce(z.astype(np.float64), axis=1)
    tolerance = 1e-6 if dtype == "float32" else 1e-14
    np.testing.assert_allclose(get_backend(name).softmax_rows(z), wanted, rtol=tolerance)
