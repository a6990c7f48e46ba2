"""Code that is not ours: loaded, limited, run in a process of its own, followed and located."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchnet.cli import main
from scratchnet.errors import InputError
from scratchnet.usercode import (
    FileFails,
    Limit,
    LimitedOutput,
    ProcessEnded,
    TimeIsUp,
    call_in_child,
    first_nan,
    lines_run,
    load_class,
    locate_error,
    run_file,
    runs_of_lines,
    time_limit,
)

HERE = f"{__name__}:"
HOMEWORK = (Path(__file__).parent / "learners" / "rnn_columns.py").read_text("utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Return a function that writes a user's file and returns its path."""

    def write(text: str) -> Path:
        file = tmp_path / "mine.py"
        file.write_text(text, "utf-8")
        return file

    return write


# --- loading ----------------------------------------------------------------------------------------------------------


def test_any_class_is_loaded_by_name(written: Any) -> None:
    assert load_class(f"{written('class Mine: mark = 7')}:Mine").mark == 7  # type: ignore[attr-defined]


def test_an_error_at_import_keeps_its_cause_and_the_users_frames(written: Any) -> None:
    file = written("def f():\n    return {}[1]\n\nf()\n")
    with pytest.raises(FileFails, match=r"mine\.py:2, in f: KeyError: 1: `return {}\[1\]`$") as caught:
        run_file(file)
    assert isinstance(caught.value.__cause__, KeyError)
    assert [frame.rpartition("mine.py")[2] for frame in caught.value.frames] == [
        ":4, in <module>: f()", ":2, in f: return {}[1]",
    ]  # fmt: skip


def test_what_a_file_prints_goes_where_it_is_told_to(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = written("print('hello')")
    run_file(file)
    assert capsys.readouterr() == ("", "hello\n")
    run_file(file, output=sys.stdout)
    assert capsys.readouterr() == ("hello\n", "")


# --- limits -----------------------------------------------------------------------------------------------------------


def test_a_flood_of_lines_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    few = LimitedOutput(3)
    for _ in range(100):
        few.write("one\n")
    assert capsys.readouterr().err.splitlines() == ["one", "one", "... (what else it prints is not shown)"]


@pytest.mark.parametrize(("seconds", "stops"), [(0.05, True), (30.0, False), (0.0, False)])
def test_only_a_block_that_takes_too_long_is_stopped(seconds: float, stops: bool) -> None:
    stopped: list[TimeIsUp] = []
    with time_limit(seconds, "the block", stopped.append):
        deadline = time.perf_counter() + 0.2
        while time.perf_counter() < deadline and not stopped:
            pass
    assert bool(stopped) is stops


def test_a_block_that_has_ended_is_not_stopped_afterwards() -> None:
    stopped: list[TimeIsUp] = []
    with time_limit(0.05, "the block", stopped.append):
        pass
    deadline = time.perf_counter() + 0.1
    while time.perf_counter() < deadline:
        pass
    assert stopped == []


# --- a process of its own ---------------------------------------------------------------------------------------------


def doubled(value: float, limit: Limit) -> float:
    return 2.0 * value


def refusing(limit: Limit) -> None:
    raise InputError("no such thing")


def leaving(limit: Limit) -> None:
    os._exit(0)


def looping(path: str, limit: Limit) -> None:
    with limit(0.2, "the loop"):
        run_file(Path(path))


def orphaned(path: str, limit: Limit) -> None:
    Path(path).write_text(str(os.getpid()), "utf-8")
    while True:
        pass


def test_a_child_returns_what_the_function_returns() -> None:
    assert call_in_child(HERE + "doubled", {"value": 1.5}, file="mine.py") == 3.0


def test_a_child_raises_the_same_input_error() -> None:
    with pytest.raises(InputError, match=r"^no such thing$"):
        call_in_child(HERE + "refusing", {}, file="mine.py")


def test_a_child_that_ends_is_no_answer() -> None:
    with pytest.raises(ProcessEnded, match=r"^mine\.py ended the check, exit status 0: take out"):
        call_in_child(HERE + "leaving", {}, file="mine.py", quiet=True)


@pytest.mark.parametrize("inside", ["x = 1", "try:\n        x = 1\n    except BaseException:\n        pass"])
def test_a_loop_in_a_child_is_stopped_and_its_line_said_even_if_it_swallows_everything(
    inside: str, written: Any
) -> None:
    file = written(f"def f():\n  while True:\n    {inside}\n\nf()\n")
    with pytest.raises(TimeIsUp, match=r"the loop was stopped after 0\.2 s, when it was at \S*mine\.py:\d, in f: `"):
        call_in_child(HERE + "looping", {"path": str(file)}, file="mine.py")


@pytest.mark.skipif(sys.platform == "win32", reason="processes are told apart otherwise there")
def test_a_child_ends_when_its_caller_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "child"
    call = f"call_in_child({HERE + 'orphaned'!r}, {{'path': {str(told)!r}}}, file='')"
    code = f"from scratchnet.usercode import call_in_child; {call}"
    parent = subprocess.Popen([sys.executable, "-c", code])
    until(lambda: told.exists() and told.read_text("utf-8") != "")
    parent.kill()
    parent.wait()
    child = int(told.read_text("utf-8"))
    until(lambda: not alive(child))


def until(fact: Any) -> None:
    """Wait for a fact, at most a minute."""
    deadline = time.perf_counter() + 60.0
    while not fact():
        assert time.perf_counter() < deadline


def alive(process: int) -> bool:
    """Tell whether a process runs."""
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
        return state != "Z"
    except FileNotFoundError:
        pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc").exists()


AT_IMPORT = "import os\nos._exit(0)\n"
INSIDE = "import os\n" + HOMEWORK.replace("dh = dhs[t] + dhnext", "os._exit(0)")


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (AT_IMPORT, "mine.py: ended the check", "the process was ended at mine.py:2, exit status 0"),
        (INSIDE, "mine.py: could not be checked as it is", "fill in what stands for ..."),
        (INSIDE.replace("os._exit(0)", "raise SystemExit(0)"), "mine.py: could not be checked as it is", "fill in"),
    ],
    ids=["at import", "inside a function", "sys.exit"],
)
def test_a_file_that_ends_the_process_gets_no_silent_pass(
    text: str, first: str, second: str, written: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    assert text != HOMEWORK
    assert main(["gradcheck", str(written(text))]) == 3
    said = capfd.readouterr().out.splitlines()
    assert said[0] == first
    assert second in said[1]


def test_a_cell_to_be_trained_that_ends_the_process_is_refused(
    written: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a b\tb a\n" * 8, "utf-8")
    spec = f"{written(AT_IMPORT)}:Mine"
    assert main(["train", str(pairs), "--cell", spec, "--out", str(tmp_path / "run"), "--epochs", "1"]) == 2
    assert "ended the check, exit status 0" in capfd.readouterr().err


# --- followed and located ---------------------------------------------------------------------------------------------

STEPS = """import numpy as np

def f(x):
    y = 2.0 * x
    y[0] = 5.0
    return np.log(y)

def g(x):
    return x
"""


def test_every_line_that_runs_is_recorded_with_its_arrays(written: Any) -> None:
    file = written(STEPS)
    module = run_file(file)
    runs = runs_of_lines(lambda: module.f(np.array([1.0, 2.0])), [str(file)])
    assert [run.number for run in runs] == [4, 5, 6]
    np.testing.assert_array_equal(runs[0].used["x"], [1.0, 2.0])
    np.testing.assert_array_equal(runs[0].left["y"], [2.0, 4.0])
    np.testing.assert_array_equal(runs[1].left["y"], [5.0, 4.0])
    np.testing.assert_array_equal(runs[2].left["return 0"], np.log([5.0, 4.0]))


def test_only_lines_of_functions_that_ran_are_found(written: Any) -> None:
    file = written(STEPS)
    module = run_file(file)
    lines = lines_run(lambda: module.f(np.array([1.0, 2.0])), [str(file)])
    assert [(line.number, sorted(line.assigned)) for line in lines] == [(4, ["y"]), (5, ["y"]), (6, ["return"])]


def test_the_first_nan_is_found_with_its_line(written: Any) -> None:
    file = written(STEPS.replace("y[0] = 5.0", "y = y / 0.0 * 0.0"))
    module = run_file(file)
    said = first_nan(lambda: module.f(np.array([1.0, 2.0])), [str(file)])
    assert said.endswith("mine.py:5: y is not a number, first in f, in call 1: `y = y / 0.0 * 0.0`")


def test_an_error_is_located_with_the_shapes_that_met(written: Any) -> None:
    file = written("def f(x, W):\n    return x @ W\n")
    try:
        run_file(file).f(np.ones((2, 3)), np.ones((2, 3)))
    except ValueError as error:
        said = locate_error(error, [str(file)])
    assert "mine.py:2, in f: ValueError: " in said
    assert said.endswith(": `return x @ W`; shapes x (2, 3), W (2, 3)")
