"""The benchmark for machines with a GPU, tried out without one: its arithmetic, and that all of it runs."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scratchnet.bench.cases import CASES
from scratchnet.errors import InputError

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
gpu = pytest.importorskip("gpu")
DRY = gpu.Plan("cpu", 0.001, 1, ((5, 2), (6, 3)), torch=False)


def test_the_papers_own_rate_takes_the_papers_ten_days() -> None:
    rate, times, days = gpu.paper_figures(6_300.0)
    assert (rate, times) == ("6,300", "1.0")
    assert 8.5 < float(days) < 10.5  # the paper says ten, of 7.5 passes over 652 million words


def test_ten_times_the_rate_is_a_tenth_of_the_days() -> None:
    assert gpu.paper_figures(63_000.0)[1:] == ("10.0", "0.9")


def test_a_ratio_says_how_many_times_as_fast_the_first_one_is() -> None:
    turns = gpu.Turns(1, {"own": [1.0, 2.0, 1.0], "other": [2.0, 2.0, 3.0]})
    assert gpu.ratio(turns, "own", "other") == "2.00 (1.00-3.00)"


def test_the_sizes_on_a_gpu_are_those_of_the_cases_and_the_whole_sweep() -> None:
    plan = gpu.Plan("cuda")
    assert plan.case("large") is CASES["large"]
    assert {(128, 64), (2048, 1024)} <= set(plan.sweep)
    assert len(plan.sweep) == 25


def test_a_dry_run_fills_every_table() -> None:
    text = "\n".join(gpu.page(DRY))
    assert "none of these figures means anything" in text
    rows = [line for line in text.splitlines() if line.startswith(("| small", "| medium", "| large"))]
    assert len(rows) == 6
    assert all(line.count("|") == 9 for line in rows)
    assert "| 5 | 2 |" in text
    assert "| 6 | 3 |" in text
    assert any(line.startswith("| numpy |") and line.count("|") == 5 for line in text.splitlines())


@pytest.mark.torch
def test_a_dry_run_compares_with_pytorch() -> None:
    pytest.importorskip("torch", reason="needs PyTorch (pip install torch)")
    table = gpu.versus(replace(DRY, torch=True))
    assert all(row[4] and "(" in row[5] for row in table.rows)


def test_contestants_that_compute_something_else_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = (gpu.Contestant("numpy", DRY.case("small"), "lstm", "cpu") for _ in range(2))
    forward = other.peer.forward

    def wrong(batch: Any) -> Any:
        return forward(batch) * 1.5

    monkeypatch.setattr(other.peer, "forward", wrong)
    with pytest.raises(InputError, match="nothing was timed"):
        gpu.compare([first, other])
