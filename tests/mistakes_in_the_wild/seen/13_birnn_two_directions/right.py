"""A sentence read from both sides; the two states of a word are joined, a label is predicted for every word."""

import numpy as np


class Direction:
    """A plain tanh network over rows of a (T, D) matrix, for one sentence."""

    def __init__(self, D, H):
        self.Wx, self.Wh, self.b = np.random.randn(H, D), np.random.randn(H, H), np.zeros(H)

    def run(self, X):
        self.X = X
        H = np.zeros((len(X) + 1, len(self.b)))
        for t in range(len(X)):
            H[t + 1] = np.tanh(self.Wx @ X[t] + self.Wh @ H[t] + self.b)
        self.H = H
        return H[1:]

    def back(self, dH):
        self.dWx, self.dWh, self.db = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.b)
        dX = np.zeros_like(self.X)
        dh = np.zeros_like(self.b)
        for t in range(len(dH) - 1, -1, -1):
            da = (dH[t] + dh) * (1 - self.H[t + 1] ** 2)
            self.dWx += np.outer(da, self.X[t])
            self.dWh += np.outer(da, self.H[t])
            self.db += da
            dX[t] = self.Wx.T @ da
            dh = self.Wh.T @ da
        return dX


class BiTagger:
    def __init__(self, D, H, labels):
        self.fwd, self.bwd = Direction(D, H), Direction(D, H)
        self.V, self.c = np.random.randn(labels, 2 * H), np.zeros(labels)

    def loss(self, X, y):
        h_fwd = self.fwd.run(X)
        h_bwd = self.bwd.run(X[::-1])[::-1]
        self.h = np.hstack([h_fwd, h_bwd])
        logits = self.h @ self.V.T + self.c
        logits -= logits.max(axis=1, keepdims=True)
        self.p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        self.y = y
        return -np.log(self.p[np.arange(len(y)), y]).mean()

    def backward(self):
        """Returns the gradient of X; those of the parameters are attributes dV, dc, fwd.dWx, ..."""
        n = len(self.y)
        d = self.p.copy()
        d[np.arange(n), self.y] -= 1
        d /= n
        self.dV = d.T @ self.h
        self.dc = d.sum(axis=0)
        dh = d @ self.V
        H = dh.shape[1] // 2
        dX_fwd = self.fwd.back(dh[:, :H])
        dX_bwd = self.bwd.back(dh[::-1, H:])
        return dX_fwd + dX_bwd[::-1]
