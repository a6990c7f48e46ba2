"""A tanh network whose pre-activations are normalised over the hidden units, step by step."""

import numpy as np

EPS = 1e-5


def layernorm(a, gain, bias):
    mu = a.mean(axis=1, keepdims=True)
    std = np.sqrt(a.var(axis=1, keepdims=True) + EPS)
    xhat = (a - mu) / std
    return gain * xhat + bias, (xhat, std, gain)


def layernorm_backward(dy, cache):
    """Returns the gradients of the input, of gain and of bias."""
    xhat, std, gain = cache
    dgain = (dy * xhat).sum(axis=0)
    dbias = dy.sum(axis=0)
    dxhat = dy
    da = (dxhat - dxhat.mean(axis=1, keepdims=True)) / std
    return da, dgain, dbias


class NormRNN:
    """Parameters in a dictionary; input (N, T, D), output (N, T, H)."""

    def __init__(self, D, H):
        self.p = {
            "Wx": np.random.randn(D, H) / np.sqrt(D),
            "Wh": np.random.randn(H, H) / np.sqrt(H),
            "gain": np.ones(H),
            "bias": np.zeros(H),
        }

    def forward(self, X, h0):
        p = self.p
        N, T, _ = X.shape
        out = np.zeros((N, T, p["Wh"].shape[0]))
        self.tape = []
        h = h0
        for t in range(T):
            a = X[:, t] @ p["Wx"] + h @ p["Wh"]
            n, cache = layernorm(a, p["gain"], p["bias"])
            self.tape.append((X[:, t], h, cache))
            h = np.tanh(n)
            out[:, t] = h
        self.out = out
        return out

    def backward(self, dout):
        p = self.p
        g = {k: np.zeros_like(v) for k, v in p.items()}
        dX = np.zeros((*dout.shape[:2], p["Wx"].shape[0]))
        dh = dout[:, -1]
        for t in range(dout.shape[1] - 1, -1, -1):
            x, h_prev, cache = self.tape[t]
            dh = dh + dout[:, t]
            dn = dh * (1 - self.out[:, t] ** 2)
            da, dgain, dbias = layernorm_backward(dn, cache)
            g["gain"] = dgain
            g["bias"] += dbias
            g["Wx"] += x.T @ da
            g["Wh"] += h_prev.T @ da
            dX[:, t] = da @ p["Wx"].T
            dh = da @ p["Wh"].T
        return dX, dh, g
