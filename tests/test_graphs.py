"""Recorded time loops on the stand-in: what is recorded, when, under what, and that a repetition computes the same."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers import normal
from strict import StrictBackend

from scratchnet.backend import NUMPY, Backend, cuda_graphs
from scratchnet.cells.rnn import rnn_forward

STEPS = 4


@pytest.fixture
def strict() -> StrictBackend:
    """A fresh device, its counts at zero."""
    return StrictBackend()


def a_tape() -> Any:
    """Return what a recording looks at of a tape, without any buffers."""
    packing, segments = SimpleNamespace(sizes=(3,) * STEPS), SimpleNamespace(every=STEPS)
    return SimpleNamespace(buffers=dict, packing=packing, segments=segments)


class Loop:
    """A small time loop over arrays of one backend: h[t] = tanh(h[t-1] W + x[t])."""

    def __init__(self, backend: Backend, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self.backend = backend
        self.arrays = {
            "h": backend.asarray(normal(rng, (STEPS + 1, 3, 2))),
            "x": backend.asarray(normal(rng, (STEPS, 3, 2))),
            "W": backend.asarray(normal(rng, (2, 2))),
            "scale": 1.0,
        }
        self.multiplies = getattr(backend, "product", np.matmul)
        self.done = 0

    def steps(self, tape: Any, steps: range) -> None:
        """Do all steps, launch by launch."""
        self.done += 1
        h, x = self.arrays["h"], self.arrays["x"]
        for t in range(STEPS):
            a = self.multiplies(h[t], self.arrays["W"])
            a += x[t] * self.arrays["scale"]
            self.backend.pointwise(rnn_forward, (a,), (h[t + 1],))

    def run(self) -> Any:
        """Run the loop, perhaps from a recording; return the last state."""
        self.backend.time_loop(self.steps, SimpleNamespace(**self.arrays), a_tape(), range(STEPS))
        return self.backend.to_numpy(self.arrays["h"][STEPS])

    def change(self, seed: int) -> None:
        """Put other numbers where the old ones are."""
        rng = np.random.default_rng(seed)
        for name in ("h", "x", "W"):
            array = self.arrays[name]
            array[...] = self.backend.asarray(normal(rng, array.shape))


def test_a_cpu_does_the_work_each_time() -> None:
    loop = Loop(NUMPY)
    for _ in range(3):
        loop.run()
    assert loop.done == 3


def test_a_loop_is_recorded_the_second_time_and_repeated_from_then_on(strict: StrictBackend) -> None:
    loop, launches = Loop(strict), []
    for _ in range(4):
        strict.device.reset()
        loop.run()
        launches.append(strict.device.launches)
    assert launches[0] > STEPS
    assert launches[1:] == [1, 1, 1]
    assert loop.done == 2


def test_every_repetition_computes_what_the_loop_does_on_the_numbers_of_its_day(strict: StrictBackend) -> None:
    loop, wanted = Loop(strict), Loop(NUMPY)
    for seed in range(5):
        loop.change(seed)
        wanted.change(seed)
        np.testing.assert_allclose(loop.run(), wanted.run(), rtol=1e-13)
    assert loop.done == 2


def test_nothing_is_done_while_a_loop_is_recorded_and_no_memory_is_shared(strict: StrictBackend) -> None:
    loop = Loop(strict)
    loop.run()
    for _ in range(2):
        loop.change(7)
        loop.run()
    assert strict.xp.cuda.pools == []
    assert strict.device.recording is None
    assert strict.xp.cuda.made == 1


def test_inputs_lie_and_multiply_the_first_time_as_they_do_in_the_recording(strict: StrictBackend) -> None:
    whole, seen = strict.asarray(np.arange(12.0).reshape(3, 4)), []

    def work(tape: Any, steps: range, changed: dict[str, Any], half: Any, nothing: None) -> None:
        seen.append([(type(array), array.shape, array.flags.c_contiguous) for array in (changed["h"], half)])
        changed["h"] += half

    for k in range(4):
        h = strict.asarray(np.full((3, 2), 100.0 * k))
        strict.time_loop(work, SimpleNamespace(), a_tape(), range(STEPS), {"h": h}, whole[:, 2:], None)
        assert strict.to_numpy(h).tolist() == [
            [100 * k + 2, 100 * k + 3],
            [100 * k + 6, 100 * k + 7],
            [100 * k + 10, 100 * k + 11],
        ]
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert strict.to_numpy(whole).tolist() == np.arange(12.0).reshape(3, 4).tolist()


@pytest.mark.parametrize("name", ["h", "W"])
def test_an_array_in_another_place_is_another_loop(name: str, strict: StrictBackend) -> None:
    loop, wanted = Loop(strict), Loop(NUMPY)
    for _ in range(3):
        loop.run()
        wanted.run()
    for one in (loop, wanted):
        one.arrays[name] = one.arrays[name] * 0.5
    np.testing.assert_allclose(loop.run(), wanted.run(), rtol=1e-13)
    assert loop.done == 3


def test_another_number_is_another_loop(strict: StrictBackend) -> None:
    loop, wanted = Loop(strict), Loop(NUMPY)
    for scale in (1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 1.0):
        loop.arrays["scale"] = wanted.arrays["scale"] = scale
        np.testing.assert_allclose(loop.run(), wanted.run(), rtol=1e-13)
    assert loop.done == 4


def test_a_loop_that_multiplies_by_cupy_goes_on_launch_by_launch(strict: StrictBackend) -> None:
    loop, wanted = Loop(strict), Loop(NUMPY)
    loop.multiplies = lambda left, right: left @ right
    for _ in range(4):
        np.testing.assert_allclose(loop.run(), wanted.run(), rtol=1e-13)
    assert loop.done == 5  # one of them was an attempt
    assert strict.graphs is not None
    assert "cuBLAS" in next(iter(strict.graphs.refused.values()))
    assert strict.device.recording is None


def test_a_loop_that_waits_for_the_device_goes_on_launch_by_launch(strict: StrictBackend) -> None:
    loop = Loop(strict)
    steps = loop.steps
    loop.steps = lambda *given: (steps(*given), float(loop.arrays["h"][0, 0, 0]))[0]  # type: ignore[method-assign]
    for _ in range(3):
        loop.run()
    assert strict.graphs is not None
    assert "capturing" in next(iter(strict.graphs.refused.values()))


def test_a_mistake_in_a_loop_is_raised_all_the_same(strict: StrictBackend) -> None:
    loop = Loop(strict)
    loop.run()
    del loop.arrays["W"]
    loop.arrays["V"] = strict.asarray(np.ones(2))
    for _ in range(3):
        with pytest.raises(KeyError):
            loop.run()


def test_at_most_so_many_recordings_are_kept(strict: StrictBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda_graphs, "LIMIT", 2)
    loops = [Loop(strict, seed) for seed in range(3)]
    for _ in range(2):
        for loop in loops:
            loop.run()
    assert strict.graphs is not None
    assert len(strict.graphs.recorded) == 2
    loops[0].run()  # the oldest was dropped, and is recorded again
    assert [loop.done for loop in loops] == [3, 2, 2]


def test_loops_that_ran_once_are_forgotten_in_time(strict: StrictBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda_graphs, "REMEMBERED", 2)
    loops = [Loop(strict, seed) for seed in range(3)]
    for loop in (*loops, loops[0]):
        loop.run()
    assert strict.graphs is not None
    assert not strict.graphs.recorded


@pytest.mark.parametrize("by_argument", [False, True])
def test_recordings_can_be_switched_off(by_argument: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCHNET_CUDA_GRAPHS", "1" if by_argument else "0")
    loop = Loop(StrictBackend(graphs=False) if by_argument else StrictBackend())
    for _ in range(3):
        loop.run()
    assert loop.done == 3


def test_lists_and_dictionaries_are_walked_through_and_other_objects_stand_for_themselves() -> None:
    class Array(np.ndarray):
        """An array whose address is where CuPy has it."""

        data = property(lambda self: type("Memory", (), {"ptr": self.ctypes.data}))

    array, thing = np.zeros((2, 3)).view(Array), object()

    def places(owner: Any) -> Any:
        return cuda_graphs.places_of(owner, lambda value: isinstance(value, np.ndarray))

    assert places({"a": [array, 3, "x", None], "b": thing}) == (
        ("a", ((array.ctypes.data, (2, 3), (24, 8)), 3, "x", None)),
        ("b", id(thing)),
    )
    assert places([array[:1]]) != places([array])
    assert places([array.T]) != places([array])
