"""A recurrent layer whose weight gradients are taken for all steps at once: only the recursion needs a loop."""

import numpy as np


class FastRNN:
    """Input (T, N, D), states (T, N, H), read-out (T, N, O)."""

    def __init__(self, D, H, O):
        self.Wx = np.random.normal(0, D**-0.5, (D, H))
        self.Wh = np.random.normal(0, H**-0.5, (H, H))
        self.bh = np.zeros(H)
        self.Wo = np.random.normal(0, H**-0.5, (H, O))
        self.bo = np.zeros(O)

    def forward(self, X, h0):
        T, N, _ = X.shape
        pre = X @ self.Wx + self.bh
        H = np.empty((T, N, self.Wh.shape[0]))
        h = h0
        for t in range(T):
            h = H[t] = np.tanh(pre[t] + h @ self.Wh)
        self.X, self.h0, self.H = X, h0, H
        return H @ self.Wo + self.bo

    def backward(self, dO):
        """dO: (T, N, O). Returns a dictionary with the gradients of X, h0 and of the parameters."""
        T, N, _ = dO.shape
        H = self.H
        slope = 1 - H**2
        from_above = dO @ self.Wo.T

        delta = np.empty_like(H)
        delta[-1] = from_above[-1] * slope[-1]
        for t in range(T - 2, -1, -1):
            delta[t] = from_above[t] + (delta[t + 1] @ self.Wh.T) * slope[t]

        before = np.roll(H, 1, axis=0)
        flat = delta.reshape(T * N, -1)
        return {
            "X": delta @ self.Wx.T,
            "h0": delta[0] @ self.Wh.T,
            "Wx": self.X.reshape(T * N, -1).T @ flat,
            "Wh": before.reshape(T * N, -1).T @ flat,
            "bh": delta[-1].sum(axis=0),
            "Wo": np.tensordot(H, dO, axes=([0, 1], [0, 1])),
            "bo": dO.sum(axis=(0, 1)),
        }

    def parameters(self):
        return {name: getattr(self, name) for name in ("Wx", "Wh", "bh", "Wo", "bo")}

    def descend(self, grads, rate):
        for name, w in self.parameters().items():
            w -= rate * grads[name]
