"""Nothing slips to the host: training steps on the strict stand-in for CuPy, transfers and launches counted."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers import (
    CELL_NAMES,
    LAYERS,
    OPTIONS,
    SENTENCES,
    LayerRun,
    dropping,
    flat,
    make_model,
    model_of,
    normal,
    tiny_batch,
    train,
    train_once,
)
from strict import SameMasks, StrictBackend
from strict_array import StrictArray

from scratchnet.backend import Backend
from scratchnet.cells import CELLS
from scratchnet.data import make_batch, make_sources
from scratchnet.decoding import beam_search, log_probabilities
from scratchnet.losses import SquaredError
from scratchnet.optim import SGD, Adam
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent
from scratchnet.training.scheduled_sampling import mix_inputs

all_cells = pytest.mark.parametrize("cell", CELL_NAMES)
all_options = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())


@pytest.fixture
def strict() -> StrictBackend:
    """A fresh device, its counts at zero."""
    return StrictBackend()


@all_options
@all_cells
def test_training_on_the_device_is_training_with_numpy(
    cell: str, options: dict[str, Any], strict: StrictBackend
) -> None:
    found, wanted = train(strict, cell, options), train(SameMasks(), cell, options)
    assert found.keys() == wanted.keys()
    for name, array in found.items():
        assert array.dtype == np.float32, name
        np.testing.assert_allclose(array, wanted[name], rtol=2e-4, atol=2e-6, err_msg=name)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_runs_on_the_device(strict: StrictBackend, nesterov: bool) -> None:
    def sgd(*arguments: Any) -> SGD:
        return SGD(*arguments, momentum=0.9, nesterov=nesterov)

    found, wanted = train(strict, "gru", {}, sgd), train(SameMasks(), "gru", {}, sgd)
    for name, array in found.items():
        np.testing.assert_allclose(array, wanted[name], rtol=2e-4, atol=2e-6, err_msg=name)


@all_options
def test_a_training_step_crosses_the_bus_nowhere_and_waits_for_nothing(
    options: dict[str, Any], strict: StrictBackend
) -> None:
    model = model_of("lstm", "float32", **options).to(strict)
    batch = tiny_batch(options.get("source_features"), "float32").to(strict)
    tape, optimizer = model.new_tape(), Adam(model.parameters(), model.gradients())
    strict.device.reset()
    loss, _ = train_once(model, batch, tape, optimizer)
    assert (strict.device.to_device, strict.device.to_host, strict.device.waits) == (0, 0, 0)
    assert strict.device.launches > 0
    assert np.isfinite(float(loss))
    assert (strict.device.to_host, strict.device.waits) == (1, 1)


@all_options
def test_a_model_may_be_born_on_the_device(options: dict[str, Any], strict: StrictBackend) -> None:
    sizes = {"embedding_size": 2, "hidden_size": 3, "dtype": "float32"} | options
    source = None if "source_features" in options else 9
    batch = tiny_batch(options.get("source_features"), "float32")
    losses = []
    for backend in (strict, SameMasks()):
        model = make_model(source, 7, **sizes, backend=backend)
        tape = model.new_tape()
        losses.append(float(model.forward(batch.to(backend), tape, dropping())))
        model.backward(tape)
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_a_batch_crosses_the_bus_once_an_array(strict: StrictBackend) -> None:
    batch = tiny_batch().to(strict)
    arrays = [batch.inputs, batch.targets, batch.context_rows, batch.target_rows, batch.sources.rows]
    for packing in (batch.packing, batch.sources.packing):
        arrays += [packing.previous_rows, packing.last_rows, packing.mirrored_rows]
    assert {type(array) for array in arrays} == {StrictArray}
    assert strict.device.to_device == len(arrays) == 11
    assert strict.device.to_host == 0


def test_a_batch_on_the_device_already_does_not_cross_again(strict: StrictBackend) -> None:
    batch = tiny_batch().to(strict)
    strict.device.reset()
    assert batch.to(strict).inputs is batch.inputs
    assert strict.device.to_device == 0


def test_a_model_comes_back_with_the_same_weights(strict: StrictBackend) -> None:
    model = model_of("lstm", "float32", bidirectional=True)
    returned = model.to(strict).to(Backend())
    for name, array in returned.parameters().items():
        assert isinstance(array, np.ndarray)
        assert (array == model.parameters()[name]).all()


@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())
def test_every_layer_gives_the_same_gradients_on_the_device(make: Any, strict: StrictBackend) -> None:
    host = LayerRun(make(dtype="float64").to(SameMasks()), np.random.default_rng(4))
    run = LayerRun(host.layer.to(strict), np.random.default_rng(4))
    run.packing = run.packing.to(strict)
    run.x, run.d_outputs = strict.asarray(run.x), strict.asarray(run.d_outputs)
    run.initial, run.d_final = (
        [{name: strict.asarray(array) for name, array in state.items()} for state in states]
        for states in (run.initial, run.d_final)
    )
    results = []
    for each in (run, host):
        outputs, final = each.forward()
        dx, d_initial = each.backward()
        results.append({"outputs": outputs, "dx": dx, **flat(final), **each.layer.gradients()})
        results[-1] |= {f"d {name}": array for name, array in flat(d_initial).items()}
    for name, array in results[0].items():
        np.testing.assert_allclose(strict.to_numpy(array), results[1][name], rtol=1e-12, atol=1e-14, err_msg=name)


@all_cells
def test_launches_grow_with_the_steps_and_with_nothing_else(cell: str, strict: StrictBackend) -> None:
    launches = {}
    for batch, steps, size in ((1, 3, 2), (1, 4, 2), (1, 5, 2), (7, 5, 2), (7, 5, 6)):
        layer = Recurrent(CELLS[cell](2, size, backend=strict))
        packing = Packing([steps] * batch, strict)
        x = strict.asarray(np.ones((packing.rows, 2), np.float32))
        strict.device.reset()
        tape = layer.new_tape()
        outputs, _ = layer.forward(x, packing, None, tape)
        layer.backward(outputs, None, tape)
        launches[batch, steps, size] = strict.device.launches
    assert launches[1, 4, 2] - launches[1, 3, 2] == launches[1, 5, 2] - launches[1, 4, 2]
    assert launches[1, 5, 2] == launches[7, 5, 2] == launches[7, 5, 6]


def test_squared_error_runs_on_the_device(strict: StrictBackend, rng: np.random.Generator) -> None:
    outputs, targets, tape = normal(rng, (4, 3)), normal(rng, (4, 3)), SimpleNamespace()
    wanted = SquaredError().forward(outputs, targets, SimpleNamespace())
    found = SquaredError().forward(strict.asarray(outputs), strict.asarray(targets), tape)
    assert float(found) == pytest.approx(float(wanted))
    assert isinstance(SquaredError().backward(tape), StrictArray)


@pytest.mark.parametrize("beam", [1, 3, 7])
def test_a_search_on_the_device_finds_the_same_words(strict: StrictBackend, beam: int) -> None:
    model, sources = model_of("gru", "float32", bidirectional=True), make_sources(SENTENCES)
    wanted = beam_search(model, sources, beam, max_length=6)
    found = beam_search(model.to(strict), sources, beam, max_length=6)
    assert [hypothesis.ids for hypothesis in found] == [hypothesis.ids for hypothesis in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one.log_probability == pytest.approx(other.log_probability, rel=1e-5)


def test_forced_targets_score_the_same_on_the_device(strict: StrictBackend) -> None:
    model = model_of("lstm", "float32", layers=2)
    wanted = log_probabilities(model, tiny_batch())
    np.testing.assert_allclose(log_probabilities(model.to(strict), tiny_batch()), wanted, rtol=1e-5)


def test_scheduled_sampling_runs_on_the_device(strict: StrictBackend) -> None:
    model, batch = model_of("lstm", "float32"), tiny_batch()
    wanted = mix_inputs(model, batch, 0.5, np.random.default_rng(1)).inputs
    found = mix_inputs(model.to(strict), batch.to(strict), 0.5, np.random.default_rng(1)).inputs
    assert (wanted != batch.inputs).any()
    assert strict.to_numpy(found).tolist() == wanted.tolist()


def test_a_batch_left_on_the_host_is_refused(strict: StrictBackend) -> None:
    model = model_of().to(strict)
    with pytest.raises(TypeError, match="without a transfer"):
        model.forward(make_batch([[4]], [[5]]), model.new_tape())


def test_a_model_left_on_the_host_is_refused(strict: StrictBackend) -> None:
    model = model_of()
    with pytest.raises((TypeError, IndexError)):
        model.forward(tiny_batch().to(strict), model.new_tape())


def test_a_mask_is_drawn_on_the_device_from_a_seed(strict: StrictBackend) -> None:
    first, second = (
        strict.dropout_mask((30, 40), 0.75, np.random.default_rng(1), np.dtype("float32")) for _ in range(2)
    )
    assert strict.device.to_device == 0
    assert first.dtype == np.float32
    values = strict.to_numpy(first)
    assert set(np.unique(values)) == {np.float32(0), 1 / np.float32(0.75)}
    assert (values == strict.to_numpy(second)).all()


def test_one_elementwise_function_is_one_kernel(strict: StrictBackend) -> None:
    def maths(a: Any, b: Any) -> tuple[Any, ...]:
        return np.tanh(a * b) + 1.0, np.exp(-a)

    a, b = np.array([0.3, -0.2]), np.array([0.7, 0.4])
    inputs, outputs = [strict.asarray(a), strict.asarray(b)], [strict.xp.empty(2), strict.xp.empty(2)]
    for _ in range(2):
        strict.device.reset()
        strict.pointwise(maths, inputs, outputs)
        assert strict.device.launches == 1
        for found, wanted in zip(outputs, maths(a, b), strict=True):
            np.testing.assert_allclose(strict.to_numpy(found), wanted, rtol=1e-15)


def test_repeated_ids_add_up_on_the_device(strict: StrictBackend, rng: np.random.Generator) -> None:
    ids, rows, target = np.array([2, 0, 2, 2]), normal(rng, (4, 3)), np.zeros((5, 3))
    on_device = strict.asarray(target)
    strict.add_at(on_device, strict.asarray(ids), strict.asarray(rows))
    Backend().add_at(target, ids, rows)
    np.testing.assert_allclose(strict.to_numpy(on_device), target, rtol=1e-15)


def test_synchronizing_waits(strict: StrictBackend) -> None:
    strict.synchronize()
    assert strict.device.waits == 1
