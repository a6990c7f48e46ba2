"""Long short-term memory: c' = f c + i g and h' = o tanh(c'). Column vectors, the gates travel as one tuple."""

from collections import namedtuple

import numpy as np

Gates = namedtuple("Gates", "f i o g")
Step = namedtuple("Step", "v gates c_before c")


def squash(a):
    return 1 / (1 + np.exp(-a))


def new_weights(n_in, n_hid, rng):
    return Gates(*(rng.normal(size=(n_hid, n_hid + n_in + 1)) * 0.2 for _ in range(4)))


def gates_of(v, W):
    return Gates(squash(W.f @ v), squash(W.i @ v), squash(W.i @ v), np.tanh(W.g @ v))


def forward(xs, h, c, W):
    """xs: columns. The last column of every weight is its bias. Returns the hidden columns and the steps."""
    hs, steps = [], []
    for x in xs:
        v = np.vstack([h, x, [[1.0]]])
        q = gates_of(v, W)
        c_before = c
        c = q.f * c_before + q.i * q.g
        h = q.o * np.tanh(c_before)
        hs.append(h)
        steps.append(Step(v, q, c_before, c))
    return hs, steps


def step_backward(dh, dc, step, W, dW):
    n_hid = len(dh)
    q = step.gates
    t = np.tanh(step.c)
    dc = dc + dh * q.o * (1 - t * t)
    d = Gates(
        f=dc * step.c_before * q.f * (1 - q.f),
        i=dc * q.g * q.i * (1 - q.i),
        o=dh * t * q.o * (1 - q.o),
        g=dc * q.i * (1 - q.g * q.g),
    )
    dv = np.zeros_like(step.v)
    for w, dw, da in zip(W, dW, d):
        dw += da @ step.v.T
        dv += w.T @ da
    return dv[n_hid:-1], dv[:n_hid], dc * q.f


def backward(dhs, steps, W):
    """Returns the gradients of the columns, of h, of c, and of the weights as Gates."""
    dW = Gates(*(np.zeros_like(w) for w in W))
    dh = dc = np.zeros_like(dhs[0])
    dxs = []
    for dh_here, step in zip(dhs[::-1], steps[::-1]):
        dx, dh, dc = step_backward(dh_here + dh, dc, step, W, dW)
        dxs.append(dx)
    return dxs[::-1], dh, dc, dW


def train_step(xs, targets, W, rate):
    n_hid = W.f.shape[0]
    hs, steps = forward(xs, np.zeros((n_hid, 1)), np.zeros((n_hid, 1)), W)
    *_, dW = backward([h - target for h, target in zip(hs, targets)], steps, W)
    for w, dw in zip(W, dW):
        w -= rate * dw
