"""The thirty files hold: right.py by difference quotients, code.py wrong where truth.json says so, each line needed."""

import importlib.util
import json
from pathlib import Path

import pytest
from helpers import sample

FOLDER = Path(__file__).parent / "thirty_styles"
spec = importlib.util.spec_from_file_location("thirty_styles_verify", FOLDER / "verify.py")
assert spec
assert spec.loader
verify = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verify)


@pytest.mark.parametrize("name", sample(verify.NAMES, 6))
def test_a_file_is_wrong_where_its_truth_says_so_and_nowhere_else(name: str) -> None:
    statements = json.loads((FOLDER / name / "truth.json").read_text("utf-8"))["statements"]
    assert bool(verify.verify(name)) == bool(statements)


def test_twenty_have_one_mistake_five_two_and_five_none() -> None:
    texts = [(FOLDER / name / "truth.json").read_text("utf-8") for name in verify.NAMES]
    counts = [len(json.loads(text)["statements"]) for text in texts]
    assert [counts.count(n) for n in (1, 2, 0)] == [20, 5, 5]
