"""The complex step; and what needs no harness: cells, layers, losses, models, arrays and functions at hand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import make_model, sample
from mistakes import mistake, mutant_of

from scratchnet import gradcheck
from scratchnet.cells import CELLS, Cell, GRUCell, LSTMCell, RNNCell
from scratchnet.errors import InputError
from scratchnet.gradcheck import assert_gradients, check, check_cell, check_functions, check_layer, load_cell
from scratchnet.gradcheck.library import cell_subject, program_of, right_parts
from scratchnet.gradcheck.library.copies import LibraryProgram, LiveProgram
from scratchnet.gradcheck.library.definitions import needed_text
from scratchnet.gradcheck.numerical import complex_step
from scratchnet.layers import Dropout, Embedding, Linear
from scratchnet.losses import SoftmaxCrossEntropy, SquaredError
from scratchnet.recurrent import Recurrent
from scratchnet.stack import Bidirectional, Stack

# --- the complex step -------------------------------------------------------------------------------------------------

KNOWN: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "cubes": (lambda x: (x**3).sum(), lambda x: 3 * x**2),
    "exponential of a product": (lambda x: np.exp(x.prod()), lambda x: np.exp(x.prod()) * x.prod() / x),
    "tanh": (lambda x: np.tanh(x).sum(), lambda x: 1 - np.tanh(x) ** 2),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_complex_step_is_exact_to_the_last_digits(name: str, rng: np.random.Generator) -> None:
    function, derivative = KNOWN[name]
    x = rng.normal(size=(2, 3))
    z = x.astype(complex)
    np.testing.assert_allclose(complex_step(lambda: function(z), z), derivative(x), rtol=1e-14)


def test_the_array_is_as_it_was_afterwards_even_when_the_loss_fails(rng: np.random.Generator) -> None:
    z = rng.normal(size=4).astype(complex)
    before = z.copy()
    with pytest.raises(ZeroDivisionError):
        complex_step(lambda: 1 // 0, z)
    np.testing.assert_array_equal(z, before)


def test_no_derivative_is_taken_of_what_is_real() -> None:
    with pytest.raises(InputError, match="came back real"):
        complex_step(lambda: np.abs(np.ones(2, complex)).sum(), np.ones(2, complex))
    with pytest.raises(InputError, match="float32"):
        complex_step(lambda: 0j, np.ones(2, np.float32))


# --- cells ------------------------------------------------------------------------------------------------------------

OWN = """import numpy as np

from scratchnet.cells import Cell
from scratchnet.recurrent import Recurrent


def forward_maths(a):
    return (np.tanh(a),)


def backward_maths(dh, h):
    return (dh * (1.0 - h * h),)


class Own(Cell):
    state = ("memory",)
    gates = ("a",)

    def forward_step(self, a_x, prev, new, saved):
        a_x += prev.memory @ self.W_hh
        self.pointwise(forward_maths, (a_x,), (new.memory,))

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        self.pointwise(backward_maths, (d.memory, new.memory), (da_x,))
        d.memory[...] = da_x @ self.W_hh.T


for step in range(3):
    print("trains")
    raise RuntimeError("a check needs the class alone")
"""
# (right, wrong, the line to be named, at which steps gate a is wrong where there are three)
SLIPS = [
    ("(1.0 - h * h)", "(1.0 - h)", 12, [0, 1, 2]),
    ("self.W_hh.T", "self.W_hh", 25, [0, 1]),
    ("da_x @ self.W_hh.T", "0.0", 25, [0, 1]),
]


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Path]:
    """Return the function that writes the file of a cell, with a text in it replaced."""

    def write(right: str = "", wrong: str = "") -> Path:
        assert right in OWN
        file = tmp_path / "own.py"
        file.write_text(OWN.replace(right, wrong, 1) if right else OWN, "utf-8")
        return file

    return write


@pytest.mark.parametrize("name", CELLS)
def test_a_right_cell_is_right_to_the_last_digits(name: str) -> None:
    report = check_cell(CELLS[name], seed=3, input_size=1, hidden_size=2)
    assert report.ok, str(report)
    assert min(report.digits.values()) >= 9
    assert {"x", "initial h", "W_ih", "W_hh", "b", "a_x"} <= {*report.checked}


@pytest.mark.parametrize(("right", "wrong", "line", "steps"), sample(SLIPS, 2))
def test_a_slip_in_a_file_is_named_with_its_line_mended_and_placed_in_the_map(
    right: str, wrong: str, line: int, steps: list[int], own: Callable[..., Path]
) -> None:
    status, report = checked(own(right, wrong))
    assert status == 1
    assert [(Path(cure.file).name, cure.line) for cure in report.cures] == [("own.py", line)]
    (found,) = [one for one in report.findings if one.kind == "map"]
    assert found.numbers == {"steps": 3, "gates": {"a": steps}}
    mended = report.texts[report.cures[0].file]
    assert mended.count("\n") == OWN.count("\n")
    assert "from scratchnet.cells import Cell" in mended, "what the check itself changed is as it was"
    assert "a check needs the class alone" in mended


def checked(file: Path) -> tuple[int, Any]:
    """Return the status and the verdict of a file of cells."""
    from scratchnet.gradcheck.library import cells_in, judged_file

    verdict = judged_file(file, cells_in(file), 0, 20.0)
    return verdict.status, verdict


def test_a_right_cell_of_a_file_is_right_though_the_file_itself_would_stop(own: Callable[..., Path]) -> None:
    status, report = checked(own())
    assert (status, report.wrong, report.name) == (0, [], "Own")


def test_each_cell_of_a_file_is_checked(own: Callable[..., Path]) -> None:
    file = own()
    file.write_text(OWN.replace("for step", "class Two(Own):\n    gates = ('b',)\n\n\nfor step"), "utf-8")
    status, report = checked(file)
    assert status == 0
    assert {"Own.W_hh", "Two.W_hh"} <= {*report.checked}


@pytest.mark.parametrize(
    "id", ["lstm.dc-without-f", "lstm.f-current-c", "lstm.order-if", "weight gradients.b-averaged"]
)
def test_a_class_without_a_file_of_its_own_is_judged_by_its_numbers(id: str) -> None:
    wrong = mutant_of(mistake(id).edits).class_for(LSTMCell)
    assert isinstance(program_of(wrong), LiveProgram)
    report = check_cell(wrong)
    assert not report.ok
    assert report.cures == []


def test_a_backward_that_is_wrong_from_right_to_left_only_is_wrong() -> None:
    layer = Recurrent(LSTMCell(2, 3, dtype="float64"), reverse=True)
    assert check_layer(layer).ok
    layer.__class__ = mutant_of(mistake("bidirectional.dx-not-mirrored").edits).class_for(Recurrent)
    assert check_layer(layer).wrong == ["x"]


def test_a_cell_that_keeps_something_from_run_to_run_is_not_right() -> None:
    wrong = mutant_of(mistake("lstm.state-leaks").edits).class_for(LSTMCell)
    assert not check_cell(wrong).ok


def test_the_parts_of_a_gradient_that_are_right_are_told_by_gate_and_step() -> None:
    wrong = mutant_of(mistake("lstm.dc-without-f").edits).class_for(LSTMCell)
    subject = cell_subject(program_of(wrong), "LSTMCell", 0, (2, 3), (4,), lambda T: [4, 4])
    found = right_parts(subject, LSTMCell(2, 3), [4, 4])
    assert [t for t in range(4) if not found[f"f t={t}"]] == [0, 1, 2]
    assert [t for t in range(4) if not found[f"o t={t}"]] == [0, 1]
    assert (found["W_hh"], found["W_hh o"], found["initial c"]) == (False, False, False)


def test_a_class_that_is_no_cell_is_refused() -> None:
    class Bare:
        state, gates, saved = ("h",), ("a",), ()
        forward_step, backward_step = RNNCell.forward_step, RNNCell.backward_step
        project_inputs, accumulate_gradients = Cell.project_inputs, Cell.accumulate_gradients

    with pytest.raises(InputError, match=r"Bare has no parameters\(\): write class Bare\(Cell\)"):
        check_cell(Bare)


def test_an_error_in_a_cell_is_told_with_its_line(own: Callable[..., Path]) -> None:
    _, report = checked(own("new.memory), (da_x,)", "new.nothing), (da_x,)"))
    (stop,) = {(Path(one.file).name, one.line) for one in report.findings if one.kind == "stops"}
    assert stop == ("own.py", 24)
    assert report.status == 3


# --- layers, losses, models -------------------------------------------------------------------------------------------

LAYERS: dict[str, Callable[[], Any]] = {
    "layer": lambda: Recurrent(LSTMCell(2, 3)),
    "both": lambda: Bidirectional(Recurrent(GRUCell(2, 3)), Recurrent(RNNCell(2, 3), reverse=True)),
    "stack": lambda: Stack([Recurrent(RNNCell(3, 3, rng=seed)) for seed in (1, 2)], 0.4),
    "embedding": lambda: Embedding(6, 3),
    "linear": lambda: Linear(3, 4),
    "dropout": lambda: Dropout(0.4),
    "cross entropy": lambda: SoftmaxCrossEntropy(0.2),
    "squared error": lambda: SquaredError(),
    "model": lambda: make_model(9, 8, embedding_size=2, hidden_size=3, dropout=0.3),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_a_loss_and_a_model_are_right_and_stay_as_they_were(name: str) -> None:
    layer = LAYERS[name]()
    before = {key: array.copy() for key, array in layer.parameters().items()}
    report = check_layer(layer)
    assert report.ok, str(report)
    for key, array in layer.parameters().items():
        np.testing.assert_array_equal(array, before[key])


def test_a_layer_of_a_cell_of_ones_own_is_checked_with_the_file_of_that_cell(own: Callable[..., Path]) -> None:
    cell = load_cell(f"{needless(own('self.W_hh.T', 'self.W_hh'))}:Own")
    report = check_layer(Recurrent(cell(2, 3)))
    assert [cure.line for cure in report.cures] == [25]


def needless(file: Path) -> Path:
    """Take what stops the file out of it: `load_cell` runs all of it."""
    file.write_text(file.read_text("utf-8").partition("for step")[0], "utf-8")
    return file


def test_a_wrong_linear_layer_is_wrong() -> None:
    layer = Linear(3, 4)
    layer.__class__ = mutant_of(mistake("linear.W-missing").edits).class_for(Linear)
    assert check_layer(layer).wrong == ["W"]


def test_what_is_no_layer_is_refused() -> None:
    with pytest.raises(InputError, match="object is no layer, loss or model"):
        check_layer(object())


# --- arrays at hand ---------------------------------------------------------------------------------------------------


def test_arrays_at_hand_are_checked_and_put_back(rng: np.random.Generator) -> None:
    W, b = rng.normal(size=(3, 2)), rng.normal(size=2)
    before = W.copy()
    given = {"W": W, "b": b}
    assert check(given, lambda: (W**3 + b).sum(), lambda: {"W": 3 * W**2, "b": np.full(2, 3.0)}).ok
    report = check(given, lambda: (W**3 + b).sum(), lambda: {"W": 3 * W, "b": np.full(2, 3.0)})
    assert report.wrong == ["W"]
    np.testing.assert_array_equal(W, before)


@pytest.mark.parametrize(
    ("gradients", "said"),
    [(lambda: {"V": np.ones(2)}, "gradients() returned V, parameters has W"), (lambda: 3.0, "returned float")],
)
def test_gradients_under_other_names_are_refused(gradients: Any, said: str) -> None:
    W = np.ones(2)
    with pytest.raises(InputError) as caught:
        check({"W": W}, lambda: W.sum(), gradients)
    assert said in str(caught.value)


def test_an_array_in_float32_or_a_copy_is_said() -> None:
    W, other = np.ones(2), np.ones(2)
    with pytest.raises(InputError, match="float32"):
        check({"W": W.astype("float32")}, lambda: W.sum(), lambda: {"W": np.ones(2)})
    assert "changing it changes nothing" in str(check({"W": W}, lambda: other.sum(), lambda: {"W": np.ones(2)})) or (
        "without any effect" in str(check({"W": W}, lambda: other.sum(), lambda: {"W": np.ones(2)}))
    )


def test_an_assertion_is_silent_for_what_is_right_and_says_all_of_what_is_wrong() -> None:
    assert_gradients(RNNCell)
    assert_gradients(Linear(2, 3))
    W = np.ones(2)
    with pytest.raises(AssertionError, match="WRONG in W"):
        assert_gradients({"W": W}, lambda: (W * W).sum(), lambda: {"W": W})


# --- functions at hand ------------------------------------------------------------------------------------------------

STEP = """import numpy as np

def ahead(x, h, Wx, Wh):
    new = np.tanh(x @ Wx + h @ Wh)
    return new, (x, h, Wx, Wh, new)

def back(dnew, cache):
    x, h, Wx, Wh, new = cache
    da = dnew * (1 - new * new)
    return da @ Wx.T, da @ Wh, x.T @ da, h.T @ da
"""


def test_functions_of_a_file_are_checked_however_they_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "step_of_an_rnn.py").write_text(STEP, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import step_of_an_rnn as step  # type: ignore[import-not-found]

    report = check_functions(step.ahead, step.back)
    assert report.wrong == ["h"]
    assert [(cure.line, "da @ Wh.T" in cure.after) for cure in report.cures] == [(10, True)]
    with pytest.raises(InputError, match=r"is not a function: wanted check_functions\(my_forward, my_backward\)"):
        check_functions(LSTMCell, step.back)
    del sys.modules["step_of_an_rnn"]


def test_functions_within_a_function_are_refused() -> None:
    def inner() -> None:
        """Do nothing."""

    with pytest.raises(InputError, match="inner stands within a function"):
        check_functions(inner, inner)


# --- what a class needs of its file -----------------------------------------------------------------------------------

SCRIPT = """import numpy as np
TABLE = np.zeros(3)
TABLE[0] = 1.0
OTHER = 5
def used(x):
    return x * TABLE
class Wanted:
    f = used
@used
def unused(x):
    return OTHER
if __name__ == "__main__":
    TABLE = None
print(Wanted)
"""


def test_what_a_class_needs_stays_at_its_line_and_the_rest_is_blank() -> None:
    lines = needed_text(SCRIPT, ["Wanted"]).split("\n")
    assert [k for k, line in enumerate(lines, 1) if line] == [1, 2, 3, 5, 6, 7, 8]
    assert len(lines) == len(SCRIPT.split("\n"))


def test_the_librarys_own_files_are_trusted_where_they_are_as_on_record() -> None:
    program = program_of(LSTMCell)
    assert isinstance(program, LibraryProgram)
    assert {"library.recurrent", "library.cells.lstm", "library.functions"} <= program.trusted
    assert [*program.suspected] == ["part"]


def test_everything_that_the_face_names_is_there() -> None:
    assert [name for name in gradcheck.__all__ if getattr(gradcheck, name, None) is None] == []
