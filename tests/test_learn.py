"""The path: every exercise whole, its solution right, its starting file wrong in the way it should be.

`python tests/test_learn.py` writes the table of the exercises into docs/learn.md.
"""

import ast
import re
from pathlib import Path

import numpy as np
import pytest
from learners import make_cell_exercise, make_predict_exercise

from scratchnet.errors import InputError
from scratchnet.learn import catalogue
from scratchnet.learn.checks import run_check
from scratchnet.learn.child import too_long
from scratchnet.learn.comparison import explain
from scratchnet.learn.exercise import KINDS, Exercise, Question, find_exercise, read_exercise
from scratchnet.learn.gaps import BEGINS, BOTH, ENDS, SOLUTION, START, gaps, split_versions
from scratchnet.learn.outcome import Outcome, outcome_from
from scratchnet.learn.quiz import LETTERS, answer_in_words, is_right, reply
from scratchnet.usercode import TimeIsUp

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/learn.md"
EXERCISES = catalogue()
each = pytest.mark.parametrize("exercise", EXERCISES, ids=[exercise.name for exercise in EXERCISES])


def judged(exercise: Exercise, text: str, folder: Path) -> Outcome:
    """Return what the check says of a file with this text."""
    path = folder / exercise.file_name
    path.write_text(text, encoding="utf-8")
    return run_check(exercise, path)


def around(text: str) -> str:
    """Return a file without what stands in its gaps."""
    return re.sub(rf"({BEGINS}\n).*?( *{ENDS})", r"\1\2", text, flags=re.DOTALL)


@each
def test_the_solution_of_an_exercise_passes_its_check(exercise: Exercise, tmp_path: Path) -> None:
    outcome = judged(exercise, exercise.solution, tmp_path)
    assert outcome.ok, str(outcome)


@each
def test_the_starting_file_fails_and_says_what_it_should(exercise: Exercise, tmp_path: Path) -> None:
    outcome = judged(exercise, exercise.start, tmp_path)
    assert not outcome.ok
    assert exercise.start_says
    assert [text for text in exercise.start_says if text not in str(outcome)] == []


@each
def test_a_wrong_finding_says_more_than_that_it_is_wrong(exercise: Exercise, tmp_path: Path) -> None:
    wrong = judged(exercise, exercise.start, tmp_path).findings[-1]
    assert wrong.details or wrong.drawn


@each
def test_solution_and_start_differ_between_the_marks_alone(exercise: Exercise) -> None:
    assert gaps(exercise.start)
    assert around(exercise.start) == around(exercise.solution)
    assert exercise.start != exercise.solution
    assert not [mark for mark in (SOLUTION, START, BOTH) if mark in exercise.start + exercise.solution]


@each
def test_the_file_of_an_exercise_runs_as_its_solution(exercise: Exercise) -> None:
    whole = (exercise.folder / "solution.py").read_text("utf-8")
    assert ast.dump(ast.parse(whole)) == ast.dump(ast.parse(exercise.solution))


GAP = """def f(x):
    # --- your code begins ---
    m = x.mean()  # (1)
    # --- solution ---
    for k in range(3):
        # --- start ---
        # for k in range(2):
        # --- both ---
        m += f(k=k)
    # --- your code ends ---
    return m
"""


def test_a_gap_without_a_start_of_its_own_starts_with_dots_for_what_is_assigned() -> None:
    lines = ["a, b[0] = f(k=1), 2  # (1)", "for k in x:", "    d.h[...] += a == b", '    "f t=4": "right",', "d = {"]
    start, solution = split_versions("\n".join([BEGINS, *lines, ENDS, "e = 1", ""]), Path("solution.py"))
    assert solution == "\n".join([BEGINS, *lines, ENDS, "e = 1", ""])
    blank = ["a, b[0] = ...  # (1)", "for k in x:", "    d.h[...] += ...", '    "f t=4": ...,', "d = {"]
    assert start == "\n".join([BEGINS, *blank, ENDS, "e = 1", ""])


def test_a_gap_with_a_start_of_its_own_starts_with_it() -> None:
    start, solution = split_versions(GAP, Path("solution.py"))
    body = "    m = x.mean()  # (1)\n    for k in range({}):\n        m += f(k=k)\n"
    assert start == f"def f(x):\n    {BEGINS}\n{body.format(2)}    {ENDS}\n    return m\n"
    assert solution == start.replace("range(2)", "range(3)")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (
            BEGINS,
            "# --- your code starts ---",
            f"solution.py:2: found # --- your code starts ---: the next mark must be {BEGINS}",
        ),
        (BEGINS, "#", f"solution.py:4: found {SOLUTION}: the next mark must be {BEGINS}"),
        (ENDS, "#", f"solution.py: the file ends where {SOLUTION} or {ENDS} must come"),
        (ENDS, BEGINS, f"solution.py:10: found {BEGINS}: the next mark must be {SOLUTION} or {ENDS}"),
        (START, "#", f"solution.py:8: found {BOTH}: the next mark must be {START}"),
        (START, "# --- strat ---", f"solution.py:6: found # --- strat ---: the next mark must be {START}"),
        (BOTH, "#", "solution.py:9: found 'm += f(k=k)': the lines after # --- start --- must be comments"),
        ("range(2)", "range(3)", "solution.py:10: the gap that ends here leaves nothing to write"),
    ],
)
def test_marks_out_of_order_are_one_line(right: str, wrong: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        split_versions(GAP.replace(right, wrong), Path("solution.py"))
    assert str(caught.value) == said


def test_an_exercise_without_a_gap_is_refused() -> None:
    with pytest.raises(InputError, match=f"the file ends where {BEGINS} must come"):
        split_versions("x = 1\n", Path("solution.py"))


@each
def test_an_exercise_has_all_its_parts(exercise: Exercise) -> None:
    assert exercise.kind in KINDS
    assert exercise.text.startswith(f"# {exercise.number} ")
    assert len(exercise.text.splitlines()) <= 90
    assert max(map(len, [*exercise.text.splitlines(), *exercise.start.splitlines()])) <= 120
    for part in ("**Purpose.**", "## What you need", "## What to do"):
        assert part in exercise.text
    assert all(len(hint) > 20 for hint in exercise.hints)
    assert set(exercise.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")


@each
def test_the_text_of_an_exercise_has_no_link_that_breaks_outside_the_repository(exercise: Exercise) -> None:
    assert re.findall(r"\]\((?!https?:)", exercise.text) == []
    named = re.findall(r"`((?:docs|scratchnet|examples)/[\w./]+)`", exercise.text)
    assert [name for name in named if not (ROOT / name).exists()] == []


@each
def test_the_functions_a_learner_is_to_write_say_what_they_return(exercise: Exercise) -> None:
    tree = ast.parse(exercise.start)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert [function.name for function in functions if not ast.get_docstring(function)] == []


@each
def test_the_right_answers_of_a_quiz_are_taken_as_right_and_an_empty_line_is_not(exercise: Exercise) -> None:
    for question in exercise.quiz:
        words = question.answer if isinstance(question.answer, tuple) else [str(question.answer)]
        assert all(is_right(question, f" {word}\n") for word in words)
        assert not is_right(question, "\n")
        assert question.why
        assert answer_in_words(question)
        if question.choices:
            assert question.answer in LETTERS[: len(question.choices)]


def test_exercises_are_numbered_one_by_one() -> None:
    assert [int(exercise.number) for exercise in EXERCISES] == list(range(1, len(EXERCISES) + 1))


def rows() -> list[str]:
    """Return the rows of the table in docs/learn.md."""
    link = "../scratchnet/learn/exercises"
    return [f"| {one.number} | [{one.title}]({link}/{one.name}/text.md) | {one.kind} |" for one in EXERCISES]


def test_the_page_in_the_docs_lists_every_exercise() -> None:
    assert re.findall(r"^\| \d+ .*$", PAGE.read_text("utf-8"), re.MULTILINE) == rows()


def test_the_files_of_an_exercise_are_installed_with_the_package() -> None:
    patterns = re.findall(r"^    exercises/\*/(\*\.\w+)$", (ROOT / "setup.cfg").read_text("utf-8"), re.MULTILINE)
    files = {path for one in EXERCISES for path in one.folder.iterdir() if path.is_file()}
    assert files == {path for one in EXERCISES for pattern in patterns for path in one.folder.glob(pattern)}


@pytest.mark.parametrize("make", [make_cell_exercise, make_predict_exercise])
def test_an_exercise_about_a_cell_accepts_its_solution(make, tmp_path: Path) -> None:
    exercise = read_exercise(make(tmp_path / "exercises"))
    assert judged(exercise, exercise.solution, tmp_path).ok


def test_a_wrong_cell_is_answered_with_place_equation_line_and_map(tmp_path: Path) -> None:
    exercise = read_exercise(make_cell_exercise(tmp_path / "exercises"))
    forward, wrong = judged(exercise, exercise.start, tmp_path).findings
    assert forward.text == "forward gives what the equations give"
    assert wrong.text == "MyCell: WRONG in W_ih, W_hh, b, x, initial h, a_x"
    assert wrong.detail("where") == "look into MyCell.backward_step"
    assert "should be the derivative of the loss by" in wrong.detail("equation")
    assert wrong.detail("your line").startswith("look at 01_cell.py:17: ")
    assert "0.0 * d.h" in wrong.detail("your line")
    assert [row.split() for row in wrong.drawn.splitlines()] == [["gate", "t=0", "t=1", "t=2"], ["a", *["wrong"] * 3]]


def test_an_error_within_a_cell_is_answered_with_its_line(tmp_path: Path) -> None:
    exercise = read_exercise(make_cell_exercise(tmp_path / "exercises"))
    stops = exercise.solution.replace("da_x[...] = d.h *", "da_x[...] = d.c *")
    finding = judged(exercise, stops, tmp_path).findings[-1]
    assert "01_cell.py:17, in backward_step: no array is called 'c'" in finding.detail("where")
    assert finding.detail("your line") == ""


@pytest.mark.parametrize(
    ("right", "written", "name"),
    [
        ("d.h[...] = da_x", "d.h = da_x", "d.h"),
        ("da_x[...] = d.h", "da_x = d.h", "da_x"),
        ("da_x[...] = d.h", "(da,) = self.blocks(da_x)\n        da = d.h", "da"),
    ],
)
def test_an_array_that_is_bound_anew_is_named_with_its_line(
    right: str, written: str, name: str, tmp_path: Path
) -> None:
    exercise = read_exercise(make_cell_exercise(tmp_path / "exercises"))
    finding = judged(exercise, exercise.solution.replace(right, written), tmp_path).findings[-1]
    assert finding.text == f"backward_step binds {name} to another array"
    assert f"{name}[...] = ... writes" in finding.detail("looks like")
    assert f": {name} = " in finding.detail("your line")


def test_a_name_bound_anew_is_no_mistake_where_its_value_is_written_afterwards(tmp_path: Path) -> None:
    exercise = read_exercise(make_cell_exercise(tmp_path / "exercises"))
    text = exercise.solution.replace("da_x[...] = d.h", "a = da_x\n        da_x = d.h")
    text = text.replace("(new.h)\n        #", "(new.h)\n        a[...] = da_x\n        #")
    assert judged(exercise, text, tmp_path).ok


def test_an_empty_gap_of_a_cell_is_said_to_be_empty(tmp_path: Path) -> None:
    exercise = read_exercise(make_cell_exercise(tmp_path / "exercises"))
    empty = exercise.start.replace("da_x[...] = 0.0 * d.h", "da = ...  # (1)")
    finding = judged(exercise, empty, tmp_path).findings[0]
    assert finding.text == "MyCell is not written yet: a gap still holds `...`"
    assert "da = ...  # (1)" in finding.detail("your line")


def test_a_wrong_forward_with_a_matching_backward_is_found(tmp_path: Path) -> None:
    exercise = read_exercise(make_cell_exercise(tmp_path / "exercises"))
    other = exercise.solution.replace("tanh(a_x)", "0.5 * tanh(a_x)").replace("d.h * tanh_d", "0.5 * d.h * tanh_d")
    other = other.replace("tanh_derivative(new.h)", "tanh_derivative(2.0 * new.h)")
    outcome = judged(exercise, other, tmp_path)
    assert "forward gives another h" in outcome.findings[0].text
    assert "new.h[...] = 0.5 * tanh(a_x)" in outcome.findings[0].detail("your line")


def test_nothing_is_shown_before_a_prediction_is_complete(tmp_path: Path) -> None:
    exercise = read_exercise(make_predict_exercise(tmp_path / "exercises"))
    outcome = judged(exercise, exercise.start.replace("None", '"right"', 1), tmp_path)
    assert "not complete" in outcome.findings[0].text
    assert outcome.score is None
    assert outcome.findings[0].drawn == ""


def test_a_prediction_is_held_against_the_facts_and_the_reason_is_given(tmp_path: Path) -> None:
    exercise = read_exercise(make_predict_exercise(tmp_path / "exercises"))
    outcome = judged(exercise, exercise.solution.replace('"x": "wrong"', '"x": "right"'), tmp_path)
    assert outcome.score == (2, 3)
    assert outcome.findings[0].detail("looks like") == "x: so is it"
    assert "not as you said" in outcome.findings[0].drawn


def test_a_prediction_that_is_right_everywhere_takes_one_line(tmp_path: Path) -> None:
    exercise = read_exercise(make_predict_exercise(tmp_path / "exercises"))
    (finding,) = judged(exercise, exercise.solution, tmp_path).findings
    assert (finding.text, finding.drawn) == ("all 3 places are as you said", "")


def test_a_prediction_with_other_names_is_refused(tmp_path: Path) -> None:
    exercise = read_exercise(make_predict_exercise(tmp_path / "exercises"))
    with pytest.raises(InputError, match="needs exactly these names: W_hh, x, a t=4"):
        judged(exercise, exercise.solution.replace('"x"', '"y"'), tmp_path)


def test_an_outcome_survives_its_way_through_json(tmp_path: Path) -> None:
    outcome = judged(EXERCISES[5], EXERCISES[5].start, tmp_path)
    assert outcome_from(outcome.as_dict()) == outcome


@pytest.mark.parametrize("name", ["3", "03", "tanh", "03_tanh", "03_tanh_and_sigmoid.py", "x/03_tanh_and_sigmoid.py"])
def test_an_exercise_is_found_by_number_by_part_of_its_name_and_by_file(name: str) -> None:
    assert find_exercise(name, EXERCISES).number == "03"


def test_an_exercise_without_three_questions_is_refused(tmp_path: Path) -> None:
    folder = make_cell_exercise(tmp_path)
    toml = (folder / "exercise.toml").read_text("utf-8")
    (folder / "exercise.toml").write_text(toml.replace("[[quiz]]", "[[other]]", 1), "utf-8")
    with pytest.raises(InputError, match=r"exercise\.toml"):
        read_exercise(folder)


@pytest.mark.parametrize("answer", ["0.25", ".25", "1/4", "0,25", "25 %", "2^-2", " 2.5e-1 ", "1 / 4"])
def test_a_number_may_be_written_in_many_ways(answer: str) -> None:
    assert is_right(Question("?", 0.25, "!"), answer)


@pytest.mark.parametrize("answer", ["40000", "40,000", "40 000", "4e4"])
def test_thousands_may_be_set_apart(answer: str) -> None:
    assert is_right(Question("?", 40000.0, "!"), answer)


@pytest.mark.parametrize("answer", ["0.26", "a quarter", "", "1/0", "1/2/2", "nan", "-1/4"])
def test_a_wrong_number_is_wrong(answer: str) -> None:
    assert not is_right(Question("?", 0.25, "!"), answer)


def test_choices_and_texts_are_compared_without_case_or_brackets() -> None:
    assert is_right(Question("?", "b", "!", choices=("x", "y")), " B) ")
    assert is_right(Question("?", ("np.mean",), "!"), "`np.mean` ")
    assert not is_right(Question("?", ("np.mean",), "!"), "np.sum")


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        (Question("?", 0.25, "!"), "1/4", "right"),
        (Question("?", 0.25, "!"), "a half", "no ('a half' is no number), it is 0.25"),
        (Question("?", 0.25, "!"), " ", "it is 0.25"),
        (Question("?", "b", "!", choices=("x", "y")), "c", "no ('c' is none of the letters), it is b) y"),
        (Question("?", "b", "!", choices=("x", "y")), "a", "no, it is b) y"),
    ],
)
def test_a_reply_says_so_where_an_answer_cannot_be_read(question: Question, answer: str, said: str) -> None:
    assert reply(question, answer) == said


def test_a_word_of_a_name_with_a_slip_is_understood() -> None:
    with pytest.raises(InputError, match="did you mean 03_tanh_and_sigmoid"):
        find_exercise("tahn", EXERCISES)


def test_a_check_stopped_outside_the_learners_lines_accuses_no_loop(tmp_path: Path) -> None:
    path = tmp_path / "03_tanh_and_sigmoid.py"
    text = too_long(path, 10.0, TimeIsUp(path.name, 10.0, [("elsewhere.py", 3, "run")]))
    assert "check 03_tanh_and_sigmoid --seconds 60" in text
    assert "loop" not in text


def test_numbers_near_a_mistake_by_chance_name_none() -> None:
    wanted, mistakes = np.arange(1.0, 5.0), {"doubled": 2 * np.arange(1.0, 5.0)}
    assert "doubled" in explain("x", 2.1 * wanted + [0.1, 0, 0, 0], wanted, mistakes)[2]
    assert explain("x", np.array(2.1), np.array(1.0), {"doubled": 2.0})[2] == "none of the mistakes this exercise knows"


def test_a_transposed_shape_is_called_transposed_for_the_same_numbers_alone() -> None:
    wanted = np.arange(6.0).reshape(2, 3)
    assert "transposed" in explain("x", wanted.T, wanted, {})[2]
    assert explain("x", wanted.T + 1, wanted, {})[2] == ""


def test_complex_numbers_are_said_to_be_no_real_ones() -> None:
    assert "wanted an array (2,) of real numbers" in explain("x", np.ones(2) * 1j, np.ones(2), {})[0]


if __name__ == "__main__":
    before, _, after = PAGE.read_text("utf-8").partition("|---|---|---|\n")
    kept = [line for line in after.splitlines() if not re.match(r"\| \d+ ", line)]
    PAGE.write_text(before + "|---|---|---|\n" + "\n".join([*rows(), *kept]) + "\n", "utf-8")
