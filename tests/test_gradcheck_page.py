"""The report as a page and as a picture, the time limit, and what the command makes of a file with homework in it."""

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import image
from rich.console import Console

from scratchnet.cli import main
from scratchnet.errors import InputError
from scratchnet.gradcheck import check_cell, check_homework, run
from scratchnet.gradcheck.report import Report
from scratchnet.gradcheck.report_page import page, warmth
from scratchnet.visual.gradient_plots import gradcheck_picture

LEARNERS = Path(__file__).parent / "learners"
WRONG = (LEARNERS / "lstm_functions.py").read_text("utf-8").replace("dprev_c = dc * f", "dprev_c = dc")


class Elements(HTMLParser):
    """What a page is made of; `balanced` tells whether every element that was opened was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []
        self.balanced = True
        self.feed(text)
        self.balanced &= not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.balanced &= bool(self.open) and self.open.pop() == tag


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    """Return a learner's file with a mistake in a step that a loop calls."""
    file = tmp_path / "homework.py"
    file.write_text(WRONG, "utf-8")
    return file


def printed(target: Any, **settings: Any) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=110)
    code = run(str(target), console=console, **settings)
    return code, console.file.getvalue()  # type: ignore[attr-defined]


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    """Return the reports on a step and on a loop that calls it, both wrong."""
    file = tmp_path_factory.mktemp("page") / "homework.py"
    file.write_text(WRONG, "utf-8")
    return check_homework(str(file))


def test_the_page_is_whole_and_needs_nothing_else(reports: list[Report]) -> None:
    found = Elements(page(reports))
    assert found.balanced
    assert found.links == []
    assert not {"script", "link", "img", "iframe"} & set(found.seen)


def test_the_page_says_what_the_terminal_says(reports: list[Report]) -> None:
    text = page(reports)
    assert text.count('<h1 class="verdict wrong">') == 2
    assert "dc passed back without the forget gate" in text
    assert re.search(r"<mark> +36      dprev_c = dc</mark>", text), "the line is quoted with its number"
    assert re.search(r'<td class="cell good"[^>]*>\de-1\d</td></tr>', text), "the map's last column is right"
    assert re.search(r'<td class="cell bad" style="--warm: \d+">0\.\d+!</td>', text)


def test_what_stands_in_a_learners_file_cannot_change_the_page(tmp_path: Path) -> None:
    file = tmp_path / "homework.py"
    file.write_text(WRONG.replace("dprev_c = dc", 'dprev_c = dc  # "<script>alert(1)</script>" & co', 1), "utf-8")
    text = page(check_homework(f"{file}:lstm_step"))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("error", "wanted"), [(1e-16, 0.0), (1e-9, 0.0), (1.0, 1.0), (float("nan"), 1.0), (1e-4, 5 / 9)]
)
def test_a_larger_error_is_warmer(error: float, wanted: float) -> None:
    assert warmth(error) == pytest.approx(wanted)


# --- the picture ------------------------------------------------------------------------------------------------------


def test_the_picture_is_green_for_right_and_has_red_for_wrong(reports: list[Report], tmp_path: Path) -> None:
    reds = {}
    for name, drawn in {"right": [check_cell(_rnn())], "wrong": reports}.items():
        file = tmp_path / f"{name}.png"
        gradcheck_picture(drawn, file)
        pixels = image.imread(file)[..., :3]
        assert pixels.shape[1] > 1500
        reds[name] = float(np.mean((pixels[..., 0] > 0.7) & (pixels[..., 1] < 0.45) & (pixels[..., 2] < 0.45)))
    assert reds["right"] == 0.0
    assert reds["wrong"] > 0.02


def _rnn() -> type:
    from scratchnet.cells import RNNCell

    return RNNCell


def test_a_picture_of_a_report_without_numbers_can_be_drawn(tmp_path: Path) -> None:
    class Stops(_rnn()):  # type: ignore[misc]
        def forward_step(self, *arguments: Any) -> None:
            raise ValueError("no")

    file = tmp_path / "stops.png"
    gradcheck_picture([check_cell(Stops)], file)
    assert image.imread(file).size


def test_an_ending_that_is_no_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"check\.docx cannot be written"):
        gradcheck_picture([check_cell(_rnn())], tmp_path / "check.docx")


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_checks_every_pair_of_a_file(homework: Path) -> None:
    code, text = printed(homework, scale=0.4)  # with weights of another size, no harness is written
    assert code == 1
    assert re.findall(r"^(\w+): WRONG", text, re.MULTILINE) == ["lstm_step", "lstm"]
    assert text.count("most likely line: ") == 2


@pytest.mark.parametrize("name", ["lstm_step", "lstm_step_forward", "lstm_step_backward"])
def test_one_pair_is_checked_by_any_of_its_names(name: str, homework: Path) -> None:
    assert [report.name for report in check_homework(f"{homework}:{name}")] == ["lstm_step"]


def test_right_homework_ends_with_exit_code_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradcheck", str(LEARNERS / "rnn_columns.py")]) == 0
    assert capsys.readouterr().out.startswith("rnn_columns.py: right, to 1")


def test_several_reports_are_one_json_object(homework: Path) -> None:
    found = json.loads(printed(homework, as_json=True, scale=0.4)[1])
    assert found["ok"] is False
    assert [report["name"] for report in found["reports"]] == ["lstm_step", "lstm"]
    assert found["reports"][0]["diagnosis"]["names"] == ["dc passed back without the forget gate"]


def test_page_and_picture_are_written_beside_the_report(homework: Path, tmp_path: Path) -> None:
    html, png = tmp_path / "report.html", tmp_path / "report.png"
    assert main(["gradcheck", f"{homework}:lstm_step", "--html", str(html), "--png", str(png)]) == 1
    assert html.read_text("utf-8").startswith("<!doctype html>")
    assert png.read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_is_not_there_is_said_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no folder .*nowhere to write report\.html to"):
        printed("rnn", html=tmp_path / "nowhere" / "report.html")


def test_the_only_cell_of_a_file_needs_no_name(tmp_path: Path) -> None:
    file = tmp_path / "cell.py"
    file.write_text("from scratchnet.cells import RNNCell\nclass Mine(RNNCell): ...\n", "utf-8")
    assert printed(file)[1].startswith("Mine: the gradient is right")


def test_functions_run_on_numpy_only(homework: Path) -> None:
    with pytest.raises(InputError, match="run on NumPy only, not on numba"):
        printed(homework, backend="numba")


# --- code that does not behave ----------------------------------------------------------------------------------------


def bad_file(folder: Path, text: str) -> Path:
    file = folder / "bad.py"
    file.write_text(text, "utf-8")
    return file


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Return the lines on standard error of a command that must end with exit code 2 and print no report."""
    assert main(["gradcheck", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_a_file_that_does_not_import_shows_the_learners_own_frames(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = bad_file(tmp_path, "def make(n):\n    return {}[n]\n\nSIZE = make(5)\n")
    frames = refused(capsys, str(file))
    assert frames[:2] == [f"  {file}:4, in <module>: SIZE = make(5)", f"  {file}:2, in make: return {{}}[n]"]
    assert frames[2] == f"error: {file} cannot be imported: {file}:2, in make: KeyError: 5: `return {{}}[n]`"
    assert len(frames) == 3


COLUMNS = (LEARNERS / "rnn_columns.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("while True:\n    pass\n", 1),
        ("while True:\n    try:\n        x = 1\n    except Exception:\n        pass\n", 1),
        (COLUMNS.replace("dh = dhs[t] + dhnext", "while True: dh = dhs[t]"), 22),
    ],
    ids=["at import", "that swallows errors", "in backward"],
)
def test_an_endless_loop_is_stopped_and_said(
    text: str, line: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = bad_file(tmp_path, text)
    assert main(["gradcheck", str(file), "--time-limit", "1", "--json"]) == 3
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert (found["kind"], found["file"], found["numbers"]) == ("time", str(file), {"seconds": 1.0})
    assert line <= found["line"] <= line + 4


def test_what_a_file_prints_stays_out_of_the_report(homework: Path, capfd: pytest.CaptureFixture[str]) -> None:
    homework.write_text(
        "print('hello')\n" + WRONG.replace("    da = np.hstack", "    print('noise')\n    da = np.hstack"), "utf-8"
    )
    code, text = printed(homework, as_json=True)
    assert code == 1
    assert json.loads(text)["ok"] is False
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("hello\n")
    assert err.count("noise") < 30


def test_a_cell_whose_forward_is_not_a_number_is_told_where(tmp_path: Path) -> None:
    file = bad_file(
        tmp_path,
        "import numpy as np\nfrom scratchnet.cells import RNNCell\nclass Mine(RNNCell):\n"
        "    def forward_step(self, a_x, prev, new, saved):\n        a_x += prev.h @ self.W_hh\n"
        "        s = np.sqrt(a_x)\n        new.h[...] = np.tanh(s)\n",
    )
    code, text = printed(file)
    assert code == 1
    assert "new.h is not a number after forward_step" in text
    assert re.search(
        r"the first one: \S*bad\.py:6: s is not a number, first in forward_step, in call 1", " ".join(text.split())
    )
