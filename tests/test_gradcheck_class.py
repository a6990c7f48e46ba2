"""A class of files, side by side: one row each whatever a file does, pages, a spreadsheet, JSON; exams; notebooks.

What a file prints is for people; tests ask for findings, exit codes and numbers.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from commands import fails_with_one_line
from rich.console import Console

from scratchnet.cli import main
from scratchnet.errors import InputError
from scratchnet.gradcheck.cure import NOT_RUN, PARTLY, REFUSED, RIGHT, WRONG, Cure, Finding, Verdict
from scratchnet.gradcheck.reports import (
    Outcome,
    exit_code,
    failed,
    files_of,
    show_table,
    without_cures,
    write_csv,
    write_mended,
    write_pages,
)
from scratchnet.gradcheck.words import MOST_LINES, hint, lines_of
from scratchnet.usercode import cell_and_line, notebook_with, read_source, side_by_side

RNN = """import numpy as np


def forward(x, h, W, U):
    hs = [h]
    for t in range(len(x)):
        hs.append(np.tanh(x[t] @ W + hs[-1] @ U))
    return np.array(hs[1:]), (x, hs, W, U)


def backward(dhs, cache):
    x, hs, W, U = cache
    dx, dW, dU, dh = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U), 0
    for t in reversed(range(len(x))):
        da = (dhs[t] + dh) * (1 - hs[t + 1] ** 2)
        dx[t], dh = da @ W.T, da @ U.T
        dW += np.outer(x[t], da)
        dU += np.outer(hs[t], da)
    return dx, dh, dW, dU
"""
HARNESS = """
def harness(m, r):
    x, h, W, U = r(r.T, 3), r(4), r(3, 4), r(4, 4)
    hs, cache = m.forward(x, h, W, U)
    return zip((x, h, W, U), m.backward(r.loss(hs), cache))
"""
RIGHT_LINE, WRONG_LINE = "dU += np.outer(hs[t], da)", "dU += np.outer(hs[t + 1], da)"
TRANSPOSED = ("da @ W.T, da @ U.T", "da @ W.T, da @ U")
INSIDE = "        da = ("

# What a file does, and the exit code of its row.
FILES: dict[str, tuple[str, int]] = {
    "right": (RNN, RIGHT),
    "wrong": (RNN.replace(RIGHT_LINE, WRONG_LINE), WRONG),
    "tabs": (RNN.replace("    ", "\t").replace(RIGHT_LINE, WRONG_LINE), WRONG),
    "prints": (RNN.replace(INSIDE, f"        print('x' * 1000)\n{INSIDE}"), RIGHT),
    "stderr": ("import sys\nsys.stderr.write('x' * 10**6)\n" + RNN, RIGHT),
    "crash": (RNN.replace("da @ W.T", "da @ W"), NOT_RUN),
    "endless": (RNN.replace(INSIDE, f"        while True:\n            pass\n{INSIDE}"), NOT_RUN),
    "endless import": (RNN + "while True:\n    pass\n", NOT_RUN),
    "os._exit": (RNN.replace(INSIDE, f"        import os; os._exit(0)\n{INSIDE}"), NOT_RUN),
    "segmentation fault": ("import ctypes\nctypes.string_at(0)\n", NOT_RUN),
    "sys.exit": (RNN + "import sys\nsys.exit(5)\n", REFUSED),
    "an error": (RNN + "missing\n", REFUSED),
    "not Python": ("Dear teacher,\nthe dog ate it.\n", REFUSED),
    "Python 2": (RNN + "print 'done'\n", REFUSED),
    "binary": ("\0\1\2\n", REFUSED),
    "empty": ("", NOT_RUN),
    "another name": (RNN.replace("def backward", "def back"), NOT_RUN),
}


def write(folder: Path, names: list[str]) -> tuple[Path, Path]:
    """Write some of the files and the harness; return the folder of the files, and the harness."""
    files, harness = folder / "hw", folder / "harness.py"
    files.mkdir(exist_ok=True)
    for name in names:
        (files / f"{name}.py").write_text(FILES[name][0], "utf-8")
    harness.write_text(HARNESS, "utf-8")
    return files, harness


def notebook(*cells: tuple[str, str]) -> str:
    """Return a notebook of cells (type, text)."""
    made = [{"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)} for kind, text in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run the command; return its exit code, and what it prints on standard output and standard error."""
    capfd.readouterr()
    status = main(["gradcheck", *map(str, arguments)])
    return (status, *capfd.readouterr())


def verdict_of(name: str, ok: bool, wrong: list[str], cures: list[Cure], findings: list[Finding]) -> Verdict:
    """Return a verdict on two arrays."""
    digits = {"W": 0.5 if wrong else 12.0, "U": 12.0}
    return Verdict(name, ok, ["W", "U"], [], wrong, cures, findings, digits, cured=bool(cures), times=(1, 2, 3))


def wrong_verdict(file: Path, count: int = 1) -> Verdict:
    """Return a verdict with so many places, each with its cure."""
    lines = range(1, count + 1)
    cures = [Cure(str(file), k, f"a = {k} @ b", f"a = {k} @ b.T", f"write {k}", function="backward") for k in lines]
    places = [Finding("place", "", str(file), one.line, "a @ b", "c", 1, {}, function="backward") for one in cures]
    return verdict_of(file.name, False, ["W"], cures, [Finding("gradient", "W", numbers={"wrong": 1}), *places])


# --- every file has its row -------------------------------------------------------------------------------------------

QUICK = [name for name in FILES if not name.startswith("endless")]


@pytest.fixture(scope="module")
def whole_class(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Check all files but the endless ones once; return what came out, by the kind of output."""
    folder = tmp_path_factory.mktemp("class")
    files, harness = write(folder, QUICK)
    root = str(Path(__file__).parent.parent)
    outputs = ["--json", "--csv", "marks.csv", "--html", "pages", "--fix"]
    done = subprocess.run(
        [sys.executable, "-m", "scratchnet", "gradcheck", files.name, "--harness", harness.name, *outputs],
        cwd=folder, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    with (folder / "marks.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {"done": done, "json": json.loads(done.stdout), "csv": rows, "folder": folder}


def of(whole_class: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in whole_class["json"]["files"] if one["name"] == f"{name}.py")


@pytest.mark.parametrize("name", QUICK)
def test_every_file_has_a_row_with_its_exit_code(name: str, whole_class: dict[str, Any]) -> None:
    assert of(whole_class, name)["status"] == FILES[name][1]


def test_a_class_has_one_exit_code_and_says_nothing_else_on_standard_output(whole_class: dict[str, Any]) -> None:
    assert whole_class["done"].returncode == WRONG
    assert whole_class["done"].stderr == ""
    assert list(whole_class["json"]) == ["ok", "files"]
    assert whole_class["json"]["ok"] is False
    assert [one["name"] for one in whole_class["json"]["files"]] == sorted(f"{name}.py" for name in QUICK)


@pytest.mark.parametrize("name", ["wrong", "tabs"])
def test_a_row_names_the_line_and_the_cure(name: str, whole_class: dict[str, Any]) -> None:
    found = of(whole_class, name)
    assert found["wrong"] == ["U"]
    (cure,) = found["cures"]
    assert (cure["line"], cure["before"], cure["after"]) == (18, WRONG_LINE, RIGHT_LINE)
    assert (cure["function"], cure["cell"]) == ("backward", 0)


def test_json_of_a_class_has_the_keys_that_the_page_names(whole_class: dict[str, Any]) -> None:
    page = (Path(__file__).parent.parent / "docs/harness.md").read_text("utf-8")
    for one in whole_class["json"]["files"]:
        assert {"ok", "checked", "unchecked", "wrong", "cures", "findings", "path", "status"} <= one.keys()
        assert [key for key in one if f"`{key}`" not in page] == []
        for cure in one["cures"]:
            assert [key for key in cure if f"`{key}`" not in page] == []
        for finding in one["findings"]:
            assert [key for key in finding if f"`{key}`" not in page] == []


@pytest.mark.parametrize(
    ("name", "kind", "line"),
    [("crash", "stops", 16), ("an error", "refused", 20), ("not Python", "refused", 1), ("os._exit", "ended", 15),
     ("segmentation fault", "ended", 0)],
)  # fmt: skip
def test_why_a_file_could_not_be_judged_is_a_finding(
    name: str, kind: str, line: int, whole_class: dict[str, Any]
) -> None:
    found = of(whole_class, name)["findings"][0]
    assert (found["kind"], found["line"]) == (kind, line)


def test_the_spreadsheet_has_the_same_as_json(whole_class: dict[str, Any]) -> None:
    for row, found in zip(whole_class["csv"], whole_class["json"]["files"], strict=True):
        assert row["file"] == found["path"]
        assert int(row["exit_code"]) == found["status"]
        assert row["wrong"].split() == found["wrong"]
        assert row["before"].splitlines() == [cure["before"] for cure in found["cures"]]
        assert float(row["seconds"]) >= 0.0


def test_fix_writes_a_mended_copy_of_each_wrong_file_and_of_no_other(whole_class: dict[str, Any]) -> None:
    copies = sorted((whole_class["folder"] / "hw").glob("*.mended.py"))
    assert [copy.name for copy in copies] == ["tabs.mended.py", "wrong.mended.py"]
    assert copies[1].read_text("utf-8") == RNN


class Page(HTMLParser):
    """A page: its links, what is open at the end, and the cells of its tables by their class."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.open: list[str] = []
        self.cells: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [str(given["href"])] if "href" in given else []
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "td":
            self.cells.append((given.get("class") or "", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open:
            kind, text = self.cells[-1]
            self.cells[-1] = kind, text + data


def test_each_file_has_a_page_and_the_index_leads_to_it(whole_class: dict[str, Any]) -> None:
    pages = whole_class["folder"] / "pages"
    index = Page((pages / "index.html").read_text("utf-8"))
    names = [link.replace("%20", " ") for link in index.links]
    assert sorted(names) == sorted(f"{name}.py.html" for name in QUICK)
    for name in names:
        page = Page((pages / name).read_text("utf-8"))
        assert page.open == []
        assert page.links == ["index.html"]


def test_a_page_shows_the_source_with_the_mended_line_beside_the_wrong_one(whole_class: dict[str, Any]) -> None:
    text = (whole_class["folder"] / "pages/wrong.py.html").read_text("utf-8")
    cells = Page(text).cells
    assert [code.strip() for kind, code in cells if kind == "code bad"] == [WRONG_LINE]
    assert [code.strip() for kind, code in cells if kind == "code good"] == [RIGHT_LINE]
    source = [code for kind, code in cells if kind.startswith("code") and "good" not in kind]
    assert "\n".join(source) + "\n" == FILES["wrong"][0]
    assert "<script" not in text
    assert "http" not in text
    assert "src=" not in text


def test_what_never_ends_is_stopped_and_the_others_are_checked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files, harness = write(tmp_path, ["endless", "endless import", "not Python"])
    status, out, _ = run(capfd, files, "--harness", harness, "--time-limit", 4, "--json")
    found = {one["name"]: one for one in json.loads(out)["files"]}
    assert status == REFUSED
    assert [one["status"] for one in found.values()] == [NOT_RUN, NOT_RUN, REFUSED]
    for name, line in (("endless", 15), ("endless import", 20)):
        (finding,) = found[f"{name}.py"]["findings"]
        assert finding["kind"] == "time"
        assert finding["numbers"] == {"seconds": 4.0}
        assert line <= finding["line"] <= line + 1


@pytest.mark.parametrize(
    ("codes", "one"),
    [([], 0), ([0, 0], 0), ([0, 4], 4), ([0, 3, 4], 3), ([3, 2, 0], 2), ([2, 1, 3, 0], 1)],
)
def test_one_exit_code_for_all(codes: list[int], one: int) -> None:
    findings = {WRONG: "gradient", REFUSED: "refused", NOT_RUN: "ended"}
    outcomes = []
    for code in codes:
        checked, unchecked = ["W"] if code in (RIGHT, WRONG, PARTLY) else [], ["backward"] if code == PARTLY else []
        found = [Finding(findings[code])] if code in findings else []
        verdict = Verdict("a.py", not found, checked, unchecked, [], [], found, {})
        assert verdict.status == code
        outcomes.append(Outcome(Path("a.py"), verdict, 0.0))
    assert exit_code(outcomes) == one


# --- interrupted ------------------------------------------------------------------------------------------------------


def heed_interrupts() -> None:
    """Take an interrupt as a terminal's command does: what a shell starts in the background ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_an_interrupt_shows_what_is_ready_and_ends_what_runs(tmp_path: Path) -> None:
    files, harness = write(tmp_path, ["right"])
    text = f"import os, signal\nos.kill(os.getppid(), signal.SIGINT)\nname = {'x' * 30!r}\nwhile True:\n    pass\n"
    (files / "second.py").write_text(text, "utf-8")
    (files / "third.py").write_text(RNN, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "scratchnet", "gradcheck", str(files), "--harness", str(harness), "--workers", "1",
         "--csv", str(tmp_path / "marks.csv")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}, capture_output=True, text=True,
        timeout=50, check=False, preexec_fn=heed_interrupts,
    )  # fmt: skip
    assert done.returncode == 130
    assert "right.py" in done.stdout
    assert "third.py" not in done.stdout
    assert done.stderr.splitlines() == ["interrupted: 1 of 3 files are checked"]
    with (tmp_path / "marks.csv").open(encoding="utf-8-sig") as stream:
        assert [Path(row["file"]).name for row in csv.DictReader(stream)] == ["right.py"]


def leaving_a_process(seconds: float, limit: Any) -> int:
    return subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({seconds})"]).pid


def failing(limit: Any) -> None:
    raise InputError("no")


HERE = f"{__name__}:"


@pytest.mark.skipif(not Path("/proc").exists(), reason="asks /proc which processes there are")
def test_what_a_file_has_started_ends_with_it() -> None:
    (call,) = side_by_side([(HERE + "leaving_a_process", {"seconds": 300})], ["a.py"], workers=1, seconds=60)
    end = time.monotonic() + 30.0
    while (there := Path(f"/proc/{call[1]}/stat")).exists() and there.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < end


def test_calls_side_by_side_have_their_own_results_and_errors() -> None:
    calls = [(HERE + "failing", {}), (HERE + "leaving_a_process", {"seconds": 0})]
    found = {number: one for number, one, _ in side_by_side(calls, ["a.py", "b.py"], workers=2, seconds=60)}
    assert isinstance(found[0], InputError)
    assert isinstance(found[1], int)


# --- an exam ----------------------------------------------------------------------------------------------------------


def everything_written(folder: Path) -> str:
    """Return all that was written to pages and spreadsheets."""
    return "".join(file.read_text("utf-8") for file in folder.rglob("*") if file.suffix in (".html", ".csv"))


@pytest.mark.parametrize("output", ["--json", "--full", None])
def test_an_exam_shows_no_line_and_no_cure_in_any_output(
    output: str | None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files, harness = write(tmp_path, ["wrong", "crash", "an error", "not Python", "stderr"])
    outputs = ["--csv", tmp_path / "out.csv", "--html", tmp_path / "pages", *([output] if output else [])]
    if output == "--full":
        fails_with_one_line(["gradcheck", str(files), "--verdict-only", "--full"], capfd, "--verdict-only")
        return
    status, out, err = run(capfd, files, "--harness", harness, "--verdict-only", *outputs)
    assert status == WRONG
    assert err == ""
    shown = out + everything_written(tmp_path)
    assert "wrong.py" in shown
    for secret in ("np.outer", "hs[t", "NameError", "missing", "teacher", "Error", "backward", "xxx", "np."):
        assert secret not in shown, secret
    for row in csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"))):
        assert "line" not in row
        assert int(row["exit_code"]) == FILES[Path(row["file"]).stem][1]


@pytest.mark.parametrize("name", ["wrong", "an error", "crash", "os._exit"])
def test_an_exam_of_one_file_shows_no_line_either(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files, harness = write(tmp_path, [name])
    page = tmp_path / "page.html"
    status, out, err = run(capfd, files / f"{name}.py", "--harness", harness, "--verdict-only", "--html", page)
    assert status == FILES[name][1]
    assert out.startswith(f"{name}.py: ")
    for secret in ("np.", "hs[", "NameError", "missing", ".py:1", ".py:2", "line", "backward"):
        assert secret not in out + err, secret
    assert '<td class="code' not in page.read_text("utf-8")


def test_what_an_exam_may_show_has_no_place(tmp_path: Path) -> None:
    verdict = wrong_verdict(tmp_path / "a.py", 2)
    verdict.findings.append(Finding("stops", "", "a.py", 3, "a.py:3, in f: ValueError", numbers={"T": 2}))
    bare = without_cures(verdict)
    assert (bare.ok, bare.wrong, bare.digits, bare.status) == (False, ["W"], verdict.digits, WRONG)
    assert (bare.cures, bare.cured, bare.texts) == ([], False, {})
    assert {(one.file, one.line, one.text, one.should, one.function) for one in bare.findings} == {("", 0, "", "", "")}


# --- which files ------------------------------------------------------------------------------------------------------


def test_a_folder_stands_for_its_files_without_copies_hidden_ones_and_the_harness(tmp_path: Path) -> None:
    for name in ("b.py", "a.ipynb", "deep/c.py", ".hidden/d.py", "__pycache__/e.py", "f.txt", "b.mended.py",
                 "b.mended-2.py", "harness.py", "deep/.ipynb_checkpoints/c.py", "g.mended.py"):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", "utf-8")
    found = files_of([str(tmp_path)], tmp_path / "harness.py")
    assert [file.relative_to(tmp_path).as_posix() for file in found] == ["a.ipynb", "b.py", "deep/c.py", "g.mended.py"]


def test_files_keep_their_order_and_come_once(tmp_path: Path) -> None:
    for name in ("b.py", "a.py"):
        (tmp_path / name).write_text("", "utf-8")
    one, two = str(tmp_path / "b.py"), str(tmp_path / "a.py")
    assert files_of([one, two, str(tmp_path)]) == [Path(one), Path(two)]
    assert files_of([str(tmp_path / "*.py")]) == [Path(two), Path(one)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.py", "hw"], "there is no file or folder none.py"),
        (["empty"], "there is no .py or .ipynb file to check in empty"),
        (["lstm", "gru"], "there is no file or folder lstm"),
        (["hw", "--harness", "none.py"], "there is no file none.py"),
        (["hw", "--harness", "hw/right.py"], "hw/right.py is no harness"),
        (["hw", "--hint", "1"], "one file at a time"),
        (["hw", "--full"], "one file at a time"),
        (["hw", "--verdict-only", "--fix"], "--verdict-only shows no line and no cure"),
        (["hw", "--csv", "nowhere/out.csv"], "there is no folder nowhere"),
        (["lstm", "--csv", "out.csv"], "there is no file or folder lstm"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, ["right"])
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    fails_with_one_line(["gradcheck", *arguments], capsys, said)


def test_neither_the_command_nor_a_class_loads_numpy() -> None:
    code = "import sys, scratchnet.gradcheck.command, scratchnet.gradcheck.check_class; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# --- notebooks --------------------------------------------------------------------------------------------------------

CUT = RNN.index("def backward")
CELLS = (
    ("markdown", "# My homework"),
    ("code", "%matplotlib inline\nimport numpy as np\n"),
    ("code", ""),
    ("code", RNN[len("import numpy as np\n\n\n") : CUT].rstrip()),
    ("code", RNN[CUT:].replace(RIGHT_LINE, WRONG_LINE)),
    ("code", "!ls -l\nnp.outer?\nfor k in range(2):\n    %time k\n"),
    ("code", "%%bash\nls\nif true; then ls; fi\n"),
)


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    file = tmp_path / "home work.ipynb"
    file.write_text(notebook(*CELLS), "utf-8")
    return file


def test_a_line_of_a_notebook_is_counted_in_its_code_cell(homework: Path) -> None:
    lines = read_source(homework).splitlines()
    for text, place in (("import numpy as np", (1, 2)), ("def backward(dhs, cache):", (4, 1)),
                        (f"        {WRONG_LINE}", (4, 8)), ("for k in range(2):", (5, 3))):  # fmt: skip
        assert cell_and_line("\n".join(lines), lines.index(text) + 1) == place


def test_a_notebook_with_the_same_text_is_the_same_notebook(homework: Path) -> None:
    text = read_source(homework)
    compile(text, "", "exec")
    assert json.loads(notebook_with(homework, text)) == json.loads(homework.read_text("utf-8"))


def test_a_mistake_in_a_notebook_is_said_by_cell_and_mended_in_a_copy(
    homework: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = homework.read_bytes()
    _, harness = write(tmp_path, [])
    status, out, _ = run(capfd, homework, "--harness", harness, "--json", "--fix")
    (cure,) = json.loads(out)["cures"]
    assert status == WRONG
    assert (cure["cell"], cure["line"], cure["after"]) == (4, 8, RIGHT_LINE)
    assert homework.read_bytes() == before
    mended = json.loads((tmp_path / "home work.mended.ipynb").read_text("utf-8"))
    cells = ["".join(cell["source"]) for cell in mended["cells"]]
    assert cells == [text.replace(WRONG_LINE, RIGHT_LINE) for _, text in CELLS]


def test_a_notebook_that_stops_says_in_which_cell(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files, harness = write(tmp_path, [])
    (files / "a.ipynb").write_text(notebook(("code", "x = 1"), ("code", "y = 2\nmissing\n")), "utf-8")
    (files / "b.ipynb").write_text('{"cells": 3}', "utf-8")
    _, out, _ = run(capfd, files, "--harness", harness, "--json")
    first, second = (one["findings"][0] for one in json.loads(out)["files"])
    assert (first["kind"], first["cell"], first["line"]) == ("refused", 2, 2)
    assert "a.ipynb, cell 2, line 2, in <module>: NameError" in first["text"]
    assert second["text"].endswith("b.ipynb is no notebook of version 4, which is JSON with cells in it")


# --- the first screen, hints, copies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3, 4, 30])
def test_the_first_screen_has_twelve_lines_at_most_and_ends_with_the_outcome(count: int) -> None:
    verdict = wrong_verdict(Path("a.py"), count)
    lines = lines_of(verdict)
    assert len(lines) <= MOST_LINES
    assert lines[0].startswith("a.py: WRONG in W")
    assert lines[-1] == lines_of(verdict, full=True)[-1]
    assert len(lines_of(verdict, full=True)) == 2 + 3 * count
    cut = [line for line in lines if line.endswith("more lines: --full)")]
    shown = sum(line.startswith("    cure: ") for line in lines)
    assert len(cut) == (shown < count)
    assert not cut or cut == [f"({3 * (count - shown)} more lines: --full)"]


def test_places_without_a_cure_are_one_list_that_says_where_to_begin() -> None:
    verdict = wrong_verdict(Path("a.py"), 20)
    verdict.cures, verdict.cured = [], False
    lines = lines_of(verdict)
    assert len(lines) == MOST_LINES
    assert [line.split(":")[1] for line in lines if line.startswith("    a.py:")] == [str(k) for k in range(1, 10)]


def test_five_hints_go_from_the_symptom_to_the_cure() -> None:
    verdict = wrong_verdict(Path("a.py"), 2)
    steps = [hint(verdict, n) for n in range(1, 6)]
    for shorter, longer in itertools.pairwise(steps):
        assert longer[: len(shorter)] == shorter
        assert len(longer) > len(shorter)
    said = [" ".join(longer[len(shorter) :]) for shorter, longer in zip([[], *steps], steps, strict=False)]
    reveals = {"symptom": "WRONG in W", "place": "backward", "equation": "`c`", "line": "a.py:1", "cure": "write 1"}
    for k, secret in enumerate(reveals.values()):
        assert secret in said[k]
        assert not any(secret in earlier for earlier in said[:k])


def test_a_hint_where_nothing_is_known_says_so_at_each_step() -> None:
    verdict = verdict_of("a.py", False, ["W"], [], [Finding("gradient", "W", numbers={"wrong": 1})])
    assert [len(hint(verdict, n)) for n in range(1, 6)] == [1, 2, 3, 4, 5]


def test_a_mended_copy_takes_a_name_that_is_free(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("wrong", "utf-8")
    (tmp_path / "a.mended.py").write_text("mine", "utf-8")
    verdict = wrong_verdict(file)
    verdict.texts = {str(file): "mended"}
    assert [copy.name for copy in write_mended(verdict)] == ["a.mended-2.py"]
    assert [copy.name for copy in write_mended(verdict)] == ["a.mended-3.py"]
    assert (tmp_path / "a.mended.py").read_text("utf-8") == "mine"
    assert file.read_text("utf-8") == "wrong"


# --- the table, the spreadsheet, the pages ----------------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_terminal_gets_one_line_a_file(width: int) -> None:
    outcomes = [Outcome(Path(f"hw/[bold]{k}.py"), wrong_verdict(Path(f"{k}.py")), 1.0) for k in range(3)]
    text = io.StringIO()
    show_table(outcomes, Console(file=text, width=width, force_terminal=True, color_system=None))
    lines = text.getvalue().splitlines()
    assert len(lines) == 1 + 3 + 1
    assert max(map(len, lines)) <= width
    assert lines[0].split() == ["file", "result", "line", "seconds", "what"]
    assert "[bold]1.py" in lines[2]


def test_what_is_no_terminal_gets_the_whole_of_it() -> None:
    verdict = failed(Path("a.py"), InputError("a long story " * 20))
    text = io.StringIO()
    show_table([Outcome(Path("hw/" + "a" * 90 + ".py"), verdict, 1.0)], Console(file=text))
    assert "a" * 90 + ".py" in text.getvalue()
    assert ("a long story " * 20).strip() in text.getvalue()


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_of_the_spreadsheet_is_a_formula(start: str, tmp_path: Path) -> None:
    verdict = wrong_verdict(tmp_path / "a.py")
    verdict.cures = [Cure("a.py", 1, f"{start}cmd()", f"{start}1", f"{start}words")]
    write_csv([Outcome(Path(f"{start}a.py"), verdict, 1.0)], tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig") as stream:
        (row,) = csv.DictReader(stream)
    assert [row[name] for name in ("file", "before", "after", "mistake")] == [
        f"'{start}a.py", f"'{start}cmd()", f"'{start}1", f"'{start}words",
    ]  # fmt: skip


def test_a_page_shows_a_learners_text_as_text(tmp_path: Path) -> None:
    file = tmp_path / "<b>a&.py"
    file.write_text("# <script>alert(1)</script>\n", "utf-8")
    for place in (tmp_path / "one.html", tmp_path / "pages"):
        files = write_pages([Outcome(file, wrong_verdict(file), 1.0)], place)
        for page in files:
            text = page.read_text("utf-8")
            assert "<script" not in text
            assert "<b>a" not in text
            assert Page(text).open == []


def test_two_files_of_one_name_have_two_pages(tmp_path: Path) -> None:
    outcomes = [Outcome(Path(f"{who}/index.py"), wrong_verdict(Path("index.py")), 1.0) for who in ("ann", "bob", "ann")]
    names = [page.name for page in write_pages(outcomes, tmp_path)]
    assert names == ["index.html", "ann-index.py.html", "bob-index.py.html", "ann-index.py-2.html"]


def test_one_page_for_all_has_the_index_and_every_file(tmp_path: Path) -> None:
    outcomes = [Outcome(Path(f"{k}.py"), wrong_verdict(Path(f"{k}.py")), 1.0) for k in range(3)]
    (page,) = write_pages(outcomes, tmp_path / "all.html")
    found = Page(page.read_text("utf-8"))
    assert found.links == ["#0", "#1", "#2"]
    assert page.read_text("utf-8").count("<section id=") == 3
    assert sorted(one.name for one in tmp_path.iterdir()) == ["all.html"]


def test_a_line_that_is_put_in_stands_where_it_belongs(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("def f():\n    a = 1\n    return a\n", "utf-8")
    verdict = verdict_of("a.py", False, ["W"], [Cure(str(file), 3, "", "a += 1", "put in")], [])
    (page,) = write_pages([Outcome(file, verdict, 1.0)], tmp_path / "a.html")
    cells = [text for kind, text in Page(page.read_text("utf-8")).cells if kind.startswith("code")]
    assert [text for text in cells if text] == ["def f():", "    a = 1", "    a += 1", "    return a"]
