"""Memory for time: the same bits with fewer steps kept, as little memory as promised, clear words for mistakes."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import (
    CELL_NAMES,
    LAYERS,
    OPTIONS,
    LayerRun,
    assert_layer_gradients_match,
    flat,
    gradients_of,
    make_model,
    model_of,
    one,
    tiny_batch,
)
from strict import StrictBackend
from test_tape import tapes_of
from tiny import tiny_training, tiny_translator, weights

from scratchnet.backend import NUMPY, Segments, get_backend
from scratchnet.cells import CELLS, GRUResetBeforeCell, LSTMCell
from scratchnet.errors import InputError
from scratchnet.gradcheck import check_layer
from scratchnet.layers import OneHot
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent
from scratchnet.tape import RecurrentTape

ROOT = Path(__file__).parent.parent
INDRNN = runpy.run_path(str(ROOT / "examples/custom_cell.py"))["IndRNNCell"]
SOLVED = runpy.run_path(str(ROOT / "scratchnet/learn/exercises/22_peephole_connections/solution.py"))
PEEPHOLES = type("PeepholeCell", (SOLVED["PeepholeCell"],), {"accumulated": ("c",)})
EVERY_CELL = {**{name: CELLS[name] for name in CELL_NAMES}, "indrnn": INDRNN, "peepholes": PEEPHOLES}
RAGGED, EQUAL = (7, 6, 6, 3, 1), (7, 7, 7)
LONGEST = 7
all_cells = pytest.mark.parametrize("cell", EVERY_CELL.values(), ids=EVERY_CELL.keys())
all_steps = pytest.mark.parametrize("every", [1, 2, 3, LONGEST - 1, LONGEST, LONGEST + 5])


def recompute(layer: Any, every: int) -> Any:
    """Let all recurrent layers within a layer keep every `every`-th step only."""
    for module in layer.modules():
        if isinstance(module, Recurrent):
            module.recompute_every = every
    return layer


def everything(layer: Any, lengths: tuple[int, ...], x: Any = None, poisoned: bool = False) -> dict[str, Any]:
    """Return all results of forward and backward, the second time on a tape full of NaN where `poisoned`."""
    run = LayerRun(layer, np.random.default_rng(11), lengths)
    run.x = run.x if x is None else x
    for _ in range(1 + poisoned):
        for tape in tapes_of(run.tape):
            for buffer in tape.buffers().values() if isinstance(tape, RecurrentTape) else ():
                buffer[...] = np.nan
        layer.zero_gradients()
        outputs, final = run.forward()
        found = {"outputs": outputs.copy(), **{f"final {name}": array for name, array in flat(final).items()}}
        dx, d_initial = run.backward()
    found |= {f"d initial {name}": array for name, array in flat(d_initial).items()}
    found |= {name: array.copy() for name, array in layer.gradients().items()}
    return found if dx is None else {**found, "dx": dx}


def assert_same_bits(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Hold each array to its twin, every bit, and see that there is something in it."""
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        assert np.isfinite(array).all(), name
        assert array.any(), name
        assert found[name].tobytes() == array.tobytes(), name


# --- the same bits ----------------------------------------------------------------------------------------------------


@all_steps
@pytest.mark.parametrize("lengths", [RAGGED, EQUAL], ids=["ragged", "equal"])
@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@all_cells
def test_every_result_is_the_same_to_the_bit(cell: Any, reverse: bool, lengths: tuple[int, ...], every: int) -> None:
    wanted = everything(one(cell, (3, 5), reverse), lengths)
    assert_same_bits(everything(recompute(one(cell, (3, 5), reverse), every), lengths, poisoned=True), wanted)


@all_steps
@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())
def test_layers_of_every_kind_have_the_same_bits(make: Callable[..., Any], every: int) -> None:
    assert_same_bits(everything(recompute(make(), every), RAGGED, poisoned=True), everything(make(), RAGGED))


@all_cells
def test_matrices_too_large_for_one_block_of_a_product_have_the_same_bits(cell: Any) -> None:
    lengths = tuple(range(24, 0, -1))
    assert_same_bits(
        everything(recompute(one(cell, (150, 130)), 5), lengths, poisoned=True),
        everything(one(cell, (150, 130)), lengths),
    )


@all_cells
def test_one_hot_rows_have_the_same_bits(cell: Any, rng: np.random.Generator) -> None:
    x = OneHot(4).forward(rng.integers(0, 4, sum(RAGGED)))
    wanted = everything(one(cell, (4, 3)), RAGGED, x)
    assert_same_bits(everything(recompute(one(cell, (4, 3)), 2), RAGGED, x), wanted)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_whole_models_have_the_same_bits(options: dict[str, Any]) -> None:
    batch = tiny_batch(options.get("source_features"))
    wanted = gradients_of(model_of("lstm", **options), batch)
    for every in (1, 2, 3):
        found = gradients_of(model_of("lstm", recompute_every=every, **options), batch)
        assert {name: array.tobytes() for name, array in found.items()} == {
            name: array.tobytes() for name, array in wanted.items()
        }


@pytest.mark.parametrize("name", CELL_NAMES)
def test_compiled_steps_have_the_same_bits(name: str) -> None:
    pytest.importorskip("numba", reason="needs Numba (pip install -e '.[numba]')")
    place = {"backend": get_backend("numba")}
    wanted = everything(one(CELLS[name], (9, 33), **place), RAGGED)
    assert_same_bits(everything(recompute(one(CELLS[name], (9, 33), **place), 3), RAGGED), wanted)


def test_a_step_on_the_device_has_the_same_bits_and_crosses_the_bus_nowhere() -> None:
    strict, found = StrictBackend(), []
    for every in (0, 2):
        model = model_of("lstm", "float32", recompute_every=every).to(strict)
        batch, tape = tiny_batch().to(strict), model.new_tape()
        strict.device.reset()
        model.forward(batch, tape)
        model.backward(tape)
        assert (strict.device.to_device, strict.device.to_host, strict.device.waits) == (0, 0, 0)
        found.append({name: strict.to_numpy(array).tobytes() for name, array in model.gradients().items()})
    assert found[0] == found[1]


def test_training_ends_in_the_same_bits() -> None:
    ends = []
    for every in (0, 2):
        translator = tiny_translator(dropout=0.3, layers=2, bidirectional=True)
        tiny_training(translator, epochs=1, recompute_every=every)
        assert {m.recompute_every for m in translator.model.modules() if isinstance(m, Recurrent)} == {every}
        ends.append(weights(translator))
    assert ends[0] == ends[1]


def test_a_second_backward_adds_the_same_bits_again(rng: np.random.Generator) -> None:
    run = LayerRun(recompute(one(dtype="float64"), 2), rng, RAGGED)
    run.forward()
    dx, _ = run.backward()
    once = {name: array.copy() for name, array in run.layer.gradients().items()}
    again, _ = run.backward()
    assert (dx == again).all()
    assert all((array == 2 * once[name]).all() for name, array in run.layer.gradients().items())


def test_one_tape_serves_passes_that_keep_more_and_less() -> None:
    layer = one()
    tape = layer.new_tape()
    for every, lengths in ((0, (4, 2)), (2, RAGGED), (0, EQUAL), (5, (9, 8)), (2, (3, 1, 1)), (3, (8,) * 6)):
        used, fresh = (LayerRun(layer, np.random.default_rng(2), lengths) for _ in range(2))
        used.tape, found = tape, []
        for run, steps in ((used, every), (fresh, 0)):
            layer.recompute_every = steps
            layer.zero_gradients()
            outputs, (final,) = run.forward()
            result = [outputs.copy(), *final.values(), run.backward()[0]]
            found.append([array.tobytes() for array in (*result, *layer.gradients().values())])
        assert found[0] == found[1]


# --- the same gradients as the numerical ones -------------------------------------------------------------------------


@all_cells
def test_the_gradients_match_the_complex_step(cell: Any, rng: np.random.Generator) -> None:
    assert_layer_gradients_match(recompute(one(cell, dtype="float64"), 2), rng)


@all_cells
def test_the_gradient_check_finds_nothing_wrong(cell: Any) -> None:
    report = check_layer(recompute(one(cell, dtype="float64"), 2))
    assert report.ok
    assert report.findings == []


# --- memory -----------------------------------------------------------------------------------------------------------


def numbers_kept(cell: Any, steps: int, every: int, batch: int = 2, size: int = 3) -> dict[str, int]:
    """Return how many numbers each buffer of a tape holds after a training step, as multiples of batch and H."""
    layer = recompute(one(cell, (4, size)), every)
    run = LayerRun(layer, np.random.default_rng(0), (steps,) * batch)
    run.forward()
    run.backward()
    return {name: array.size // (batch * size) for name, array in run.tape.buffers().items()}


@all_cells
def test_without_it_memory_grows_with_the_steps_in_a_straight_line(cell: Any) -> None:
    totals = [sum(numbers_kept(cell, steps, 0).values()) for steps in (10, 20, 30)]
    assert totals[2] - totals[1] == totals[1] - totals[0]


def test_what_an_lstm_saves_takes_the_memory_of_k_steps_however_many_there_are() -> None:
    for steps in (20, 40):
        kept = numbers_kept(LSTMCell, steps, 5)
        saved = {name: rows for name, rows in kept.items() if name.startswith("segment.saved.")}
        assert saved == {f"segment.saved.{name}": 5 for name in LSTMCell.saved}
        assert not any(name.startswith("saved.") for name in kept)


def test_an_lstm_keeps_its_outputs_and_one_of_its_other_states_in_k() -> None:
    kept = numbers_kept(LSTMCell, 20, 5)
    assert (kept["state.h"], kept["state.c"], kept["segment.state.c"], kept["last.c"]) == (21, 5, 4, 1)


def test_what_is_read_of_all_steps_after_the_loop_is_kept_whole() -> None:
    assert numbers_kept(GRUResetBeforeCell, 20, 5)["saved.rh"] == 20
    assert numbers_kept(PEEPHOLES, 20, 5)["state.c"] == 21


@pytest.mark.parametrize(("cell", "every"), [("lstm", 20), ("lstm", 99), ("rnn", 2)])
def test_where_nothing_is_to_be_gained_nothing_is_done(cell: str, every: int) -> None:
    assert numbers_kept(CELLS[cell], 20, every) == numbers_kept(CELLS[cell], 20, 0)


def test_forward_runs_again_for_all_segments_but_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    run = LayerRun(one(), np.random.default_rng(0), (10, 4))
    calls, step = [0], LSTMCell.forward_step

    def counted(*arguments: Any) -> None:
        calls[0] += 1
        step(*arguments)

    monkeypatch.setattr(LSTMCell, "forward_step", counted)
    recompute(run.layer, 4)
    run.forward()
    run.backward()
    assert calls == [10 + 8]


def test_the_gradients_of_the_pre_activations_take_the_memory_of_the_pre_activations(rng: np.random.Generator) -> None:
    run = LayerRun(one(), rng)
    run.forward()
    before = run.tape.a_x.rows.copy()
    run.backward()
    assert np.shares_memory(run.tape.a_x.rows, run.tape.da_x.rows)
    assert (before != run.tape.da_x.rows).any()


# --- mistakes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [-1, 2.0, True, "3", None])
def test_a_number_of_steps_that_cannot_be_is_one_clear_line(every: Any) -> None:
    message = r"^recompute_every is .*: it must be a whole number of steps, or 0 to keep every step$"
    with pytest.raises(InputError, match=message):
        Recurrent(LSTMCell(2, 3), recompute_every=every)
    with pytest.raises(InputError, match=message):
        make_model(9, 7).set_recompute(every)


class Forgetful(LSTMCell):
    """A cell that reads what it does not name in `accumulated`."""

    def accumulate_gradients(self, x: Any, tape: Any, dx: Any) -> None:
        super().accumulate_gradients(x, tape, dx)
        self.reads(tape)

    def reads(self, tape: Any) -> None:
        """Read something of the tape."""


@pytest.mark.parametrize(
    ("reads", "told"),
    [
        (lambda tape: tape.previous("c"), r'state\.c is kept for 2 steps only .*: .* accumulated = \("c",\)'),
        (lambda tape: tape.state.c[1:], r'state\.c is kept for 2 steps only .*: .* accumulated = \("c",\)'),
        (lambda tape: tape.saved.f.rows, r'saved\.f is kept for 2 steps only .*: .* accumulated = \("f",\)'),
        (lambda tape: tape.saved.f[-1], r"saved\.f\[6\] is not kept with recompute_every=2: steps 0 to 1 are here now"),
        (lambda tape: tape.state.c[5], r"state\.c\[5\] is not kept"),
    ],
)
def test_a_cell_that_reads_what_is_not_kept_is_told_what_to_say(
    reads: Any, told: str, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(Forgetful, "reads", lambda self, tape: reads(tape))
    layer = one(Forgetful)
    run = LayerRun(layer, rng, RAGGED)
    run.forward()
    run.backward()  # with everything kept there is nothing to complain of
    recompute(layer, 2)
    run.forward()
    with pytest.raises(InputError, match=told) as caught:
        run.backward()
    assert "\n" not in str(caught.value)


# --- the tape ---------------------------------------------------------------------------------------------------------


def test_segments_part_the_steps_in_order() -> None:
    def runs(lengths: tuple[int, ...], every: int) -> list[list[int]]:
        return [list(run) for run in Segments(Packing(lengths), every).runs]

    assert runs((5, 2), 2) == [[0, 1], [2, 3], [4]]
    assert runs((4,), 2) == [[0, 1], [2, 3]]
    assert runs((3,), 1) == [[0], [1], [2]]
    assert runs((3,), 0) == runs((3,), 3) == runs((3,), 8) == [[0, 1, 2]]


def test_the_steps_that_are_there_can_be_read_by_their_numbers(rng: np.random.Generator) -> None:
    whole, part = (LayerRun(one(), np.random.default_rng(1), RAGGED) for _ in range(2))
    recompute(part.layer, 3)
    whole.forward()
    part.forward()
    tape, wanted = part.tape, whole.tape
    assert (tape.saved.f[6] == wanted.saved.f[6]).all()
    for slot in (0, 3, 6, 7, -1):
        assert (tape.state.c[slot] == wanted.state.c[slot]).all()
    assert len(tape.state.c) == len(wanted.state.c) == LONGEST + 1
    with pytest.raises(IndexError):
        tape.saved.f[LONGEST]
    part.backward()
    for t in range(3):
        assert (tape.saved.f[t] == wanted.saved.f[t]).all()


def test_a_model_keeps_the_option_where_it_is_copied() -> None:
    model = model_of("gru", recompute_every=4).to(NUMPY, "float64")
    found = [module.recompute_every for module in model.modules() if isinstance(module, Recurrent)]
    assert found == [4, 4]
