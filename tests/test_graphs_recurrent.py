"""The library's own time loops, recorded: training with recordings is training without, in far fewer launches.

The cells' text is what it is on a processor: `prev.h @ self.W_hh` stands in the recording as a product by cuBLAS.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers import CELL_NAMES, LAYERS, OPTIONS, LayerRun, flat, model_of, normal, sample, tiny_batch, train, train_once
from strict import SameMasks, StrictBackend
from strict_array import StrictArray

from scratchnet.backend import NUMPY, Backend
from scratchnet.cells import CELLS, Cell
from scratchnet.data import make_batch
from scratchnet.optim import Adam
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent

all_cells = pytest.mark.parametrize("cell", CELL_NAMES)
ALL_OPTIONS = OPTIONS | {"recomputing": {"recompute_every": 2, "layers": 2}}
EACH = [(cell, name) for name in ALL_OPTIONS for cell in CELL_NAMES]
all_cells_and_options = pytest.mark.parametrize(
    ("cell", "options"), sample([(cell, ALL_OPTIONS[name]) for cell, name in EACH], 3), ids=map(" ".join, EACH)
)


@pytest.fixture
def strict() -> StrictBackend:
    """A fresh device, its counts at zero."""
    return StrictBackend()


def graphs_of(backend: Any) -> Any:
    """Return the recordings of a backend; nothing must have been refused."""
    assert not backend.graphs.refused
    return backend.graphs


@all_cells_and_options
def test_training_by_repetition_is_training_with_numpy(
    cell: str, options: dict[str, Any], strict: StrictBackend
) -> None:
    found, wanted = train(strict, cell, options, steps=6), train(SameMasks(), cell, options, steps=6)
    recorded = graphs_of(strict).recorded.values()
    # All steps but the first one; segments that are computed again run twice a step.
    launched = {recording.graph.launched for recording in recorded}
    assert launched == ({5, 11} if "recompute_every" in options and cell != "rnn" else {5})
    for name, array in found.items():
        np.testing.assert_allclose(array, wanted[name], rtol=1e-3, atol=2e-5, err_msg=name)


@all_cells_and_options
def test_a_repeated_loop_gives_the_bits_of_the_loop_itself(cell: str, options: dict[str, Any]) -> None:
    results = []
    for graphs in (True, False):
        found = train(StrictBackend(graphs=graphs), cell, options, steps=4)
        results.append({name: array.tobytes() for name, array in found.items()})
    assert results[0] == results[1]


@all_cells
def test_launches_of_a_repeated_loop_do_not_grow_with_its_steps(cell: str) -> None:
    launches = []
    for steps in (3, 9):
        strict = StrictBackend()
        layer, packing = Recurrent(CELLS[cell](2, 3, backend=strict)), Packing([steps] * 4, strict)
        x, tape = strict.asarray(np.ones((packing.rows, 2), np.float32)), layer.new_tape()
        for _ in range(3):
            strict.device.reset()
            outputs, _ = layer.forward(x, packing, None, tape)
            layer.backward(outputs, None, tape)
        launches.append(strict.device.launches)
    assert launches[0] == launches[1]


@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())
def test_gradients_from_new_places_each_time_are_those_of_numpy(make: Any, strict: StrictBackend) -> None:
    host = LayerRun(make(dtype="float64").to(SameMasks()), np.random.default_rng(4))
    run = LayerRun(host.layer.to(strict), np.random.default_rng(4))
    run.packing = run.packing.to(strict)
    rng, kept = np.random.default_rng(5), []
    for _ in range(4):
        host.d_outputs = normal(rng, host.d_outputs.shape)
        run.x, run.d_outputs = strict.asarray(host.x), strict.asarray(host.d_outputs)
        run.initial, run.d_final = (
            [{name: strict.asarray(array) for name, array in state.items()} for state in states]
            for states in (host.initial, host.d_final)
        )
        results = []
        for each in (host, run):
            outputs, final = each.forward()
            dx, d_initial = each.backward()
            initial = {f"d {name}": array for name, array in flat(d_initial).items()}
            results.append({"dx": dx, **initial, **flat(final), **each.layer.gradients()})
            results[-1]["outputs"] = outputs
        kept.append([{name: results[k][name] for name in ("dx", *initial)} for k in (0, 1)])
        for name, wanted in results[0].items():
            np.testing.assert_allclose(strict.to_numpy(results[1][name]), wanted, rtol=1e-11, atol=1e-13, err_msg=name)
        np.testing.assert_array_equal(strict.to_numpy(run.d_outputs), host.d_outputs)
    assert graphs_of(strict).recorded
    for wanted, found in kept:  # what was returned once is not overwritten by a later repetition
        for name, array in wanted.items():
            np.testing.assert_allclose(strict.to_numpy(found[name]), array, rtol=1e-11, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("every", [0, 2])
def test_going_back_again_and_again_adds_the_same_bits_as_the_loop(every: int) -> None:
    results = []
    for graphs in (True, False):
        backend = StrictBackend(graphs=graphs)
        layer, packing = Recurrent(CELLS["lstm"](2, 3, backend=backend)), Packing([5, 4, 4, 1], backend)
        layer.recompute_every, tape = every, layer.new_tape()
        x = backend.asarray(normal(np.random.default_rng(1), (packing.rows, 2), "float32"))
        for backwards in (1, 3, 1, 3):
            outputs, _ = layer.forward(x, packing, None, tape)
            for _ in range(backwards):
                layer.backward(outputs, None, tape)
        results.append({name: backend.to_numpy(array).tobytes() for name, array in layer.gradients().items()})
        if backend.graphs is not None:
            assert len(graphs_of(backend).recorded) == (6 if every else 2)  # each segment, forward and back
    assert results[0] == results[1]


def test_segments_of_the_same_steps_but_another_length_are_another_recording() -> None:
    results = []
    for graphs in (True, False):
        backend = StrictBackend(graphs=graphs)
        layer, packing = Recurrent(CELLS["lstm"](2, 3, backend=backend)), Packing([5, 5, 5, 5], backend)
        tape = layer.new_tape()
        for k, every in enumerate((2, 4, 2, 4, 2, 4)):  # step 4 is a segment of both; its checkpoint lies in two places
            x = backend.asarray(normal(np.random.default_rng(k), (packing.rows, 2), "float32"))
            layer.recompute_every = every
            outputs, _ = layer.forward(x, packing, None, tape)
            layer.backward(outputs, None, tape)
        results.append({name: backend.to_numpy(array).tobytes() for name, array in layer.gradients().items()})
    assert results[0] == results[1]


def test_batches_of_several_shapes_in_turn_each_find_their_own_recording(strict: StrictBackend) -> None:
    losses = []
    for backend in (strict, SameMasks()):
        model = model_of("lstm", "float32").to(backend)
        given = [([[4, 5, 6]] * 3, [[4, 5]] * 3), ([[4, 5]] * 7, [[4] * 8] * 7), ([[4]], [[5]])]  # small, large, small
        batches = [tiny_batch().to(backend), *(make_batch(*pair).to(backend) for pair in given)]
        tape, optimizer = model.new_tape(), Adam(model.parameters(), model.gradients(), 0.05)
        losses.append([float(train_once(model, batches[k % 4], tape, optimizer)[0]) for k in range(20)])
    np.testing.assert_allclose(*losses, rtol=1e-4)
    # Four shapes, encoder and decoder, forward and back; two of them ran before the buffers had grown, and begin anew.
    launched = [recording.graph.launched for recording in graphs_of(strict).recorded.values()]
    assert sorted(launched) == [3] * 8 + [4] * 8


def test_a_step_with_recordings_waits_for_nothing(strict: StrictBackend) -> None:
    model, batch = model_of("gru", "float32").to(strict), tiny_batch().to(strict)
    tape, optimizer = model.new_tape(), Adam(model.parameters(), model.gradients())
    for _ in range(4):
        strict.device.reset()
        train_once(model, batch, tape, optimizer)
        assert (strict.device.to_device, strict.device.to_host, strict.device.waits) == (0, 0, 0)


class LearnersCell(Cell):
    """h = (h_(t-1) A) B + x W + b, a cell as nobody has written it: products of products, of sums, from either side."""

    swapped = False

    def build(self, rng: np.random.Generator) -> None:
        super().build(rng)
        self.add_parameter("A", normal(rng, (self.hidden_size, 2)))

    def forward_step(self, a_x: Any, prev: SimpleNamespace, new: SimpleNamespace, saved: SimpleNamespace) -> None:
        both = self.A @ self.A.T @ self.W_hh if self.swapped else None
        h = 0.5 * prev.h + prev.h
        new.h[...] = a_x + (h @ self.A @ self.A.T @ self.W_hh if both is None else h @ both)
        new.h += (self.W_hh.T @ (prev.h.T[:, :1])).T

    def backward_step(
        self, d: Any, prev: SimpleNamespace, new: SimpleNamespace, saved: SimpleNamespace, da_x: Any, da_h: Any
    ) -> None:
        da_x[...] = d.h
        d.h[...] = d.h @ self.W_hh.T


def learn(backend: Backend, cell: type[Cell]) -> Any:
    """Run a layer of the cell four times; return the gradients of its weights and the outputs."""
    layer, packing = Recurrent(cell(2, 3, dtype="float64", backend=backend)), Packing([4, 4, 2], backend)
    tape, found = layer.new_tape(), {}
    for k in range(4):
        x = backend.asarray(normal(np.random.default_rng(k), (packing.rows, 2)))
        outputs, _ = layer.forward(x, packing, None, tape)
        layer.backward(outputs * 0.5, None, tape)
        found[f"outputs {k}"] = backend.to_numpy(outputs).copy()
    return found | {name: backend.to_numpy(array) for name, array in layer.gradients().items()}


def test_products_of_any_kind_in_a_learners_cell_are_recorded(strict: StrictBackend) -> None:
    for name, wanted in learn(NUMPY, LearnersCell).items():
        np.testing.assert_allclose(learn(strict, LearnersCell)[name], wanted, rtol=1e-11, err_msg=name)
    assert all(recording.graph.launched > 1 for recording in graphs_of(strict).recorded.values())


def test_a_cell_that_multiplies_its_weights_with_each_other_runs_launch_by_launch(strict: StrictBackend) -> None:
    swapped = type("Swapped", (LearnersCell,), {"swapped": True})
    found = learn(strict, swapped)
    for name, wanted in learn(NUMPY, swapped).items():
        np.testing.assert_allclose(found[name], wanted, rtol=1e-11, err_msg=name)
    assert strict.graphs is not None
    assert list(strict.graphs.refused) == [("forward_steps", swapped)]


@all_cells
def test_all_that_a_cell_is_given_multiplies_by_cublas(cell: str, strict: StrictBackend) -> None:
    layer, packing = Recurrent(CELLS[cell](2, 3, backend=strict)), Packing([3, 2], strict)
    seen: list[Any] = []
    for name in ("forward_step", "backward_step"):
        step = getattr(layer.cell, name)

        def looking(*given: Any, step: Any = step) -> None:
            for value in given:
                seen.extend(vars(value).values() if isinstance(value, SimpleNamespace) else [value])
            step(*given)

        setattr(layer.cell, name, looking)
    tape = layer.new_tape()
    for _ in range(2):
        outputs, _ = layer.forward(strict.asarray(np.ones((5, 2), np.float32)), packing, None, tape)
        layer.backward(outputs, None, tape)
    assert len({type(array) for array in seen}) == 1
    assert type(seen[0]) is not StrictArray
    for array in seen:
        calls = strict.cublas.calls
        assert type(array.T @ array) is type(array)
        assert strict.cublas.calls == calls + 1


def test_without_cublas_a_tape_holds_plain_arrays(strict: StrictBackend) -> None:
    strict.products = strict.graphs = None
    layer, packing = Recurrent(CELLS["lstm"](2, 3, backend=strict)), Packing([3, 2], strict)
    outputs, _ = layer.forward(strict.asarray(np.ones((5, 2), np.float32)), packing, None)
    assert type(outputs) is StrictArray
    assert strict.cublas.calls == 0
