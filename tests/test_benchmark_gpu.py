"""The benchmark for machines with a GPU, tried without one: arithmetic, order, deadline, and what it saves."""

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scratchnet.bench.cases import CASES
from scratchnet.bench.equivalence import compare_workers
from scratchnet.errors import InputError

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
gpu = pytest.importorskip("gpu")
gpu_cases = pytest.importorskip("gpu_cases")
DRY = gpu.Plan("cpu", 0.001, 1, ((5, 2), (6, 3)), torch=False)
SIX = ["small lstm", "small gru", "medium lstm", "medium gru", "large lstm", "large gru"]


class Clock:
    """A clock that stands still until a case is measured."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


class FakePlan:
    """A plan whose cases take the seconds, or raise the errors, that they are given."""

    place, torch = "cpu", False

    def __init__(self, clock: Clock, cases: list[tuple[str, str, float | Exception]]) -> None:
        self.clock, self.cases, self.begun = clock, cases, list[str]()

    def work(self) -> Any:
        for title, name, outcome in self.cases:
            yield title, name, lambda name=name, outcome=outcome: self.measure(name, outcome)

    def measure(self, name: str, outcome: float | Exception) -> tuple[str, ...]:
        self.begun.append(name)
        if isinstance(outcome, Exception):
            raise outcome
        self.clock.now += outcome
        return (name,)


def run(
    monkeypatch: pytest.MonkeyPatch, cases: list[tuple[str, str, float | Exception]], seconds: float
) -> tuple[Any, Any, list[str]]:
    """Run cases with a deadline so many seconds ahead; return plan, report, and what was saved after each case."""
    clock = Clock()
    monkeypatch.setattr(gpu, "time", clock)
    plan: Any = FakePlan(clock, cases)
    report, saved = gpu.Report(plan), list[str]()

    def save() -> None:
        saved.append(" ".join(row[0] for table in report.tables.values() for row in table.rows))

    gpu.run(report, save, clock.now + seconds)
    return plan, report, saved


def test_the_papers_own_rate_takes_the_papers_ten_days() -> None:
    rate, times, days = gpu_cases.paper_figures(6_300.0)
    assert (rate, times) == ("6,300", "1.0")
    assert 8.5 < float(days) < 10.5  # the paper says ten, of 7.5 passes over 652 million words


def test_ten_times_the_rate_is_a_tenth_of_the_days() -> None:
    assert gpu_cases.paper_figures(63_000.0)[1:] == ("10.0", "0.9")


def test_a_ratio_says_how_many_times_as_fast_the_first_one_is() -> None:
    timings = gpu_cases.Timings(1, {"own": [1.0, 2.0, 1.0], "other": [2.0, 2.0, 3.0]})
    assert gpu_cases.ratio(timings, "own", "other") == "2.00 (1.00-3.00)"


def test_the_sizes_on_a_gpu_are_those_of_the_cases_and_the_whole_sweep() -> None:
    plan = gpu.Plan("cuda")
    assert plan.case("large") is CASES["large"]
    assert {(128, 64), (2048, 1024)} <= set(plan.sweep)
    assert len(plan.sweep) == 25


def test_the_cases_against_pytorch_come_first_then_the_paper_then_the_sweep() -> None:
    names = [name for _, name, _ in gpu.Plan("cuda").work()]
    assert names[:8] == [*SIX, "paper cupy", "paper torch"]
    assert names[8:10] == ["H 128 batch 64", "H 128 batch 128"]
    assert len(names) == 8 + 25


def test_every_case_is_saved_as_soon_as_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, saved = run(monkeypatch, [(gpu.VERSUS, "a", 1), (gpu.VERSUS, "b", 1), (gpu.PAPER, "c", 1)], 10)
    assert saved == ["a", "a b", "a b c", "a b c"]


def test_no_case_begins_that_would_end_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    cases: list[tuple[str, str, float | Exception]] = [(gpu.VERSUS, name, 4.0) for name in "abcd"]
    plan, report, _ = run(monkeypatch, [*cases, (gpu.PAPER, "e", 1.0)], 10)
    assert plan.begun == ["a", "b"]  # a third one like these would end after 12 seconds
    assert report.facts[gpu.MISSING] == "c; d; e"
    assert [row for row in report.by_heading()[""].rows if row[0] == gpu.MISSING] == [(gpu.MISSING, "c; d; e")]


def test_with_no_time_left_nothing_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, report, saved = run(monkeypatch, [(gpu.VERSUS, "a", 1.0)], 0)
    assert (plan.begun, report.facts[gpu.MISSING], saved) == ([], "a", [""])


def test_with_time_enough_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, report, _ = run(monkeypatch, [(gpu.VERSUS, "a", 9.0), (gpu.SWEEP, "b", 0.5)], 10)
    assert (plan.begun, report.facts[gpu.MISSING]) == (["a", "b"], "")


def test_a_case_that_fails_is_reported_and_the_next_one_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    error = MemoryError("too large")
    plan, report, saved = run(monkeypatch, [(gpu.VERSUS, "a", error), (gpu.VERSUS, "b", 1.0)], 10)
    assert plan.begun == ["a", "b"]
    assert report.facts[gpu.FAILED] == "a: MemoryError: too large"
    assert saved[:2] == ["", "b"]


def test_the_command_runs_the_gpus_tests_first_and_writes_the_page_before_the_first_case(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page, before = tmp_path / "speed_gpu.md", (gpu.DOCS / "speed_gpu.md").read_text("utf-8")
    page.write_text(before, "utf-8")
    seen: list[str] = []

    def tests(seconds: float) -> tuple[int, str]:
        seen.append(f"tests in {seconds:.0f}")
        return 0, "9 passed in 3.21s"

    def case(plan: Any, name: str, cell: str) -> tuple[str, ...]:
        seen.append(f"{name} {cell}")
        assert "| tests/test_gpu.py | 9 passed in 3.21s |" in page.read_text("utf-8")
        return (name, cell, *["1"] * 6)

    monkeypatch.setattr(gpu, "DOCS", tmp_path)
    monkeypatch.setattr(gpu, "run_tests", tests)
    monkeypatch.setattr(gpu, "get_backend", lambda name: None)
    monkeypatch.setattr(gpu, "Plan", lambda *place, torch: replace(DRY, sweep=()))
    monkeypatch.setattr(gpu_cases, "versus", case)
    monkeypatch.setattr(gpu_cases, "paper", lambda plan, name: (name, "1", "1", "1"))
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--minutes", "3"])
    monkeypatch.setenv("CUPY_TF32", "1")
    assert gpu.main() == 0
    assert seen == ["tests in 180", *SIX]
    text = page.read_text("utf-8")
    assert "| large | gru | 1 |" in text
    assert "| numpy | 1 | 1 | 1 |" in text
    prose = [line for line in text.splitlines() if not line.startswith("|")]
    assert prose == [line for line in before.splitlines() if not line.startswith("|")]


def test_eight_minutes_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[float] = []
    monkeypatch.setattr(gpu, "time", Clock())
    monkeypatch.setattr(gpu, "run", lambda report, save, deadline: found.append(deadline))
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--dry-run"])
    assert gpu.main() == 0
    assert found == [100.0 + 8 * 60]


@pytest.mark.parametrize(
    ("output", "line"), [("..\n===== 2 passed in 1.5s =====\n", "2 passed in 1.5s"), ("", "no output")]
)
def test_the_last_line_of_the_gpus_tests_is_kept(output: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = SimpleNamespace(stdout=output, returncode=1)
    monkeypatch.setattr(gpu.subprocess, "run", lambda command, **options: done)
    assert gpu.run_tests(60) == (1, line)


def test_tests_that_hang_are_ended_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], timeout: float, **options: Any) -> Any:
        raise gpu.subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(gpu.subprocess, "run", hang)
    assert gpu.run_tests(60) == (1, "not done after 60 seconds")


@pytest.mark.slow
def test_a_dry_run_fills_every_table() -> None:
    report = gpu.Report(DRY)
    gpu.run(report, lambda: None, float("inf"))
    assert (report.facts[gpu.FAILED], report.facts[gpu.MISSING]) == ("", "")
    assert "figures mean nothing" in report.facts["device"]
    assert [f"{row[0]} {row[1]}" for row in report.tables[gpu.VERSUS].rows] == SIX
    assert [row[0] for row in report.tables[gpu.PAPER].rows] == ["numpy"]
    assert [row[:2] for row in report.tables[gpu.SWEEP].rows] == [("5", "2"), ("6", "3")]
    for table in report.tables.values():
        assert {len(row) for row in table.rows} == {len(table.head)}


@pytest.mark.torch
def test_a_dry_run_compares_with_pytorch() -> None:
    pytest.importorskip("torch", reason="needs PyTorch (pip install torch)")
    row = gpu_cases.versus(replace(DRY, torch=True), "small", "lstm")
    assert row[4]
    assert "(" in row[5]
    assert gpu_cases.paper(replace(DRY, torch=True), "torch")[0] == "torch"


def test_implementations_that_compute_something_else_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = (gpu_cases.LocalWorker("numpy", DRY.case("small"), "lstm", "cpu") for _ in range(2))
    forward = other.implementation.forward

    def wrong(batch: Any) -> Any:
        return forward(batch) * 1.5

    monkeypatch.setattr(other.implementation, "forward", wrong)
    with pytest.raises(InputError, match="nothing was timed"):
        compare_workers([first, other], "train")
