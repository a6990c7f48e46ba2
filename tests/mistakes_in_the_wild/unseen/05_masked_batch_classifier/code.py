"""Sentences of different lengths in one batch: a mask says which words count, the others leave the state alone."""

import numpy as np


class Classifier:
    def __init__(self, words, embed, hidden, classes):
        self.E = np.random.randn(words, embed) * 0.2
        self.Wx = np.random.randn(embed, hidden) * 0.2
        self.Wh = np.random.randn(hidden, hidden) * 0.2
        self.b = np.zeros(hidden)
        self.V = np.random.randn(hidden, classes) * 0.2
        self.c = np.zeros(classes)

    def forward(self, ids, lengths):
        """ids: (N, T), lengths: (N,). Returns class scores (N, classes)."""
        N, T = ids.shape
        self.ids = ids
        self.mask = (np.arange(T) < lengths[:, None]).astype(float)[:, :, None]
        self.hs = [np.zeros((N, len(self.b)))]
        self.new = []
        for t in range(T):
            m = self.mask[:, t]
            new = np.tanh(self.E[ids[:, t]] @ self.Wx + self.hs[t] @ self.Wh + self.b)
            self.new.append(new)
            self.hs.append(m * new + (1 - m) * self.hs[t])
        return self.hs[T] @ self.V + self.c

    def loss(self, ids, lengths, labels):
        y = self.forward(ids, lengths)
        p = np.exp(y - y.max(axis=1, keepdims=True))
        self.p = p / p.sum(axis=1, keepdims=True)
        self.labels = labels
        return -np.log(self.p[np.arange(len(labels)), labels]).mean()

    def backward(self):
        N, T = self.ids.shape
        d = self.p.copy()
        d[np.arange(N), self.labels] -= 1
        self.dV = self.hs[T].T @ d
        self.dc = d.sum(axis=0)
        self.dE, self.dWx = np.zeros_like(self.E), np.zeros_like(self.Wx)
        self.dWh, self.db = np.zeros_like(self.Wh), np.zeros_like(self.b)
        dh = d @ self.V.T
        for t in range(T - 1, -1, -1):
            m = self.mask[:, t]
            da = dh * (1 - self.new[t] ** 2)
            words = self.ids[:, t]
            self.dWx += self.E[words].T @ da
            self.dWh += self.hs[t].T @ da
            self.db += da.sum(axis=0)
            self.dE[words] += da @ self.Wx.T
            dh = da @ self.Wh.T
