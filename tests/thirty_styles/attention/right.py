"""Additive attention (Bahdanau): every query looks at all keys."""
import numpy as np


class AdditiveAttention:
    def __init__(self, query_size, key_size, hidden):
        self.W_q = np.random.randn(query_size, hidden) / np.sqrt(query_size)
        self.W_k = np.random.randn(key_size, hidden) / np.sqrt(key_size)
        self.v = np.random.randn(hidden) / np.sqrt(hidden)

    def forward(self, queries, keys, values, valid_lens):
        """
        queries (N, Q, dq), keys (N, K, dk), values (N, K, dv), valid_lens (N,)
        returns (N, Q, dv)
        """
        self.queries, self.keys, self.values = queries, keys, values
        q = queries @ self.W_q
        k = keys @ self.W_k
        self.features = np.tanh(q[:, :, None, :] + k[:, None, :, :])
        scores = self.features @ self.v

        pad = np.arange(keys.shape[1]) >= valid_lens[:, None]
        scores = np.where(pad[:, None, :], -1e9, scores)
        scores = scores - scores.max(axis=-1, keepdims=True)
        weights = np.exp(scores)
        self.weights = weights / weights.sum(axis=-1, keepdims=True)
        return self.weights @ values

    def backward(self, dout):
        w = self.weights
        dvalues = w.transpose(0, 2, 1) @ dout
        dw = dout @ self.values.transpose(0, 2, 1)
        dscores = w * (dw - (w * dw).sum(axis=-1, keepdims=True))

        self.dv = np.tensordot(dscores, self.features, axes=3)
        dfeatures = dscores[..., None] * self.v
        dsum = dfeatures * (1 - self.features ** 2)
        dq = dsum.sum(axis=2)
        dk = dsum.sum(axis=1)

        self.dW_q = np.einsum("nqi,nqh->ih", self.queries, dq)
        self.dW_k = np.einsum("nki,nkh->ih", self.keys, dk)
        return dq @ self.W_q.T, dk @ self.W_k.T, dvalues
