"""Mistakes in the plain recurrent network.

Read next: weights.py.
"""

from __future__ import annotations

from mistakes.maker import maker
from mistakes.mutant import Mistake

DA = "dh * tanh_derivative(h)"
DH = "        d.h[...] = da_x @ self.W_hh.T"
FORWARD = "return (tanh(a),)"
INPUT = "        a_x += prev.h @ self.W_hh"
NUMPY = "__import__('numpy')"

rnn = maker("rnn", "cells/rnn.py", "RNNCell")


def rnn_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of `RNNCell`."""
    return (
        rnn("dh-dropped", "dh from the next step not added", 1, "(0)", DH, "        d.h[...] = 0.0"),
        rnn("dh-without-derivative", "dh handed back without the derivative of tanh", None, "(0)", DH,
            "        d.h[...] = d.h @ self.W_hh.T"),
        rnn("dh-added-to-old", "dh added to its old value", None, "(0)", DH, "        d.h += da_x @ self.W_hh.T"),
        rnn("dh-not-written", "dh left unchanged instead of overwritten", None, "(0)", DH, "        pass"),
        rnn("dh-rebound", "d.h bound to another array", None, "(0)", DH, "        d.h = da_x @ self.W_hh.T",
            behaviour="binds d.h"),
        rnn("no-W_hh", "W_hh forgotten on the way back", None, "(0)", DH, "        d.h[...] = da_x"),
        rnn("W_hh-not-transposed", "W_hh not transposed", 11, "(0)", DH, "        d.h[...] = da_x @ self.W_hh"),
        rnn("tanh-missing", "derivative of tanh missing", 4, "(1)", DA, "dh * 1.0"),
        rnn("tanh-at-a", "derivative of tanh taken at a instead of h", 5, "(1)", DA,
            f"dh * tanh_derivative({NUMPY}.arctanh(h))"),
        rnn("tanh-twice", "derivative of tanh taken at tanh(h), the activation applied twice", 5, "(1)", DA,
            "dh * tanh_derivative(tanh(h))"),
        rnn("tanh-derivative-without-square", "derivative of tanh written as 1 - h", None, "(1)", DA, "dh * (1.0 - h)"),
        rnn("tanh-derivative-plus", "derivative of tanh written as 1 + h^2", None, "(1)", DA, "dh * (1.0 + h * h)"),
        rnn("sigmoid-derivative", "sigmoid derivative used on tanh", 7, "(1)", DA, "dh * (h * (1.0 - h))"),
        rnn("sign", "sign of da turned", None, "(1)", DA, "-dh * tanh_derivative(h)"),
        rnn("writes-cache", "backward writes into the cache", None, "(0)", DH, "        new.h *= 0.5\n" + DH,
            behaviour="must only read"),
        rnn("forward-sigmoid", "forward: sigmoid instead of tanh", None, "(1)", FORWARD,
            f"return (0.5 * {NUMPY}.tanh(0.5 * a) + 0.5,)", forward=True),
        rnn("forward-no-tanh", "forward: tanh forgotten", None, "(1)", FORWARD, "return (a * 1.0,)", forward=True),
        rnn("forward-W_hh-transposed", "forward: W_hh transposed", None, "(0)", INPUT,
            "        a_x += prev.h @ self.W_hh.T", forward=True),
        rnn("forward-h-added", "forward: the previous state added without W_hh", None, "(0)", INPUT,
            "        a_x += prev.h", forward=True),
    )  # fmt: skip
