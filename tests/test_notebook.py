"""In a notebook: what objects show of themselves, what is checked there, and what warnings and errors look like.

Most of it runs in IPython's shell inside this process; one test executes a real notebook in a kernel of its own.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbclient import NotebookClient
from rich.console import Console
from test_progress import shown
from tiny import TRAIN, VALIDATION
from traitlets.config import Config

import scratchnet as sn
from scratchnet.data import Corpus
from scratchnet.errors import in_notebook, warn
from scratchnet.gradcheck import as_text, show
from scratchnet.training import TrainingResult
from scratchnet.training.notebook_bar import NotebookBar

ROOT = Path(__file__).parent.parent
MATHS = """
import numpy as np
from scratchnet.cells import Cell

def plain_forward(a):
    return np.tanh(a)

def plain_backward(dh, h):
    return dh * (1.0 - h)
"""
CELL = """
class PlainCell(Cell):
    state = ("h",)
    gates = ("a",)

    def forward_step(self, a_x, prev, new, saved):
        a_x += prev.h @ self.W_hh
        new.h[...] = plain_forward(a_x)

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        da_x[...] = plain_backward(d.h, new.h)
        d.h[...] = da_x @ self.W_hh.T
"""
STEP = """
import numpy as np

def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)
"""
STEP_BACK = """
def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = slope(next_h) * dnext_h
    return da @ Wx.T, da @ Wh, x.T @ da, prev_h.T @ da, da.sum(axis=0)

def slope(h):
    return 1 - h**2
"""

Run = Callable[[str], Any]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """Return IPython's shell, which this process is in until the test ends."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # the shell puts its own there
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    InteractiveShell.clear_instance()


@pytest.fixture
def run(shell: InteractiveShell) -> Run:
    """Return the function that runs a cell and returns its value."""

    def run_cell(source: str) -> Any:
        done = shell.run_cell(source.strip(), store_history=True, silent=False)
        done.raise_error()
        return done.result

    return run_cell


@pytest.fixture
def kernel(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the shell, rich and the library believe that they are in a notebook's kernel."""
    monkeypatch.setattr(shell, "kernel", object(), raising=False)
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    assert in_notebook()
    assert Console().is_jupyter


# --- reports ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("kernel")
def test_a_report_as_text_and_a_failed_assertion_say_everything(run: Run) -> None:
    run(MATHS)
    wrong = run(CELL + "\nPlainCell")
    text = as_text(sn.check_cell(sn.RNNCell))
    assert text.startswith("RNNCell: right, to")
    with pytest.raises(AssertionError, match=r"(?s)PlainCell: WRONG in W_ih.*cell 1, line 8.*cure: .*at t = 0, 1, 2"):
        sn.assert_gradients(wrong)


@pytest.mark.usefixtures("kernel")
def test_a_report_printed_on_a_notebooks_console_is_one_output() -> None:
    report = sn.check_cell(sn.RNNCell)
    with capture_output() as captured:
        show(report, Console())
    assert len(captured.outputs) == 1
    assert "W_hh" in captured.outputs[0].data["text/html"]


def test_a_report_shows_itself_in_one_line_and_in_a_notebook_as_html(shell: InteractiveShell) -> None:
    report = sn.check_cell(sn.RNNCell)
    assert repr(report) == f"<Report {report.verdict}>"
    shown, _ = shell.display_formatter.format(report)
    assert shown["text/plain"] == str(report)
    assert "RNNCell: right, to" in shown["text/html"]
    assert shown["text/html"].startswith("<div")
    assert "<h1" not in shown["text/html"], "it would stand in the notebook's table of contents"
    assert shell.display_formatter.format([report, report])[0]["text/plain"].count("<Report RNNCell") == 2


def test_the_style_of_a_fragment_touches_nothing_else_and_knows_dark_notebooks() -> None:
    text = sn.LSTMCell(3, 4)._repr_html_()
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    rules = [found.strip() for found in re.findall(r"([^{}]+)\{", style)]
    selectors = [one for rule in rules if not rule.startswith("@media") for one in rule.split(",")]
    assert len(selectors) > 20
    assert [one for one in selectors if ".scratchnet" not in one] == []
    assert any("data-jp-theme-light" in one and ":not" not in one for one in selectors)
    assert "prefers-color-scheme: dark" in text


# --- code typed into cells --------------------------------------------------------------------------------------------


def test_a_cell_typed_in_is_checked_and_the_wrong_line_quoted_from_the_notebook_cell_it_stands_in(run: Run) -> None:
    run(MATHS)
    report = run(CELL + "\nimport scratchnet as sn\nsn.check_cell(PlainCell)")
    assert not report.ok
    (cure,) = report.cures
    assert (cure.cell, cure.line, cure.before) == (1, 8, "return dh * (1.0 - h)")
    assert "notebook.ipynb, cell 1, line 8: return dh * (1.0 - h)" in report._repr_html_()
    run(MATHS.replace("(1.0 - h)", "(1.0 - h * h)"))
    assert run("sn.check_cell(PlainCell)").ok


def test_an_error_in_a_cell_typed_in_is_located(run: Run) -> None:
    run(MATHS)
    run(CELL.replace("plain_backward(d.h, new.h)", "plain_backward(d.h)"))
    report = run("import scratchnet as sn\nsn.check_cell(PlainCell)")
    assert {(one.cell, one.line) for one in report.findings if one.kind == "stops"} == {(2, 10)}
    assert re.search(r"stops at T = 1, 2, 3: .*in backward_step: TypeError: .*missing 1 required", str(report))


def test_functions_typed_in_are_checked(run: Run) -> None:
    run(STEP)
    run(STEP_BACK)
    report = run("import scratchnet as sn\nsn.check_functions(rnn_step_forward, rnn_step_backward)")
    assert report.wrong == ["prev_h"]
    (cure,) = report.cures
    assert (cure.cell, cure.line, "da @ Wh.T" in cure.after) == (2, 4, True)
    run(STEP_BACK.replace("da @ Wh,", "da @ Wh.T,"))
    assert run("sn.check_functions(rnn_step_forward, rnn_step_backward)").ok


def test_a_class_cannot_be_trained_and_the_error_says_what_to_do() -> None:
    with pytest.raises(sn.InputError, match=r"%%writefile my_cell\.py.*cell=\"my_cell\.py:LSTMCell\""):
        sn.train([("a", "b")], cell=sn.LSTMCell)


# --- models -----------------------------------------------------------------------------------------------------------


def test_a_cell_shows_its_sizes_and_parameters_in_one_line() -> None:
    wanted = "LSTMCell(input_size=3, hidden_size=8): W_ih (3, 32), W_hh (8, 32), b (32,); 384 parameters, 0.0015 MB"
    assert repr(sn.LSTMCell(3, 8)) == f"{wanted}, float32 on numpy"


def test_a_model_shows_its_parts_and_a_summary_adds_up() -> None:
    model = sn.ModelConfig(embedding_size=5, hidden_size=6, dropout=0.1, bidirectional=True).build(9, 11)
    lines = repr(model).splitlines()
    total = sum(array.size for array in model.parameters().values())
    assert f"{total:,} parameters" in lines[0]
    assert "    embedding: Embedding(vocabulary_size=9, output_size=5): W (9, 5)" in lines
    summary = model.summary()
    counts = [row.size for row in summary.rows]
    assert sum(counts) == summary.size == total
    assert summary.nbytes == 4 * total
    last = str(summary).splitlines()[-1].split()
    assert last[0] == "total"
    assert last[-2:] == [f"{total:,}", f"{4 * total / 1e6:.2g}"]
    assert f"<td>{total:,}</td>" in model._repr_html_()
    assert "Dropout(rate=0.1)" in str(summary)
    assert "Dropout" not in repr(sn.ModelConfig(embedding_size=5, hidden_size=6).build(9, 11))


def test_a_model_that_is_not_built_yet_can_be_shown() -> None:
    assert "Recurrent object at" in repr(sn.Recurrent.__new__(sn.Recurrent))


def test_large_things_show_themselves_in_one_line() -> None:
    pairs = (("one", "एक"),)
    corpus = Corpus("en-hi", "en", "hi", pairs * 2000, pairs, ())
    assert repr(corpus) == "<Corpus en-hi: 2,000 train, 1 validation, 0 test pairs>"
    result = sn.train(TRAIN + VALIDATION, epochs=1, hidden_size=4, embedding_size=4, validation=0.2)
    ended, best, right = repr(result).strip("<>").split("; ")
    assert ended == "TrainingResult finished after 1 epoch"
    assert re.fullmatch(r"best in epoch 1 with validation loss \d\.\d{3}", best)
    assert re.fullmatch(r"\d+\.\d % exactly right", right)
    assert repr(result.translator).startswith("<Translator from <Vocabulary of ")


def test_a_training_shows_its_test_scores_and_where_it_is_kept() -> None:
    scores = {"bleu": 12.34, "exact_match": 0.5}
    result = TrainingResult("early", 2, 20, None, [], 0, Path("runs") / "first", scores)
    assert repr(result) == (
        f"<TrainingResult early after 2 epochs; test: BLEU 12.3, 50.0 % exactly right; kept in {result.out}>"
    )


# --- training, warnings, errors ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("kernel")
def test_progress_in_a_notebook_is_a_bar_and_plain_lines_below_it() -> None:
    with capture_output() as captured:
        sn.train(TRAIN + VALIDATION, epochs=2, hidden_size=4, embedding_size=4, validation=0.2)
    bar = captured.outputs[-1].data
    assert re.search(r'epoch 2/2<progress value="(\d+)" max="\1"', bar["text/html"])
    assert "loss" in bar["text/plain"]
    assert captured.stderr == ""
    lines = captured.stdout.splitlines()
    assert sum(line.startswith("epoch") and "validation loss" in line for line in lines) == 2
    assert "\x1b" not in captured.stdout


def test_outside_a_notebook_no_bar_of_a_notebook_is_shown() -> None:
    assert "<progress" not in shown(terminal=True) + shown(terminal=False)


def test_the_bar_stands_between_its_two_texts() -> None:
    bar = NotebookBar()
    task = bar.add_task("")
    bar.update(task, description="epoch <1>", completed=10, total=40)
    bar.update(task, completed=20, figures="loss 1  60 s left")
    assert repr(bar) == "epoch <1>  20/40  loss 1  60 s left"
    assert 'epoch &lt;1&gt;<progress value="20" max="40"' in bar._repr_html_()


def test_an_error_of_the_library_is_one_line(shell: InteractiveShell) -> None:
    with capture_output() as captured:
        shell.run_cell("import scratchnet as sn\nsn.LSTMCell(0, 3)")
    assert captured.stdout.splitlines() == ["InputError: input_size is 0: it must be a whole number above zero"]


@pytest.mark.usefixtures("kernel")
def test_a_warning_in_a_notebook_is_one_line_and_can_be_silenced(capsys: pytest.CaptureFixture[str]) -> None:
    warn("two lines were skipped")
    warn("two lines were skipped")
    assert capsys.readouterr().err == "warning: two lines were skipped\n" * 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warn("two lines were skipped")
    assert capsys.readouterr().err == ""


def test_a_warning_elsewhere_is_pythons_own() -> None:
    with pytest.warns(UserWarning, match="two lines were skipped"):
        warn("two lines were skipped")


# --- a real notebook --------------------------------------------------------------------------------------------------

CELLS = (
    MATHS,
    CELL + "\nimport scratchnet as sn\nsn.check_cell(PlainCell)",
    "from scratchnet.gradcheck import as_text\nprint(as_text(sn.check_cell(sn.RNNCell)))",
    "sn.assert_gradients(PlainCell)",
    "pairs = [(f'w{k}', f'v{k}') for k in range(30)]\n"
    "result = sn.train(pairs, epochs=2, hidden_size=4, embedding_size=4, batch_size=8)",
    "result.translator.model",
    "result.translator.model.summary()",
    "sn.train(pairs, cell=PlainCell)",
    "open('pairs.tsv', 'w').write('no tab\\n' + '\\n'.join('\\t'.join(pair) for pair in pairs))\n"
    "sn.train('pairs.tsv', epochs=1, hidden_size=4, embedding_size=4).stopped",
)


def outputs_of(cell: Any) -> dict[str, str]:
    """Return what a cell put out, by kind: stdout, stderr, error, text/plain, text/html."""
    found: dict[str, str] = {}
    for output in cell.outputs:
        if output.output_type == "stream":
            found[output.name] = found.get(output.name, "") + output.text
        elif output.output_type == "error":
            found["error"] = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output.traceback))
        else:
            found |= output.data
    return found


def test_a_notebook_shows_what_it_should(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text.strip()) for text in CELLS])
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=True, resources=resources).execute()
    _, check, printed, assertion, training, model, summary, refused, skipping = map(outputs_of, notebook.cells)

    assert check.keys() == {"text/plain", "text/html"}
    for text in check.values():
        assert "PlainCell: WRONG in W_ih" in text
    for text in (check["text/plain"], check["text/html"], assertion["error"]):
        assert "notebook.ipynb, cell 1, line 8: return dh * (1.0 - h)" in text
    assert printed["stdout"].startswith("RNNCell: right, to")

    assert '<progress value="8" max="8"' in training["text/html"]
    assert training["stdout"].count("validation loss") == 2
    assert "stderr" not in training
    assert "Seq2Seq; " in model["text/plain"]
    assert "Embedding(vocabulary_size=" in model["text/html"]
    assert summary["text/plain"].splitlines()[-1].startswith("total")
    assert refused["error"].startswith("InputError: cell is PlainCell itself")
    assert len(refused["error"].splitlines()) == 1
    assert skipping["stderr"] == "warning: pairs.tsv: skipped 1 of 31 lines (no tab: line 1)\n"
    assert skipping["text/plain"].endswith("'finished'")
