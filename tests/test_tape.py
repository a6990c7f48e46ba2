"""The tape, and what running a layer again, forward or back, must not change."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import LAYERS, LayerRun, flat, one

from scratchnet.errors import InputError
from scratchnet.packed_sequences import Packing
from scratchnet.tape import RecurrentTape, StepArray, Tape

all_layers = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())


def gradients_of(layer: Any) -> dict[str, Any]:
    return {name: array.copy() for name, array in layer.gradients().items()}


def tapes_of(tape: Any) -> list[Tape]:
    """Return all tapes of a layer's tape."""
    return [tape, *(found for part in tape.parts.values() for found in tapes_of(part))]


@all_layers
def test_a_second_backward_adds_exactly_the_same_again(make: Callable[..., Any], rng: np.random.Generator) -> None:
    run = LayerRun(make(dtype="float64"), rng)
    run.forward()
    dx, d_initial = run.backward()
    once = gradients_of(run.layer)
    dx_again, d_initial_again = run.backward()
    assert (dx == dx_again).all()
    assert all((flat(d_initial)[name] == array).all() for name, array in flat(d_initial_again).items())
    for name, gradient in run.layer.gradients().items():
        assert gradient.any()
        assert (gradient == once[name] + once[name]).all(), name


@all_layers
def test_backward_leaves_inputs_weights_and_the_tape_as_they_were(
    make: Callable[..., Any], rng: np.random.Generator
) -> None:
    run = LayerRun(make(dtype="float64"), rng)
    run.forward()
    own = {"x": run.x, "d_outputs": run.d_outputs, **run.layer.parameters()}
    own |= {f"initial {name}": array for name, array in flat(run.initial).items()}
    own |= {f"d_final {name}": array for name, array in flat(run.d_final).items()}
    for k, tape in enumerate(tapes_of(run.tape)):
        own |= {f"{k} {name}": array for name, array in tape.buffers().items() if not name.startswith("da_")}
    kept = {name: array.copy() for name, array in own.items()}
    run.backward()
    for name, array in own.items():
        assert (array == kept[name]).all(), name


@all_layers
def test_a_forward_pass_leaves_its_input_and_initial_states_alone(
    make: Callable[..., Any], rng: np.random.Generator
) -> None:
    run = LayerRun(make(dtype="float64"), rng)
    kept = {"x": run.x.copy(), **{name: array.copy() for name, array in flat(run.initial).items()}}
    run.forward()
    assert (run.x == kept["x"]).all()
    assert all((array == kept[name]).all() for name, array in flat(run.initial).items())


@all_layers
def test_nothing_that_an_older_pass_left_is_read(make: Callable[..., Any]) -> None:
    layer = make(dtype="float64")
    tape = layer.new_tape()
    for lengths in ((3, 2), (2, 1), (6, 5, 5, 1), (4, 4), (6, 2, 1)):
        used, fresh = (LayerRun(layer, np.random.default_rng(9), lengths) for _ in range(2))
        used.tape = tape
        results = []
        for run in (used, fresh):
            layer.zero_gradients()
            outputs, final = run.forward()
            dx, d_initial = run.backward()
            results.append({"outputs": outputs, **flat(final), "dx": dx, **gradients_of(layer)})
            results[-1] |= {f"d {name}": array for name, array in flat(d_initial).items()}
        for name, array in results[0].items():
            assert np.isfinite(array).all(), name
            assert (array == results[1][name]).all(), name
        for part in tapes_of(tape):
            for buffer in part.buffers().values():
                buffer[...] = np.nan


def test_a_tape_keeps_its_buffers_while_they_are_large_enough(rng: np.random.Generator) -> None:
    layer = one()
    tape = layer.new_tape()
    seen = []
    for lengths in ((4, 3), (2, 2), (4, 4, 1)):
        layer.forward(np.zeros((sum(lengths), 2), np.float32), Packing(lengths), tape=tape)
        seen.append(tape.buffers()["state.c"])
    assert seen[0] is seen[1]
    assert seen[1] is not seen[2]


def test_a_tape_serves_a_layer_of_another_dtype_or_width(rng: np.random.Generator) -> None:
    tape = RecurrentTape()
    for sizes, dtype in (((2, 3), "float32"), ((2, 3), "float64"), ((2, 2), "float64"), ((2, 3), "float32")):
        run = LayerRun(one(sizes=sizes, dtype=dtype), rng)
        wanted, _ = run.forward()
        run.tape = tape
        found, _ = run.forward()
        assert found.dtype == dtype
        assert (found == wanted).all()
        assert {array.dtype.name for array in tape.buffers().values()} == {dtype}


@all_layers
def test_float32_stays_float32(make: Callable[..., Any], rng: np.random.Generator) -> None:
    run = LayerRun(make(), rng)
    outputs, final = run.forward()
    dx, d_initial = run.backward()
    arrays = {"outputs": outputs, "dx": dx, **flat(final), **run.layer.gradients(), **run.layer.parameters()}
    arrays |= {f"d {name}": array for name, array in flat(d_initial).items()}
    for k, tape in enumerate(tapes_of(run.tape)):
        arrays |= {f"{k} {name}": array for name, array in tape.buffers().items()}
    assert {name: array.dtype.name for name, array in arrays.items()} == dict.fromkeys(arrays, "float32")


@all_layers
def test_a_layer_used_twice_before_backward_learns_from_both(
    make: Callable[..., Any], rng: np.random.Generator
) -> None:
    layer = make(dtype="float64")
    first, second = LayerRun(layer, rng, (4, 2)), LayerRun(layer, rng, (3, 3, 1))
    separate = []
    for run in (second, first):
        layer.zero_gradients()
        run.forward()
        run.backward()
        separate.append(gradients_of(layer))
    layer.zero_gradients()
    first.forward()
    second.forward()
    second.backward()
    first.backward()
    for name, gradient in layer.gradients().items():
        assert (gradient == separate[0][name] + separate[1][name]).all(), name


def test_steps_of_an_array_are_its_blocks() -> None:
    array = StepArray(np.arange(6), (0, 3, 5, 6))
    assert [array[t].tolist() for t in range(len(array))] == [[0, 1, 2], [3, 4], [5]]
    assert array[-1].tolist() == [5]
    assert array[1:].tolist() == [3, 4, 5]
    assert array[:-1].tolist() == [0, 1, 2, 3, 4]
    assert array[2:1].tolist() == []


def test_a_step_of_an_array_is_a_view() -> None:
    array = StepArray(np.zeros(3), (0, 2, 3))
    array[1][...] = 7.0
    assert array.rows.tolist() == [0.0, 0.0, 7.0]


@pytest.mark.parametrize("step", [2, -3])
def test_a_step_that_does_not_exist_is_an_index_error(step: int) -> None:
    array = StepArray(np.zeros(3), (0, 2, 3))
    with pytest.raises(IndexError):
        array[step]


def test_every_second_step_is_refused() -> None:
    with pytest.raises(InputError, match="not by 2"):
        StepArray(np.zeros(3), (0, 2, 3))[::2]


@all_layers
def test_backward_before_forward_is_one_clear_line(make: Callable[..., Any]) -> None:
    layer = make(dtype="float64")
    with pytest.raises(InputError, match="backward needs a forward pass first, on the same tape"):
        layer.backward(np.ones((5, layer.output_size)), None, layer.new_tape())


def test_a_tape_can_be_asked_for_what_it_may_not_have() -> None:
    tape = Tape({"part": Tape()})
    assert getattr(tape, "ids", None) is None
    assert isinstance(copy.deepcopy(tape).part, Tape)
    tape.ids = [1]
    assert copy.copy(tape).ids == [1]
