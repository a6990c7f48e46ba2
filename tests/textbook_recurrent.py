"""Textbook code of recurrent networks, right, with a harness each: into these the classic mistakes are planted.

Each is a pair of texts: the code, and the harness that imports it as `code_file`.
"""

from __future__ import annotations

LSTM = """
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def forward(x, h0, c0, W, U, b):
    T, H = x.shape[0], h0.shape[1]
    h, c, steps, out = h0, c0, [], []
    for t in range(T):
        a = x[t] @ W + h @ U + b
        i = sigmoid(a[:, :H])
        f = sigmoid(a[:, H:2 * H])
        o = sigmoid(a[:, 2 * H:3 * H])
        g = np.tanh(a[:, 3 * H:])
        c_new = f * c + i * g
        tc = np.tanh(c_new)
        h_new = o * tc
        steps.append((x[t], h, c, i, f, o, g, c_new, tc, h_new))
        h, c = h_new, c_new
        out.append(h)
    return np.array(out), c, (steps, W, U)


def backward(dout, dc_last, cache):
    steps, W, U = cache
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros(U.shape[1])
    dx = np.zeros((len(steps), *steps[0][0].shape))
    dh_next, dc_next = np.zeros_like(steps[0][1]), dc_last
    for t in reversed(range(len(steps))):
        xt, h_prev, c_prev, i, f, o, g, c, tc, h = steps[t]
        dh = dout[t] + dh_next
        do = dh * tc * o * (1 - o)
        dc = dc_next + dh * o * (1 - tc ** 2)
        di = dc * g * i * (1 - i)
        df = dc * c_prev * f * (1 - f)
        dg = dc * i * (1 - g ** 2)
        da = np.concatenate([di, df, do, dg], axis=1)
        dW += xt.T @ da
        dU += h_prev.T @ da
        db += da.sum(axis=0)
        dx[t] = da @ W.T
        dh_next = da @ U.T
        dc_next = dc * f
    return dx, dh_next, dc_next, dW, dU, db
"""
LSTM_HARNESS = """
import code_file


def harness(m, r):
    x, h0, c0, W, U, b = arrays = r(r.T, 2, 3), r(2, 4), r(2, 4), r(3, 16), r(4, 16), r(16)
    out, c, cache = m.forward(*arrays)
    return zip(arrays, m.backward(r.loss(out), r.loss(c), cache))
"""

GRU = """
import numpy as np


class GatedUnit:
    def __init__(self, n_in, n):
        self.n = n
        self.Wx, self.Wh = np.random.randn(n_in, 3 * n), np.random.randn(n, 3 * n)
        self.b = np.zeros(3 * n)

    def forward(self, xs, state):
        n, self.kept, out = self.n, [], []
        for x in xs:
            ax, ah = x @ self.Wx + self.b, state @ self.Wh
            reset = 1 / (1 + np.exp(-(ax[:, :n] + ah[:, :n])))
            update = 1 / (1 + np.exp(-(ax[:, n:2 * n] + ah[:, n:2 * n])))
            cand = np.tanh(ax[:, 2 * n:] + reset * ah[:, 2 * n:])
            new = (1 - update) * cand + update * state
            self.kept.append((x, state, reset, update, cand, ah[:, 2 * n:]))
            state = new
            out.append(new)
        return np.stack(out)

    def backward(self, douts):
        self.dWx, self.dWh, self.db = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.b)
        dxs, later = np.zeros((len(self.kept), *self.kept[0][0].shape)), 0.0
        for t in range(len(self.kept) - 1, -1, -1):
            x, state, reset, update, cand, ah = self.kept[t]
            d = douts[t] + later
            dcand = d * (1 - update) * (1 - cand ** 2)
            dupdate = d * (state - cand) * update * (1 - update)
            dreset = dcand * ah * reset * (1 - reset)
            dax = np.hstack([dreset, dupdate, dcand])
            dah = np.hstack([dreset, dupdate, dcand * reset])
            self.dWx += x.T @ dax
            self.dWh += state.T @ dah
            self.db += dax.sum(axis=0)
            dxs[t] = dax @ self.Wx.T
            later = d * update + dah @ self.Wh.T
        return dxs, later
"""
GRU_HARNESS = """
import code_file


def harness(m, r):
    unit = r.new(m.GatedUnit, 3, 4)
    xs, state = r(r.T, 2, 3), r(2, 4)
    dxs, dstate = unit.backward(r.loss(unit.forward(xs, state)))
    return [(xs, dxs), (state, dstate), (unit.Wx, unit.dWx), (unit.Wh, unit.dWh), (unit.b, unit.db)]
"""

TAGGER = """
import numpy as np


def forward(E, W, U, b, V, ids, tags, mask):
    B, T = ids.shape
    h, hs, ps, loss = np.zeros((B, U.shape[0])), [], [], 0.0
    hs.append(h)
    for t in range(T):
        m = mask[:, t:t + 1]
        new = np.tanh(E[ids[:, t]] @ W + h @ U + b)
        h = m * new + (1 - m) * h
        z = h @ V
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        loss -= (mask[:, t] * np.log(p[np.arange(B), tags[:, t]])).sum()
        hs.append(h)
        ps.append((new, p))
    return loss / mask.sum(), h, (hs, ps)


def backward(E, W, U, b, V, ids, tags, mask, dh_last, cache):
    hs, ps = cache
    B, T = ids.shape
    n_tokens = int(mask.sum())
    n_places = B * T
    dE, dW, dU = np.zeros_like(E), np.zeros_like(W), np.zeros_like(U)
    db, dV, dh_next = np.zeros_like(b), np.zeros_like(V), dh_last
    for t in reversed(range(T)):
        new, p = ps[t]
        m = mask[:, t:t + 1]
        dz = p.copy()
        dz[np.arange(B), tags[:, t]] -= 1
        dz = dz * m / n_tokens
        dV += hs[t + 1].T @ dz
        dh = dz @ V.T + dh_next
        dh_kept, dh = (1 - m) * dh, m * dh
        da = dh * (1 - new * new)
        dU += hs[t].T @ da
        db += da.sum(axis=0)
        de = da @ W.T
        dW += E[ids[:, t]].T @ da
        np.add.at(dE, ids[:, t], de)
        dh_next = da @ U.T + dh_kept
    return dE, dW, dU, db, dV
"""
TAGGER_HARNESS = """
import numpy as np

import code_file


def harness(m, r):
    arrays = r(3, 2), r(2, 5), r(5, 5), r(5), r(5, 3)
    T = r.T + 1
    ids, tags = r.ints(3, 4, T), r.ints(3, 4, T)
    mask = (np.arange(T) < np.array([T, 1, T, 1])[:, None]).astype(float)
    loss, h, cache = m.forward(*arrays, ids, tags, mask)
    r.loss(loss)
    return zip(arrays, m.backward(*arrays, ids, tags, mask, r.loss(h), cache))
"""

SEQ2SEQ = """
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def run(xs, h, c, W):
    steps, out = [], []
    for x in xs:
        xh = np.hstack([x, h])
        i, f, o, g = np.split(xh @ W, 4, axis=1)
        i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
        c_prev, c = c, f * c + i * g
        h = o * np.tanh(c)
        steps.append((xh, c_prev, i, f, o, g, np.tanh(c)))
        out.append(h)
    return np.array(out), h, c, steps


def back(douts, dh, dc, steps, W):
    dW, dxs = np.zeros_like(W), [None] * len(steps)
    for t in reversed(range(len(steps))):
        xh, c_prev, i, f, o, g, tc = steps[t]
        dh = dh + douts[t]
        dc = dc + dh * o * (1 - tc ** 2)
        da = np.hstack([dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dh * tc * o * (1 - o), dc * i * (1 - g ** 2)])
        dW += xh.T @ da
        dxh = da @ W.T
        n = xh.shape[1] - dh.shape[1]
        dxs[t], dh, dc = dxh[:, :n], dxh[:, n:], dc * f
    return np.array(dxs), dh, dc, dW


def forward(source, target, We, Wd):
    zero = np.zeros((source.shape[1], We.shape[1] // 4))
    _, h, c, encoder = run(source, zero, zero, We)
    out, _, _, decoder = run(target, h, c, Wd)
    return out, (encoder, decoder, We, Wd)


def backward(douts, cache):
    encoder, decoder, We, Wd = cache
    dtarget, dh, dc, dWd = back(douts, 0.0, 0.0, decoder, Wd)
    nothing = np.zeros((len(encoder), *dh.shape))
    dsource, dh, dc, dWe = back(nothing, dh, dc, encoder, We)
    return dsource, dtarget, dWe, dWd
"""
SEQ2SEQ_HARNESS = """
import code_file


def harness(m, r):
    arrays = r(r.T + 1, 2, 3), r(r.T, 2, 2), r(7, 16), r(6, 16)
    out, cache = m.forward(*arrays)
    return zip(arrays, m.backward(r.loss(out), cache))
"""

TEXTBOOK = {
    "lstm": (LSTM, LSTM_HARNESS),
    "gru": (GRU, GRU_HARNESS),
    "tagger": (TAGGER, TAGGER_HARNESS),
    "seq2seq": (SEQ2SEQ, SEQ2SEQ_HARNESS),
}
