"""Harness files of every kind that goes wrong: each is a verdict in words, or one line that says what to do."""

from __future__ import annotations

import sys
import textwrap
import types
from pathlib import Path
from typing import Any

import pytest

from scratchnet.cli import main
from scratchnet.gradcheck.adjoints import TracedArray
from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.subjects import HarnessError, subject_of
from scratchnet.gradcheck.words import lines_of

SECONDS = 15.0  # that a cure is looked for; each is found in one or two

LINEAR = """
import numpy as np


def forward(x, W):
    y = np.tanh(x @ W)
    return y, (x, W, y)


def backward(d, cache):
    x, W, y = cache
    d = d * (1 - y * y)
    return d @ W.T, x.T @ d
"""

HARNESS = """
def harness(m, r):
    x, W = r(2, 3), r(3, 4)
    y, cache = m.forward(x, W)
    dx, dW = m.backward(r.loss(y), cache)
    return [(x, dx), (W, dW)]
"""


def write(folder: Path, code: str, harness: str = HARNESS, **others: str) -> Path:
    """Write code_file.py, its harness and other files; return the harness, or the code where there is none."""
    for name, text in {"code_file": code, **others}.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text).strip() + "\n", "utf-8")
    if not harness:
        return folder / "code_file.py"
    path = folder / f"harness_of_{folder.name.replace('-', '_')}.py"
    path.write_text("import code_file\n" + textwrap.dedent(harness), "utf-8")
    return path


# --- the gradient from above ------------------------------------------------------------------------------------------


def test_the_gradient_from_above_is_a_leaf_of_the_tape_and_the_loss_does_not_depend_on_it(tmp_path: Path) -> None:
    run = subject_of(write(tmp_path, LINEAR)).traced(2)
    (above,) = run.upstream
    assert isinstance(above, TracedArray)
    assert above.numbers.all()
    assert run.serves[above.numbers].all()
    assert not run.reaches[above.numbers].any()


# --- neighbours -------------------------------------------------------------------------------------------------------

FORWARD, BACKWARD = LINEAR.split("def backward")
PARTS = "def backward" + BACKWARD


@pytest.mark.parametrize(
    ("imports", "call"),
    [("from parts import backward\n", ""), ("import parts\n", "backward = parts.backward\n"),
     ("", "def backward(d, cache):\n    from parts import backward\n    return backward(d, cache)\n")],
    ids=["by name", "whole", "within a function"],
)  # fmt: skip
def test_a_mistake_in_a_neighbour_is_cured_there(imports: str, call: str, tmp_path: Path) -> None:
    parts = PARTS.replace("(1 - y * y)", "(1 - y)")
    path = write(tmp_path, imports + FORWARD.lstrip() + call, parts=parts)
    verdict = judge(subject_of(path), SECONDS)
    (cure,) = verdict.cures
    assert (Path(cure.file).name, cure.line, cure.before) == ("parts.py", 3, "d = d * (1 - y)")
    assert "parts" not in sys.modules
    assert "code_file" not in sys.modules


def test_a_neighbour_that_is_loaded_already_is_loaded_anew_and_left_as_it_was(tmp_path: Path) -> None:
    path = write(tmp_path, "from parts import backward\n" + FORWARD.lstrip(), parts=PARTS)
    module = types.ModuleType("parts")
    module.__file__ = str(tmp_path / "parts.py")
    sys.modules["parts"] = module
    try:
        assert judge(subject_of(path), 0.0).ok
        assert sys.modules["parts"] is module
    finally:
        del sys.modules["parts"]


def test_a_harness_that_imports_a_module_and_its_parts_checks_the_module(tmp_path: Path) -> None:
    harness = "import parts\n" + HARNESS.replace("m.backward", "parts.backward")
    path = write(tmp_path, "import parts\n" + FORWARD.lstrip(), harness, parts=PARTS.replace("d @ W.T", "d * W.T"))
    subject = subject_of(path)
    assert subject.program.name == "code_file"
    assert set(subject.program.texts) == {"code_file", "parts"}


@pytest.mark.parametrize("marked", [True, False])
def test_a_module_in_folders_is_checked_with_its_neighbours_there(marked: bool, tmp_path: Path) -> None:
    folder = tmp_path / "nets" / "deep" / "deeper"
    folder.mkdir(parents=True)
    for one in [folder, *folder.parents[:2]] * marked:
        (one / "__init__.py").write_text("")
    (folder.parent / "parts.py").write_text("import numpy as np\n" + PARTS.replace("(1 - y * y)", "(1 + y * y)"))
    (folder / "model.py").write_text("from ..parts import backward\n" + FORWARD)
    (tmp_path / "harness_of_folder.py").write_text("from nets.deep.deeper import model\n" + HARNESS)
    verdict = judge(subject_of(tmp_path / "harness_of_folder.py"), SECONDS)
    assert [Path(cure.file).name for cure in verdict.cures] == ["parts.py"]
    assert not [name for name in sys.modules if name.split(".")[0] == "nets"]


# --- gradients that are no gradients ----------------------------------------------------------------------------------

ODD = {
    "not a number": ("dW * float('nan')", "not finite", {"nan": 12, "infinite": 0, "of": 12, "T": 3}),
    "one infinity": ("dW + np.inf * (dW == dW.max())", "not finite", {"nan": 11, "infinite": 1, "of": 12, "T": 3}),
    "ragged": ("[[1], [2, 3]]", "no numbers", {"is": "a list of 2", "T": 3}),
    "complex": ("dW * 1j", "no numbers", {"is": "an array of complex128", "T": 3}),
    "a word": ("'dW'", "no numbers", {"is": "a str", "T": 3}),
    "transposed": ("dW.T", "shape", {"has": [4, 3], "wanted": [3, 4], "T": 3}),
    "nothing": ("None", "missing", {}),
}


@pytest.mark.parametrize(("given", "kind", "numbers"), ODD.values(), ids=ODD.keys())
def test_a_gradient_that_is_none_is_said_to_be_what_it_is(
    given: str, kind: str, numbers: dict[str, Any], tmp_path: Path
) -> None:
    path = write(tmp_path, LINEAR, "import numpy as np\n" + HARNESS.replace("(W, dW)", f"(W, {given})"))
    verdict = judge(subject_of(path), 1.0)
    assert verdict.wrong == ["W"]
    assert not verdict.ok
    (one,) = [one for one in verdict.findings if one.kind != "place"]
    found = {**one.numbers, "nan": one.numbers.get("nan")} if given.startswith("dW + np.inf") else one.numbers
    if given.startswith("dW + np.inf"):
        numbers = {**numbers, "nan": found["nan"]}  # infinity times 0 is not a number
    assert (one.kind, one.array, found) == (kind, "W", numbers)
    assert lines_of(verdict)[1].startswith("W: ")


def test_the_line_in_which_the_first_nan_arises_is_named(tmp_path: Path) -> None:
    code = LINEAR.replace("    d = d *", "    z = np.log(-abs(d))\n    d = z *")
    (first, *_) = [one for one in judge(subject_of(write(tmp_path, code)), 0.0).findings if one.kind == "not finite"]
    assert "code_file.py:11: z is not a number, first in backward" in first.text


def test_an_array_in_two_pairs_is_named(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"^pair 2 of the harness: its array is that of pair 1 again$"):
        judge(subject_of(write(tmp_path, LINEAR, HARNESS.replace("(W, dW)", "(x, dW)"))), 0.0)


def test_a_gradient_as_a_list_of_numbers_is_one(tmp_path: Path) -> None:
    assert judge(subject_of(write(tmp_path, LINEAR, HARNESS.replace("(W, dW)", "(W, dW.tolist())"))), 0.0).ok


def test_gradients_in_another_order_are_wrong_and_a_verdict(tmp_path: Path) -> None:
    verdict = judge(subject_of(write(tmp_path, LINEAR.replace("d @ W.T, x.T @ d", "x.T @ d, d @ W.T"))), SECONDS)
    assert verdict.wrong == ["x", "W"]
    assert [(one.kind, one.numbers["of_array"]) for one in verdict.findings[:2]] == [("shape", "W"), ("shape", "x")]
    assert "x: its gradient is that of W: are they returned in another order?" in lines_of(verdict)


def test_gradients_of_one_shape_in_another_order_are_told_apart(tmp_path: Path) -> None:
    harness = HARNESS.replace("r(2, 3), r(3, 4)", "r(3, 3), r(3, 3)").replace("dx, dW =", "dW, dx =")
    verdict = judge(subject_of(write(tmp_path, LINEAR, harness)), 0.0)
    assert [(one.kind, one.numbers["of_array"]) for one in verdict.findings] == [("gradient", "W"), ("gradient", "x")]


LATE = LINEAR.replace("    d = d *", "    assert len(x) < 3, 'too long'\n    d = d *")


def test_code_that_stops_at_one_size_only_could_not_be_run_there_and_is_right_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, LATE, HARNESS.replace("r(2, 3)", "r(r.T, 3)"))
    assert main(["gradcheck", str(path)]) == 3
    first, second = capsys.readouterr().out.splitlines()
    assert first == "code_file.py: could not be run at T = 3; right at T = 1, 2: x, W"
    assert second.startswith("stops at T = 3: ")
    assert "code_file.py:11, in backward: AssertionError: too long" in second


def test_code_that_stops_at_one_size_and_is_wrong_at_the_others_is_wrong(tmp_path: Path) -> None:
    code = LATE.replace("(1 - y * y)", "(1 - y)")
    verdict = judge(subject_of(write(tmp_path, code, HARNESS.replace("r(2, 3)", "r(r.T, 3)"))), 1.0)
    assert verdict.wrong == ["x", "W"]
    assert verdict.times == (1, 2)


def test_a_call_that_the_harness_makes_wrongly_could_not_be_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gradcheck", str(write(tmp_path, LINEAR, HARNESS.replace("m.forward(x, W)", "m.forward(x)")))]) == 3
    assert "could not be run this way" in capsys.readouterr().out


def test_a_search_that_fails_loses_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise FloatingPointError("lost")

    monkeypatch.setattr("scratchnet.gradcheck.judge_subject.Search", fail)
    verdict = judge(subject_of(write(tmp_path, LINEAR.replace("(1 - y * y)", "(1 - y)"))), 1.0)
    assert verdict.wrong == ["x", "W"]
    assert any("FloatingPointError: lost" in line for line in lines_of(verdict))


# --- what a loss is, and what an array is -----------------------------------------------------------------------------

BAD_LOSS = {
    "nothing": ("None", "r.loss was given None, wanted one array"),
    "a tuple": ("(y, y)", "r.loss was given a tuple of 2, wanted one array"),
    "complex": ("y * 1j", "r.loss was given an array of complex128, wanted"),
    "a word": ("'y'", "r.loss was given a str, wanted"),
    "whole numbers": ("(y > 0).astype(int)", "r.loss was given an array of int64: whole numbers have no gradient"),
    "no entries": ("y[:0]", "r.loss was given an empty array, of shape (0, 4)"),
}


@pytest.mark.parametrize(("given", "said"), BAD_LOSS.values(), ids=BAD_LOSS.keys())
def test_a_loss_that_is_none_is_named_with_its_line(given: str, said: str, tmp_path: Path) -> None:
    path = write(tmp_path, LINEAR, HARNESS.replace("r.loss(y)", f"r.loss({given})"))
    with pytest.raises(HarnessError) as caught:
        judge(subject_of(path), 0.0)
    assert f"{path.name}:6: {said}" in str(caught.value)


BAD_ARRAY = {
    "a copy": ("x.copy()", "but a copy of one: return the one that r gave"),
    "a view": ("x[:]", "but a view of one: return the one that r gave"),
    "float32": ("x.astype('float32')", "its array is one of float32, wanted float64"),
    "a list": ("x.tolist()", "its first part is a list of 2, wanted an array that r gave or adopted"),
    "another": ("2 * x", "its array is none that r gave or adopted"),
}


@pytest.mark.parametrize(("given", "said"), BAD_ARRAY.values(), ids=BAD_ARRAY.keys())
def test_an_array_that_r_did_not_give_is_said_to_be_what_it_is(given: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"^pair 1 of the harness: ") as caught:
        judge(subject_of(write(tmp_path, LINEAR, HARNESS.replace("(x, dx)", f"({given}, dx)"))), 0.0)
    assert said in str(caught.value)


# --- buffers for gradients --------------------------------------------------------------------------------------------

ADDING = """
import numpy as np


class Layer:
    def __init__(self, size):
        self.W, self.b = np.random.randn(size, size), np.zeros(size)
        self.grads = {"W": np.zeros((size, size)), "b": np.zeros(size)}
        self.memory = np.ones(size)

    def forward(self, x):
        self.x, self.y = x, np.tanh(x @ self.W + self.b)
        return self.y

    def backward(self, d):
        d = d * (1 - self.y ** 2)
        self.grads["W"] += self.x.T @ d
        self.grads["b"] += d.sum(axis=0)
        return d @ self.W.T
"""
ADOPTED = """
def harness(m, r):
    layer, x = r.new(m.Layer, 3), r(2, 3)
    dx = layer.backward(r.loss(layer.forward(x)))
    return [(x, dx), (layer.W, layer.grads["W"]), (layer.b, layer.grads["b"])]
"""


def test_what_the_loss_does_not_depend_on_keeps_the_values_of_its_constructor(tmp_path: Path) -> None:
    subject = subject_of(write(tmp_path, ADDING, ADOPTED))
    assert judge(subject, 0.0).ok
    arrays = subject.arrays(2)
    values = {name[1]: arrays.kept[key] for key, name in arrays.adopted.items()}
    assert not values["grads['W']"].any()
    assert (values["memory"] == 1).all()
    assert values["b"].all()  # zero in the constructor, but a weight


def test_arrays_of_a_module_are_put_back_before_each_run(tmp_path: Path) -> None:
    code = ADDING + "\n\nlayer = Layer(3)\n"
    harness = ADOPTED.replace("r.new(m.Layer, 3)", "r.adopt(m.layer)")
    assert judge(subject_of(write(tmp_path, code, harness)), 0.0).ok


def test_an_array_under_two_names_is_one(tmp_path: Path) -> None:
    code = ADDING.replace("self.memory = np.ones(size)", "self.params = [self.W, self.b]").replace(
        "x @ self.W + self.b", "x @ self.params[0] + self.params[1]"
    )
    subject = subject_of(write(tmp_path, code.replace("d @ self.W.T", "d @ self.W"), ADOPTED))
    assert judge(subject, SECONDS).wrong == ["x"]
    run = subject.traced(2)
    assert all(run.gradients[key].any() for key in run.returned)


# --- the simple form --------------------------------------------------------------------------------------------------

SIMPLE = """
import numpy as np

parameters = {'W': 3.0 * np.ones((2, 2)), 'b': np.ones(2)}


def loss():
    return (parameters['W'] ** 2).sum() + (parameters['b'] ** 3).sum()


def gradients():
    return {'W': 2 * parameters['W'], 'b': 3 * parameters['b'] ** 2}
"""


def test_the_simple_form_is_checked_at_other_values_too(tmp_path: Path) -> None:
    right = judge(subject_of(write(tmp_path, SIMPLE, "")), 0.0)
    assert right.ok
    assert "(12 derivatives, at 2 sets of values)" in lines_of(right)[0]
    wrong = judge(
        subject_of(write(tmp_path, SIMPLE.replace("3 * parameters['b'] ** 2", "3 * parameters['b']"), "")), 0.0
    )
    assert wrong.wrong == ["b"]  # equal at the file's own values, which are all 1


def test_values_at_which_the_simple_form_cannot_be_run_are_given_up(tmp_path: Path) -> None:
    code = SIMPLE.replace("    return (p", "    assert abs(parameters['b'][0] - 1) < 0.01\n    return (p", 1)
    assert judge(subject_of(write(tmp_path, code, "")), 0.0).ok


def test_a_parameter_that_is_a_copy_is_said_to_be_one(tmp_path: Path) -> None:
    code = SIMPLE.replace("parameters = ", "W = 3.0 * np.ones((2, 2))\nparameters = ").replace(
        "(parameters['W'] **", "(W **"
    )
    verdict = judge(subject_of(write(tmp_path, code, "")), 0.0)
    (one,) = [one for one in verdict.findings if one.array == "W"]
    assert (one.kind, one.text) == ("no effect", "W")
    assert "is it a copy of W" in " ".join(lines_of(verdict))


def test_a_derivative_that_is_zero_by_nature_is_right(tmp_path: Path) -> None:
    code = LINEAR.replace("def forward(x, W):", "def forward(x, W, b):").replace(
        "np.tanh(x @ W)", "np.tanh(x @ W + (b - b.mean()).sum())"
    )
    code = code.replace("return d @ W.T, x.T @ d", "return d @ W.T, x.T @ d, d.sum() * (np.ones(4) - 1)")
    harness = (
        HARNESS.replace("x, W = r(2, 3), r(3, 4)", "x, W, b = r(2, 3), r(3, 4), r(4)")
        .replace("m.forward(x, W)", "m.forward(x, W, b)")
        .replace("dx, dW =", "dx, dW, db =")
        .replace("(W, dW)]", "(W, dW), (b, db)]")
    )
    verdict = judge(subject_of(write(tmp_path, code, harness)), 0.0)
    assert verdict.ok, lines_of(verdict)
    assert verdict.digits["b"] == 12
