"""What the search tells and what edits it knows: two mistakes of a forward, a value of another shape, brackets."""

import ast
import json
import signal
from pathlib import Path

import numpy as np
import pytest
from mistakes_in_the_wild.verify import HERE

from scratchnet.gradcheck.cure import Search, Verdict, search
from scratchnet.gradcheck.cure.edits import variants
from scratchnet.gradcheck.cure.expressions import Vocabulary
from scratchnet.gradcheck.cure.frames import calls_of
from scratchnet.gradcheck.cure.judging import spoils, with_effect
from scratchnet.gradcheck.cure.orders import in_order, orders
from scratchnet.gradcheck.cure.sweep import Sweep
from scratchnet.gradcheck.cure.wide_search import WideSearch
from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.subjects import Subject, subject_of
from scratchnet.gradcheck.words import lines_of

LSTM = """
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def forward(X, h, c, Wi, Wf, Wo, Wg):
    cache = []
    for x in X:
        z = np.hstack([x, h])
        i, f, o, g = sigmoid(z @ Wi), sigmoid(z @ Wf), sigmoid(z @ Wo), np.tanh(z @ Wg)
        c_prev = c
        c = f * c_prev + i * g
        h = o * np.tanh(c)
        cache.append((z, i, f, o, g, c_prev, c))
    return h, cache


def backward(dh, cache, Wi, Wf, Wo, Wg):
    dWi, dWf, dWo, dWg = np.zeros_like(Wi), np.zeros_like(Wf), np.zeros_like(Wo), np.zeros_like(Wg)
    dc = np.zeros_like(dh)
    for z, i, f, o, g, c_prev, c in reversed(cache):
        da_o = dh * np.tanh(c) * o * (1 - o)
        dc = dc + dh * o * (1 - np.tanh(c) ** 2)
        da_i = dc * g * i * (1 - i)
        da_f = dc * c_prev * f * (1 - f)
        da_g = dc * i * (1 - g**2)
        dWi += z.T @ da_i
        dWf += z.T @ da_f
        dWo += z.T @ da_o
        dWg += z.T @ da_g
        dz = da_i @ Wi.T + da_f @ Wf.T + da_o @ Wo.T + da_g @ Wg.T
        dh, dc = dz[:, 3:], dc * f
    return dh, dc, dWi, dWf, dWo, dWg


def harness(m, r):
    X, h, c = r(r.T, 2, 3), r(2, 4), r(2, 4)
    weights = r(7, 4), r(7, 4), r(7, 4), r(7, 4)
    last, cache = m.forward(X, h, c, *weights)
    return zip((h, c, *weights), m.backward(r.loss(last), cache, *weights))
"""


def judged(folder: Path, text: str) -> Verdict:
    (folder / "lstm.py").write_text(text, "utf-8")
    return judge(subject_of(folder / "lstm.py"))


@pytest.mark.slow
def test_two_mistakes_of_a_forward_are_told_and_no_line_of_the_backward() -> None:
    folder = HERE / "seen" / "09_lstm_tuple_of_gates"
    truth = json.loads((folder / "truth.json").read_text("utf-8"))["statements"]
    verdict = judge(subject_of(folder / "harness.py"), seconds=90.0)
    assert [(cure.line, cure.after.strip()) for cure in verdict.cures] == [
        (one["line"], one["after"].strip()) for one in truth
    ]


def test_a_value_of_another_shape_than_it_should_have_does_not_end_the_search(tmp_path: Path) -> None:
    wrong = LSTM.replace("dWi += z.T @ da_i", "dWi = z[:, :3].T @ da_i")
    verdict = judged(tmp_path, wrong)
    assert [one for one in verdict.findings if one.kind == "no search"] == []
    assert not verdict.ok


TWICE = LSTM.replace("da_f = dc * c_prev", "da_f = dc * c").replace("da_o = dh * np.tanh(c)", "da_o = dh * c")


def test_a_search_that_is_stopped_says_the_places_that_it_has_found(tmp_path: Path) -> None:
    def say(text: str) -> None:
        if text.startswith("matched"):
            signal.raise_signal(signal.SIGINT)

    (tmp_path / "lstm.py").write_text(TWICE, "utf-8")
    verdict = judge(subject_of(tmp_path / "lstm.py"), say=say)
    lines = [number for number, line in enumerate(TWICE.splitlines(), 1) if line.strip().startswith(("da_o", "da_f"))]
    assert not verdict.ok
    assert verdict.cures == []
    assert [one.line for one in verdict.findings if one.kind == "place"] == lines
    assert "was stopped before its end" in "\n".join(lines_of(verdict))


def test_a_search_ends_by_the_clock_on_the_wall_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lstm.py").write_text(TWICE, "utf-8")
    monkeypatch.setattr(search, "ON_THE_WALL", 0.001)
    before = signal.getsignal(signal.SIGINT)
    verdict = judge(subject_of(tmp_path / "lstm.py"))
    assert [one.kind for one in verdict.findings if one.kind in ("stopped", "no search")] == ["stopped"]
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("wrong", ["o * c", "np.tanh(o * c)"])
def test_a_forward_that_forgot_its_tanh_gets_it_and_no_edit_kills_its_state(tmp_path: Path, wrong: str) -> None:
    one_by_one = "i, f, o, g = 1 / (1 + np.exp(-z @ Wi)), sigmoid(z @ Wf), 1 / (1 + np.exp(-(z @ Wo))), np.tanh(z @ Wg)"
    text = LSTM.replace("i, f, o, g = sigmoid(z @ Wi), sigmoid(z @ Wf), sigmoid(z @ Wo), np.tanh(z @ Wg)", one_by_one)
    assert text != LSTM
    verdict = judged(tmp_path, text.replace("h = o * np.tanh(c)", f"h = {wrong}"))
    assert [(cure.before, cure.after) for cure in verdict.cures] == [(f"h = {wrong}", "h = o * np.tanh(c)")]


def test_an_edit_of_a_forward_that_leaves_a_value_without_effect_is_refused(tmp_path: Path) -> None:
    def subject(text: str) -> Subject:
        (tmp_path / "lstm.py").write_text(text, "utf-8")
        return subject_of(tmp_path / "lstm.py")

    used, _ = with_effect(subject(LSTM))
    for wrong in ("0 * o * np.tanh(c)", "o * np.tanh(o)", "c"):
        assert spoils(subject(LSTM.replace("h = o * np.tanh(c)", f"h = {wrong}")), used)
    assert not spoils(subject(LSTM.replace("h = o * np.tanh(c)", "h = o * c")), used)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("a * f(b) + b * f(a)", "b * f(a) + a * f(b)"),
        ("a * (b @ c)", "a * b @ c"),
        ("(a * b) @ c", "a * (b @ c)"),
        ("(a + b) * c", "a + b * c"),
        ("(a * a - b * a, a)", "(b * b - a * b, a)"),
    ],
    ids=["operands", "a product of matrices", "a factor", "a sum", "in an element of a tuple"],
)
def test_edits_exchange_operands_with_each_other_and_put_brackets_elsewhere(wrong: str, right: str) -> None:
    def tree(text: str) -> ast.expr:
        return ast.parse(text, mode="eval").body

    found = [ast.unparse(one.tree) for one in variants(tree(wrong), Vocabulary([], [], [], []), plain=True)]
    assert ast.unparse(tree(right)) in found


def test_a_derivative_may_be_needed_back_to_front() -> None:
    array = np.arange(6.0).reshape(2, 3)
    wanted = {("back", 0): array[::-1], ("back", 1): array[:, ::-1]}
    known = list(orders([()]))
    for order, flipped in wanted.items():
        assert order in known
        (found,) = in_order([array], [()], order) or []
        np.testing.assert_array_equal(found, flipped)
    assert in_order([array[0]], [()], ("back", 1)) is None


@pytest.mark.parametrize(
    "extra",
    [["dWo *= 0.5"], ["dWf += z.T @ np.tanh(dh)"], ["dWf -= z.T @ np.tanh(dh)", "dc += np.tanh(dc)"]],
    ids=["scaled", "added", "two"],
)
def test_a_statement_that_must_not_be_there_is_taken_out(tmp_path: Path, extra: list[str]) -> None:
    wrong = LSTM.replace("    return dh, dc, dWi", "".join(f"    {one}\n" for one in extra) + "    return dh, dc, dWi")
    verdict = judged(tmp_path, wrong)
    assert sorted((cure.before, cure.after) for cure in verdict.cures) == sorted((one, "") for one in extra)


@pytest.mark.parametrize(
    ("statement", "hole", "after"),
    [
        ("        dWf += z.T @ da_f\n", "", "dWf += z.T @ da_f"),
        ("        dWo += z.T @ da_o\n", "        pass\n", "dWo += z.T @ da_o"),
    ],
    ids=["forgotten", "to be done"],
)
def test_a_statement_that_is_missing_is_put_in(tmp_path: Path, statement: str, hole: str, after: str) -> None:
    verdict = judged(tmp_path, LSTM.replace(statement, hole))
    assert [(cure.before, cure.after) for cure in verdict.cures] == [(hole.strip(), after)]


@pytest.mark.parametrize("stage", [(Sweep, "run"), (Search, "_alone"), (WideSearch, "loops")], ids=lambda one: one[1])
def test_an_error_in_one_stage_ends_only_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: tuple[type, str]
) -> None:
    def fails(*given: object) -> None:
        raise ValueError("of this stage")

    monkeypatch.setattr(*stage, fails)
    verdict = judged(tmp_path, LSTM.replace("dWi += z.T @ da_i", "dWi += z.T @ da_f"))
    assert [(cure.before, cure.after) for cure in verdict.cures] == [("dWi += z.T @ da_f", "dWi += z.T @ da_i")]
    assert [one for one in verdict.findings if one.kind == "no search"] == []  # nothing was missed


def test_an_error_in_a_stage_is_told_where_nothing_is_cured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: object) -> None:
        raise ValueError("of every step")

    monkeypatch.setattr(Search, "_step", fails)
    verdict = judged(tmp_path, LSTM.replace("dWi += z.T @ da_i", "dWi += z.T @ da_f"))
    (told,) = [one.text for one in verdict.findings if one.kind == "no search"]
    assert "ValueError: of every step" in told


def test_calls_of_methods_elsewhere_are_operands_but_not_those_that_change_something() -> None:
    text = """
a = tape.previous("h") + tape.previous("h").T
b = self.state(self.names[0]) + np.zeros(3) + kept.pop(0) + f(2) + net.run(x) + d.get("h", copy=True)
"""
    found = [ast.unparse(one) for one in calls_of([ast.parse(text)])]
    assert found == ["tape.previous('h')", "self.state(self.names[0])"]
