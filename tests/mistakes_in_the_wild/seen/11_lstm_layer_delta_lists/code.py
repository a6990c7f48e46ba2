"""An LSTM layer written from the formulas of a blog: error terms first, gradients from them afterwards."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class LstmLayer:
    def __init__(self, n_in, n_state):
        self.n_state = n_state
        self.Wh = {g: np.random.randn(n_state, n_state) * 0.1 for g in "fioc"}
        self.Wx = {g: np.random.randn(n_state, n_in) * 0.1 for g in "fioc"}
        self.b = {g: np.zeros((n_state, 1)) for g in "fioc"}

    def zeros(self, times):
        return [np.zeros((self.n_state, 1)) for _ in range(times + 1)]

    def forward(self, xs, h0, c0):
        """Feed a list of columns; position 0 of every list is the state before the first."""
        self.xs = [None, *xs]
        self.times = len(xs)
        self.h, self.c = self.zeros(self.times), self.zeros(self.times)
        self.h[0], self.c[0] = h0, c0
        self.gate = {g: self.zeros(self.times) for g in "fioc"}
        for k in range(1, self.times + 1):
            for g in "fioc":
                net = self.Wh[g] @ self.h[k - 1] + self.Wx[g] @ self.xs[k] + self.b[g]
                self.gate[g][k] = np.tanh(net) if g == "c" else sigmoid(net)
            f, i, o, ct = (self.gate[g][k] for g in "fioc")
            self.c[k] = f * self.c[k - 1] + i * ct
            self.h[k] = o * np.tanh(self.c[k])
        return self.h[1:]

    def backward(self, dhs):
        """Take the gradient of every output, keep those of the weights."""
        self.delta = {g: self.zeros(self.times) for g in "fioc"}
        self.delta_h = self.zeros(self.times)
        delta_c = np.zeros((self.n_state, 1))
        for k in range(self.times, 0, -1):
            self.delta_h[k] += dhs[k - 1]
            delta_c = self.calc_delta(k, delta_c)
        self.calc_gradient()

    def calc_delta(self, k, delta_c):
        f, i, o, ct = (self.gate[g][k] for g in "fioc")
        tanh_c = np.tanh(self.c[k])
        dh = self.delta_h[k]
        dc = dh * o * (1 - tanh_c**2)
        self.delta["o"][k] = dh * tanh_c * o * (1 - o)
        self.delta["f"][k] = dc * self.c[k - 1] * f * (1 - f)
        self.delta["i"][k] = dc * ct * i * (1 - i)
        self.delta["c"][k] = dc * i * (1 - ct**2)
        self.delta_h[k - 1] = sum(self.Wh[g].T @ self.delta[g][k] for g in "fioc")
        return dc * f

    def calc_gradient(self):
        self.dWh = {g: np.zeros_like(self.Wh[g]) for g in "fioc"}
        self.dWx = {g: np.zeros_like(self.Wx[g]) for g in "fioc"}
        self.db = {g: np.zeros_like(self.b[g]) for g in "fioc"}
        for k in range(1, self.times + 1):
            for g in "fioc":
                self.dWh[g] += self.delta[g][k] @ self.h[k - 1].T
                self.db[g] += self.delta["f"][k]
        self.dWx = {g: self.delta[g][-1] @ self.xs[-1].T for g in "fioc"}
