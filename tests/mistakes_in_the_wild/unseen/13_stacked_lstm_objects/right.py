"""A stack of LSTM layers, one object per layer; each layer sees the whole sequence before the next begins."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class Layer:
    """One LSTM layer: input (T, N, D), output (T, N, H); the gates stand in one matrix, in the order i f o g."""

    def __init__(self, n_in, n_out):
        self.n = n_out
        self.W = np.random.randn(n_in + n_out, 4 * n_out) / np.sqrt(n_in + n_out)
        self.b = np.zeros(4 * n_out)

    def forward(self, X):
        T, N, _ = X.shape
        n = self.n
        self.X = X
        self.H, self.C = np.zeros((T + 1, N, n)), np.zeros((T + 1, N, n))
        self.gates, self.joined = [], []
        for t in range(T):
            joined = np.concatenate([X[t], self.H[t]], axis=1)
            a = joined @ self.W + self.b
            i, f, o = (sigmoid(a[:, k * n : (k + 1) * n]) for k in range(3))
            g = np.tanh(a[:, 3 * n :])
            self.C[t + 1] = f * self.C[t] + i * g
            self.H[t + 1] = o * np.tanh(self.C[t + 1])
            self.gates.append((i, f, o, g))
            self.joined.append(joined)
        return self.H[1:]

    def backward(self, dH):
        T, N, D = self.X.shape
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)
        dX = np.zeros_like(self.X)
        dh_next, dc_next = np.zeros((N, self.n)), np.zeros((N, self.n))
        for t in reversed(range(T)):
            i, f, o, g = self.gates[t]
            dh = dH[t] + dh_next
            tc = np.tanh(self.C[t + 1])
            dc = dc_next + dh * o * (1 - tc**2)
            di, df = dc * g * i * (1 - i), dc * self.C[t] * f * (1 - f)
            do, dg = dh * tc * o * (1 - o), dc * i * (1 - g**2)
            da = np.hstack([di, df, do, dg])
            self.dW += self.joined[t].T @ da
            self.db += da.sum(axis=0)
            djoined = da @ self.W.T
            dX[t] = djoined[:, :D]
            dh_next = djoined[:, D:]
            dc_next = dc * f
        return dX


class Stack:
    def __init__(self, n_in, n_hid, depth):
        self.layers = [Layer(n_in if k == 0 else n_hid, n_hid) for k in range(depth)]

    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def backward(self, dX):
        for layer in reversed(self.layers):
            dX = layer.backward(dX)
        return dX
