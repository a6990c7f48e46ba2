"""What learners really write in the exercises: each mistake is found, named, and shown with the learner's own line.

A case: the exercise's number, what stands in the solution, what a learner wrote instead, what the check must say.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers import sample

from scratchnet import gradcheck
from scratchnet.gradcheck import Report
from scratchnet.learn import catalogue
from scratchnet.learn.checks import run_check
from scratchnet.learn.exercise import find_exercise

EXERCISES = catalogue()
CASES = [
    ("01", "eps ** (1 / 3)", "eps ** 1 / 3", "the power binds first"),
    ("01", "eps ** (1 / 3)", "eps ** 0.5", "one-sided difference"),
    ("01", "        x[index] = original - h\n", "        x[index] = original\n", "divided by 2h"),
    ("01", "/ (2 * h)", "/ h", "divided by h instead of 2h"),
    ("01", "/ (2 * h)", "/ 2 * h", "then multiplies by h"),
    ("01", "        x[index] = original\n", "        x[index] += h\n", "leaves x changed"),
    ("01", "x[index] = original + h", "x += h", "leaves x changed"),
    ("01", " = loss(x)", " = loss(x[index])", "gets a single entry"),
    ("01", "wanted.ravel())  # (1)", "given.ravel())  # (1)", "divided by |given|"),
    ("02", "        z[index] = x[index]\n", "", "entries are not put back"),
    ("02", ".imag / STEP", ".imag", "not divided by h"),
    ("02", "loss(z).imag", "loss(x + 1j * STEP).imag", "all entries are moved at once"),
    ("02", "loss(z).imag", "loss(z).real", "the real part, f / h"),
    ("02", "dtype=v.dtype", "dtype=complex", "give the buffer the dtype of v"),
    ("02", "v * v", "np.abs(v) ** 2", "the imaginary part is lost"),
    ("02", ", dtype=v.dtype", "", "the imaginary part is lost"),
    ("03", "y * (1.0 - y)", "1.0 - y * y", "the derivative of tanh"),
    ("03", "tanh_derivative(tanh_c)", "tanh_derivative(np.tanh(tanh_c))", "NameError"),
    ("03", "dh * o * tanh_derivative(tanh_c)", "dh * o", "the derivative of tanh is missing"),
    ("03", " * sigmoid_derivative(o)", "", "this is do, not da_o"),
    ("03", "dh * o * tanh_derivative(tanh_c)", "dh * sigmoid_derivative(o) * tanh_derivative(tanh_c)", "o itself"),
    ("03", "dh * o * tanh_derivative(tanh_c)", "da_o * o * tanh_derivative(tanh_c)", "made from da_o"),
    ("03", "return da_o, dc", "return da_o", "returns 1 result: wanted da_o, dc"),
    ("03", "return da_o, dc", "return dc, da_o", "da_o is wrong"),
    ("04", "dW += x.T @ dy", "dW = x.T @ dy", "binds a new name"),
    ("04", "dW += x.T @ dy", "dW[...] = x.T @ dy", "overwritten"),
    ("04", "dy.sum(axis=0)", "dy.mean(axis=0)", "the mean over the rows"),
    ("04", "dy.sum(axis=0)", "dy.sum(axis=1)", "shapes db (2,)"),
    ("04", "dy.sum(axis=0)", "dy.sum()", "the sum over everything"),
    ("04", "dy @ W.T", "dy @ W", "matmul"),
    ("05", "N = mask.sum()", "N = mask.size", "divided by B * T, padding counted"),
    ("05", "mask[:, :, None] * (p - q)", "(p - q)", "the loss is masked, its gradient is not"),
    ("05", "mask[:, :, None] * (p - q)", "(mask[:, :, None] * p - q)", "the mask is on p alone"),
    ("05", "(p - q) / N", "(p - q) / mask.sum(axis=1)[:, None, None] / 3", "divided by its own length"),
    ("05", "(p - q) / N", "(p - q)", "8 times too large"),
    ("05", "(p - q) / N", "(q - p) / N", "the sign is reversed"),
    ("05", "loss = -(", "loss = (", "the minus sign is missing"),
    ("06", "np.add.at(dW, rows, d_rows)", "dW[rows] = d_rows", "rows are set, not added to"),
    ("06", "np.add.at(dW, rows, d_rows)", "np.add.at(dW[rows], slice(None), d_rows)", "binds a new name"),
    ("06", "np.add.at(dW, rows, d_rows)", "for n in range(2): dW[ids[n]] += dx[n]", "inside a sentence overwrites"),
    ("07", "dx = da @ W_ih.T", "dx = dh @ W_ih.T", "dx = dh @ W_ih.T"),
    ("07", "da @ W_hh.T", "da @ W_hh.T + dh", "dh is added to it"),
    ("07", "h_prev.T @ da", "dh_prev.T @ da", "the gradient dh_prev in place of the state"),
    ("07", "dh * (1.0 - h * h)", "dh", "the derivative of tanh in (1) is missing"),
    ("07", "dh * (1.0 - h * h)", "dh * (1.0 - h_prev * h_prev)", "taken at the state before, h_prev"),
    ("07", "dh * (1.0 - h * h)", "dh * (1.0 - np.tanh(h) ** 2)", "h is a result of tanh already"),
    ("07", "da @ W_hh.T", "da @ W_hh", "W_hh is not transposed"),
    ("07", "h_prev.T @ da", "h.T @ da", "the new state h in place of the one before"),
    ("07", "h_prev.T @ da", "da.T @ h_prev", "da^T h_prev: transposed"),
    ("07", "da.sum(axis=0)", "da", "not summed: b was added in every row"),
    ("07", "da.sum(axis=0)", "da.sum(axis=1)", "the sum over the wrong axis"),
    ("07", "    da = dh * (1.0 - h * h)", "    dh *= 1.0 - h * h\n    da = dh", "changes its argument dh"),
    ("07", "da @ W_ih.T", "da @ W_ih", "matmul"),
    ("08", " + h[t] @ W_hh)", ")", "the share of the state before"),
    ("08", "dh = d_out[t] + dh_next", "dh = d_out[t]", "a step hears its own output alone"),
    ("08", "dh_next = d_last", "dh_next = 0 * d_last", "dh_next = 0 * d_last  # behind"),
    ("08", "dh_next = d_last", "dh_next = d_last + d_out[-1]", "d_out of the last step is counted twice"),
    ("08", "dh_next = da @", "dh_next = dh_next + da @", "keeps dh_next as well"),
    ("08", "dh_next = da @", "dh_next += da @", "dh_next, d_last are names of one array"),
    ("08", "dx[t] = da @", "dx[t] = dh @", "dx alone did not go through (1)"),
    ("08", "reversed(range(len(x)))", "range(len(x) - 1, 0, -1)", "step 0 is left out"),
    ("08", "dW_hh += h[t].T", "dW_hh += h[t - 1].T", "is the one before step t already"),
    ("08", "dW_ih += x[t].T", "dW_ih += x[t - 1].T", "step t reads its own input"),
    ("08", "h[t] @ W_hh)", "h[t + 1] @ W_hh)", "or read from h[t + 1]"),
    ("08", "dh = d_out[t] + dh_next", "dh = dh_next; dh += d_out[t]", "changes its argument d_last"),
    ("08", "(1.0 - h[t + 1] * h[t + 1])", "(1.0 - h[t] * h[t])", "taken at the previous state h[t]"),
    ("08", "da @ W_hh.T", "da @ W_hh", "W_hh is not transposed"),
    ("08", "da @ W_hh.T", "dh @ W_hh.T", "did not go through (1)"),
    ("08", "dW_hh += h[t].T", "dW_hh += h[t + 1].T", "the new state h[t + 1] in place"),
    ("08", "dW_hh += h[t].T", "dW_hh = h[t].T", "overwritten at every step"),
    ("08", "db += da.sum(axis=0)", "db = da.sum(axis=0)", "overwritten at every step"),
    ("08", "db += da.sum(axis=0)", "db += da.mean(axis=0)", "the mean over the rows"),
    ("08", "reversed(range(len(x)))", "range(len(x))", "from the first step to the last"),
    ("09", "d.c[...] = dc * f", "d.c = dc * f", "binds d.c to another array"),
    ("11", "+ (1.0 - m) * h[t]", "", "the state is 0 at padding"),
    ("11", "da = m * dh", "da = dh", "da is not masked"),
    ("11", " + (1.0 - m) * dh", "", "the state was carried over padding, its gradient is not"),
    ("11", " + (1.0 - m) * dh", " + dh", "(1 - m) is missing"),
    ("11", "h[t + 1] * h[t + 1]", "h[t] * h[t]", "taken at the previous state h[t]"),
    ("11", "m = mask[t][:, None]", "m = mask[t]", "operands could not be broadcast"),
    ("11", "m * new + (1.0 - m) * h[t]", "(1.0 - m) * new + m * h[t]", "m and 1 - m are exchanged"),
    ("12", "dcn * f + (1.0 - m) * dc", "dcn * f + dc", "dc is added at every step"),
    ("12", "dcn * f + (1.0 - m) * dc", "dcn + (1.0 - m) * dc", "without the forget gate"),
    ("12", " + (1.0 - m) * dh", " + dh", "dh is added at every step"),
    ("12", "H[:, :-1]", "H[:, 1:]", "paired with the states after each step"),
    ("12", "dA.sum(axis=(0, 1))", "dA.sum(axis=0)", "the sum over sentences alone"),
    ("12", " + (1.0 - m) * dh", "", "that of h is not"),
    ("14", "self.b_hn\n", "0.0\n", "reset is after the product, and b_hn is missing"),
    ("14", "separate_da_h = True", "separate_da_h = False", "separate_da_h was left at False"),
    ("14", "saved.r * saved.h_n", "saved.r * (saved.h_n - self.b_hn) + self.b_hn", "b_hn stands outside r"),
    ("15", "masks[k - 1] * d", "d", "no mask at all in backward"),
    ("15", "masks[k - 1] * d", "masks[-1] * d", "the last mask serves in both places"),
    ("15", "masks[k - 1] * d", "(masks[k - 1] > 0) * d", "the factor 1 / keep is not"),
    ("15", "x = masks[-1] * x", "x *= masks[-1]", "states were so overwritten"),
    ("15", "x = masks[-1] * x", "x *= masks[-1]", "py:19: x *= masks[-1]"),
    ("15", "< keep) / keep", "> keep) / keep", "kept with probability 1 - keep"),
    ("16", "select_rows(d_initial, batch.target_rows)", "d_initial", "the order of the target sentences"),
    ("16", "d_initial, batch.target_rows", "d_initial, batch.context_rows", "once more instead of back"),
    ("16", "    d_final = select_rows(", "    d_final = None and (", "d_final is not what encoder.backward takes"),
    ("17", "choose(targets[:, t],", "choose(targets[:, t - 1],", "a word too old"),
    ("17", "= tape.inputs[:, t]", "= tape.inputs[:, min(t + 1, 5)]", "the rows that step t + 1 has read"),
    ("17", "dh = da @ weights", "dh = dh + da @ weights", "kept beside what goes back"),
    ("17", "rng.random(len(true))", "rng.random()", "one draw for the whole batch"),
    ("17", "< ratio", "> ratio", "true and written are exchanged"),
    ("17", "choose(targets[:, t],", "choose(targets[:, (t + 1) % T],", "the answer"),
    ("17", "rows = tape.inputs[:, t]", "rows = tape.inputs[:, t - 1]", "dW_x, running freely is wrong"),
    ("17", 'da @ weights["W_hh"].T', 'dh @ weights["W_hh"].T', "dh in place of da is handed back"),
    ("17", 'da @ weights["W_hh"].T', "0.0 * da", "nothing is handed back from step to step"),
    ("18", "vars(d).values()", "[d.h]", "h alone: c carries a gradient"),
    ("18", "np.linalg.norm(W_hh, 2)", "np.linalg.norm(W_hh)", "without the 2"),
    ("18", "cell.backward_step(d, prev, new, saved, tape.da_x[t], tape.da_h[t])", "pass", "never taken back a step"),
    ("18", "kept[t + 1] * f[t]", "kept[t + 1] * f[min(t + 1, T - 1)]", "the gate of the step after"),
    ("19", "        g *= scale", "        g = g * scale", "binds a new name, g *= scale writes"),
    ("19", "min(1.0, max_norm / (norm + 1e-6))", "max_norm / (norm + 1e-6)", "the min of (2) is missing"),
    ("19", "g *= scale", "np.clip(g, -max_norm, max_norm, out=g)", "each entry is clipped"),
    ("19", "g *= scale", "g *= min(1.0, max_norm / np.sqrt((g * g).sum()))", "clipped by its own norm"),
    ("19", "np.sqrt(sum((g * g).sum()", "(sum(np.sqrt((g * g).sum())", "the sum of the arrays' norms"),
    ("19", "return norm", "return norm * scale", "the norm after clipping"),
    ("19", "min(1.0,", "max(1.0,", "max for min"),
    ("19", "(g * g).sum()", "(g * g).mean()", "means of squares in place of sums"),
    ("20", "h_0 = h[n]", "h_0 = h[n - 1]", "the one before the window's last step"),
    ("20", "        h_0 = h[n]  # (2)\n", "", "starts from the first initial state again"),
    ("20", "range(n - 1, -1, -1)", "range(n - 1, 0, -1)", "the first step of every window is left out"),
    ("20", "range(n - 1, -1, -1)", "range(n - 2, -1, -1)", "the last step of every window is left out"),
    ("20", "range(n - 1, -1, -1)", "range(n - 1, 0, -1)", "py:34: for k in range(n - 1, 0, -1)"),
    ("20", "from_next = np.zeros", "from_next = from_next if start else np.zeros", "goes on from the window before"),
    ("20", "np.outer(h[k], da)", "np.outer(h[k + 1], da)", "h_t in place of h_(t-1)"),
    ("20", "dW_hh += np.outer", "dW_hh = np.outer", "only what was added last is left"),
    ("21", "totals[:, None] + log_p", "log_p", "the totals so far are not added"),
    ("21", "totals[:, None] + log_p", "log_p", "py:20: candidates = log_p"),
    ("21", "totals[:, None] + log_p", "totals[:, None] * log_p", "multiplied: logarithms are added"),
    ("21", "total / length**penalty", "(total / length) ** penalty", "** binds before /"),
    ("21", "-candidates.ravel()", "candidates.ravel()", "the worst are kept"),
    ("21", "log_p.shape[1])", "len(totals))", "divided by the number of rows"),
    ("21", "length**penalty", "(length - 1) ** penalty", "END is not counted"),
    ("21", "beam - len(complete)", "beam", "leaves its place to another"),
    ("21", "states[parents[live]]", "states[parents[: len(live)]]", "another one's memory"),
    ("21", "states[parents[live]]", "states", "wants the state of each one's parent"),
    ("22", "o = sigmoid(a_o + p_o * c)", "o = sigmoid(a_o + p_o * c_prev)", "o looks at the previous cell state"),
    ("22", " + da_o * p_o", "", "c's use in the output gate's peephole is missing"),
    ("22", " + da_i * p_i + da_f * p_f", "", "the uses in both peepholes are missing"),
    ("22", "da_i * p_i", "dc * p_i", "dc in place of da_i in the input gate's term"),
    ("22", "tape.state.c[1:]", 'tape.previous("c")', "this gate saw the one after each row"),
    ("22", "da_i = dc * g * sigmoid_derivative(i)", "da_i = dc * g", "the gate's own derivative is missing"),
    ("24", "- n * (dn * n).mean(axis=-1, keepdims=True)", "", "the way through s is missing"),
    ("24", "- dn.mean(axis=-1, keepdims=True) ", "", "the way through m is missing"),
    ("24", "(axis=-1, keepdims=True)  # (1)", "(axis=-1)", "could not be broadcast"),
    ("24", "a.mean(axis=-1", "a.mean(axis=0", "m over the rows, axis=0"),
    ("24", "(dn * n).mean", "(dn * n).sum", "a sum in place of the second mean"),
    ("24", "dn = du * self.gain", "dn = du", "the gain is missing in dn"),
    ("24", "self.dshift += du.sum(axis=0)", "self.dshift += 0.0", "exactly 0: nothing is computed"),
    ("24", "(du * saved.n)", "(dn * saved.n)", "dgain of one step is wrong"),
]


@pytest.mark.parametrize(
    ("number", "right", "written", "said"), sample(CASES, 3), ids=[f"{c[0]}: {c[3]}" for c in CASES]
)
def test_a_mistake_is_named(number: str, right: str, written: str, said: str, tmp_path: Path) -> None:
    exercise = find_exercise(number, EXERCISES)
    assert right in exercise.solution
    path = tmp_path / exercise.file_name
    path.write_text(exercise.solution.replace(right, written), encoding="utf-8")
    outcome = run_check(exercise, path)
    assert not outcome.ok
    assert said in str(outcome)
    assert exercise.file_name in str(outcome)


@dataclass(frozen=True)
class Wrong:
    """A mistake in a cell, and what is said of it: the line, what it should yield, at which steps gates are wrong.

    should: the expression of forward_step by which it should be the derivative, "" where nothing is said of it.
    """

    number: str
    right: str
    written: str
    line: str
    should: str
    gates: dict[str, list[int]]


ALL, EARLIER = [0, 1, 2], [0, 1]
OF_CELLS = [
    Wrong("09", "d.c + d.h * o", "d.h * o", "d.h * o * tanh_derivative(tanh_c)", "saved.f * prev.c",
          {"i": ALL, "f": ALL, "g": ALL, "o": EARLIER}),
    Wrong("09", "dc * prev.c", "dc * new.c", "da_f[...] = dc * new.c * sigmoid_derivative(f)  # (5) (2)", "a_f",
          {"i": EARLIER, "f": ALL, "g": EARLIER, "o": EARLIER}),
    Wrong("09", "dc * f", "dc", "d.c[...] = dc  # (5)", "prev.c", {"i": EARLIER, "f": EARLIER, "g": EARLIER, "o": [0]}),
    Wrong("13", "dW_hn += u.T", "dW_hn += h_prev.T", "dW_hn += h_prev.T @ da_n  # (5)", "W_hn", {}),
    Wrong("13", " + du * r", "", "dh_prev = dh * z + da_r @ W_hr.T + da_z @ W_hz.T", "prev.h",
          {"r": EARLIER, "z": EARLIER, "n": EARLIER}),
    Wrong("13", "(h_prev - n)", "(n - h_prev)", "da_z = dh * (n - h_prev) * sigmoid_derivative(z)", "a_z",
          {"r": EARLIER, "z": ALL, "n": EARLIER}),
    Wrong("13", "da_n @ W_hn.T", "da_n @ W_hn", "du = da_n @ W_hn  # (5)", "saved.r * prev.h",
          {"r": ALL, "z": EARLIER, "n": EARLIER}),
    Wrong("14", 'self.block(da_h, "n")', 'self.block(da_x, "n")', 'self.db_hn += self.block(da_x, "n").sum(axis=0)',
          "b_hn", {}),
    Wrong("14", "h_prev.T @ da_h", "h_prev.T @ da_x", "self.dW_hh += h_prev.T @ da_x", "W_hh", {}),
    Wrong("24", "dshift += du.sum(axis=0)", "dshift = du.sum(axis=0)", "self.dshift = du.sum(axis=0)", "", {}),
    Wrong("25", "d.h * saved.f + da_x", "da_x", "da_x @ self.W_hh.T", "prev.h", {"f": EARLIER, "n": EARLIER}),
]  # fmt: skip


@pytest.mark.parametrize("wrong", sample(OF_CELLS, 3), ids=[f"{one.number}: {one.written}" for one in OF_CELLS])
def test_of_a_wrong_cell_the_line_and_what_it_should_yield_and_gates_by_time_are_said(
    wrong: Wrong, tmp_path: Path
) -> None:
    exercise = find_exercise(wrong.number, EXERCISES)
    assert exercise.solution.count(wrong.right) == 1
    path = tmp_path / exercise.file_name
    path.write_text(exercise.solution.replace(wrong.right, wrong.written), encoding="utf-8")
    finding = run_check(exercise, path).findings[-1]
    number = 1 + exercise.solution[: exercise.solution.index(wrong.right)].count("\n")
    assert f"look at {exercise.file_name}:{number}: " in finding.detail("your line")
    assert wrong.line in finding.detail("your line")
    equations = " ".join(text for name, text in finding.details if name == "equation")
    assert (f"the derivative of the loss by `{wrong.should}`" if wrong.should else "") in equations
    rows = [row.split() for row in finding.drawn.splitlines()[1:]]
    assert {gate: [t for t, said in enumerate(steps) if said == "wrong"] for gate, *steps in rows} == wrong.gates


def test_the_cure_of_a_cell_is_left_to_the_learner(tmp_path: Path) -> None:
    exercise = find_exercise("13", EXERCISES)
    path = tmp_path / exercise.file_name
    path.write_text(exercise.solution.replace("da_n @ W_hn.T", "da_n @ W_hn"), encoding="utf-8")
    told = str(run_check(exercise, path))
    assert "13_gru_reset_before.py:41" in told
    assert "W_hn.T" not in told
    assert "transposed" not in told


def test_a_check_of_an_exercise_searches_for_seconds_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def check_cell(cell_class: type, seconds: float) -> Report:
        asked.append(seconds)
        return gradcheck.check_cell(cell_class, seconds=0.0)

    monkeypatch.setattr("scratchnet.learn.judge.check_cell", check_cell)
    exercise = find_exercise("13", EXERCISES)
    path = tmp_path / exercise.file_name
    path.write_text(exercise.solution.replace(" + du * r", ""), encoding="utf-8")
    finding = run_check(exercise, path).findings[-1]
    assert 0.0 < asked[0] < exercise.seconds
    assert finding.text.startswith("MyGRU: WRONG in")  # what no search is needed for
    assert finding.drawn


def test_every_place_that_was_predicted_wrongly_is_answered_with_its_reason(tmp_path: Path) -> None:
    exercise = find_exercise("10", EXERCISES)
    opposite = (
        exercise.solution.replace('"right",', "None,").replace('"wrong",', '"right",').replace("None,", '"wrong",')
    )
    path = tmp_path / exercise.file_name
    path.write_text(opposite, encoding="utf-8")
    outcome = run_check(exercise, path)
    assert outcome.score == (0, 8)
    assert all(f"{name}: {reason}" in str(outcome) for name, reason in exercise.because.items())
