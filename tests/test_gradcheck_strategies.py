"""The strategies that tests of one's own cells can draw from."""

import subprocess
import sys
from itertools import pairwise
from typing import Any

from hypothesis import find, given, settings

from scratchnet.cells import CELLS, Cell, GRUCell
from scratchnet.gradcheck import assert_gradients
from scratchnet.gradcheck.strategies import (
    cell_names,
    cells,
    packings,
    ragged_lengths,
    settings_of_checks,
    weight_scales,
)
from scratchnet.packed_sequences import Packing


@given(ragged_lengths(longest=6, most=3))
def test_lengths_are_sorted_longest_first_and_within_bounds(lengths: list[int]) -> None:
    assert 1 <= len(lengths) <= 3
    assert all(1 <= length <= 6 for length in lengths)
    assert all(one >= two for one, two in pairwise(lengths))


def test_ragged_and_equal_batches_and_single_steps_are_all_drawn() -> None:
    for wanted in (lambda p: not p.equal, lambda p: p.equal and p.batch > 1, lambda p: p.steps == 1):
        assert isinstance(find(packings(), wanted), Packing)


def test_every_cell_of_the_library_is_drawn() -> None:
    for name, kind in CELLS.items():
        assert find(cell_names(), lambda drawn, name=name: drawn == name) == name
        assert isinstance(find(cells(), lambda drawn, kind=kind: type(drawn) is kind), Cell)


def test_scales_reach_from_tiny_to_one() -> None:
    assert find(weight_scales(), lambda scale: scale > 0.5) <= 1.0
    assert find(weight_scales(), lambda scale: scale < 0.02) >= 0.0099


@given(settings_of_checks(longest=3, most=2, largest=3))
@settings(max_examples=6)
def test_a_check_takes_the_settings_drawn(drawn: dict[str, Any]) -> None:
    assert_gradients(GRUCell, both_directions=False, **drawn)


def test_without_hypothesis_one_line_says_what_to_install() -> None:
    code = "import sys; sys.modules['hypothesis'] = None\nimport scratchnet.gradcheck.strategies"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].endswith(
        "scratchnet.gradcheck.strategies needs hypothesis: pip install hypothesis"
    )


def test_the_rest_of_the_check_does_not_load_hypothesis() -> None:
    code = "import sys, scratchnet.gradcheck; print('hypothesis' in sys.modules, 'matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
