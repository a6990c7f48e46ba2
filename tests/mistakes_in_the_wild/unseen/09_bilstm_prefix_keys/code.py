"""Both directions of an LSTM in one dictionary of weights, the keys of the second begin with b_. One vector per text."""

import numpy as np


def sg(a):
    return 1 / (1 + np.exp(-a))


def half(X, P, pre, order):
    """Read the rows of X in this order; returns the last state and the steps."""
    H = len(P[pre + "bo"])
    h, c = np.zeros(H), np.zeros(H)
    steps = []
    for t in order:
        v = np.concatenate([h, X[t]])
        i, f, o = (sg(P[pre + "W" + g] @ v + P[pre + "b" + g]) for g in "ifo")
        a = np.tanh(P[pre + "Wa"] @ v + P[pre + "ba"])
        c_old = c
        c = f * c_old + i * a
        h = o * np.tanh(c)
        steps.append((t, v, i, f, o, a, c_old, c))
    return h, steps


def encode(X, P):
    """X: (T, D). The last states of both directions, joined."""
    T = len(X)
    left, steps_l = half(X, P, "f_", range(T))
    right, steps_r = half(X, P, "b_", range(T - 1, -1, -1))
    return np.concatenate([left, right]), (X, steps_l, steps_r)


def half_backward(dh, steps, P, pre, grads, dX):
    H = len(P[pre + "bo"])
    dc = np.zeros(H)
    for t, v, i, f, o, a, c_old, c in reversed(steps):
        tc = np.tanh(c)
        dc = dc + dh * o * (1 - c**2)
        d = {
            "i": dc * a * i * (1 - i),
            "f": dc * c_old * f * (1 - f),
            "o": dh * tc * o * (1 - o),
            "a": dc * i * (1 - a**2),
        }
        dv = np.zeros_like(v)
        for g in "ifoa":
            grads[pre + "W" + g] += np.outer(d[g], v)
            grads[pre + "b" + g] += d[g]
            dv += P["f_W" + g].T @ d[g]
        dh = dv[:H]
        dX[t] = dv[H:]
        dc = dc * f


def encode_backward(dcode, P, kept):
    """Returns the gradients of X and of the weights."""
    X, steps_l, steps_r = kept
    grads = {k: np.zeros_like(w) for k, w in P.items()}
    dX = np.zeros_like(X)
    H = len(dcode) // 2
    half_backward(dcode[:H], steps_l, P, "f_", grads, dX)
    half_backward(dcode[H:], steps_r, P, "b_", grads, dX)
    return dX, grads
