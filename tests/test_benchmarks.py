"""The arithmetic behind docs/speed_scaling.md: work, knees, the fit, pieces on one scale, and the example's twin."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchnet.bench.floor import ProductsPeer
from scratchnet.bench.pairs import Turns
from scratchnet.bench.worker import PRODUCTS
from scratchnet.errors import InputError

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
scaling = pytest.importorskip("scaling")
scaling_page = pytest.importorskip("scaling_page")
example_profile = pytest.importorskip("example_profile")

NAMES = ("numpy", PRODUCTS)
KINDS = ("products", "elementwise", "softmax", "optimizer", "scatter", "rest")


def result(axis: str, value: int, speed: float = 1e10) -> dict[str, Any]:
    """Return what a piece holds of one size when everybody does `speed` operations a second."""
    rate = speed / scaling_page.work_per_token(axis, value)
    return {
        "tokens_per_second": {name: {"minimum": rate, "median": rate, "maximum": rate} for name in NAMES},
        "peak_mib": dict.fromkeys(NAMES, 100.0),
        "breakdown": {"numpy": dict.fromkeys(KINDS, 0.001)},
    }


def results(speeds: dict[tuple[str, int], float], drifts: dict[str, float]) -> dict[str, Any]:
    """Return all results, at 1e10 operations a second but where `speeds` and a piece's drift say otherwise."""
    pieces: dict[str, Any] = {}
    for piece in scaling.PIECES[:-1]:
        axis, values = scaling_page.split(piece)
        drift = drifts.get(piece, 1.0)
        sizes = {str(v): result(axis, v, speeds.get((axis, v), 1e10) * drift) for v in values}
        pieces[piece] = {"base": result(axis, scaling_page.BASE[axis], 1e10 * drift)} | sizes
    memory = {str(steps): 3.0 + 0.5 * steps for steps in scaling_page.AXES["T"]}
    return {"machine": {"cores": "2"}, "clock": "wall", "pieces": pieces, "memory": memory}


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_the_pieces_cover_every_size_but_the_base_once() -> None:
    measured = [(axis, v) for axis, values in map(scaling_page.split, scaling.PIECES[:-1]) for v in values]
    wanted = [(a, v) for a, values in scaling_page.AXES.items() for v in values if v != scaling_page.BASE[a]]
    assert sorted(measured) == sorted(wanted)


@pytest.mark.parametrize(("axis", "value"), [("T", 3), ("B", 2), ("H", 5), ("V", 11)])
def test_work_per_token_is_that_of_the_products(axis: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"T": 2, "B": 3, "H": 4, "V": 9, "E": 6}
    monkeypatch.setattr(scaling_page, "BASE", sizes)
    small = scaling.Case("small", 9, 9, 6, 4, 1, 3, (2, 2), batches=1)
    monkeypatch.setattr(scaling, "BASE_CASE", small)
    peer = ProductsPeer(scaling.case_of(axis, value), "lstm")
    assert peer.flops(0, 1) == scaling_page.work_per_token(axis, value) * peer.data.tokens(0)


# --- knees ------------------------------------------------------------------------------------------------------------


def test_a_straight_line_over_the_logarithm_of_the_size_has_no_departure() -> None:
    sizes = [1, 4, 8, 64]
    assert scaling_page.departures(sizes, [3.0 * size**0.5 for size in sizes]) == pytest.approx([0, 0])


def test_a_departure_is_a_share_of_what_the_neighbours_promise() -> None:
    assert scaling_page.departures([1, 2, 4], [10.0, 15.0, 10.0]) == pytest.approx([0.5])
    assert scaling_page.departures([1, 10, 100], [10.0, 20.0, 1000.0]) == pytest.approx([-0.8])


def test_only_a_size_off_its_neighbours_by_more_than_a_tenth_is_a_knee() -> None:
    figures = scaling_page.Figures(results({("V", 8000): 0.85e10, ("T", 100): 1.04e10}, {}))
    assert {(knee.axis, knee.value) for knee in figures.knees()} == {("V", 8000)}
    assert {knee.contestant for knee in figures.knees()} == set(NAMES)
    assert all(knee.departure == pytest.approx(-0.15) for knee in figures.knees())


def test_a_slow_minute_makes_no_knee() -> None:
    drifts = {"T 10 50 100": 0.6, "V 8000 16000 32000": 1.3}
    figures = scaling_page.Figures(results({}, drifts))
    assert figures.knees() == []
    assert min(figures.drifts) == pytest.approx(0.6)
    assert figures.speeds("V", "numpy") == pytest.approx([1e10] * 7)


def test_what_chance_does_is_no_knee() -> None:
    held = results({("V", 8000): 0.85e10, ("B", 16): 0.4e10}, {})
    for number, piece in enumerate(held["pieces"].values()):
        piece["base"]["tokens_per_second"]["numpy"]["maximum"] *= 1.1 if number % 2 else 1 / 1.1
    figures = scaling_page.Figures(held)
    assert figures.noise["numpy"] == pytest.approx(0.05, abs=0.01)
    knees = {(knee.axis, knee.value, knee.contestant) for knee in figures.knees()}
    assert ("B", 16, "numpy") in knees
    assert ("V", 8000, "numpy") not in knees


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


def test_the_page_has_a_table_for_each_axis_and_names_every_knee() -> None:
    figures = scaling_page.Figures(results({("H", 512): 0.7e10}, {}))
    text = "\n".join(scaling_page.page(figures, {"commit": "abc", "text": "| the example |"}))
    assert text.count("| products alone |") == 4
    assert all(f"\n| {value:,} | " in text for values in scaling_page.AXES.values() for value in values)
    assert f"H 512, {PRODUCTS}: 30% below the line of its neighbours" in text
    assert "3.0 MiB + 0.500 MiB x T" in text
    assert "| the example |" in text


def test_the_picture_has_four_panels_and_a_line_for_everyone(tmp_path: Path) -> None:
    scaling_page.draw(scaling_page.Figures(results({}, {})), tmp_path / "scaling.png")
    assert (tmp_path / "scaling.png").read_bytes().startswith(b"\x89PNG")


def test_figures_of_another_machine_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "scaling.json"
    file.write_text(json.dumps({"machine": {"processor": "another"}, "pieces": {}}))
    with pytest.raises(InputError, match="measured elsewhere"):
        scaling.load(file)
    assert scaling.load(tmp_path / "none")["pieces"] == {}


# --- the example ------------------------------------------------------------------------------------------------------


def test_the_profiled_steps_are_those_of_the_example() -> None:
    text = (Path(__file__).parent.parent / "examples" / "english_to_hindi.py").read_text("utf-8")
    assert f"batch_size, warmup = {example_profile.BATCH}, {example_profile.WARMUP}" in text
    assert f"cosine({example_profile.RATE:.0e}".replace("e-0", "e-") in text
    assert "embedding_size=128, hidden_size=256" in text


def test_the_table_of_the_example_says_how_many_times_as_fast() -> None:
    turns = Turns(4, {"before": [4.0, 6.0, 4.0], "now": [2.0, 2.0, 1.0]}, {"before": [400] * 3, "now": [400] * 3})
    seconds = dict.fromkeys(KINDS, 0.01)
    lines = example_profile.table(turns, {"before": seconds, "now": seconds}).splitlines()
    assert lines[2].endswith("| 1000.0 | 100 |  |")
    assert lines[3].endswith("| 500.0 | 200 | 3.00 (2.00-4.00) |")


def test_the_first_losses_are_compared_with_those_before() -> None:
    assert example_profile.furthest({"before": [2.0, 4.0], "now": [2.0, 4.4]}) == pytest.approx(0.1)


def test_the_breakdown_can_be_read_from_its_file_alone() -> None:
    loaded = example_profile.load_breakdown()
    assert set(loaded.KINDS) == set(KINDS)
    assert np.isclose(sum(loaded.Clock().seconds.values()), 0)
