"""Mistakes planted into a copy of the library itself: each is caught, and undone in its line; right code has no alarm.

A part runs by default, the rest is slow; the whole table is benchmarks/planted.py.
"""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from helpers import sample
from library_parts import PARTS
from mistakes import compatible
from planted_mistakes import Case, cases, false_alarm, judged, planted_lines, planted_text, several, subjects

from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.library.reference_text import reference_texts

ALL = cases()
UNDONE = (
    "rnn.dh-dropped", "weight gradients.b-averaged", "lstm.dh-without-f", "weight gradients.dx-missing",
    "lstm.dc-without-f", "lstm.order-if", "gru.n-z",
)  # fmt: skip


def case_of(id: str) -> Case:
    """Return the case of a mistake."""
    return next(case for case in ALL if case.mistakes[0].id == id)


@pytest.mark.parametrize("case", sample(ALL[::12], 6), ids=lambda case: case.name)
def test_a_planted_mistake_is_caught(case: Case) -> None:
    assert judged(case, seconds=0.0).caught


@pytest.mark.parametrize("id", sample(UNDONE, 3))
def test_a_planted_mistake_is_undone_in_its_line(id: str) -> None:
    found = judged(case_of(id), seconds=60.0)
    assert (found.cured, found.at_line, found.alone, found.named) == (True, True, True, True), found


@pytest.mark.parametrize("name", sample(PARTS, 9))
def test_every_gradient_of_a_part_is_right_and_every_value_has_its_derivative(name: str, tmp_path: Path) -> None:
    for subject in subjects(tmp_path, Case((), name)):
        assert judge(subject, 0.0).ok
        for T in subject.times:
            run = subject.traced(T)
            assert run.result.error is None
            for key, gradient in run.returned.items():
                np.testing.assert_allclose(run.gradients[key], gradient, rtol=1e-5, atol=1e-9)
                assert run.gradients[key].any()


@pytest.mark.parametrize("seed", sample(range(12), 6))
def test_right_code_raises_no_alarm(seed: int) -> None:
    assert false_alarm(seed) == ""


def test_every_mistake_changes_a_few_lines_of_a_copy_that_is_python() -> None:
    for case in ALL:
        (mistake,) = case.mistakes
        assert 1 <= len(planted_lines(mistake.edits)) <= 12, case.name
        for edit in mistake.edits:
            ast.parse(planted_text(edit.file, mistake.edits))


def test_a_copy_imports_from_itself_what_is_copied() -> None:
    for file in reference_texts():
        assert f"from scratchnet.{file.removesuffix('.py').replace('/', '.')} import" not in planted_text(file, [])
    assert planted_text("cells/lstm.py", []).count("from library.") == 2


@pytest.mark.parametrize("number", [2, 3])
def test_several_mistakes_at_once_fit_together(number: int) -> None:
    for seed in range(20):
        case = several(number, seed)
        assert len(case.mistakes) == number
        assert all(compatible(one, two) for one in case.mistakes for two in case.mistakes if one is not two)
