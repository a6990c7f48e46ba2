"""Elementwise text as CUDA: it compiles, it computes what NumPy does, and it is one launch on the stand-in device."""

from typing import Any

import numpy as np
import pytest
from c_text import as_function, compare_dtypes, compile_for_gpu, elementwise_texts, run_compiled
from helpers import normal
from strict import StrictBackend
from strict_array import Device
from strict_kernel import StrictKernel

from scratchnet import optim
from scratchnet.backend.cupy_kernels import print_kernel
from scratchnet.backend.elementwise import NotElementwise, read_elementwise
from scratchnet.cells import lstm, rnn

DTYPES = ("float32", "float64")


TEXTS = elementwise_texts()
all_texts = pytest.mark.parametrize("maths", TEXTS.values(), ids=TEXTS.keys())
all_dtypes = pytest.mark.parametrize("dtype", DTYPES)


def arguments(maths: Any, dtype: str, size: int = 1000) -> list[Any]:
    """Return random arrays between 0 and 1 for a function: valid as gates, as second moments, and as anything else."""
    rng = np.random.default_rng(6)
    return [rng.random(size).astype(dtype) + np.dtype(dtype).type(0.01) for _ in read_elementwise(maths).arguments]


def maths_of_numbers(a: Any, b: Any, rate: float) -> tuple[Any, ...]:
    c = np.exp(-a) * rate + 3
    c = np.sqrt(np.square(c) + 1e-08) / np.log(b + 2.0)
    return np.reciprocal(c) - b**2, np.log1p(a) + np.expm1(b) + np.sin(a) * np.cos(b), -c


def test_the_library_has_its_elementwise_texts() -> None:
    assert {"lstm_forward", "lstm_backward", "gru_forward", "gru_backward", "rnn_forward", "adam"} <= TEXTS.keys()
    assert "update" in vars(optim.Adam)


@all_dtypes
@all_texts
def test_a_compiled_kernel_computes_what_numpy_does(maths: Any, dtype: str) -> None:
    inputs = arguments(maths, dtype)
    wanted = maths(*inputs)
    outputs = [np.full_like(inputs[0], np.nan) for _ in wanted]
    run_compiled(print_kernel(read_elementwise(maths), dtype), [*inputs, *outputs], inputs[0].size)
    for found, value in zip(outputs, wanted, strict=True):
        np.testing.assert_allclose(found, value, rtol=0, atol=compare_dtypes(dtype) * np.abs(value).max())


@all_dtypes
def test_a_compiled_kernel_may_write_over_what_it_reads(dtype: str) -> None:
    inputs = arguments(lstm.lstm_backward, dtype)
    wanted = lstm.lstm_backward(*inputs)
    outputs = [np.empty_like(inputs[0]) for _ in wanted[:-1]] + [inputs[1]]  # dc_prev where dc was
    run_compiled(print_kernel(read_elementwise(lstm.lstm_backward), dtype), [*inputs, *outputs], inputs[0].size)
    for found, value in zip(outputs, wanted, strict=True):
        np.testing.assert_allclose(found, value, rtol=0, atol=compare_dtypes(dtype) * np.abs(value).max())


@all_dtypes
def test_every_function_that_cuda_knows_computes_what_numpy_does(dtype: str) -> None:
    a, b, rate = arguments(maths_of_numbers, dtype)
    wanted = maths_of_numbers(a, b, rate)
    outputs = [np.empty_like(a) for _ in wanted]
    run_compiled(print_kernel(read_elementwise(maths_of_numbers), dtype), [a, b, rate, *outputs], a.size)
    for found, value in zip(outputs, wanted, strict=True):
        np.testing.assert_allclose(found, value, rtol=0, atol=compare_dtypes(dtype) * np.abs(value).max())


@pytest.mark.nvrtc
@all_dtypes
@all_texts
def test_a_kernel_compiles_for_a_gpu_and_stays_in_its_precision_and_in_registers(maths: Any, dtype: str) -> None:
    found = compile_for_gpu(as_function(print_kernel(read_elementwise(maths), dtype), device=True))
    assert "sm_90" in found.ptx
    assert (".f64" in found.ptx) == (dtype == "float64")
    assert found.spilled == 0
    assert found.registers <= 64  # 1,024 threads a multiprocessor at least


def test_a_number_is_printed_as_numpy_rounds_it() -> None:
    def third(a: Any) -> Any:
        return a * 0.3333333333333333

    (line,) = [line for line in print_kernel(read_elementwise(third), "float32").operation.splitlines() if "*" in line]
    printed = line.split("* ")[1].rstrip(";)").rstrip("f")
    assert float(printed) == float(np.float32(1 / 3))


def test_a_function_that_cuda_lacks_is_refused() -> None:
    def maths(a: Any) -> Any:
        return np.arctan(a)

    with pytest.raises(NotElementwise):
        print_kernel(read_elementwise(maths), "float32")


# --- on the stand-in ----------------------------------------------------------------------------------------------


@pytest.fixture
def strict() -> StrictBackend:
    """A fresh device, its counts at zero."""
    return StrictBackend()


def run_on(strict: StrictBackend, maths: Any, inputs: list[Any], results: int) -> list[Any]:
    """Return a function's results, each of the first input's shape and dtype."""
    outputs = [strict.xp.empty(inputs[0].shape, inputs[0].dtype) for _ in range(results)]
    strict.device.reset()
    strict.pointwise(maths, [strict.asarray(v) if isinstance(v, np.ndarray) else v for v in inputs], outputs)
    return [strict.to_numpy(output) for output in outputs]


@all_dtypes
@all_texts
def test_an_elementwise_text_is_one_launch_and_computes_what_numpy_does(
    maths: Any, dtype: str, strict: StrictBackend
) -> None:
    inputs = arguments(maths, dtype)
    wanted = maths(*inputs)
    found = run_on(strict, maths, inputs, len(wanted))
    assert strict.device.launches == 1
    assert not strict.refused
    for one, value in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, value, rtol=0, atol=compare_dtypes(dtype) * np.abs(value).max())


def test_vectors_and_numbers_are_broadcast_within_the_one_launch(
    strict: StrictBackend, rng: np.random.Generator
) -> None:
    a, b = rng.random((5, 3), "float32"), rng.random(3, "float32")
    wanted = maths_of_numbers(a, b, 0.125)
    found = run_on(strict, maths_of_numbers, [a, b, 0.125], 3)
    assert strict.device.launches == 1
    for one, value in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, value, rtol=1e-6)


def test_complex_numbers_run_line_by_line(strict: StrictBackend, rng: np.random.Generator) -> None:
    a = normal(rng, (4, 2)) + 1j * normal(rng, (4, 2))
    (found,) = run_on(strict, rnn.rnn_forward, [a], 1)
    np.testing.assert_allclose(found, np.tanh(a), rtol=1e-14)


def test_a_function_that_is_no_row_of_assignments_runs_line_by_line(strict: StrictBackend) -> None:
    a = np.arange(3.0)
    (found,) = run_on(strict, lambda x: (x + 1.0,), [a], 1)
    assert found.tolist() == [1.0, 2.0, 3.0]
    assert len(strict.refused) == 1


def test_a_function_is_printed_and_compiled_once(strict: StrictBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    kind = type(strict.xp).ElementwiseKernel
    monkeypatch.setattr(
        type(strict.xp), "ElementwiseKernel", lambda self, *text: made.append(text[-1]) or kind(self, *text)
    )
    for dtype in ("float32", "float32", "float64"):
        run_on(strict, rnn.rnn_forward, [np.ones(2, dtype)], 1)
    assert made == ["scratchnet_rnn_forward"] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("const float v_a = in_a;\nout_0 = (v_a * 0.5);", "float64"),
        ("const float v_a = in_a;\nout_0 = tanh(v_a);", "tanh of float32"),
        ("const float v_a = in_a;\nout_0 = (v_a + 1f);", "integer"),
        ("const float v_a = in_a;\nconst float v_a = in_a;\nout_0 = v_a;", "twice"),
        ("v_a = in_a;\nout_0 = v_a;", "without a word"),
    ],
)
def test_the_interpreter_refuses_what_c_would_not_mean(text: str, message: str) -> None:
    strict = StrictBackend()
    kernel = StrictKernel(strict.device, "float32 in_a", "float32 out_0", text, "kernel")
    array = strict.asarray(np.ones(2, np.float32))
    with pytest.raises(TypeError, match=message):
        kernel(array, array)


def test_the_interpreter_shows_what_becomes_of_an_input_read_too_late() -> None:
    strict = StrictBackend()
    text = "out_0 = (in_a + 1.0f);\nout_1 = in_a;"
    kernel = StrictKernel(strict.device, "float32 in_a", "float32 out_0, float32 out_1", text, "kernel")
    a, b = strict.asarray(np.zeros(2, np.float32)), strict.xp.empty(2, np.float32)
    kernel(a, a, b)
    assert strict.to_numpy(b).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", ["i", "n"])
def test_the_interpreter_keeps_the_names_that_cupy_keeps(name: str) -> None:
    with pytest.raises(ValueError, match="keeps for itself"):
        StrictKernel(Device(), f"float32 {name}", "float32 out_0", f"out_0 = {name};", "kernel")
