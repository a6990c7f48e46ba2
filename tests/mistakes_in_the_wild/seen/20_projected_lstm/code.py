"""LSTM with a projection: a wide cell, but only a narrow view of it goes round and out."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class ProjectedLSTM:
    """Input (N, T, D), output (N, T, P); the cell has H units. Gates in the order i, f, o, g."""

    def __init__(self, D, H, P):
        self.H = H
        self.Wx = np.random.randn(D, 4 * H) / np.sqrt(D)
        self.Wp = np.random.randn(P, 4 * H) / np.sqrt(P)
        self.b = np.zeros(4 * H)
        self.proj = np.random.randn(H, P) / np.sqrt(H)

    def gates(self, a):
        H = self.H
        s = sigmoid(a[:, : 3 * H])
        return s[:, :H], s[:, H : 2 * H], s[:, 2 * H :], np.tanh(a[:, 3 * H :])

    def forward(self, x, p0, c0):
        N, T, _ = x.shape
        p, c = p0, c0
        out = np.empty((N, T, p0.shape[1]))
        self.cache = []
        for t in range(T):
            i, f, o, g = self.gates(x[:, t] @ self.Wx + p @ self.Wp + self.b)
            c_old, p_old = c, p
            c = f * c_old + i * g
            h = o * np.tanh(c)
            p = h @ self.proj
            out[:, t] = p
            self.cache.append((x[:, t], p_old, c_old, c, h, i, f, o, g))
        return out

    def backward(self, dout):
        """Returns gradients of x, p0, c0 and, in a dictionary, of the parameters."""
        N, T, P = dout.shape
        grads = dict(Wx=np.zeros_like(self.Wx), Wp=np.zeros_like(self.Wp), b=np.zeros_like(self.b))
        grads["proj"] = np.zeros_like(self.proj)
        dx = np.empty((N, T, self.Wx.shape[0]))
        dp, dc = np.zeros((N, P)), np.zeros((N, self.H))
        for t in reversed(range(T)):
            x, p_old, c_old, c, h, i, f, o, g = self.cache[t]
            dp = dp + dout[:, t]
            grads["proj"] += h.T @ dout[:, t]
            dh = dp @ self.proj.T
            tanh_c = np.tanh(c)
            do = dh * tanh_c * o * (1 - o)
            dc = dc + dh * (1 - tanh_c**2)
            di = dc * g * i * (1 - i)
            df = dc * c_old * i * (1 - i)
            dg = dc * i * (1 - g**2)
            da = np.concatenate([di, df, do, dg], axis=1)
            grads["Wx"] += x.T @ da
            grads["Wp"] += (h @ self.proj).T @ da
            grads["b"] += da.sum(axis=0)
            dx[:, t] = da @ self.Wx.T
            dp = da @ self.Wp.T
            dc = dc * i
        return dx, dp, dc, grads
