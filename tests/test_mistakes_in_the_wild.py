"""The wrong backwards of tests/mistakes_in_the_wild are wrong as their truth.json says, by difference quotients."""

import json
from pathlib import Path

import pytest
from helpers import sample
from mistakes_in_the_wild.verify import FOLDERS, HERE, complaints, disagrees, mended


def test_there_are_twenty_of_each() -> None:
    assert [len(list(HERE.glob(f"{half}/*/truth.json"))) for half in ("seen", "unseen")] == [20, 20]


@pytest.mark.parametrize("folder", sample(FOLDERS, 8), ids=lambda folder: f"{folder.parent.name}-{folder.name[:2]}")
def test_right_is_right_and_every_mistake_counts(folder: Path) -> None:
    assert complaints(folder) == []


def test_a_statement_that_makes_no_difference_is_noticed(tmp_path: Path) -> None:
    folder = FOLDERS[0]
    code, harness = (folder / "code.py").read_text("utf-8"), (folder / "harness.py").read_text("utf-8")
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    truth["statements"].append({"line": 1, "before": "", "after": "# nothing", "kind": "none"})
    for name, text in {
        "code.py": code,
        "harness.py": harness,
        "right.py": mended(code, truth["statements"]),
        "truth.json": json.dumps(truth),
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert complaints(tmp_path) == ["right without line 1, too: # nothing"]
    assert disagrees(code, harness)


def test_a_wrong_right_is_noticed(tmp_path: Path) -> None:
    folder = FOLDERS[0]
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    kept = {**truth, "statements": truth["statements"][1:]}
    code = (folder / "code.py").read_text("utf-8")
    (tmp_path / "code.py").write_text(code, "utf-8")
    (tmp_path / "harness.py").write_text((folder / "harness.py").read_text("utf-8"), "utf-8")
    (tmp_path / "right.py").write_text(mended(code, kept["statements"]), "utf-8")
    (tmp_path / "truth.json").write_text(json.dumps(kept), "utf-8")
    assert any(text.startswith("right.py is wrong by") for text in complaints(tmp_path))
