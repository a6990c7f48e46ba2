"""Homework as learners write it, checked unchanged: thirteen files that are right, and each with one mistake."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import sample

from scratchnet.errors import InputError
from scratchnet.gradcheck import as_text
from scratchnet.gradcheck.report import FURTHER, Report
from scratchnet.gradcheck.textbook import check_module
from scratchnet.gradcheck.textbook.name_roles import families, gradient_of, role_of
from scratchnet.usercode import run_file

FOLDER = Path(__file__).parent / "learners"
FILES = sorted(path.name for path in FOLDER.glob("*.py"))


def check(text: str, folder: Path, only: str = "", **settings: Any) -> list[Report]:
    """Return the reports on a file with this text."""
    file = folder / "homework.py"
    file.write_text(text, "utf-8")
    return check_module(run_file(file), str(file), only, **settings)[0]


def learners(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


# --- the learners ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "scale"), sample([(name, scale) for name in FILES for scale in (0.01, 1.0)], 3))
def test_right_homework_passes_and_says_what_it_was_taken_for(name: str, scale: float, tmp_path: Path) -> None:
    reports = check(learners(name), tmp_path, scale=scale, seed=3)
    for report in reports:
        assert report.ok, as_text(report)
        assert report.digits >= 10
        assert re.match(r"checked: \S+ and \S+; the forward is that of an? ", report.notes[0])


@dataclass(frozen=True)
class Slip:
    """One mistake in one learner's file, what it is called, and what stands in the line that must be quoted."""

    file: str
    right: str
    wrong: str
    named: str
    quoted: str
    pair: str = ""


SLIPS = {
    "dh dropped in the loop": Slip(
        "lstm_functions.py", "dh_t = dh[:, t, :] + dprev_h", "dh_t = dh[:, t, :]",
        "the loop forgets dh of the next step", "dh_t = dh[:, t, :]", "lstm",
    ),
    "tanh' taken at c": Slip(
        "lstm_columns.py", "(1 - np.tanh(c_next) ** 2)", "(1 - c_next ** 2)",
        "derivative of tanh(c) taken at c instead of tanh(c)", "dc = dc_next + da_next * ot * (1 - c_next ** 2)",
        "lstm_cell",
    ),
    "padding loses the gradient": Slip(
        "gru_masked.py", "dh_prev = (1.0 - m) * dh", "dh_prev = np.zeros_like(dh)",
        "final states' gradient only in sequences that reach the last step", "",
    ),
    "gates in another order": Slip(
        "lstm_layer_class.py", "np.hstack((df, dg, di, do))", "np.hstack((di, dg, df, do))",
        "gate blocks i and f exchanged in backward", "dA = np.hstack((di, dg, df, do))",
    ),
    "current h in dWhh": Slip(
        "rnn_columns.py", "np.dot(dhraw, hs[t - 1].T)", "np.dot(dhraw, hs[t].T)",
        "current instead of previous h in dWhh", "dWhh += np.dot(dhraw, hs[t].T)",
    ),
    "direct path forgotten": Slip(
        "gru_class.py", "dh_prev = dh * self.z + dar", "dh_prev = dar",
        "the direct path through z missing in dh", "dh_prev = dar @ self.W_hr.T",
    ),
    "second bias from the wrong share": Slip(
        "gru_transposed.py", "grad_gh.sum(0)", "grad_gi.sum(0)",
        "b_hh summed from the gradient of the input's share", "return grad_inp, grad_hidden",
    ),
    "sigmoid' on the candidate": Slip(
        "lstm_vectors.py", "dc * i * (1 - g * g)", "dc * i * g * (1 - g)",
        "sigmoid derivative used on the tanh candidate in gate g", 'da = {"o": dh * t',
    ),
    "no gradient from the last c": Slip(
        "lstm_lengths.py", "dh, dc = dh_last.copy(), dc_last.copy()", "dh, dc = dh_last.copy(), np.zeros_like(dc_last)",
        "final states' gradient taken for h only, not for c", "",
    ),
    "reset gate forgotten in dh": Slip(
        "gru_update_turned.py", "drhx[:, :H] * r + dhx", "drhx[:, :H] + dhx",
        "reset gate missing in the candidate's share of dh", 'g["h_prev"] = g["h_prev"] + drhx[:, :H] + dhx',
    ),
    "tanh' at c, the bias in the matrix": Slip(
        "lstm_bias_row.py", "(1 - squashed[t] ** 2)", "(1 - C[t] ** 2)",
        "derivative of tanh(c) taken at c instead of tanh(c)", "dC[t] += (1 - C[t] ** 2) * (o * dhs[t])",
    ),
    "the outputs overwritten": Slip(
        "lstm_bias_row.py", "dhs[t - 1] += drows", "dhs[t - 1] = drows",
        "the outputs' gradient counted at the last step alone", "",
    ),
    "c instead of the previous c": Slip(
        "lstm_parameter_object.py", "df = s_prev * ds", "df = s * ds",
        "current instead of previous c in the forget gate", "df = s * ds",
    ),
    "another derivative, one line behind": Slip(
        "lstm_parameter_object.py", "df_input = f * (1 - f) * df", "df_input = (1 - f ** 2) * df",
        "tanh derivative used on a sigmoid gate in gate f", "df_input = (1 - f ** 2) * df",
    ),
    "the weights of another gate": Slip(
        "lstm_parameter_object.py", "np.dot(p.wo.T, do_input)", "np.dot(p.wf.T, do_input)",
        "gate o goes through gate f's weights in dh and dx", "",
    ),
    "one bias averaged": Slip(
        "lstm_columns.py", "np.sum(d, axis=1, keepdims=True)",
        '(np.mean if gate == "f" else np.sum)(d, axis=1, keepdims=True)',
        'bias averaged over the batch" in gate f alone', "", "lstm_cell",
    ),
    "z in the place of 1 - z": Slip(
        "gru_sequence.py", "dn = dh * (1 - z) * (1 - n * n)", "dn = dh * z * (1 - n * n)",
        "z instead of 1 - z in the candidate", "dn = dh * z * (1 - n * n)",
    ),
    "the second bias from the first": Slip(
        "gru_sequence.py", "self.dbias_hh += dgh.sum(axis=0)", "self.dbias_hh += dgi.sum(axis=0)",
        "bias_hh summed from the gradient of the input's share", "self.dbias_hh += dgi.sum(axis=0)",
    ),
    "the direct path overwritten": Slip(
        "gru_sequence.py", "dh = dh * z + dgh @ self.weight_hh", "dh = dgh @ self.weight_hh",
        "the direct path through z missing in dh", "dh = dgh @ self.weight_hh",
    ),
}  # fmt: skip


def report_on(slip: Slip, folder: Path, **settings: Any) -> Report:
    text = learners(slip.file)
    assert text.count(slip.right) == 1, f"{slip.file} has {slip.right!r} {text.count(slip.right)} times"
    return check(text.replace(slip.right, slip.wrong), folder, slip.pair, **settings)[-1]


@pytest.mark.parametrize("name", sample(SLIPS, 3))
def test_a_slip_in_homework_is_caught_named_and_quoted(name: str, tmp_path: Path) -> None:
    slip, number = SLIPS[name], list(SLIPS).index(name)
    report = report_on(slip, tmp_path, scale=(0.1, 0.5, 1.0)[number % 3], seed=number)
    assert not report.ok
    assert report.diagnosis is not None
    told = report.diagnosis.as_text()
    assert told.splitlines()[0].startswith(f'identical to "{slip.named}'), told
    if slip.quoted:
        assert f"homework.py:{line_of(slip)}: {slip.quoted}" in told, told
    before, _, _ = as_text(report, width=200).partition(FURTHER)
    lines = set(re.findall(r"homework\.py:(\d+): ", before))
    assert lines == {re.findall(r":(\d+): ", line)[0] for line in report.first_lines}, "one line is named first"
    assert len(lines) <= len(report.diagnosis.mistakes)


def test_a_gradient_lost_in_the_learners_own_loop_is_not_put_down_to_a_step(tmp_path: Path) -> None:
    report = report_on(SLIPS["dh dropped in the loop"], tmp_path)
    assert "A single step alone is right, also in what lstm_backward returns as dh0" in report.where
    assert "is wrong" not in report.where
    assert report.further_lines == ()


def test_what_a_step_returns_wrong_is_still_said_of_a_learners_own_loop(tmp_path: Path) -> None:
    report = report_on(SLIPS["the direct path overwritten"], tmp_path)
    assert "what backward passes back in" in report.where
    assert "is wrong" in report.where


def line_of(slip: Slip) -> int:
    text = learners(slip.file).replace(slip.right, slip.wrong)
    return text[: text.index(slip.wrong)].count("\n") + 1


def test_the_gradient_of_all_states_is_one_array_where_the_forward_takes_h_alone(tmp_path: Path) -> None:
    text = learners("gru_sequence.py")
    old = re.search(r"def backward\(self, (\w+)", text)
    assert old is not None
    (report,) = check(re.sub(rf"\b{old[1]}\b", "dstates", text), tmp_path)
    assert report.ok, as_text(report)


def test_every_learner_has_a_slip() -> None:
    assert sorted({slip.file for slip in SLIPS.values()}) == FILES


def test_what_padding_does_is_said_in_the_words_of_padding(tmp_path: Path) -> None:
    report = report_on(SLIPS["padding loses the gradient"], tmp_path)
    assert report.diagnosis is not None
    assert "at padded steps the state is carried forward, but its gradient is not" in report.diagnosis.as_text()


def test_the_state_whose_gradient_padding_loses_is_told_with_the_line_that_hands_it_on(tmp_path: Path) -> None:
    right = "        dc[alive] = dc_t * f"
    assert learners("lstm_lengths.py").count(right) == 1
    text = learners("lstm_lengths.py").replace(right, "        dc = np.zeros_like(dc)\n" + right)
    (report,) = check(text, tmp_path)
    assert report.diagnosis is not None
    assert report.diagnosis.ids == ("recurrent loop.final-c-last-step-only",)
    assert "dc[alive] = dc_t * f" in str(report.diagnosis.line)


def test_a_gradient_that_enters_padded_steps_is_a_fault(tmp_path: Path) -> None:
    (report,) = check(learners("gru_masked.py").replace("dnew = m * dh", "dnew = dh"), tmp_path)
    assert report.diagnosis is not None
    assert report.diagnosis.as_text().startswith("the mask forgotten: gru_backward lets the gradient into padded")
    assert "gru_backward lets the gradient into padded steps: dx is not 0 there" in report.faults


def test_a_forward_that_reads_padding_is_a_fault(tmp_path: Path) -> None:
    text = learners("lstm_lengths.py").replace("alive = np.asarray(lengths) > t", "alive = np.ones(n, bool)")
    (report,) = check(text, tmp_path)
    assert "encoder_forward: what stands at padded steps changes the real ones" in report.faults


def test_sums_overwritten_at_each_step_in_a_matrix_for_both_are_one_mistake(tmp_path: Path) -> None:
    (report,) = check(SEQUENCE.replace("dW += xh", "dW = xh"), tmp_path)
    assert report.diagnosis is not None
    told = report.diagnosis.as_text()
    assert told.startswith('identical to "dW overwritten at each step", residual')
    assert "homework.py:22: dW = xh.T @ da" in told


# --- the learner's own words ------------------------------------------------------------------------------------------


def test_the_blocks_have_the_learners_names_and_gates_in_the_learners_order(tmp_path: Path) -> None:
    step, loop = check(learners("lstm_functions.py"), tmp_path)
    assert [block.name for block in step.blocks] == ["Wx", "Wh", "b", "x", "prev_h", "prev_c", "a_x"]
    assert [block.name for block in loop.blocks] == ["Wx", "Wh", "b", "x", "h0", "a_x"]
    assert list(step.blocks[0].gates) == ["i", "f", "o", "g"]


def test_only_the_weight_of_the_wrong_gate_is_wrong(tmp_path: Path) -> None:
    text = learners("lstm_vectors.py").replace("np.outer(da[gate], h)", 'np.outer(da[gate], h * (gate != "f"))')
    (report,) = check(text, tmp_path)
    assert [block.name for block in report.blocks if not block.ok] == ["Whf"]
    assert report.where.endswith("What backward_step returns is wrong: dWhf: exactly 0, and should not be.")


def test_a_missing_gradient_is_called_missing(tmp_path: Path) -> None:
    report = check(
        learners("lstm_functions.py").replace("dWx, dWh, db\n\n\ndef", "dWx, dWh\n\n\ndef"), tmp_path, "lstm_step"
    )[0]
    assert "db: the backward returns no gradient of it" in report.where


def test_a_gradient_of_another_shape_is_called_so(tmp_path: Path) -> None:
    text = learners("lstm_columns.py").replace("np.sum(d, axis=1, keepdims=True)", "np.sum(d, axis=1)")
    report = check(text, tmp_path, "lstm_cell")[0]
    assert "dbf: has shape (5,), wanted (5, 1)" in report.where


def test_what_a_step_hands_back_wrong_is_called_by_its_name(tmp_path: Path) -> None:
    text = learners("lstm_functions.py").replace("dprev_c = dc * f", "dprev_c = dc")
    step, _ = check(text, tmp_path)
    assert "what lstm_step_backward passes back in dprev_c is wrong" in step.where
    assert step.lines == (f"{tmp_path}/homework.py:36: dprev_c = dc",)


def test_a_sum_over_the_wrong_axis_is_a_wrong_shape_and_no_missing_gradient(tmp_path: Path) -> None:
    text = RNN.format(**FORMS["a tuple of weights"]).replace("da.sum(0)", "da.sum(1)")
    (report,) = check(text, tmp_path)
    assert report.diagnosis is None
    assert (
        "rnn_step_backward returns a gradient of another shape than its weight's: db has shape (3,)" in report.faults[0]
    )


def test_a_right_report_points_to_no_line(tmp_path: Path) -> None:
    (report,) = check(RNN.format(**FORMS["a tuple of weights"]), tmp_path)
    assert report.lines == ()


# --- forms and layouts ------------------------------------------------------------------------------------------------

RNN = """import numpy as np

def rnn_step_forward({x}, {h}, {weights}):
    {open}
    new = np.tanh({pre})
    return new, ({x}, {h}, new, {weights})

def rnn_step_backward(dnew, cache):
    {x}, {h}, new, {weights} = cache
    {open}
    da = dnew * (1 - new**2)
    {back}
"""
SEQUENCE = """import numpy as np

def rnn_forward(X, h0, W, b):
    h, kept, out = h0, [], []
    for x in X:
        xh = np.concatenate([x, h], axis=1)
        h = np.tanh(xh @ W + b)
        kept.append((xh, h))
        out.append(h)
    return np.stack(out), h, (kept, W)

def rnn_backward(dout, dh_n, cache):
    kept, W = cache
    dh, dX, dW, db = dh_n, [], np.zeros_like(W), 0
    size = W.shape[0] - W.shape[1]
    for d, (xh, h) in zip(dout[::-1], kept[::-1]):
        da = (dh + d) * (1 - h**2)
        dxh = da @ W.T
        dX.append(dxh[:, :size])
        dh = dxh[:, size:]
        db = db + da.sum(0)
        dW += xh.T @ da
    return np.stack(dX[::-1]), dh, dW, db
"""
FORMS = {
    "a tuple of weights": {
        "x": "x", "h": "h", "weights": "params", "open": "W, U, b = params", "pre": "x @ W + h @ U + b",
        "back": "return da @ W.T, da @ U.T, (x.T @ da, h.T @ da, da.sum(0))",
    },
    "an object of weights": {
        "x": "x_t", "h": "h_prev", "weights": "p", "open": "pass", "pre": "x_t @ p.Wx + h_prev @ p.Wh + p.b",
        "back": "return {'dx_t': da @ p.Wx.T, 'dh_prev': da @ p.Wh.T, 'dWx': x_t.T @ da, 'dWh': h_prev.T @ da, "
                "'db': da.sum(0)}",
    },
    "a dictionary handed on": {
        "x": "inputs", "h": "hidden", "weights": "theta", "open": "pass",
        "pre": "inputs @ theta['W_xh'] + hidden @ theta['W_hh'] + theta['b_h']",
        "back": "return da @ theta['W_xh'].T, da @ theta['W_hh'].T, "
                "{'W_xh': inputs.T @ da, 'W_hh': hidden.T @ da, 'b_h': da.sum(axis=0)}",
    },
    "no bias at all": {
        "x": "x", "h": "h", "weights": "Wx, Wh", "open": "pass", "pre": "x @ Wx + h @ Wh",
        "back": "return da @ Wx.T, da @ Wh.T, x.T @ da, h.T @ da",
    },
    "a bias that is a row": {
        "x": "x", "h": "h", "weights": "W, b", "open": "b[:, :1].shape",
        "pre": "np.concatenate([x, h], axis=1) @ W + b",
        "back": "xh = np.concatenate([x, h], axis=1); d = da @ W.T; k = x.shape[1]\n"
                "    return d[:, :k], d[:, k:], xh.T @ da, da.sum(axis=0, keepdims=True)",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_weights_come_in_every_form(name: str, tmp_path: Path) -> None:
    (report,) = check(RNN.format(**FORMS[name]), tmp_path)
    assert report.ok, as_text(report)
    assert "the forward is that of a tanh RNN" in report.notes[0]


@pytest.mark.parametrize(
    ("name", "role"),
    [("prev_h", "h"), ("a_prev", "h"), ("hprev", "h"), ("C_prev", "c"), ("c0", "c"), ("xt", "x"), ("inputs", "x"),
     ("parameters", "params"), ("Wx", "weight"), ("seq_lengths", "lengths"), ("mask", "mask"), ("state", "state"),
     ("h_n", "h"), ("cn", "c")],
)  # fmt: skip
def test_a_name_tells_a_role(name: str, role: str) -> None:
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("name", "inner"),
    [
        ("dprev_h", "prev_h"),
        ("grad_hidden", "hidden"),
        ("dWx", "Wx"),
        ("d_b", "b"),
        ("Wx_grad", "Wx"),
        ("x", None),
        ("top_diff_h", "h"),
        ("wi_diff", "wi"),
    ],
)
def test_a_gradients_name_tells_what_it_is_of(name: str, inner: str | None) -> None:
    assert gradient_of(name) == inner


@pytest.mark.parametrize(
    ("names", "kind", "gates"),
    [
        ("Wf bf Wi bi Wc bc Wo bo", "lstm", {"Wf": "f", "bc": "g", "Wo": "o"}),
        ("W_xi W_hi b_i W_xf W_hf b_f W_xo W_ho b_o W_xg W_hg b_g", "lstm", {"W_xi": "i", "W_hg": "g"}),
        ("W_xz W_hz b_z W_xr W_hr b_r W_xh W_hh b_h", "gru", {"W_xh": "n", "W_hh": "n", "W_hr": "r"}),
        ("forget_W input_W output_W cell_W", "lstm", {"forget_W": "f", "cell_W": "g"}),
    ],
)
def test_weights_of_one_kind_are_told_apart_by_gate(names: str, kind: str, gates: dict[str, str]) -> None:
    reading = next(families(names.split(), kind))
    told = {name: gate for members in reading.values() for name, gate in members.items()}
    assert len(told) == len(names.split())
    assert gates.items() <= told.items()


ODD = """import numpy as np

ADAPTER = {"forward": "run", "backward": "undo", "arguments": {"stuff": "x", "thing": "h", "up": "dh"}}

def run(stuff, thing, A, B):
    out = np.tanh(stuff @ A + thing @ B)
    return out, (stuff, thing, A, B, out)

def undo(up, kept):
    stuff, thing, A, B, out = kept
    d = up * (1 - out**2)
    return d @ A.T, d @ B.T, stuff.T @ d, thing.T @ d
"""


def test_what_is_not_a_number_in_a_return_is_told_with_that_line(tmp_path: Path) -> None:
    text = RNN.format(**FORMS["no bias at all"]).replace("h.T @ da", "h.T @ da * np.nan")
    (report,) = check(text, tmp_path)
    assert report.diagnosis is None
    assert "what rnn_step_backward returns as the gradient of Wh is not a number" in report.faults[0]


def test_an_adapter_says_what_the_names_do_not(tmp_path: Path) -> None:
    (report,) = check(ODD, tmp_path)
    assert report.ok, as_text(report)
    assert [block.name for block in report.blocks] == ["A", "B", "stuff", "thing", "a_x"]


@pytest.mark.parametrize("adapter", ['{"forward": "run"}', '{"forward": "run", "backward": "undone"}'])
def test_an_adapter_that_does_not_fit_is_refused_with_one_that_does(adapter: str, tmp_path: Path) -> None:
    text = re.sub("ADAPTER = .*", f"ADAPTER = {adapter}", ODD)
    with pytest.raises(InputError, match=r'ADAPTER .*ADAPTER = {"forward": "my_forward", "backward": "my_backward"'):
        check(text, tmp_path)


# --- no known cell ----------------------------------------------------------------------------------------------------

UNKNOWN = """import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def mgu_step_forward(x, h, p):
    xh = np.concatenate([x, h], axis=1)
    f = sigmoid(xh @ p["Wf"] + p["bf"])
    xfh = {buffer}
    xfh[:, : x.shape[1]] = x
    xfh[:, x.shape[1] :] = f * h
    n = np.tanh(xfh @ p["Wn"] + p["bn"])
    return (1 - f) * h + f * n, (x, h, xh, xfh, f, n, p)

def mgu_step_backward(dh_new, cache):
    x, h, xh, xfh, f, n, p = cache
    D = x.shape[1]
    dn = dh_new * f * (1 - n**2)
    dxfh = dn @ p["Wn"].T
    df = (dh_new * (n - h) + dxfh[:, D:] * h) * f * (1 - f)
    dxh = df @ p["Wf"].T
    dh = dh_new * (1 - f) + dxfh[:, D:] * f + dxh[:, D:]
    dx = dxfh[:, :D] + dxh[:, :D]
    return dx, dh, {{"Wf": xh.T @ df, "Wn": xfh.T @ dn, "bf": df.sum(0), "bn": dn.sum(0)}}
"""


def test_a_cell_that_is_none_of_the_known_is_checked_in_its_own_parameters(tmp_path: Path) -> None:
    (report,) = check(UNKNOWN.format(buffer="np.zeros_like(xh)"), tmp_path)
    assert report.ok, as_text(report)
    assert [block.name for block in report.blocks] == ["Wf", "bf", "Wn", "bn", "x", "h"]
    assert "the forward is that of no known cell" in report.notes[0]
    assert report.method is not None
    assert report.method.name == "complex step"


def test_a_buffer_of_floats_in_the_forward_is_noticed_and_right_all_the_same(tmp_path: Path) -> None:
    (report,) = check(UNKNOWN.format(buffer="np.zeros(xh.shape)"), tmp_path)
    assert report.ok, as_text(report)
    assert report.method is not None
    assert report.method.name == "central difference"
    assert "homework.py:10" in report.method_in_words


def test_a_slip_in_an_unknown_cell_is_caught_with_its_lines(tmp_path: Path) -> None:
    text = UNKNOWN.format(buffer="np.zeros_like(xh)").replace(" + dxfh[:, D:] * f + dxh", " + dxh")
    (report,) = check(text, tmp_path)
    assert [block.name for block in report.blocks if not block.ok] == ["h"]
    assert "dh = dh_new * (1 - f) + dxh[:, D:]" in report.lines[0]


def test_a_wrong_forward_with_its_own_backward_is_told_by_name(tmp_path: Path) -> None:
    text = learners("lstm_layer_class.py")
    text = text.replace("h_next = o * np.tanh(c_next)", "h_next = o * c_next").replace(
        "tanh_c = np.tanh(c_next)", "tanh_c = c_next"
    )
    text = text.replace("(1 - tanh_c**2)", "1.0")
    (report,) = check(text, tmp_path)
    assert all(block.ok for block in report.blocks)
    assert "Its values are those of the lstm with this mistake: tanh forgotten in h" in report.notes[0]


# --- what cannot be taken ---------------------------------------------------------------------------------------------

BAD = {
    "no functions": ("x = 1", "no forward with a backward of the same name: wanted, for example, lstm_step_forward"),
    "no backward": ("def f_forward(x, h, W): ...", r"no forward .* \(its functions are f_forward\)"),
    "a loss inside": (
        "def rnn_forward(X, Y, h0, p): ...\ndef rnn_backward(X, Y, p, cache): ...",
        r"rnn_forward and rnn_backward: skipped, because it wants targets \(Y\)",
    ),
    "a name that is not defined": (
        "def rnn_step_forward(x, h, Wx, Wh, b):\n    return np.tanh(x @ Wx), 0\ndef rnn_step_backward(d, cache): ...",
        r"homework\.py:2, in rnn_step_forward: NameError: name 'np' is not defined: `return np\.tanh",
    ),
    "arguments that tell nothing": (
        "def my_forward(q, w):\n    return q @ w\ndef my_backward(d, w): ...",
        r"my_forward and my_backward: skipped.*write a function init_params\(input_size, hidden_size\)",
    ),
    "a class built from what": (
        "class A:\n    def __init__(self, config): ...\n    def forward(self, x, h): ...\n"
        "    def backward(self, d): ...",
        r"A\(config\): cannot tell what it is built from; wanted sizes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_checked_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    text, message = BAD[name]
    with pytest.raises(InputError, match=message) as caught:
        check(text, tmp_path)
    assert "\n" not in str(caught.value)


def test_a_pair_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no lstm_stp: there are lstm_step, lstm; lstm_step\?"):
        check(learners("lstm_functions.py"), tmp_path, "lstm_stp")


def test_a_forward_that_draws_random_numbers_is_told_where(tmp_path: Path) -> None:
    text = RNN.format(**FORMS["no bias at all"]).replace(
        "    return new, (", "    new = new * (np.random.rand(*new.shape) > 0.5)\n    return new, ("
    )
    (report,) = check(text, tmp_path)
    assert not report.ok
    assert re.search(r"it draws random numbers at .*homework\.py:6: .*seed them in the call itself", report.faults[0])


def test_the_first_nan_is_told_with_its_line_and_array(tmp_path: Path) -> None:
    forward = RNN.format(**FORMS["no bias at all"]).replace("np.tanh(x @ Wx + h @ Wh)", "np.tanh(np.log(x @ Wx))")
    (report,) = check(forward, tmp_path)
    assert re.search(r"homework\.py:5: new is not a number, first in rnn_step_forward", report.faults[0])
    backward = RNN.format(**FORMS["no bias at all"]).replace("da = dnew *", "da = np.sqrt(new - 5) * dnew *")
    (report,) = check(backward, tmp_path)
    assert re.search(r"homework\.py:11: da is not a number, first in rnn_step_backward", report.faults[0])


def test_a_backward_that_spoils_its_cache_is_a_fault(tmp_path: Path) -> None:
    text = RNN.format(**FORMS["no bias at all"]).replace(
        "da = dnew * (1 - new**2)", "new *= new; da = dnew * (1 - new)"
    )
    (report,) = check(text, tmp_path)
    assert any("rnn_step_backward changes what it must only read: cache[2]" in fault for fault in report.faults)


def test_shapes_that_do_not_meet_are_said_with_the_line(tmp_path: Path) -> None:
    text = RNN.format(**FORMS["no bias at all"]).replace("return da @ Wx.T,", "return da @ Wx,")
    (report,) = check(text, tmp_path)
    assert re.search(
        r"backward stops: .*homework\.py:12, in rnn_step_backward: ValueError.*shapes da \(3, 5\), Wx", report.faults[0]
    )


def test_no_seed_no_scale_makes_a_false_alarm(tmp_path: Path, rng: np.random.Generator) -> None:
    module = run_file(FOLDER / "gru_transposed.py")
    for _ in range(5):
        seed, scale = int(rng.integers(10**6)), float(10 ** rng.uniform(-2, 0.3))
        (report,), _ = check_module(module, "homework", seed=seed, scale=scale)
        assert report.ok, as_text(report)
