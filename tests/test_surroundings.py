"""What a learner's code does beside its gradients: printing, plotting, reading, writing, exiting; nothing is lost.

Every file is checked as a user would, by the command, in a process of its own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from commands import fails_with_one_line
from test_subjects import LINEAR, SECONDS, write

from scratchnet.cli import main
from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.subjects import Program, subject_of

Captured = pytest.CaptureFixture[str]
INSIDE = "    y = np.tanh"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder that is not the code's."""
    folder = tmp_path_factory.mktemp("current")
    monkeypatch.chdir(folder)
    return folder


def test_code_that_prints_and_asks_for_arguments_sees_none_of_ours(tmp_path: Path, capfd: Captured) -> None:
    first = """
        import argparse, os, sys
        print("hello", sys.argv)
        sys.stdout.reconfigure(encoding="utf-8")
        parser = argparse.ArgumentParser()
        parser.add_argument("--epochs", type=int, default=3)
        assert parser.parse_args().epochs == 3
        os.write(1, b"from below\\n")
    """
    code = "\n".join(line[8:] for line in first.splitlines()) + LINEAR.replace(INSIDE, "    print(x)\n" + INSIDE)
    path = write(tmp_path, code)
    assert main(["gradcheck", str(path), "--json"]) == 0
    captured = capfd.readouterr()
    assert json.loads(captured.out)["ok"]
    assert f"hello ['{path}']" in captured.err
    assert "from below" in captured.err
    assert len(captured.err.splitlines()) < 60


def test_code_that_writes_leaves_nothing_behind_and_is_told_so(
    tmp_path: Path, elsewhere: Path, capsys: Captured
) -> None:
    writes = (
        "    import os\n    os.makedirs('out', exist_ok=True)\n    np.save('out/W.npy', W)\n"
        "    with open('log.txt', 'a') as log:\n        log.write('one more\\n')\n"
        "    assert np.array_equal(np.load('out/W.npy'), W)\n"
    )
    (elsewhere / "log.txt").write_text("before\n")
    path = write(tmp_path, LINEAR.replace(INSIDE, writes + INSIDE))
    before = sorted(tmp_path.iterdir())
    assert main(["gradcheck", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "it writes out/W.npy, log.txt: not during a check"
    assert [file.name for file in elsewhere.iterdir()] == ["log.txt"]
    assert (elsewhere / "log.txt").read_text() == "before\n"
    assert sorted(tmp_path.iterdir()) == before


def test_code_that_deletes_could_not_be_run(tmp_path: Path, elsewhere: Path, capsys: Captured) -> None:
    (elsewhere / "old.npy").write_text("")
    code = LINEAR.replace(INSIDE, "    import os\n    os.remove('old.npy')\n" + INSIDE)
    assert main(["gradcheck", str(write(tmp_path, code))]) == 3
    assert "PermissionError: it changes old.npy, which a check does not do" in capsys.readouterr().out
    assert (elsewhere / "old.npy").exists()


def test_code_that_asks_for_input_is_told_that_nobody_types(tmp_path: Path, capsys: Captured) -> None:
    path = write(tmp_path, "size = int(input('size? '))\n" + LINEAR)
    fails_with_one_line(["gradcheck", str(path)], capsys, "code_file.py:1, in <module>: EOFError: nobody types during")


# --- packages and files that are not there ----------------------------------------------------------------------------

PLOTS = """
import numpy as np
import no_such_plots.pyplot as plt
from no_such_bars import bar
try:
    import no_such_accelerator as fast
except ImportError:
    fast = np

plt.rcParams["figure.size"] = 3


@plt.fast
def forward(x, W):
    with plt.quiet():
        for _ in bar(range(2)):
            y = fast.tanh(x @ W)
    plt.plot(y)
    return y, (x, W, y)


class Plotter(plt.Base):
    def show(self):
        plt.show()


"""


def test_packages_that_are_not_needed_are_stood_in_for_and_named(tmp_path: Path, capsys: Captured) -> None:
    assert main(["gradcheck", str(write(tmp_path, PLOTS + "def backward" + LINEAR.split("def backward")[1]))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("code_file.py: right")
    assert lines[1:] == ["not installed, and not needed for the gradients: no_such_plots, no_such_bars"]


@pytest.mark.parametrize(
    ("right", "wrong"), [("np.tanh(x @ W)", "no_such.tanh(x @ W)"), ("x.T @ d", "no_such.dot(x.T, d)")]
)
def test_a_package_that_is_needed_is_said_to_be_missing(
    right: str, wrong: str, tmp_path: Path, capsys: Captured
) -> None:
    path = write(tmp_path, "import no_such\n" + LINEAR.replace(right, wrong))
    said = "code_file.py cannot be imported: "
    fails_with_one_line(["gradcheck", str(path)], capsys, said, "No module named 'no_such': `import no_such`")


def test_a_file_that_is_read_is_found_beside_the_code_or_named(tmp_path: Path, capsys: Captured) -> None:
    path = write(tmp_path, "text = open('input.txt').read()\n" + LINEAR)
    fails_with_one_line(["gradcheck", str(path)], capsys, "No such file or directory: 'input.txt': `text = open(")
    (tmp_path / "input.txt").write_text("some words")
    assert main(["gradcheck", str(path)]) == 0


# --- other Pythons, other indentation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["print 'loss', 3", "x = xrange(3)", "words = raw_input()", "n = 07"])
def test_python_2_is_said_to_be_python_2(line: str, tmp_path: Path, capsys: Captured) -> None:
    path = write(tmp_path, LINEAR.lstrip() + line + "\n")
    fails_with_one_line(["gradcheck", str(path)], capsys, "code_file.py:13", ": is this Python 2? ")


def test_tabs_are_kept_in_what_is_mended(tmp_path: Path) -> None:
    path = write(tmp_path, LINEAR.replace("(1 - y * y)", "(1 - y)").replace("    ", "\t"))
    verdict = judge(subject_of(path), SECONDS)
    ((_, text),) = verdict.texts.items()
    assert "\n\td = d * (1 - (" in text
    assert [(cure.line, cure.before) for cure in verdict.cures] == [(11, "d = d * (1 - y)")]


def test_tabs_and_spaces_that_do_not_fit_are_named(tmp_path: Path, capsys: Captured) -> None:
    path = write(tmp_path, LINEAR.replace("    x, W, y = cache", "\tx, W, y = cache"))
    fails_with_one_line(["gradcheck", str(path)], capsys, "code_file.py:11: IndentationError: unindent does not match")


# --- ends -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["import os; os._exit(0)", "import sys; sys.exit(0)", "quit()", "raise SystemExit"])
def test_code_that_exits_is_never_right(end: str, tmp_path: Path, capsys: Captured) -> None:
    code = LINEAR.replace("    x, W, y = cache", f"    x, W, y = cache\n    {end}")
    assert main(["gradcheck", str(write(tmp_path, code))]) == 3
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "ended the check" in captured.out.splitlines()[0]


def test_an_edited_copy_that_exits_is_no_end(tmp_path: Path) -> None:
    program = Program(write(tmp_path, LINEAR, ""))
    program.load()
    edited = program.with_texts({"code_file": "import sys\nsys.exit(0)\n"})
    with pytest.raises(RuntimeError):
        edited.load()


def test_a_check_that_stops_in_an_endless_loop_is_stopped_though_files_are_written_elsewhere(
    tmp_path: Path, capsys: Captured
) -> None:
    code = LINEAR.replace("    x, W, y = cache", "    x, W, y = cache\n    while True:\n        open('a', 'w').close()")
    path = write(tmp_path, code)
    assert main(["gradcheck", str(path), "--time-limit", "2"]) == 3
    assert "stopped after 2 s" in capsys.readouterr().out
    assert not os.path.exists("a")
