"""The Numba backend against NumPy: the same values and gradients, and the text that it cannot take.

Read next: test_kernels.py.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import make_model, sample
from tiny import KINDS, tiny_model

import scratchnet
from scratchnet.backend import NUMPY, get_backend
from scratchnet.backend.elementwise import NotElementwise, read_elementwise
from scratchnet.backend.numba_loops import print_loops
from scratchnet.cells import GRUCell, GRUResetBeforeCell, LSTMCell, RNNCell
from scratchnet.cells.gru import (
    candidate_backward,
    candidate_forward,
    gru_backward,
    gru_forward,
    reset_backward,
    reset_gates,
)
from scratchnet.cells.lstm import lstm_backward, lstm_forward
from scratchnet.cells.rnn import rnn_backward, rnn_forward
from scratchnet.data import make_batch
from scratchnet.functions import sigmoid
from scratchnet.optim import adam
from scratchnet.seq2seq import Seq2Seq

PACKAGE = Path(scratchnet.__file__).parent
TEXTS = [
    lstm_forward, lstm_backward, gru_forward, gru_backward, reset_gates, candidate_forward, candidate_backward,
    reset_backward, rnn_forward, rnn_backward,
]  # fmt: skip
every_text = pytest.mark.parametrize("maths", TEXTS, ids=lambda maths: maths.__name__)


@pytest.fixture(scope="module")
def numba() -> Any:
    pytest.importorskip("numba", reason="needs Numba (pip install -e '.[numba]')")
    return get_backend("numba")


def arrays(maths: Any, shape: tuple[int, ...] = (5, 7), seed: int = 0) -> list[Any]:
    """Return one float32 array of numbers between -1 and 1 for each argument."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1, 1, shape).astype(np.float32) for _ in read_elementwise(maths).arguments]


@every_text
def test_a_cells_text_gives_what_numpy_gives(numba: Any, maths: Any) -> None:
    inputs = arrays(maths)
    wanted = maths(*inputs)
    outputs = [np.full((5, 7), np.nan, np.float32) for _ in wanted]
    numba.pointwise(maths, inputs, outputs)
    assert maths not in numba.refused
    for output, right in zip(outputs, wanted, strict=True):
        np.testing.assert_allclose(output, right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("maths", sample(TEXTS, 10))  # each place is compiled anew: a hundred kernels in all
def test_an_output_may_be_the_memory_of_any_input(numba: Any, maths: Any) -> None:
    for place in range(len(arrays(maths))):
        inputs = arrays(maths)
        wanted = [value.copy() for value in maths(*inputs)]
        outputs = [np.empty((5, 7), np.float32) for _ in wanted]
        outputs[0] = inputs[place]
        numba.pointwise(maths, inputs, outputs)
        for output, right in zip(outputs, wanted, strict=True):
            np.testing.assert_allclose(output, right, rtol=1e-5, atol=1e-6)


def test_column_blocks_one_row_and_one_column_are_no_special_cases(numba: Any) -> None:
    for rows, width in ((5, 3), (1, 4), (4, 1), (1, 1)):
        a = np.random.default_rng(1).uniform(-2, 2, (rows, 5 * width)).astype(np.float32)
        inputs = [a[:, k * width : (k + 1) * width] for k in range(5)]
        b = np.empty((rows, 7 * width), np.float32)
        outputs = [b[:, k * width : (k + 1) * width] for k in range(7)]
        numba.pointwise(lstm_forward, inputs, outputs)
        for output, right in zip(outputs, lstm_forward(*inputs), strict=True):
            np.testing.assert_allclose(output, right, rtol=1e-5, atol=1e-6)


def weighted(a: Any, w: Any, share: float) -> tuple[Any, ...]:
    return share * a * w + 1.0, a - w


def test_vectors_and_numbers_broadcast(numba: Any) -> None:
    a, w = np.ones((3, 4), np.float32), np.arange(4, dtype=np.float32)
    outputs = [np.empty((3, 4), np.float32) for _ in range(2)]
    numba.pointwise(weighted, (a, w, 0.5), outputs)
    assert weighted not in numba.refused
    for output, right in zip(outputs, weighted(a, w, 0.5), strict=True):
        np.testing.assert_array_equal(output, right)


def test_shapes_and_dtypes_that_the_loops_do_not_take_run_as_numpy(numba: Any) -> None:
    for a, w in (
        (np.ones((3, 4)), np.ones(4)),  # float64
        (np.ones((3, 4), np.float32), np.ones((3, 1), np.float32)),  # a column
        (np.ones((3, 8), np.float32)[:, ::2], np.ones((3, 4), np.float32)),  # every other element
        (np.ones((2, 3, 4), np.float32), np.ones((2, 3, 4), np.float32)),
    ):
        outputs = [np.full(a.shape, np.nan, a.dtype) for _ in range(2)]
        numba.pointwise(weighted, (a, w, 0.5), outputs)
        for output, right in zip(outputs, weighted(a, w, 0.5), strict=True):
            np.testing.assert_array_equal(output, right)


def clipped(a: Any) -> tuple[Any, ...]:
    return (np.where(a > 0, a, 0.0),)


def test_text_that_is_no_arithmetic_runs_as_numpy_and_is_named(numba: Any) -> None:
    a = np.array([[-1.0, 2.0]], np.float32)
    output = np.empty_like(a)
    numba.pointwise(clipped, (a,), (output,))
    assert output.tolist() == [[0.0, 2.0]]
    assert "a > 0" in numba.refused[clipped]


def test_a_flat_buffer_longer_than_a_tile_is_updated_to_its_last_element(numba: Any) -> None:
    w, g, m, v = (np.random.default_rng(k).uniform(0.1, 1, 5000).astype(np.float32) for k in range(4))
    numbers = (0.9, 0.1, 0.999, 0.001, 1e-2, 1.5, 1e-8, 0.99)
    wanted = adam(w, g, m, v, *numbers)
    numba.pointwise(adam, (w, g, m, v, *numbers), (w, m, v))
    for output, right in zip((w, m, v), wanted, strict=True):
        np.testing.assert_allclose(output, right, rtol=2e-6)


@pytest.mark.parametrize(("name", "limit"), [("tanh", 6.0), ("exp", 3.0)])
def test_tanh_and_exp_are_right_to_a_few_units_in_the_last_place(numba: Any, name: str, limit: float) -> None:
    right_function = {"tanh": np.tanh, "exp": np.exp}[name]
    compiled = getattr(numba._primitives, name)
    x = np.concatenate([np.linspace(-86, 86, 20001), np.linspace(-1, 1, 20001), [1e-30, -1e-30, 0.0]]).astype("f")
    found = np.array([compiled(value) for value in x])
    right = right_function(x.astype(np.float64))
    assert np.max(np.abs(found - right) / np.spacing(np.abs(right).astype(np.float32))) < limit
    if name == "tanh":
        assert np.abs(found).max() == 1.0
    assert np.isnan(compiled(np.float32(np.nan)))


def test_softmax_of_rows_is_that_of_numpy_and_keeps_a_nan(numba: Any) -> None:
    z = np.random.default_rng(3).normal(0, 30, (4, 50)).astype(np.float32)
    mine, theirs = z.copy(), z.copy()
    np.testing.assert_allclose(numba.softmax_rows(mine, 0.25), NUMPY.softmax_rows(theirs, 0.25), rtol=1e-6)
    np.testing.assert_allclose(mine, theirs, rtol=2e-5)
    z[1, 2] = np.nan
    assert np.isnan(numba.softmax_rows(z, 0.25)).tolist() == [False, True, False, False]


def test_no_probability_is_a_denormal_number(numba: Any) -> None:
    for backend in (NUMPY, numba):
        z = np.array([[0.0, -200.0, -90.0]], np.float32)
        backend.softmax_rows(z, 1e-5)
        assert (z >= np.finfo(np.float32).tiny).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_repeated_ids_add_up(numba: Any, dtype: str) -> None:
    rng = np.random.default_rng(4)
    ids, rows = rng.zipf(1.3, 300) % 20, rng.standard_normal((300, 3)).astype(dtype)
    right = np.zeros((20, 3))
    np.add.at(right, ids, rows.astype(np.float64))
    for backend in (NUMPY, numba):
        target = np.zeros((20, 3), dtype)
        backend.add_at(target, ids, rows)
        np.testing.assert_allclose(target, right, rtol=1e-4 if dtype == "float32" else 1e-12, atol=1e-5)


@pytest.mark.parametrize("kind", sample(KINDS, 3))
def test_a_model_has_the_loss_and_gradients_of_the_reference(numba: Any, kind: str) -> None:
    batch = make_batch([[5, 5, 6], [6, 4, 5, 6, 5], [6, 4]], [[4, 4], [], [5, 4, 5, 4]])
    for dtype, tolerance in (("float32", 1e-5), ("float64", 1e-12)):
        reference = tiny_model(**KINDS[kind]).to(dtype=dtype)
        compare(reference, reference.to(numba), batch, tolerance)


@pytest.mark.parametrize("cell", [LSTMCell, GRUCell, GRUResetBeforeCell, RNNCell])
def test_every_cell_has_the_gradients_of_the_reference(numba: Any, cell: type) -> None:
    batch = make_batch([[5, 5, 6], [6, 4, 5, 6, 5], [6, 4]], [[4, 4], [], [5, 4, 5, 4]])
    reference = make_model(9, 9, cell=cell, embedding_size=5, hidden_size=16, layers=2, bidirectional=True)
    compare(reference, reference.to(numba), batch, 1e-5)


def compare(reference: Seq2Seq, model: Seq2Seq, batch: Any, tolerance: float) -> None:
    """Hold loss and every gradient of one model to the other's, block by block."""
    losses = []
    for each in (reference, model):
        tape = each.new_tape()
        each.zero_gradients()
        losses.append(float(each.forward(batch, tape)))
        each.backward(tape)
    assert losses[1] == pytest.approx(losses[0], rel=tolerance)
    for name, right in reference.gradients().items():
        assert right.dtype == model.gradients()[name].dtype
        error = np.linalg.norm(model.gradients()[name] - right) / np.linalg.norm(right)
        assert error < tolerance, f"{name}: {error:.1e}"


PROGRAM = """
import faulthandler
faulthandler.dump_traceback_later(200, exit=True)

import numpy as np
from scratchnet.backend import get_backend
from scratchnet.cells.rnn import rnn_forward

backend = get_backend("numba")
a = np.ones((2, 3), "f")
o = np.empty_like(a)
backend.pointwise(rnn_forward, (a,), (o,))
assert not backend.refused and abs(o[0, 0] - np.tanh(1.0)) < 1e-6
(kernel,) = backend._known.values()
print(sum(kernel.stats.cache_hits.values()))
"""
LITTLE_DISK = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))"  # no file may be larger


def start(cache: Path, before: str = "") -> subprocess.Popen[str]:
    """Start a process that compiles a kernel or finds it in the cache folder, and prints how many it found."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-c", before + PROGRAM]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def found(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Return how many kernels a process found compiled, and what it said."""
    printed, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return int(printed), said


def test_loops_are_compiled_once_for_all_runs_also_by_two_at_once_and_outside_of_the_package(
    numba: Any, tmp_path: Path
) -> None:
    before = set(PACKAGE.rglob("*.nb[ic]"))  # what another version of the library may have left
    both = [start(tmp_path), start(tmp_path)]
    assert [found(process)[1] for process in both] == ["", ""]
    assert found(start(tmp_path)) == (1, "")
    assert list((tmp_path / "scratchnet" / "loops").glob("scratchnet_rnn_forward_*.py"))
    assert not list((tmp_path / "scratchnet" / "loops").glob("*.part"))
    assert set(PACKAGE.rglob("*.nb[ic]")) == before


@pytest.mark.slow
def test_damaged_and_foreign_files_in_the_cache_are_compiled_anew(numba: Any, tmp_path: Path) -> None:
    found(start(tmp_path))
    loops = tmp_path / "scratchnet" / "loops"
    for file in loops.glob("__pycache__/*.nbc"):
        file.write_bytes(b"")
    for file in loops.glob("scratchnet_primitives_*.py"):
        file.write_text("raise SystemExit('the text of somebody else')")
    assert found(start(tmp_path)) == (0, "")
    for file in loops.glob("__pycache__/*.nbi"):
        file.write_bytes(bytes(500))
    assert found(start(tmp_path)) == (0, "")
    assert found(start(tmp_path)) == (1, "")


def test_a_cache_folder_that_cannot_be_used_is_said_in_one_line(numba: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    hits, said = found(start(tmp_path / "file"))
    assert hits == 0
    assert re.fullmatch(r"compiled loops cannot be kept \(.*/file/scratchnet.*\); .* anew in each run\n", said)


@pytest.mark.skipif(os.name == "nt", reason="limits the size of files as POSIX systems can")
def test_a_full_disk_is_said_in_one_line(numba: Any, tmp_path: Path) -> None:
    hits, said = found(start(tmp_path, LITTLE_DISK))
    assert hits == 0
    assert re.fullmatch(r"compiled loops cannot be kept \(.*[Ff]ile too large\); .* anew in each run\n", said)


def test_helpers_are_put_in_and_names_assigned_twice_kept_apart() -> None:
    text = read_elementwise(lstm_backward)
    assert text.assignments[0][0] == "dc_2"
    source = print_loops(read_elementwise(rnn_forward), "m")
    assert "tanh(row_in_a[j])" in source and "sigmoid" not in print_loops(read_elementwise(lstm_forward), "mmmmm")


def two_returns(a: Any) -> tuple[Any, ...]:
    if a is None:
        return (a,)
    return (sigmoid(a),)


def test_what_is_no_row_of_assignments_is_said() -> None:
    with pytest.raises(NotElementwise, match="if a is None"):
        read_elementwise(two_returns)
