"""One sequence through an LSTM, a forecast from its last state; all gates of all steps in matrices (T, H)."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Forecaster:
    def __init__(self, n_in, n_hid):
        self.n = n_hid
        self.weight = {}
        for g in "fiao":
            self.weight["U_" + g] = np.random.randn(n_hid, n_in) * 0.2
            self.weight["W_" + g] = np.random.randn(n_hid, n_hid) * 0.2
            self.weight["b_" + g] = np.zeros(n_hid)
        self.weight["V"] = np.random.randn(1, n_hid) * 0.2
        self.weight["b_V"] = np.zeros(1)

    def forward(self, x):
        """x: (T, n_in). Returns the forecast, shape (1,)."""
        w, T = self.weight, len(x)
        self.x = x
        self.h, self.C = np.zeros((T + 1, self.n)), np.zeros((T + 1, self.n))
        self.f, self.i, self.a, self.o = (np.zeros((T, self.n)) for _ in range(4))
        for t in range(T):
            net = {g: w["U_" + g] @ x[t] + w["W_" + g] @ self.h[t] + w["b_" + g] for g in "fiao"}
            self.f[t], self.i[t], self.o[t] = sigmoid(net["f"]), sigmoid(net["i"]), sigmoid(net["o"])
            self.a[t] = np.tanh(net["a"])
            self.C[t + 1] = self.f[t] * self.C[t] + self.i[t] * self.a[t]
            self.h[t + 1] = self.o[t] * np.tanh(self.C[t + 1])
        return w["V"] @ self.h[T] + w["b_V"]

    def back_prop(self, dy):
        """dy: gradient of the forecast. Fills self.grad and returns the gradient of x."""
        w, T, n = self.weight, len(self.x), self.n
        self.grad = {"b_V": dy, "V": np.outer(dy, self.h[T])}
        th = np.tanh(self.C[1:])
        slope = {
            "f": self.C[:-1] * self.f * (1 - self.f),
            "i": self.a * self.i * (1 - self.i),
            "a": self.i * (1 - self.a**2),
            "o": th * self.o * (1 - self.o),
        }
        dh, dC = np.zeros((T + 1, n)), np.zeros((T + 1, n))
        d = {g: np.zeros((T, n)) for g in "fiao"}
        dh[T] = w["V"].T @ dy
        for t in range(T - 1, -1, -1):
            dC[t + 1] += dh[t + 1] * self.o[t] * (1 - th[t] ** 2)
            for g in "fia":
                d[g][t] = dC[t + 1] * slope[g][t]
            d["o"][t] = dh[t + 1] * slope["o"][t]
            dh[t] = sum(w["W_" + g].T @ d[g][t] for g in "fiao")
            dC[t] = dC[t + 1] * self.f[t]
        for g in "fiao":
            self.grad["U_" + g] = d[g].T @ self.x
            self.grad["W_" + g] = d[g].T @ self.h[:-1]
            self.grad["b_" + g] = d[g].sum(axis=0)
        return sum(d[g] @ w["U_" + g] for g in "fiao")
