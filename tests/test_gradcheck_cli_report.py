"""A learner's class out of a file, and what the command prints and returns."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scratchnet import gradcheck, usercode
from scratchnet.cells import LSTMCell, RNNCell
from scratchnet.errors import InputError
from scratchnet.gradcheck import as_text, check_layer, load_cell, run
from scratchnet.recurrent import Recurrent

ROOT = Path(__file__).parent.parent

# --- a class out of a file --------------------------------------------------------------------------------------------

RIGHT = """from scratchnet.cells import LSTMCell

class Mine(LSTMCell):
    pass

class Other(LSTMCell):
    pass
"""


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Return a function that writes a learner's file and returns its path."""

    def write(text: str) -> str:
        file = tmp_path / "cell.py"
        file.write_text(text, "utf-8")
        return str(file)

    return write


def test_a_class_is_loaded_from_a_file(written: Any) -> None:
    found = load_cell(written(RIGHT) + ":Mine")
    assert found.__name__ == "Mine"
    assert issubclass(found, LSTMCell)


def test_a_file_saved_again_within_the_second_is_read_again(written: Any) -> None:
    load_cell(written(RIGHT) + ":Mine")
    assert load_cell(written(RIGHT.replace("pass", "mark = 7")) + ":Mine").mark == 7  # type: ignore[attr-defined]


def test_a_file_may_import_its_neighbour(written: Any, tmp_path: Path) -> None:
    (tmp_path / "neighbour_of_a_cell.py").write_text("from scratchnet.cells import RNNCell as Base")
    spec = written("from neighbour_of_a_cell import Base\nclass Mine(Base):\n    pass\n") + ":Mine"
    assert issubclass(load_cell(spec), RNNCell)


BAD_FILES = {
    "no class named": (RIGHT, "", r"does not say which class: write .*cell\.py:Mine \(there: Mine, Other\)"),
    "empty class name": (RIGHT, ":", r"does not say which class"),
    "no such class": (RIGHT, ":Mien", r"has no class Mien: its classes are Mine, Other; Mine\?"),
    "no class at all": ("x = 1", ":Mine", r"has no class Mine: it defines no class at all"),
    "not a class": ("Mine = 3", ":Mine", r"has no class Mine"),
    "syntax": ("class Mine(:\n    pass", ":Mine", r"cannot be imported: .*cell\.py:1: SyntaxError: "),
    "own error": ("a = {}\nb = a['x']", ":Mine", r"cannot be imported: .*cell\.py:2, in <module>: KeyError: 'x': `b"),
    "exit": ("import sys\nsys.exit(3)", ":Mine", r"cannot be imported: .*cell\.py:2, in <module>: SystemExit: 3"),
    "no backward": (
        "from scratchnet.cells import Cell\nclass Mine(Cell):\n    def forward_step(self, a_x, prev, new, saved): ...",
        ":Mine",
        r"Mine has no backward_step: wanted backward_step\(self, d, prev, new, saved, da_x, da_h\)$",
    ),
    "not a cell": ("class Mine: ...", ":Mine", r"Mine has no forward_step: wanted .*; write class Mine\(Cell\)"),
    "another signature": (
        RIGHT.replace("pass", "def forward_step(self, x, h): ...", 1),
        ":Mine",
        r"Mine\.forward_step takes \(self, x, h\): wanted forward_step\(self, a_x, prev, new, saved\)",
    ),
    "text for names": (RIGHT.replace("pass", 'saved = ("h_n")', 1), ":Mine", r"saved is the text 'h_n': wanted a"),
    "no gates": (RIGHT.replace("pass", "gates = ()", 1), ":Mine", "gates is empty"),
    "a gate twice": (RIGHT.replace("pass", 'gates = ("i", "i")', 1), ":Mine", "gates has i twice"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_what_is_wrong_with_a_file_is_one_line(name: str, written: Any) -> None:
    text, ending, message = BAD_FILES[name]
    with pytest.raises(InputError, match=message) as caught:
        load_cell(written(text) + ending)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no file .*missing\.py"):
        load_cell(str(tmp_path / "missing.py:Mine"))
    with pytest.raises(InputError, match="is a folder"):
        load_cell(f"{tmp_path}:Mine")


def test_the_rooms_face_is_imported_without_numpy() -> None:
    code = "import sys; from scratchnet.gradcheck import run; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


def test_everything_that_the_face_names_is_there() -> None:
    assert [name for name in gradcheck.__all__ if getattr(gradcheck, name, None) is None] == []
    assert [name for name in usercode.__all__ if getattr(usercode, name, None) is None] == []
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        from scratchnet.gradcheck import nothing  # type: ignore[attr-defined] # noqa: F401


# --- the command ------------------------------------------------------------------------------------------------------


def printed(target: str, **settings: Any) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=110)
    code = run(target, console=console, **settings)
    return code, console.file.getvalue()  # type: ignore[attr-defined]


def test_the_command_says_right_first_and_returns_zero() -> None:
    code, text = printed("rnn")
    assert code == 0
    assert re.match(r"RNNCell: right, to (9|1\d) digits: W_ih, W_hh, b, x, initial h, a_x \(\d+ derivatives", text)


def test_the_command_says_wrong_first_and_returns_one(written: Any) -> None:
    body = "def backward_step(self, d, *rest):\n        super().backward_step(d, *rest)\n        d.c *= 2"
    code, text = printed(written(RIGHT.replace("pass", body, 1)) + ":Mine")
    assert code == 1
    assert text.startswith("Mine: WRONG in W_ih, W_hh, b, x, initial h, initial c, a_x\n")
    assert "wrong in i, f, g at t = 0, 1; o at t = 0 (read it backwards)" in text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("mark = 7", 0),
        ("def backward_step(self, d, *rest): d.h *= 2", 1),
        ("def forward_step(self, a_x, prev, new, saved): new.h = a_x", 1),
    ],
    ids=["right", "doubled", "bound anew"],
)
def test_the_report_as_json_parses_whatever_the_verdict(
    body: str, status: int, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    code, text = printed(written(RIGHT.replace("pass", body, 1)) + ":Mine", as_json=True)
    found = json.loads(text)
    assert (found["ok"], code, found["name"]) == (status == 0, status, "Mine")
    assert {"checked", "unchecked", "wrong", "cures", "findings", "digits"} <= found.keys()


def test_a_mistake_in_a_cell_is_hinted_at_step_by_step(written: Any) -> None:
    assert printed(written(RIGHT) + ":Mine", hint=1)[0] == 0
    body = "def backward_step(self, d, *rest):\n        super().backward_step(d, *rest)\n        d.c[...] = 0.0"
    code, said = printed(written(RIGHT.replace("pass", body, 1)) + ":Mine", hint=1)
    assert (code, said.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("target", "message"),
    [("lstmm", "no cell 'lstmm': choose one of lstm, gru"), ("no.py:Mine", "there is no file no.py")],
)
def test_bad_input_to_the_command_is_an_input_error(target: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        printed(target)


def test_a_class_that_a_file_has_not_is_said_with_those_it_has(written: Any) -> None:
    with pytest.raises(InputError, match=r"has no class Mien: its cells are Mine, Other"):
        printed(written(RIGHT) + ":Mien")


def test_the_text_of_a_report_has_no_colour_codes() -> None:
    assert "\x1b" not in as_text(check_layer(Recurrent(RNNCell(2, 3))))
