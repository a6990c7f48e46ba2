"""Threads: the number that is chosen, who is told of it, what is restored, and what of it may depend on it."""

from __future__ import annotations

import os
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from tiny import everything, interrupt_after, tiny_training, tiny_translator, weights

import scratchnet as sn
from scratchnet.backend import NUMPY, BlasPools, StepThreads, get_backend, parse_threads
from scratchnet.backend import threads as room
from scratchnet.backend.chooser import Chooser, candidates
from scratchnet.backend.cores import SETTINGS, allowed_cores, cpu_quota, number_set, usable_cores
from scratchnet.backend.workers import WORTHWHILE, Workers
from scratchnet.cli import main
from scratchnet.errors import InputError
from scratchnet.training import loop

IDLE = ({1: 1.4, 2: 1.0}, {1: 1.0, 2: 1.7})  # seconds a step, and CPU time per wall time, by the number of threads
BESIDE_ONE = ({1: 1.4, 2: 2.0}, {1: 1.0, 2: 1.2})
BESIDE_TWO = ({1: 2.0, 2: 14.0}, {1: 0.66, 2: 0.87})
SMALL_MODEL = ({1: 1.0, 2: 1.15}, {1: 1.0, 2: 1.6})
Machine = tuple[dict[int, float], dict[int, float]]


def steps(chooser: Chooser, machine: Machine, number: int, noise: float, seed: int = 0) -> tuple[float, list[str]]:
    """Take steps on a machine of these figures; return how much longer they took than the best number, and lines."""
    rng, (seconds, shares) = np.random.default_rng(seed), machine
    spent, lines = 0.0, []
    for _ in range(number):
        n, work = chooser.threads, float(rng.uniform(400, 640))
        wall = work / 520 * seconds[n] * float(rng.lognormal(-(noise**2) / 2, noise))
        spent += wall * 520 / work
        lines.append(chooser.record(work, wall, wall * shares[n]))
    return spent / (number * min(seconds.values())), [line for line in lines if line]


# --- the chooser ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [0.05, 0.2, 0.4])
def test_an_idle_machine_loses_two_percent_at_most(noise: float) -> None:
    ratios = [steps(Chooser([1, 2]), IDLE, 1000, noise, seed)[0] for seed in range(3)]
    assert np.mean(ratios) < 1.02 + 0.05 * noise


@pytest.mark.parametrize("machine", [IDLE, BESIDE_ONE, BESIDE_TWO, SMALL_MODEL])
@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_it_is_never_more_than_a_tenth_behind_the_best_fixed_number(machine: Machine, noise: float) -> None:
    assert max(steps(Chooser([1, 2]), machine, 1000, noise, seed)[0] for seed in range(3)) < 1.1


def test_it_begins_with_the_most_and_leaves_it_after_few_steps_beside_busy_processes() -> None:
    chooser = Chooser([1, 2])
    assert chooser.threads == 2
    _, lines = steps(chooser, BESIDE_TWO, 12, 0.05)
    assert lines == ["2 threads -> 1: other processes use the cores"]
    assert chooser.current == 1


def test_it_follows_what_the_other_processes_do() -> None:
    chooser = Chooser([1, 2])
    said = [steps(chooser, machine, 600, 0.05, seed)[1] for seed, machine in enumerate([IDLE, BESIDE_TWO] * 2 + [IDLE])]
    down, up = "2 threads -> 1: other processes use the cores", "1 thread -> 2: the cores are free"
    assert said == [[], [down], [up], [down], [up]]


def test_fewer_threads_may_be_faster_though_nobody_else_computes() -> None:
    assert steps(Chooser([1, 2]), SMALL_MODEL, 300, 0.02)[1] == ["2 threads -> 1: fewer are faster for this model"]


def test_of_equals_it_keeps_the_one_it_has() -> None:
    assert steps(Chooser([1, 2]), ({1: 1.0, 2: 1.0}, {1: 1.0, 2: 1.7}), 1000, 0.1)[1] == []


def test_a_rival_ten_times_as_slow_gets_one_step_in_hundreds() -> None:
    chooser = Chooser([1, 2])
    steps(chooser, BESIDE_TWO, 200, 0.05)
    turns = []
    for _ in range(2000):
        turns.append(chooser.threads)
        seconds, share = BESIDE_TWO[0][chooser.threads], BESIDE_TWO[1][chooser.threads]
        chooser.record(1.0, seconds, seconds * share)
    assert 1 <= turns.count(2) <= 5


def test_among_many_cores_it_finds_the_number_between() -> None:
    hyperthreads = ({1: 3.0, 2: 1.8, 4: 1.0, 8: 1.3}, {1: 1.0, 2: 1.8, 4: 3.4, 8: 6.0})
    chooser = Chooser(candidates(8))
    assert steps(chooser, hyperthreads, 300, 0.1)[0] < 1.1
    assert chooser.current == 4


def test_where_cores_are_lacking_it_goes_from_many_to_one_at_once() -> None:
    crowded = ({1: 1.0, 2: 3.0, 4: 8.0, 8: 8.0}, {1: 0.6, 2: 0.8, 4: 1.2, 8: 2.0})
    chooser = Chooser(candidates(8))
    assert steps(chooser, crowded, 12, 0.05)[1] == ["8 threads -> 1: other processes use the cores"]


def test_a_single_candidate_is_never_left() -> None:
    assert steps(Chooser([1]), ({1: 1.0}, {1: 0.5}), 300, 0.5)[1] == []


@pytest.mark.parametrize(("most", "numbers"), [(1, [1]), (2, [1, 2]), (3, [1, 3]), (12, [1, 3, 6, 12])])
def test_the_candidates_are_halves_of_halves(most: int, numbers: list[int]) -> None:
    assert candidates(most) == numbers


def test_a_step_without_work_or_time_says_nothing() -> None:
    chooser = Chooser([1, 2])
    assert [chooser.record(0.0, 1.0, 1.0) or chooser.record(1.0, 0.0, 0.0) for _ in range(20)] == [""] * 20
    assert chooser.threads == 2


# --- cores, quotas, settings ------------------------------------------------------------------------------------------


def quota_of(folder: Path, lines: str, **files: str) -> float:
    """Return the quota in a folder of cgroups with these files, for a process in the groups of `lines`."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_max", ".max").replace("cfs_", "cpu.cfs_")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    folder.mkdir(exist_ok=True)
    (folder / "membership").write_text(lines)
    return cpu_quota(folder, folder / "membership")


def test_a_quota_is_read_from_either_kind_of_cgroup(tmp_path: Path) -> None:
    assert quota_of(tmp_path / "none", "0::/\n") == np.inf
    assert quota_of(tmp_path / "free", "0::/\n", cpu_max="max 100000\n") == np.inf
    assert quota_of(tmp_path / "new", "0::/a/b\n", a__cpu_max="150000 100000\n", a__b__cpu_max="max 100000") == 1.5
    old = {"cpu__cfs_quota_us": "50000\n", "cpu__cfs_period_us": "100000\n"}
    assert quota_of(tmp_path / "old", "3:cpuset:/\n4:cpu,cpuacct:/pod\n", **old) == 0.5
    unlimited = {"cpu__cfs_quota_us": "-1\n", "cpu__cfs_period_us": "100000\n"}
    assert quota_of(tmp_path / "unlimited", "4:cpu:/\n", **unlimited) == np.inf


def test_the_threads_of_numpys_own_library_can_be_set() -> None:
    name = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    if name != "scipy-openblas":
        pytest.skip(f"this NumPy has {name}; its wheels from PyPI have scipy-openblas, but on macOS")
    assert BlasPools().libraries


def test_no_more_cores_are_used_than_a_quota_pays_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scratchnet.backend.cores.cpu_quota", lambda: 0.5)
    assert allowed_cores() == 1


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Remove the settings of threads from the environment, for a test that may also set them; restore all of it."""
    for name in SETTINGS:
        monkeypatch.setenv(name, "0")  # so that what the test itself sets is undone as well
        monkeypatch.delenv(name)
    pools = BlasPools()
    before = pools.numbers()
    yield pools
    pools.set(before)


def test_the_number_that_is_set_is_that_of_openblas_then_openmp(unset: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (number_set(), usable_cores()) == (None, allowed_cores())
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert number_set() == 3
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "5")
    assert (number_set(), usable_cores()) == (5, 5)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "four")
    assert number_set() == 3


def test_set_threads_rules_blas_workers_and_the_backends_to_come(unset: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "allowed_cores", lambda: 4)
    sn.set_threads(3)
    assert set(unset.numbers()) == {3}
    assert (NUMPY.workers.threads, Workers().threads, os.environ["OPENBLAS_NUM_THREADS"]) == (3, 3, "3")
    sn.set_threads("auto")
    assert set(unset.numbers()) == {usable_cores()}
    assert "OPENBLAS_NUM_THREADS" not in os.environ


def test_more_threads_than_cores_is_a_warning(unset: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "allowed_cores", lambda: 2)
    with pytest.warns(UserWarning, match="3 threads on 2 cores"):
        sn.set_threads(3)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, None, "two", "", "1.0"])
def test_what_is_no_number_of_threads_is_said_in_one_line(wrong: Any) -> None:
    with pytest.raises(InputError, match=re.escape(f"threads is {wrong!r}: it must be a whole number of 1 or more")):
        parse_threads(wrong)


@pytest.mark.parametrize(("given", "read"), [(2, 2), ("2", 2), (" 3 ", 3), ("auto", "auto")])
def test_a_number_of_threads_may_be_text(given: Any, read: Any) -> None:
    assert parse_threads(given) == read


def test_workers_get_more_threads_when_the_limit_rises() -> None:
    workers = Workers(2)
    first = workers.pool()
    assert workers.pool() is first
    workers.limit = 4
    assert workers.pool() is not first
    seen: list[slice] = []
    workers.run(seen.append, [slice(k, k + 1) for k in range(2 * WORTHWHILE)])
    assert len(seen) == 2 * WORTHWHILE


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_computes_with_threads_of_its_own() -> None:
    workers = Workers(2)
    workers.run(lambda part: None, [slice(0, 1)] * WORTHWHILE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of any fork beside threads
        child = os.fork()
    if child == 0:
        seen: list[slice] = []
        with StepThreads(NUMPY, 1):
            workers.run(seen.append, [slice(0, 1)] * WORTHWHILE)
        os._exit(0 if len(seen) == WORTHWHILE else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_numbas_own_threads_follow_where_they_run(monkeypatch: pytest.MonkeyPatch) -> None:
    numba = pytest.importorskip("numba")
    backend, told = get_backend("numba"), []
    monkeypatch.setattr(numba, "set_num_threads", told.append)
    monkeypatch.setattr(numba, "threading_layer", lambda: "workqueue")
    backend.limit_threads(1)
    assert (told, backend.workers.threads) == ([1], 1)

    def asleep() -> str:
        raise ValueError("Threading layer is not initialized.")

    monkeypatch.setattr(numba, "threading_layer", asleep)
    backend.limit_threads(1)
    assert told == [1]


# --- training ---------------------------------------------------------------------------------------------------------


class Pools:
    """Stands in for BlasPools: one library, and what it was told."""

    def __init__(self, number: int = 2) -> None:
        self.number, self.told, self.libraries = number, [], [object()]  # type: ignore[var-annotated]

    def numbers(self) -> list[int]:
        return [self.number]

    def set(self, numbers: list[int]) -> None:
        (self.number,) = numbers
        self.told.append(self.number)

    def set_all(self, number: int) -> None:
        self.set([number])


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> Pools:
    """Let BLAS be a stand-in with two threads on two cores, and a chooser that changes its mind at every step."""
    found = Pools()
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(room, "BlasPools", lambda: found)
    monkeypatch.setattr(room, "allowed_cores", lambda: 2)
    return found


class Fickle(Chooser):
    """Takes the other number after each step."""

    def record(self, work: float, wall: float, cpu: float) -> str:
        before, self.current = self.current, 3 - self.current
        return f"{before} -> {self.current}"


@pytest.mark.parametrize("threads", [1, "1", 2, "auto", None])
def test_training_leaves_the_threads_as_it_found_them(threads: Any, pools: Pools) -> None:
    NUMPY.workers.limit = 7
    try:
        tiny_training(tiny_translator(), threads=threads, epochs=1)
        assert (pools.number, NUMPY.workers.limit) == (2, 7)
        assert pools.told[0] == (1 if threads in (1, "1") else 2)
    finally:
        NUMPY.workers.limit = None


def test_training_that_fails_leaves_them_too(pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise RuntimeError("in a step")

    monkeypatch.setattr(loop.Trainer, "step", fail)
    with pytest.raises(RuntimeError, match="in a step"):
        tiny_training(tiny_translator(), threads=1)
    assert (pools.told, NUMPY.workers.limit) == ([1, 2], None)


def test_what_is_chosen_is_used_by_blas_and_the_workers_alike(pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "Chooser", Fickle)
    said: list[str] = []
    with StepThreads(NUMPY, "auto", said.append) as threads:
        for _ in range(4):
            assert NUMPY.workers.threads == pools.number == threads.now
            with threads.step(1.0):
                pass
    assert pools.told == [2, 1, 2, 1, 2, 2]
    assert said == ["2 -> 1"]  # and none of the next minute


def test_automatic_threads_are_no_more_than_blas_had(pools: Pools) -> None:
    pools.number = 1
    with StepThreads(NUMPY) as threads:
        assert (threads.chooser, threads.now) == (None, 1)


def test_a_number_that_is_set_is_kept_unless_auto_is_asked_for(pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    assert StepThreads(NUMPY).wanted == 2
    assert StepThreads(NUMPY, "auto").wanted == "auto"


def test_a_device_chooses_nothing_by_itself(pools: Pools) -> None:
    class Device(type(NUMPY)):  # type: ignore[misc]
        xp = object()

    with StepThreads(Device(), "auto") as threads:
        assert threads.chooser is None
    assert pools.told == [2]  # only what was there


@pytest.mark.parametrize("threads", [1, "auto"])
def test_a_blas_that_cannot_be_told_is_said_once_and_training_goes_on(
    threads: Any, pools: Pools, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pools.libraries = []
    monkeypatch.setattr(pools, "numbers", list)
    monkeypatch.setattr(pools, "set", lambda numbers: None)
    monkeypatch.setattr(pools, "set_all", lambda number: None)
    result = tiny_training(tiny_translator(), console=Console(width=200, file=sys.stdout), threads=threads, epochs=2)
    assert result.epochs == 2
    assert capsys.readouterr().out.count(room.NO_POOL) == 1


def test_of_two_trainings_side_by_side_the_last_one_to_end_restores(pools: Pools) -> None:
    first, second = StepThreads(NUMPY, 1), StepThreads(NUMPY, 2)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert NUMPY.workers.limit == 2
    pools.number = 1
    second.__exit__(None, None, None)
    assert (pools.number, NUMPY.workers.limit) == (2, None)


# --- the same bits ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_with_a_fixed_number_a_run_repeats_and_resumes_to_the_bit(
    threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for name in ("once", "again"):
        translator = tiny_translator(hidden_size=70)  # products large enough for two threads
        tiny_training(translator, tmp_path / name, threads=threads)
        results.append((weights(translator), everything(tmp_path / name)))
    assert results[0] == results[1]
    interrupt_after(monkeypatch, 7)
    tiny_training(tiny_translator(hidden_size=70), tmp_path / "broken", threads=threads)
    monkeypatch.undo()
    tiny_training(tiny_translator(5, hidden_size=70), tmp_path / "broken", threads=threads, resume=True)
    assert everything(tmp_path / "broken") == results[0][1]


@pytest.mark.parametrize(("before", "now", "warned"), [(1, 1, False), (1, "auto", True), ("auto", "auto", False)])
def test_a_run_that_is_resumed_with_other_threads_is_warned_of(
    before: Any, now: Any, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(monkeypatch, 3)
    tiny_training(tiny_translator(), tmp_path, threads=before)
    monkeypatch.undo()
    with (tmp_path / "said").open("w+") as file:
        tiny_training(tiny_translator(), tmp_path, threads=now, resume=True, console=Console(width=200, file=file))
        file.seek(0)
        said = file.read()
    assert ("was begun with threads 1, not auto" in said) == warned
    assert ("last bits" in said) == warned


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["0", "two", "-1", "1.5"])
@pytest.mark.parametrize("command", ["train", "translate", "evaluate"])
def test_a_wrong_number_on_the_command_line_is_one_line(
    command: str, wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = {
        "train": ["en-hi", "--out", str(tmp_path / "run")],
        "translate": [str(tmp_path), "hello"],
        "evaluate": [str(tmp_path), "en-hi"],
    }
    assert main([command, *rest[command], f"--threads={wrong}"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and f"threads is '{wrong}'" in error
    assert not (tmp_path / "run").exists()


def test_too_many_on_the_command_line_is_a_warning_and_goes_on(
    tmp_path: Path, pools: Pools, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"a{k} b\tb a{k}\n" for k in range(40)), encoding="utf-8")
    sizes = ["--epochs", "1", "--hidden-size", "4", "--embedding-size", "4"]
    assert main(["train", str(pairs), "--out", str(tmp_path / "run"), "--threads", "99", *sizes]) == 0
    assert "99 threads on 2 cores" in capsys.readouterr().err
    assert (pools.told, NUMPY.workers.limit) == ([99, 2], None)


def test_info_describes_blas(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("blas "))
    assert re.search(r"\d thread", line) or "threadpoolctl finds none" in line
