"""Self-attention over a short text, a linear read-out of the whole context, and one number as the result."""

import numpy as np


def softmax_rows(S):
    S = S - S.max(axis=1, keepdims=True)
    E = np.exp(S)
    return E / E.sum(axis=1, keepdims=True)


class AttentionScorer:
    def __init__(self, embed_dim, key_dim, seed=0):
        rng = np.random.default_rng(seed)
        self.key_dim = key_dim
        self.W_q = rng.normal(0, 0.2, (embed_dim, key_dim))
        self.W_k = rng.normal(0, 0.2, (embed_dim, key_dim))
        self.W_v = rng.normal(0, 0.2, (embed_dim, embed_dim))
        self.W_o = rng.normal(0, 0.2, (embed_dim, embed_dim))
        self.w_out = rng.normal(0, 0.2, embed_dim)
        self.b_out = np.zeros(1)

    def forward(self, X):
        """X: (T, E), one row per word. Returns the prediction, a number."""
        self.X = X
        self.Q, self.K, self.V = X @ self.W_q, X @ self.W_k, X @ self.W_v
        self.attn = softmax_rows(self.Q @ self.K.T / np.sqrt(self.key_dim))
        self.context = self.attn @ self.V
        self.out = np.tanh(self.context @ self.W_o)
        self.pooled = self.out.mean(axis=0)
        return self.pooled @ self.w_out + self.b_out[0]

    def loss(self, X, y):
        self.error = self.forward(X) - y
        return 0.5 * self.error**2

    def backward(self):
        """Gradients for the last call of loss(), in a dictionary."""
        T = self.X.shape[0]
        d_pred = self.error
        d_w_out = self.pooled * d_pred
        d_b_out = np.array([d_pred])

        d_pooled = self.w_out * d_pred
        d_out = np.tile(d_pooled, (T, 1)) / T
        d_pre = d_out * (1 - self.out**2)
        d_W_o = self.context.T @ d_pre
        d_context = d_pre @ self.W_o.T

        d_V = self.attn.T @ d_context
        d_attn = d_context @ self.V.T
        d_scores = self.attn * (d_attn - (d_attn * self.attn).sum(axis=1, keepdims=True))
        d_scores = d_scores / np.sqrt(self.key_dim)

        d_Q = d_scores @ self.K
        d_K = d_scores.T @ self.Q
        d_X = d_Q @ self.W_q.T + d_K @ self.W_k.T + d_V @ self.W_v.T
        return {
            "X": d_X,
            "W_q": self.X.T @ d_Q,
            "W_k": self.X.T @ d_K,
            "W_v": self.X.T @ d_V,
            "W_o": d_W_o,
            "w_out": d_w_out,
            "b_out": d_b_out,
        }

    def step(self, X, y, rate):
        self.loss(X, y)
        grads = self.backward()
        for name in ("W_q", "W_k", "W_v", "W_o", "w_out", "b_out"):
            getattr(self, name)[...] -= rate * np.clip(grads[name], -1, 1)
