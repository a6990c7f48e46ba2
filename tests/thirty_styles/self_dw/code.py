import numpy as np


class Sigmoid:
    @staticmethod
    def f(x):
        return 1 / (1 + np.exp(-x))

    @staticmethod
    def df(y):
        return y * (1 - y)


class LSTMLayer:
    def __init__(self, n_in, n_hidden):
        k = 1 / np.sqrt(n_hidden)
        self.Wx = np.random.uniform(-k, k, (n_in, 4 * n_hidden))
        self.Wh = np.random.uniform(-k, k, (n_hidden, 4 * n_hidden))
        self.b = np.zeros(4 * n_hidden)
        self.n_hidden = n_hidden

    def zero_grad(self):
        self.dWx = np.zeros(self.Wx.shape)
        self.dWh = np.zeros(self.Wh.shape)
        self.db = np.zeros(self.b.shape)

    def forward(self, X):
        """X: (batch, time, n_in). Returns every hidden state."""
        self.X = X
        B, T, _ = X.shape
        n = self.n_hidden
        self.H = np.zeros((B, T + 1, n))
        self.C = np.zeros((B, T + 1, n))
        self.gates = np.zeros((B, T, 4, n))
        for t in range(T):
            a = (X[:, t] @ self.Wx + self.H[:, t] @ self.Wh + self.b).reshape(B, 4, n)
            self.gates[:, t, :3] = Sigmoid.f(a[:, :3])
            self.gates[:, t, 3] = np.tanh(a[:, 3])
            i, f, o, g = (self.gates[:, t, k] for k in range(4))
            self.C[:, t + 1] = f * self.C[:, t] + i * g
            self.H[:, t + 1] = o * np.tanh(self.C[:, t + 1])
        return self.H[:, 1:]

    def backward(self, dH):
        self.zero_grad()
        B, T, n = dH.shape
        dX = np.zeros(self.X.shape)
        dh_next = np.zeros((B, n))
        dc_next = np.zeros((B, n))
        for t in range(T - 1, -1, -1):
            i, f, o, g = (self.gates[:, t, k] for k in range(4))
            tc = np.tanh(self.C[:, t + 1])
            dh = dH[:, t] + dh_next
            dc = dc_next + dh * o * (1 - tc ** 2)
            da = np.zeros((B, 4, n))
            da[:, 0] = dc * g * Sigmoid.df(i)
            da[:, 1] = dc * self.C[:, t] * Sigmoid.df(f)
            da[:, 2] = dh * tc * Sigmoid.df(o)
            da[:, 3] = dc * i * (1 - g ** 2)
            da = da.reshape(B, 4 * n)
            self.dWx += self.X[:, t].T @ da
            self.dWh = self.H[:, t].T @ da
            self.db += da.sum(axis=0)
            dX[:, t] = da @ self.Wx.T
            dh_next = da @ self.Wh.T
            dc_next = dc * f
        return dX

    def update(self, lr):
        self.Wx -= lr * self.dWx
        self.Wh -= lr * self.dWh
        self.b -= lr * self.db
