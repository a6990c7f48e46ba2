"""The arithmetic behind docs/speed_scaling.md (work, breakpoints, fit, one scale), and its tables."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scratchnet.bench import MATMUL, MatmulBound, Results, Table, tables
from scratchnet.bench.report import breakdown_table, speed_table
from scratchnet.errors import InputError

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
scaling = pytest.importorskip("scaling")
scaling_page = pytest.importorskip("scaling_page")
pages = pytest.importorskip("pages")

NAMES = ("numpy", MATMUL)
KINDS = ("matmul", "elementwise", "softmax", "optimizer", "scatter", "rest")


def result(axis: str, value: int, speed: float = 1e10) -> dict[str, Any]:
    """Return what a group holds of one size when all do `speed` operations per second."""
    rate = speed / scaling_page.work_per_token(axis, value)
    return {
        "tokens_per_second": {name: {"minimum": rate, "median": rate, "maximum": rate} for name in NAMES},
        "peak_mib": dict.fromkeys(NAMES, 100.0),
        "breakdown": {"numpy": dict.fromkeys(KINDS, 0.001)},
    }


def results(speeds: dict[tuple[str, int], float], drifts: dict[str, float]) -> dict[str, Any]:
    """Return all results, at 1e10 operations per second but where `speeds` and a group's drift say otherwise."""
    groups: dict[str, Any] = {}
    for group in scaling.GROUPS:
        axis, values = scaling_page.split(group)
        drift = drifts.get(group, 1.0)
        sizes = {str(v): result(axis, v, speeds.get((axis, v), 1e10) * drift) for v in values}
        groups[group] = {"base": result(axis, scaling_page.BASE[axis], 1e10 * drift)} | sizes
    memory = {str(steps): 3.0 + 0.5 * steps for steps in scaling_page.AXES["T"]}
    return {"machine": {"cores": "2"}, "groups": groups, "memory": memory}


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_the_groups_cover_every_size_but_the_base_once() -> None:
    measured = [(axis, v) for axis, values in map(scaling_page.split, scaling.GROUPS) for v in values]
    wanted = [(a, v) for a, values in scaling_page.AXES.items() for v in values if v != scaling_page.BASE[a]]
    assert sorted(measured) == sorted(wanted)


@pytest.mark.parametrize(("axis", "value"), [("T", 3), ("B", 2), ("H", 5), ("V", 11)])
def test_work_per_token_is_that_of_the_products(axis: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"T": 2, "B": 3, "H": 4, "V": 9, "E": 6}
    monkeypatch.setattr(scaling_page, "BASE", sizes)
    small = scaling.Case("small", 9, 9, 6, 4, 1, 3, (2, 2), batches=1)
    monkeypatch.setattr(scaling, "BASE_CASE", small)
    bound = MatmulBound(scaling.case_of(axis, value), "lstm")
    assert bound.flops(0, 1) == scaling_page.work_per_token(axis, value) * bound.data.tokens(0)


# --- breakpoints ------------------------------------------------------------------------------------------------------


def test_a_straight_line_over_the_logarithm_of_the_size_has_no_departure() -> None:
    sizes = [1, 4, 8, 64]
    assert scaling_page.departures(sizes, [3.0 * size**0.5 for size in sizes]) == pytest.approx([0, 0])


def test_a_departure_is_a_share_of_what_the_neighbours_promise() -> None:
    assert scaling_page.departures([1, 2, 4], [10.0, 15.0, 10.0]) == pytest.approx([0.5])
    assert scaling_page.departures([1, 10, 100], [10.0, 20.0, 1000.0]) == pytest.approx([-0.8])


def test_only_a_size_off_its_neighbours_by_more_than_a_tenth_is_a_breakpoint() -> None:
    figures = scaling_page.Figures(results({("V", 8000): 0.85e10, ("T", 100): 1.04e10}, {}))
    assert {(point.axis, point.value) for point in figures.breakpoints()} == {("V", 8000)}
    assert {point.name for point in figures.breakpoints()} == set(NAMES)
    assert all(point.departure == pytest.approx(-0.15) for point in figures.breakpoints())


def test_a_slow_minute_makes_no_breakpoint() -> None:
    drifts = {"T 10 50 100": 0.6, "V 8000 16000 32000": 1.3}
    figures = scaling_page.Figures(results({}, drifts))
    assert figures.breakpoints() == []
    assert min(figures.drifts) == pytest.approx(0.6)
    assert figures.speeds("V", "numpy") == pytest.approx([1e10] * 7)


def test_what_chance_does_is_no_breakpoint() -> None:
    held = results({("V", 8000): 0.85e10, ("B", 16): 0.4e10}, {})
    for number, group in enumerate(held["groups"].values()):
        group["base"]["tokens_per_second"]["numpy"]["maximum"] *= 1.1 if number % 2 else 1 / 1.1
    figures = scaling_page.Figures(held)
    assert figures.noise["numpy"] == pytest.approx(0.05, abs=0.01)
    points = {(point.axis, point.value, point.name) for point in figures.breakpoints()}
    assert ("B", 16, "numpy") in points
    assert ("V", 8000, "numpy") not in points


# --- memory -----------------------------------------------------------------------------------------------------------


def test_a_line_is_fitted_exactly() -> None:
    assert scaling_page.fit_line([1, 2, 5], [5.0, 7.0, 13.0]) == pytest.approx((3, 2, 0))


def test_the_largest_deviation_from_the_line_is_a_share() -> None:
    a, b, worst = scaling_page.fit_line([1, 2, 3], [1.0, 2.0, 4.0])
    assert worst == pytest.approx(max(abs(a + b * x - y) / y for x, y in [(1, 1), (2, 2), (3, 4)]))
    assert 0.05 < worst < 0.2


def test_memory_counts_the_arrays_of_a_step_and_grows_with_its_steps() -> None:
    small = scaling.replace(scaling.BASE_CASE, source_words=50, target_words=50, hidden=32, batch=8)
    one, two = (scaling.buffer_mib(scaling.replace(small, lengths=(steps, steps))) for steps in (40, 80))
    # h and c, four gates, tanh(c), and the pre-activations or their derivatives, in both halves; and the logits
    least = 4 * 40 * 8 * (2 * 32 * (2 + 5 + 4) + 50) / 2**20
    assert least < two - one < 2.5 * least


# --- the page ---------------------------------------------------------------------------------------------------------


def test_every_axis_has_a_table_and_every_breakpoint_a_row() -> None:
    found = scaling_page.Figures(results({("H", 512): 0.7e10}, {})).tables()
    for axis, values in scaling_page.AXES.items():
        table = found[scaling_page.IN_WORDS[axis]]
        assert [row[0] for row in table.rows] == [f"{value:,}" for value in values]
        assert table.head[1:3] == NAMES
    assert ("H 512", MATMUL, "-30%") in found["Breakpoints"].rows
    assert found["Memory against T"].rows[-1][:2] == ("3.0 + 0.500 T", "within 0.00%")
    assert found["Noise"].rows == [("0%", "0%")]


@pytest.mark.parametrize("name", ["speed.md", "speed_scaling.md"])
def test_a_page_gets_new_tables_and_keeps_its_prose(name: str, tmp_path: Path) -> None:
    page = tmp_path / name
    before = (pages.DOCS / name).read_text("utf-8")
    page.write_text(before, "utf-8")
    found = scaling_page.Figures(results({("H", 512): 0.7e10}, {})).tables()
    if name == "speed.md":
        kept = Results()
        kept.start_seconds = {"numpy": 0.5}
        found = {"": pages.facts_table({"cores": "2"}), **tables(kept)}
    pages.replace_tables(page, found)
    after = page.read_text("utf-8")
    assert all(f"\n{table.markdown()}\n" in after for table in found.values())
    assert [x for x in after.splitlines() if x[:1] != "|"] == [x for x in before.splitlines() if x[:1] != "|"]
    pages.replace_tables(page, found)
    assert page.read_text("utf-8") == after


def test_a_table_stays_below_its_heading(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n## One\n\nNo table.\n\n## Two\n\n| old |\n|---|\n| 1 |\n\nProse.\n")
    with pytest.raises(ValueError, match="no table below the heading 'One'"):
        pages.replace_tables(page, {"One": Table(("new",), 1)})
    with pytest.raises(ValueError, match="no table below the heading 'Three'"):
        pages.replace_tables(page, {"Three": Table(("new",), 1)})
    pages.replace_tables(page, {"Two": Table(("new",), 1, [("2",)])})
    text = "# Page\n\n## One\n\nNo table.\n\n## Two\n\n| new |\n| --- |\n| 2 |\n\nProse.\n"
    assert page.read_text() == text


@pytest.mark.parametrize(("name", "makes"), [("speed.md", "run_all"), ("speed_scaling.md", "scaling")])
def test_the_pages_have_the_heads_of_the_tables_that_would_be_made(name: str, makes: str) -> None:
    text = (pages.DOCS / name).read_text("utf-8")
    assert f"python tests/benchmarks/{makes}.py" in text
    if makes == "run_all":
        heads = [speed_table([]).head, breakdown_table([]).head]
    else:
        found = scaling_page.Figures(results({}, {})).tables()
        heads = [found["Breakpoints"].head, tuple(f"{kind}, %" for kind in KINDS)]
    for head in heads:
        assert " | ".join(head) in text


def test_the_picture_has_four_panels_and_a_line_for_everyone(tmp_path: Path) -> None:
    scaling_page.draw(scaling_page.Figures(results({}, {})), tmp_path / "scaling.png")
    assert (tmp_path / "scaling.png").read_bytes().startswith(b"\x89PNG")


def test_figures_of_another_machine_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "scaling.json"
    file.write_text(json.dumps({"machine": {"processor": "another"}, "groups": {}}))
    with pytest.raises(InputError, match="measured elsewhere"):
        scaling.load(file)
    assert scaling.load(tmp_path / "none")["groups"] == {}


# --- threads ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_threads_are_compared_in_every_situation() -> None:
    program = [sys.executable, str(Path(__file__).parent / "benchmarks" / "threads.py")]
    options = ["--case", "small", "--seconds", "0.1", "--turns", "1", "--learn", "1"]
    done = subprocess.run([*program, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("|")][2:]
    assert [row.split("|")[1].split()[0] for row in rows][:3] == ["idle", "beside", "beside"]
    assert len(rows) == 4
    assert all(float(cell.split()[0]) > 0 for row in rows for cell in row.split("|")[2:-1])
