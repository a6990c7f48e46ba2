"""The sweep: which statements of a backward are forced, and whether an edit leads on."""

import time
from pathlib import Path

from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.cure.sweep import Sweep
from scratchnet.gradcheck.subjects import Subject, subject_of

RIGHT = """
import numpy as np


def forward(X, h, W, U):
    cache = []
    for x in X:
        before = h
        h = np.tanh(x @ W + before @ U)
        cache.append((x, before, h))
    return h, cache


def backward(dh, cache, W, U):
    dW, dU = np.zeros_like(W), np.zeros_like(U)
    for x, before, h in reversed(cache):
        da = dh * (1 - h**2)
        dW += x.T @ da
        dU += before.T @ da
        dh = da @ U.T
    return dh, dW, dU


def harness(m, r):
    X, h, W, U = r(r.T, 2, 3), r(2, 4), r(3, 4), r(4, 4)
    last, cache = m.forward(X, h, W, U)
    return zip((h, W, U), m.backward(r.loss(last), cache, W, U))
"""
MISTAKES = {"(1 - h**2)": "(1 - h)", "dU += before.T": "dU += h.T", "da @ U.T": "da @ U"}


def subject(folder: Path, *right: str) -> Subject:
    """Return the code with all mistakes but those whose right text is given."""
    text = RIGHT
    for good, bad in MISTAKES.items():
        text = text if good in right else text.replace(good, bad)
    folder.mkdir(exist_ok=True)
    (folder / "rnn.py").write_text(text, "utf-8")
    return subject_of(folder / "rnn.py")


def swept(one: Subject) -> Sweep:
    return Sweep(one, Pool(one), time.process_time() + 60.0, lambda text: None)


def test_each_wrong_statement_is_forced_in_the_order_in_which_it_runs_and_no_other(tmp_path: Path) -> None:
    sweep = swept(subject(tmp_path))
    forced = [sweep.pool.node(one.place).text for one in sweep.run()]
    assert forced == ["dh * (1 - h)", "dU + h.T @ da", "da @ U"]


def test_right_code_is_not_forced(tmp_path: Path) -> None:
    assert swept(subject(tmp_path, *MISTAKES)).run() == []


def test_a_mended_statement_leads_on_though_no_gradient_is_right_yet_and_a_spoilt_one_does_not(tmp_path: Path) -> None:
    before, after = subject(tmp_path / "before"), subject(tmp_path / "after", "(1 - h**2)")
    assert swept(before).leads_to(after)
    assert not swept(after).leads_to(before)
    assert not swept(before).leads_to(before)
