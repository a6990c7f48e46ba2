"""One block of a decoder: normalise, causal attention, add; normalise, two linear layers, add. No batch."""

import numpy as np


class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) / np.sqrt(n_in)
        self.b = np.zeros(n_out)

    def __call__(self, x):
        self.x = x
        return x @ self.W + self.b

    def back(self, dy):
        self.dW = self.x.T @ dy
        self.db = dy.sum(axis=0)
        return dy @ self.W.T


class Norm:
    def __init__(self, n):
        self.g, self.s = np.ones(n), np.zeros(n)

    def __call__(self, x):
        self.inv = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-6)
        self.hat = (x - x.mean(axis=-1, keepdims=True)) * self.inv
        return self.hat * self.g + self.s

    def back(self, dy):
        self.dg, self.ds = (dy * self.hat).sum(axis=0), dy.sum(axis=0)
        d = dy * self.g
        d = d - d.mean(axis=-1, keepdims=True) - self.hat * (d * self.hat).mean(axis=-1, keepdims=True)
        return d * self.inv


class Attention:
    def __init__(self, n):
        self.q, self.k, self.v, self.o = Linear(n, n), Linear(n, n), Linear(n, n), Linear(n, n)
        self.scale = 1 / np.sqrt(n)

    def __call__(self, x):
        self.Q, self.K, self.V = self.q(x), self.k(x), self.v(x)
        S = self.Q @ self.K.T * self.scale
        S = np.where(np.tri(len(x)) > 0, S, -np.inf)
        E = np.exp(S - S.max(axis=-1, keepdims=True))
        self.P = E / E.sum(axis=-1, keepdims=True)
        return self.o(self.P @ self.V)

    def back(self, dy):
        dy = self.o.back(dy)
        dP = dy @ self.V.T
        dV = self.P.T @ dy
        dS = self.P * (dP - (dP * self.P).sum(axis=-1, keepdims=True)) * self.scale
        return self.q.back(dS @ self.K) + self.k.back(dS.T @ self.Q) + self.v.back(dV)


class Block:
    def __init__(self, n, wide):
        self.norm1, self.attn, self.norm2 = Norm(n), Attention(n), Norm(n)
        self.up, self.down = Linear(n, wide), Linear(wide, n)

    def __call__(self, x):
        x = x + self.attn(self.norm1(x))
        self.hidden = np.tanh(self.up(self.norm2(x)))
        return x + self.down(self.hidden)

    def back(self, dy):
        d = self.down.back(dy) * (1 - self.hidden**2)
        d = dy + self.norm2.back(self.up.back(d))
        return d + self.norm1.back(self.attn.back(d))
