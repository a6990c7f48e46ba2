"""Scaled dot-product attention with several heads: softmax(Q K^T / sqrt(d)) V, d being the size of one head."""

import numpy as np


def softmax(S):
    E = np.exp(S - S.max(axis=-1, keepdims=True))
    return E / E.sum(axis=-1, keepdims=True)


class MultiHead:
    """Input and output (N, T, M); no bias."""

    def __init__(self, model_size, heads):
        self.heads = heads
        self.size = model_size // heads
        scale = model_size**-0.5
        self.Wq = np.random.normal(0, scale, (model_size, model_size))
        self.Wk = np.random.normal(0, scale, (model_size, model_size))
        self.Wv = np.random.normal(0, scale, (model_size, model_size))
        self.Wo = np.random.normal(0, scale, (model_size, model_size))

    def split(self, a):
        """(N, T, M) to (N, heads, T, size)."""
        N, T, _ = a.shape
        return a.reshape(N, T, self.heads, self.size).transpose(0, 2, 1, 3)

    def join(self, a):
        """(N, heads, T, size) to (N, T, M)."""
        N, _, T, _ = a.shape
        return a.transpose(0, 2, 1, 3).reshape(N, T, -1)

    def forward(self, queries, memory):
        """queries: (N, T, M), memory: (N, S, M)."""
        self.queries, self.memory = queries, memory
        self.q = self.split(queries @ self.Wq)
        self.k = self.split(memory @ self.Wk)
        self.v = self.split(memory @ self.Wv)
        scores = self.q @ self.k.transpose(0, 1, 3, 2)
        self.weights = softmax(scores)
        self.mixed = self.join(self.weights @ self.v)
        return self.mixed @ self.Wo

    def weight_gradient(self, x, dy):
        return np.tensordot(x, dy, axes=([0, 1], [0, 1]))

    def backward(self, dy):
        """Returns the gradients of queries and memory; those of the weights are dWq, dWk, dWv, dWo."""
        self.dWo = self.weight_gradient(self.mixed, dy)
        dmixed = self.split(dy @ self.Wo.T)

        dv = self.weights.transpose(0, 1, 3, 2) @ dmixed
        dweights = dmixed @ self.v.transpose(0, 1, 3, 2)
        dscores = self.weights * (dweights - (dweights * self.weights).sum(axis=-1, keepdims=True))
        dscores /= np.sqrt(self.size)
        dq = dscores @ self.k
        dk = dscores.transpose(0, 1, 3, 2) @ self.q

        dq, dk, dv = self.join(dq), self.join(dk), self.join(dv)
        self.dWq = self.weight_gradient(self.queries, dq)
        self.dWk = self.weight_gradient(self.memory, dk)
        self.dWv = self.weight_gradient(self.memory, dv)
        return dq @ self.Wq.T, dk @ self.Wk.T + dv @ self.Wv.T
