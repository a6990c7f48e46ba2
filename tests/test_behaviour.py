"""How code behaves apart from its gradient, as findings: each planted into code that is right, each seen, no other."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from test_harness import LEARNERS
from textbook_recurrent import TEXTBOOK

from scratchnet.gradcheck.cure import Finding, Verdict
from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.subjects import subject_of
from scratchnet.gradcheck.words import MOST_LINES, lines_of

CODE = """
import numpy as np


def forward(x, h, Wx, Wh, b):
    steps = []
    out = np.zeros((len(x), *h.shape))
    for t in range(len(x)):
        prev = h
        h = np.tanh(x[t] @ Wx + prev @ Wh + b)
        steps.append([x[t], prev, h])
        out[t] = h
    return out, steps


def backward(dout, steps, Wx, Wh):
    dx, later = np.zeros((len(steps), *steps[0][0].shape)), np.zeros_like(steps[0][1])
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(Wh.shape[1])
    for t in reversed(range(len(steps))):
        xt, prev, h = steps[t]
        da = (dout[t] + later) * (1 - h ** 2)
        dWx += xt.T @ da
        dWh += prev.T @ da
        db += da.sum(axis=0)
        dx[t] = da @ Wx.T
        later = da @ Wh.T
    return dx, later, dWx, dWh, db
"""
HARNESS = """
def harness(m, r):
    x, h, Wx, Wh, b = arrays = r(r.T, 2, 3), r(2, 4), r(3, 4), r(4, 4), r(4)
    out, steps = m.forward(*arrays)
    return zip(arrays, m.backward(r.loss(out), steps, Wx, Wh))
"""

NET = """
import numpy as np


class Net:
    def __init__(self):
        self.W, self.U = np.random.randn(3, 4), np.random.randn(4, 4)
        self.h, self.calls = None, 0
        self.dW, self.dU = np.zeros_like(self.W), np.zeros_like(self.U)

    def forward(self, xs):
        h, self.kept = np.zeros((2, 4)), []
        for x in xs:
            new = np.tanh(x @ self.W + h @ self.U)
            self.kept.append((x, h, new))
            h = new
        return h

    def backward(self, d):
        self.dW, self.dU = np.zeros_like(self.W), np.zeros_like(self.U)
        for x, h, new in reversed(self.kept):
            d = d * (1 - new * new)
            self.dW += x.T @ d
            self.dU += h.T @ d
            d = d @ self.U.T
        return d
"""
NET_HARNESS = """
def harness(m, r):
    net, xs = r.new(m.Net), r(r.T, 2, 3)
    net.backward(r.loss(net.forward(xs)))
    return [(net.W, net.dW), (net.U, net.dU)]
"""


def check(folder: Path, code: str, harness: str, *edits: tuple[str, str]) -> Verdict:
    """Return the verdict on a code with texts of it replaced, and nothing searched for."""
    for right, wrong in edits:
        assert code.count(right) == 1, right
        code = code.replace(right, wrong)
    (folder / "code_file.py").write_text(code, "utf-8")
    (folder / "harness_file.py").write_text("import code_file\n" + textwrap.dedent(harness), "utf-8")
    return judge(subject_of(folder / "harness_file.py"), 0.0)


def one(verdict: Verdict, kind: str) -> Finding:
    """Return the one finding of this kind."""
    found = [finding for finding in verdict.findings if finding.kind == kind]
    assert len(found) == 1, verdict.findings
    assert len(lines_of(verdict)) <= MOST_LINES
    return found[0]


def line_of(folder: Path, text: str) -> int:
    """Return the number of the first line that has a text in it."""
    lines = (folder / "code_file.py").read_text("utf-8").splitlines()
    return next(k for k, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(("code", "harness"), [(CODE, HARNESS), (NET, NET_HARNESS), *TEXTBOOK.values()])
def test_of_right_code_nothing_is_said(code: str, harness: str, tmp_path: Path) -> None:
    verdict = check(tmp_path, code, harness.replace("import code_file", ""))
    assert (verdict.ok, verdict.findings) == (True, [])


@pytest.mark.parametrize("learner", LEARNERS)
def test_of_a_right_learner_nothing_is_said(learner: str, tmp_path: Path) -> None:
    verdict = judge(subject_of(LEARNERS[learner].write(tmp_path)[0]))
    assert (verdict.ok, verdict.findings) == (True, [])


# --- asked twice ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "drawn", ["np.random.randn(4)", "np.random.default_rng().normal(size=4)", "RNG.normal(size=4)"]
)
def test_a_loss_of_chance_is_told_from_one_that_remembers(drawn: str, tmp_path: Path) -> None:
    edits = [
        ("prev @ Wh + b)", f"prev @ Wh + b + {drawn})"),
        ("import numpy as np", "import numpy as np\n\nRNG = np.random.default_rng(3)"),
    ]
    finding = one(check(tmp_path, CODE, HARNESS, *edits), "loss differs")
    assert finding.numbers["chance"] is True


def test_what_is_kept_in_a_class_makes_the_loss_differ_and_is_named(tmp_path: Path) -> None:
    edits = [
        ("def forward(", "class Kept:\n    steps = 0\n\n\ndef forward("),
        ("    steps = []", "    Kept.steps += 1\n    steps = []"),
        ("prev @ Wh + b)", "prev @ Wh + b * Kept.steps)"),
    ]
    verdict = check(tmp_path, CODE, HARNESS, *edits)
    finding = one(verdict, "loss differs")
    assert (verdict.ok, finding.numbers["chance"], finding.numbers["names"]) == (False, False, ["Kept.steps"])


def test_what_is_kept_in_a_module_makes_the_loss_differ_and_is_named(tmp_path: Path) -> None:
    edits = [
        ("def forward(", "last = 1.0\n\n\ndef forward("),
        ("    steps = []", "    global last\n    steps = []"),
        ("prev @ Wh + b)", "prev @ Wh + b * last)"),
        ("    return out, steps", "    last = last + 1\n    return out, steps"),
    ]
    verdict = check(tmp_path, CODE, HARNESS, *edits)
    finding = one(verdict, "loss differs")
    assert (verdict.ok, finding.numbers["chance"], finding.numbers["names"]) == (False, False, ["last"])


def test_a_hidden_state_that_an_object_keeps_is_a_note_and_named(tmp_path: Path) -> None:
    edits = [
        ("h, self.kept = np.zeros((2, 4)), []", "h, self.kept = np.zeros((2, 4)) if self.h is None else self.h, []"),
        ("        return h\n", "        self.h = h\n        return h\n"),
    ]
    verdict = check(tmp_path, NET, NET_HARNESS, *edits)
    assert verdict.ok
    assert one(verdict, "state kept").array == "self.h"


def test_counting_calls_is_no_state_that_matters(tmp_path: Path) -> None:
    edit = ("        return h\n", "        self.calls += 1\n        return h\n")
    assert check(tmp_path, NET, NET_HARNESS, edit).findings == []


def test_gradients_that_add_up_over_calls_are_a_note(tmp_path: Path) -> None:
    edits = [("        self.dW, self.dU = np.zeros_like(self.W), np.zeros_like(self.U)\n        for", "        for")]
    edits += [("        self.dW, self.dU = np.zeros_like(self.W), np.zeros_like(self.U)\n\n",
               "        self.dW = self.dU = 0.0\n\n")]  # fmt: skip
    edits += [
        ("self.dW += x.T @ d", "self.dW = self.dW + x.T @ d"),
        ("self.dU += h.T @ d", "self.dU = self.dU + h.T @ d"),
    ]
    verdict = check(tmp_path, NET, NET_HARNESS, *edits)
    assert verdict.ok
    assert one(verdict, "adds up").note


# --- calls watched --------------------------------------------------------------------------------------------------


def test_a_backward_that_writes_into_its_cache_differs_when_called_again_and_the_line_is_named(tmp_path: Path) -> None:
    edit = ("        da = (dout[t] + later) * (1 - h ** 2)", "        h *= h\n        da = (dout[t] + later) * (1 - h)")
    verdict = check(tmp_path, CODE, HARNESS, edit)
    finding = one(verdict, "backward differs")
    assert not verdict.ok
    assert verdict.wrong == []
    assert (finding.text, finding.line, finding.numbers["chance"]) == ("backward", line_of(tmp_path, "h *= h"), False)
    assert finding.array.startswith("steps[")
    assert lines_of(verdict)[0] == "code_file.py: right at a first call only: x, h, Wx, Wh, b"


def test_a_backward_that_uses_up_its_cache_is_not_called_wrong(tmp_path: Path) -> None:
    edit = ("xt, prev, h = steps[t]", "xt, prev, h = steps.pop()")
    assert check(tmp_path, CODE, HARNESS, edit).ok


def test_a_backward_that_draws_again_is_told_from_one_that_writes(tmp_path: Path) -> None:
    edit = ("    return dx, later,", "    db = db * np.random.rand()\n    return dx, later,")
    finding = one(check(tmp_path, CODE, HARNESS, edit), "backward differs")
    assert finding.numbers["chance"] is True


def test_a_backward_that_remembers_its_last_result_differs(tmp_path: Path) -> None:
    edits = [
        ("def backward(", "class Last:\n    db = 0.0\n\n\ndef backward("),
        ("    return dx, later,", "    db = db + 0.1 * Last.db\n    Last.db = db.copy()\n    return dx, later,"),
    ]
    assert not one(check(tmp_path, CODE, HARNESS, *edits), "backward differs").numbers["chance"]


@pytest.mark.parametrize(
    ("edit", "function", "array", "text"),
    [
        (("    steps = []", "    x += b[:3]\n    steps = []"), "forward", "x", "x += b[:3]"),
        (("    steps = []", "    b *= 2\n    steps = []"), "forward", "b", "b *= 2"),
        (("    for t in reversed", "    dout *= 1.5\n    for t in reversed"),
         "backward", "dout", "dout *= 1.5"),
    ],
)  # fmt: skip
def test_an_argument_that_is_changed_in_place_is_named_with_the_line(
    edit: tuple[str, str], function: str, array: str, text: str, tmp_path: Path
) -> None:
    verdict = check(tmp_path, CODE, HARNESS, edit)
    finding = one(verdict, "changed in place")
    assert (finding.note, finding.text, finding.array) == (True, function, array)
    assert finding.line == line_of(tmp_path, text)
    assert not finding.numbers["cached"]
    assert (
        lines_of(verdict)[-1] == f"note: code_file.py:{finding.line}: {function} changes its argument {array} in place"
    )


def test_a_method_may_change_what_its_object_holds(tmp_path: Path) -> None:
    edit = ("        return d\n", "        self.U[...] = self.U\n        self.dU *= 1.0\n        return d\n")
    assert check(tmp_path, NET, NET_HARNESS, edit).findings == []


# --- arrays and gradients -------------------------------------------------------------------------------------------


def test_an_array_without_effect_is_told_where_its_sibling_is_used(tmp_path: Path) -> None:
    harness = """
    def harness(m, r):
        x, W, V, b = r(2, 3), r(3, 4), r(4, 4), r(4, 4)
        y = m.forward(x, W, V, b)
        d = r.loss(y)
        return [(V, V * 0), (b, b * 0)]
    """
    code = """
import numpy as np


def forward(x, W, V, b):
    y = np.tanh(x @ W)
    y = np.tanh(y @ b)
    return y @ b
"""
    finding = one(check(tmp_path, code, harness), "no effect")
    assert (finding.array, finding.should) == ("V", "b")
    assert finding.line in (7, 8)


@pytest.mark.parametrize("empty", ["np.empty_like(Wh)", "np.empty(Wh.shape)"])
def test_a_sum_that_begins_with_what_memory_holds_is_named_with_the_line(empty: str, tmp_path: Path) -> None:
    edit = ("dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh)", f"dWx, dWh, db = np.zeros_like(Wx), {empty}")
    verdict = check(tmp_path, CODE, HARNESS, edit)
    finding = one(verdict, "start")
    assert (verdict.ok, finding.array, finding.line) == (False, "Wh", line_of(tmp_path, empty))


def test_an_empty_array_that_is_filled_is_no_finding(tmp_path: Path) -> None:
    edits = [("    out = np.zeros((len(x), *h.shape))", "    out = np.empty((len(x), *h.shape))")]
    assert check(tmp_path, CODE, HARNESS, *edits).findings == []


def test_a_sum_that_begins_with_ones_or_with_an_array_is_said_to(tmp_path: Path) -> None:
    edit = ("dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh)", "dWx, dWh, db = np.ones_like(Wx), Wh.copy()")
    found = {f.array: f for f in check(tmp_path, CODE, HARNESS, edit).findings if f.kind == "start"}
    assert found["Wx"].numbers["value"] == 1.0
    assert found["Wh"].should == "Wh"


@pytest.mark.parametrize(("limit", "active"), [(0.05, True), (5.0, False)])
def test_gradients_that_are_cut_off_are_said_to_be(limit: float, active: bool, tmp_path: Path) -> None:
    edit = ("    return dx, later,", f"    dWh = np.clip(dWh, -{limit}, {limit})\n    return dx, later,")
    verdict = check(tmp_path, CODE, HARNESS, edit)
    finding = one(verdict, "clipped")
    assert (finding.note, finding.array) == (True, "Wh")
    assert finding.numbers["limit"] == pytest.approx(limit)
    assert finding.numbers["active"] is active
    assert verdict.ok is not active


@pytest.mark.parametrize("limit", [0.25, 5.0])
def test_gradients_that_are_scaled_to_a_norm_are_said_to_be(limit: float, tmp_path: Path) -> None:
    clip = f"""
    norm = np.sqrt(sum((g ** 2).sum() for g in (dx, later, dWx, dWh, db)))
    scale = min(1.0, {limit} / norm)
    dx, later, dWx, dWh, db = [g * scale for g in (dx, later, dWx, dWh, db)]
    return dx, later,"""
    finding = one(check(tmp_path, CODE, HARNESS, ("\n    return dx, later,", clip)), "clipped")
    assert finding.numbers["norm"] == pytest.approx(limit)
    assert finding.array == "x, h, Wx, Wh, b"


def test_half_of_a_gradient_is_not_called_cut_off(tmp_path: Path) -> None:
    edit = ("    return dx, later,", "    dWh = 0.5 * dWh\n    return dx, later,")
    assert [f.kind for f in check(tmp_path, CODE, HARNESS, edit).findings] == ["gradient"]


def test_clipping_in_a_loss_of_its_own_is_seen_with_larger_arrays(tmp_path: Path) -> None:
    code = (
        "import numpy as np\n\n\ndef loss_and_gradient(x, W):\n    y = x @ W\n    dW = x.T @ y\n"
        "    return 0.5 * (y * y).sum(), np.clip(dW, -5, 5)\n"
    )
    harness = """
    def harness(m, r):
        x, W = r(2, 3), r(3, 4)
        loss, dW = m.loss_and_gradient(x, W)
        r.loss(loss)
        return [(W, dW)]
    """
    verdict = check(tmp_path, code, harness)
    assert verdict.ok
    assert one(verdict, "clipped").numbers["limit"] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (("    for t in reversed", "    dout = dout.astype(np.float32)\n    for t in reversed"), "dout.astype"),
        (("np.zeros_like(Wx), np.zeros_like(Wh)", "np.zeros_like(Wx), np.zeros(Wh.shape, np.float32)"), "np.float32"),
    ],
)
def test_less_than_64_bits_are_named_with_the_line(edit: tuple[str, str], text: str, tmp_path: Path) -> None:
    verdict = check(tmp_path, CODE, HARNESS, edit)
    finding = one(verdict, "float32")
    assert finding.note
    assert finding.line == line_of(tmp_path, text)


def test_a_mask_of_32_bits_loses_nothing(tmp_path: Path) -> None:
    edit = ("(1 - h ** 2)", "(1 - h ** 2) * np.ones(4, np.float32)")
    assert check(tmp_path, CODE, HARNESS, edit).findings == []


def test_an_imaginary_part_that_is_thrown_away_is_named_with_the_line(tmp_path: Path) -> None:
    edit = ("        dx[t] = da @ Wx.T", "        dx[t] = (da + 0.5j) @ Wx.T")
    finding = one(check(tmp_path, CODE, HARNESS, edit), "imaginary lost")
    assert finding.line == line_of(tmp_path, "0.5j")


def test_a_complex_gradient_is_said_to_be(tmp_path: Path) -> None:
    edit = ("    return dx, later, dWx, dWh, db", "    return dx, later, dWx, dWh, db + 0.5j")
    assert one(check(tmp_path, CODE, HARNESS, edit), "no numbers").array == "b"


@pytest.mark.parametrize(
    ("edits", "has"),
    [
        ((("        tc = np.tanh(c_new)\n        h_new = o * tc", "        tc = c_new\n        h_new = o * tc"),
          ("dh * o * (1 - tc ** 2)", "dh * o")), "h = o * c"),
        ((("c_new = f * c + i * g", "c_new = c + i * g"), ("df = dc * c_prev * f * (1 - f)", "df = 0 * f"),
          ("dc_next = dc * f", "dc_next = dc")), "c = c_(t-1) + i * g"),
    ],
)  # fmt: skip
def test_a_forward_that_is_not_the_cell_of_its_name_is_a_note(
    edits: tuple[tuple[str, str], ...], has: str, tmp_path: Path
) -> None:
    code, harness = TEXTBOOK["lstm"]
    code = code.replace("def forward", "def lstm_forward").replace("import numpy", "import numpy")
    harness = harness.replace("m.forward", "m.lstm_forward").replace("import code_file", "")
    verdict = check(tmp_path, code, harness, *edits)
    assert verdict.ok
    finding = one(verdict, "other cell")
    assert (finding.note, finding.numbers["has"]) == (True, has)
