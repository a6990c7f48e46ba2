"""Translate with two tanh networks: the last state of the first is where the second begins. Teacher forcing."""

import numpy as np


def softmax(y):
    e = np.exp(y - y.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class RNN:
    def __init__(self, n_in, n_hid):
        self.W = np.random.randn(n_in, n_hid) * 0.3
        self.U = np.random.randn(n_hid, n_hid) * 0.3
        self.b = np.zeros(n_hid)

    def forward(self, xs, h):
        self.xs = xs
        self.hs = [h]
        for x in xs:
            self.hs.append(np.tanh(x @ self.W + self.hs[-1] @ self.U + self.b))
        return np.array(self.hs[1:])

    def backward(self, dhs):
        """dhs: one gradient per step. Returns those of the inputs and of the first state."""
        self.dW, self.dU, self.db = np.zeros_like(self.W), np.zeros_like(self.U), np.zeros_like(self.b)
        dxs, dh = np.zeros_like(self.xs), 0
        for t in reversed(range(len(self.xs))):
            da = (dhs[t] + dh) * (1 - self.hs[t + 1] ** 2)
            self.dW += self.xs[t].T @ da
            self.dU += self.hs[t].T @ da
            self.db += da.sum(axis=0)
            dxs[t] = da @ self.W.T
            dh = da @ self.U.T
        return dxs, dh


class Translator:
    def __init__(self, n_src, n_tgt, n_emb, n_hid):
        self.E_src = np.random.randn(n_src, n_emb)
        self.E_tgt = np.random.randn(n_tgt, n_emb)
        self.encoder, self.decoder = RNN(n_emb, n_hid), RNN(n_emb, n_hid)
        self.V = np.random.randn(n_hid, n_tgt) * 0.3
        self.c = np.zeros(n_tgt)

    def loss(self, src, tgt_in, tgt_out):
        """src: (S, N), tgt_in, tgt_out: (T, N), word numbers. Mean cross-entropy over all target words."""
        start = np.zeros((src.shape[1], len(self.encoder.b)))
        self.memory = self.encoder.forward(self.E_src[src], start)
        self.states = self.decoder.forward(self.E_tgt[tgt_in], self.memory[-1])
        self.p = softmax(self.states @ self.V + self.c)
        self.ids = src, tgt_in, tgt_out
        T, N = tgt_out.shape
        picked = self.p[np.arange(T)[:, None], np.arange(N), tgt_out]
        return -np.log(picked).sum() / (T * N)

    def backward(self):
        src, tgt_in, tgt_out = self.ids
        T, N = tgt_out.shape
        dy = self.p.copy()
        dy[np.arange(T)[:, None], np.arange(N), tgt_out] -= 1
        dy /= T * N
        self.dV = np.einsum("tnh,tnv->hv", self.states, dy)
        self.dc = dy.sum(axis=(0, 1))
        demb_tgt, dlast = self.decoder.backward(dy @ self.V.T)
        dmemory = np.zeros_like(self.memory)
        dmemory[-1] += dlast
        demb_src, _ = self.encoder.backward(dmemory)
        self.dE_src, self.dE_tgt = np.zeros_like(self.E_src), np.zeros_like(self.E_tgt)
        np.add.at(self.dE_src, src, demb_src)
        np.add.at(self.dE_tgt, tgt_in, demb_tgt)
