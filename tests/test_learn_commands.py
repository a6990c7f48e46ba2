"""`scratchnet learn` as a learner meets it: what is kept, what is said, and one line for whatever cannot be used."""

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scratchnet.cli import main
from scratchnet.data import atomic_files
from scratchnet.learn import catalogue, find_workspace
from scratchnet.learn.file_watcher import INTERVAL, watch_files
from scratchnet.learn.progress import Progress

EXERCISES = catalogue()
FIRST, SECOND = EXERCISES[0], EXERCISES[1]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["learn", "start", str(tmp_path / "path")]) == 0
    monkeypatch.chdir(tmp_path / "path")
    capsys.readouterr()
    return tmp_path / "path"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*arguments: str, answers: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        code = main(["learn", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def one_line(result: tuple[int, str, str], *wanted: str) -> None:
    code, _, err = result
    assert code == 2
    assert len(err.splitlines()) == 1
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert [text for text in wanted if text not in err] == []


def solve(folder: Path, number: int) -> None:
    exercise = EXERCISES[number - 1]
    (folder / exercise.file_name).write_text(exercise.solution, encoding="utf-8")


def test_start_copies_every_starting_file(workspace: Path) -> None:
    assert {one.name: (workspace / one.file_name).read_text("utf-8") for one in EXERCISES} == {
        one.name: one.start for one in EXERCISES
    }


def test_a_second_start_says_so_and_leaves_work_alone_and_adds_what_is_missing(workspace: Path, run: Run) -> None:
    (workspace / FIRST.file_name).write_text("my work", encoding="utf-8")
    (workspace / SECOND.file_name).unlink()
    code, out, _ = run("start", ".")
    assert code == 0
    assert "is a workspace already" in out
    assert f"added what was missing: {SECOND.file_name}" in out
    assert (workspace / FIRST.file_name).read_text("utf-8") == "my work"


def test_start_takes_no_folder_that_holds_other_things(tmp_path: Path, run: Run) -> None:
    (tmp_path / "letters.txt").write_text("dear", encoding="utf-8")
    one_line(run("start", str(tmp_path)), "letters.txt", "a new folder")


def test_start_takes_no_file(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    one_line(run("start", str(tmp_path / "file")), "is a file")


@pytest.mark.parametrize("command", ["list", "next", "check", "watch", "hint", "diff", "solution", "progress", "quiz"])
def test_outside_a_workspace_there_is_one_line(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    one_line(run(command), "is no workspace", "scratchnet learn start FOLDER")


@pytest.mark.parametrize("command", ["next", "check", "watch", "hint", "diff", "reset", "solution", "quiz"])
def test_an_exercise_that_is_not_there_is_one_line(command: str, workspace: Path, run: Run) -> None:
    one_line(run(command, "tahn_and_sigmoid"), "no exercise 'tahn_and_sigmoid'", "did you mean 03_tanh_and_sigmoid?")


def test_a_workspace_is_found_from_a_folder_inside_it(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    (workspace / "notes").mkdir()
    monkeypatch.chdir(workspace / "notes")
    assert run("list")[0] == 0


def test_check_fails_at_the_start_and_passes_with_the_solution(workspace: Path, run: Run) -> None:
    code, out, _ = run("check")
    assert code == 1
    assert f"{FIRST.file_name}:" in out
    assert "scratchnet learn hint 01" in out
    solve(workspace, 1)
    code, out, _ = run("check")
    assert code == 0
    assert f"then 02 {SECOND.title}" in " ".join(out.split())  # wherever a narrow terminal breaks lines
    done = find_workspace().progress().of(FIRST.name)
    assert (done.done, done.checks) == (True, 2)


def test_check_prints_json_when_asked(workspace: Path, run: Run) -> None:
    code, out, _ = run("check", "6", "--json")
    found = json.loads(out)
    assert code == 1
    assert found["ok"] is False
    assert "repeated word" in dict(found["findings"][-1]["details"])["looks like"]


def test_what_the_learner_prints_is_shown(workspace: Path, run: Run) -> None:
    (workspace / FIRST.file_name).write_text("print('here I am')\n" + FIRST.start, encoding="utf-8")
    assert "here I am" in run("check")[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = (1\n", ":1: SyntaxError"),
        ("import numpy as np\n\nnp.nothing\n", ":3, in <module>: AttributeError"),
        ("raise SystemExit(0)\n", "SystemExit"),
        ("y = 1\n", "has no function step: wanted def step(dtype)"),
        ("import os\nos._exit(3)\n", "exit status 3"),
    ],
)
def test_a_file_that_cannot_be_judged_is_one_line(text: str, said: str, workspace: Path, run: Run) -> None:
    (workspace / FIRST.file_name).write_text(text, encoding="utf-8")
    one_line(run("check"), FIRST.file_name, said)


def test_an_endless_loop_is_stopped_and_its_line_said(workspace: Path, run: Run) -> None:
    text = FIRST.solution.replace("    h = np", "    while True:\n        pass\n    h = np")
    (workspace / FIRST.file_name).write_text(text, encoding="utf-8")
    one_line(run("check", "--seconds", "0.3"), "not done after 0.3 seconds", f"it was at {FIRST.file_name}:1", "`")


def test_a_deleted_file_is_one_line_and_comes_back(workspace: Path, run: Run) -> None:
    (workspace / FIRST.file_name).unlink()
    one_line(run("check"), FIRST.file_name, "scratchnet learn reset 01")
    one_line(run("diff"), FIRST.file_name)
    assert run("reset", "1")[0] == 0
    assert (workspace / FIRST.file_name).read_text("utf-8") == FIRST.start


def test_a_file_that_is_not_text_is_one_line(workspace: Path, run: Run) -> None:
    (workspace / FIRST.file_name).write_bytes(b"\xff\xfe\x00")
    one_line(run("check"), "not UTF-8")


def test_a_file_called_numpy_beside_the_exercises_harms_nothing(workspace: Path, run: Run) -> None:
    (workspace / "numpy.py").write_text("raise ValueError\n", encoding="utf-8")
    solve(workspace, 4)
    assert run("check", "4")[0] == 0


def test_hints_come_one_by_one(workspace: Path, run: Run) -> None:
    shown = [" ".join(run("hint")[1].split()) for _ in range(4)]
    counts = [sum(hint in text for hint in FIRST.hints) for text in shown]
    assert counts == [1, 2, 3, 3]


def test_the_solution_has_to_be_asked_for_twice(workspace: Path, run: Run) -> None:
    once, twice = run("solution")[1], run("solution")[1]
    assert "eps **" not in once
    assert "ask once more" in once
    assert "eps ** (1 / 3)" in twice
    assert find_workspace().progress().of(FIRST.name).seen


def test_diff_shows_what_was_changed(workspace: Path, run: Run) -> None:
    assert "nothing is changed" in run("diff")[1]
    solve(workspace, 1)
    out = run("diff")[1]
    assert "-    h = ...  # (2)" in out
    assert "+    h = np.finfo" in out


def test_reset_keeps_what_the_learner_had(workspace: Path, run: Run) -> None:
    for work in ("first", "second"):
        (workspace / FIRST.file_name).write_text(work, encoding="utf-8")
        assert run("reset", "1")[0] == 0
    kept = sorted((workspace / ".learn/kept").iterdir())
    assert [path.read_text("utf-8") for path in kept] == ["first", "second"]
    assert (workspace / FIRST.file_name).read_text("utf-8") == FIRST.start


def test_next_shows_the_text_and_goes_on_when_one_is_done(workspace: Path, run: Run) -> None:
    assert FIRST.file_name in run("next")[1].replace("\n", "")
    progress = find_workspace().progress()
    progress.of(FIRST.name).done = True
    progress.save(find_workspace().record)
    assert SECOND.title in run("next")[1]
    assert FIRST.title.split(",")[0] in run("next", "1")[1]


def test_when_all_is_done_next_says_so(workspace: Path, run: Run) -> None:
    progress = find_workspace().progress()
    for exercise in EXERCISES:
        progress.of(exercise.name).done = True
    progress.save(find_workspace().record)
    code, out, _ = run("next")
    assert (code, out.startswith("every exercise is done")) == (0, True)
    one_line(run("check"), "every exercise is done")


def test_progress_counts_what_was_done(workspace: Path, run: Run) -> None:
    run("hint")
    assert "hints: 1" in run("progress")[1]
    assert json.loads(run("progress", "--json")[1])[FIRST.name]["hints"] == 1


def test_a_quiz_is_answered_on_standard_input_and_kept(workspace: Path, run: Run) -> None:
    code, out, _ = run("quiz", answers="6.1e-6\n1/4\na\n")
    assert code == 1
    assert "2 of 3" in out
    assert "no, it is b)" in out
    assert run("quiz", answers="6.1e-6\n0.25\nB\n")[0] == 0
    assert find_workspace().progress().of(FIRST.name).quiz == [True, True, True]


def test_a_quiz_without_answers_is_one_line(workspace: Path, run: Run) -> None:
    one_line(run("quiz"), "no answer to question 1")


def test_a_damaged_record_is_one_line_and_can_be_begun_anew(workspace: Path, run: Run) -> None:
    record = workspace / ".learn/progress.json"
    for text in ("{", "[]", '{"exercises": {"x": {"done": "yes"}}}', '{"exercises": 3}'):
        record.write_text(text, encoding="utf-8")
        one_line(run("list"), "progress.json is damaged", "stay as they are")
    record.unlink()
    assert run("start", ".")[0] == 0
    assert run("list")[0] == 0


def test_an_interrupted_write_leaves_the_old_record(workspace: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("hint")

    def interrupted(path: Path, data: bytes) -> None:
        path.write_bytes(data[: len(data) // 2])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(atomic_files, "write_file", interrupted)
        assert main(["learn", "hint"]) == 130
    assert Progress.load(workspace / ".learn/progress.json").of(FIRST.name).hints == 1


def test_watch_checks_again_at_every_save_until_it_is_interrupted(
    workspace: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, really_wait = iter(["nothing", "save", "stop"]), time.sleep

    def wait(seconds: float) -> None:
        if seconds != INTERVAL:  # somebody else's: subprocess waits so for the end of a process
            really_wait(seconds)
            return
        turn = next(turns)
        if turn == "stop":
            raise KeyboardInterrupt
        if turn == "save":
            solve(workspace, 2)

    monkeypatch.setattr("time.sleep", wait)
    code, out, _ = run("watch")
    assert code == 0
    assert "step is not written yet" in out
    assert f"02 {SECOND.title}: done" in out


def test_watch_begins_with_the_exercise_that_is_named(
    workspace: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_wait = time.sleep

    def wait(seconds: float) -> None:
        if seconds == INTERVAL:
            raise KeyboardInterrupt
        really_wait(seconds)

    monkeypatch.setattr("time.sleep", wait)
    code, out, _ = run("watch", "4")
    assert code == 0
    assert EXERCISES[3].name in out
    assert FIRST.name not in out


def test_a_file_that_an_editor_replaces_is_noticed_once_it_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("1", encoding="utf-8")
    steps = iter([path.unlink, lambda: path.write_text("22", encoding="utf-8")])
    assert next(watch_files({"a": path}, lambda seconds: next(steps)())) == "a"


def test_without_a_command_the_commands_are_listed(run: Run) -> None:
    code, out, _ = run()
    assert code == 2
    assert "watch" in out


def test_the_help_loads_neither_numpy_nor_the_exercises() -> None:
    code = (
        "import sys, scratchnet.cli; scratchnet.cli.main(['learn', '--help']); "
        "print([name for name in ('numpy', 'scratchnet.learn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
