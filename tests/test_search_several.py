"""What the search mends where several statements are wrong, and what it tells where it mends only some of them."""

from pathlib import Path

import pytest
from test_search import LSTM, judged

from scratchnet.gradcheck.cure import Cured, Search, Verdict, clearest
from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.cure.sweep import Sweep
from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.subjects import subject_of
from scratchnet.gradcheck.words import lines_of

LAYER = """
import numpy as np


class Layer:
    def __init__(self, n_in, n_hid):
        self.W, self.U = np.random.randn(n_in, n_hid), np.random.randn(n_hid, n_hid)
        self.dW, self.dU = np.zeros_like(self.W), np.zeros_like(self.U)

    def forward(self, X):
        self.X, self.H = X, np.zeros((len(X) + 1, self.U.shape[0]))
        for t in range(len(X)):
            self.H[t + 1] = np.tanh(X[t] @ self.W + self.H[t] @ self.U)
        return self.H[1:]

    def backward(self, dH):
        dX, carry = np.zeros_like(self.X), np.zeros(len(self.U))
        for t in reversed(range(len(dH))):
            dh = dH[t].copy()
            dh += carry
            da = dh * (1 - self.H[t + 1] ** 2)
            self.dW += np.outer(self.X[t], da)
            self.dU += np.outer(self.H[t], da)
            dX[t] = da @ self.W.T
            carry = da @ self.U.T
        return dX


def harness(m, r):
    layer, X = r.new(m.Layer, 3, 4), r(r.T, 3)
    dX = layer.backward(r.loss(layer.forward(X)))
    return [(X, dX), (layer.W, layer.dW), (layer.U, layer.dU)]
"""


def cured_lines(verdict: Verdict) -> list[tuple[str, str]]:
    return [(cure.before.strip(), cure.after.strip()) for cure in verdict.cures]


def spoilt(text: str, mistakes: dict[str, str]) -> str:
    for right, wrong in mistakes.items():
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    return text


def test_two_terms_that_are_missing_are_put_in(tmp_path: Path) -> None:
    verdict = judged(tmp_path, spoilt(LSTM, {" + da_o @ Wo.T + da_g @ Wg.T": ""}))
    assert verdict.cured
    assert [cure.before.strip() for cure in verdict.cures] == ["dz = da_i @ Wi.T + da_f @ Wf.T"]
    assert {"da_o @ Wo.T", "da_g @ Wg.T"} <= {*verdict.cures[0].after.replace("dz = ", "").strip().split(" + ")}


@pytest.mark.parametrize(
    "mistakes",
    [
        {"dh += carry": "dh -= carry", "(1 - self.H[t + 1] ** 2)": "(1 - self.H[t] ** 2)"},
        {"self.dW += np": "self.W += np", "da @ self.U.T": "da @ self.U"},
        {"self.dW += np": "self.W += np", "self.dU += np": "self.U += np"},
        {"self.dU += np": "self.dU = np", "dX[t] = da @ self.W.T": "dX[t - 1] = da @ self.W.T"},
    ],
    ids=["a sum", "written into a weight", "written into two", "stored elsewhere"],
)
def test_two_mistakes_are_mended_where_they_were_made(tmp_path: Path, mistakes: dict[str, str]) -> None:
    (tmp_path / "layer.py").write_text(spoilt(LAYER, mistakes), "utf-8")
    verdict = judge(subject_of(tmp_path / "layer.py"), seconds=60.0)
    right = {line.strip() for line in LAYER.splitlines()}
    assert verdict.cured
    assert len(verdict.cures) == 2
    assert all(after in right and before not in right for before, after in cured_lines(verdict))


def test_the_state_that_the_last_step_hands_on_may_be_anything(tmp_path: Path) -> None:
    (tmp_path / "layer.py").write_text(spoilt(LAYER, {"da @ self.U.T": "da @ self.U.T if t else 7.0"}), "utf-8")
    assert judge(subject_of(tmp_path / "layer.py")).ok
    (tmp_path / "layer.py").write_text(spoilt(LAYER, {"da @ self.W.T": "da @ self.W.T * 2"}), "utf-8")
    subject = subject_of(tmp_path / "layer.py")
    search = Search(subject)
    search.run()
    assert [one.text for one in search.places] == ["da @ self.W.T * 2"]


def test_what_one_edit_mends_is_told_where_the_rest_is_not_cured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, steps = Search._step, iter([True])
    monkeypatch.setattr(Search, "_step", lambda *given: step(*given) if next(steps, False) else None)
    mistakes = {"self.dU += np": "self.dU = np", "da @ self.W.T": "da @ self.W.T * 2"}
    (tmp_path / "layer.py").write_text(spoilt(LAYER, mistakes), "utf-8")
    verdict = judge(subject_of(tmp_path / "layer.py"))
    assert not verdict.cured
    assert cured_lines(verdict) == [
        ("self.dU = np.outer(self.H[t], da)", "self.dU += np.outer(self.H[t], da)"),
    ]
    assert verdict.texts == {}  # no file is called mended
    assert "not everything could be cured; each of these changes mends a part:" in lines_of(verdict)


def test_a_cure_loses_the_changes_that_it_does_not_need(tmp_path: Path) -> None:
    (tmp_path / "layer.py").write_text(spoilt(LAYER, {"da @ self.U.T": "da @ self.U"}), "utf-8")
    subject = subject_of(tmp_path / "layer.py")
    needless = LAYER.replace("da = dh * (1 -", "da = dh * 1.0 * (1 -")
    (module,) = subject.program.texts
    assert clearest(subject, Cured({module: needless}, 0, 1)).texts == {module: LAYER}


def test_of_a_sum_that_is_right_what_is_added_is_not_forced(tmp_path: Path) -> None:
    (tmp_path / "layer.py").write_text(LAYER, "utf-8")
    subject = subject_of(tmp_path / "layer.py")
    search = Search(subject)
    sweep = Sweep(subject, Pool(subject), search.end, search.say)
    assert len(sweep.sums) == 1
    assert sweep.run() == []
