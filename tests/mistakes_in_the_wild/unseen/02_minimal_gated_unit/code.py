"""Minimal gated unit: one gate f decides what the candidate sees of the state and what is replaced of it."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class MGU:
    """Columns are samples: x (D, N), h (H, N)."""

    def __init__(self, D, H):
        self.theta = {
            "Wf": np.random.randn(H, D) * 0.1,
            "Uf": np.random.randn(H, H) * 0.1,
            "bf": np.ones((H, 1)),
            "Wh": np.random.randn(H, D) * 0.1,
            "Uh": np.random.randn(H, H) * 0.1,
            "bh": np.zeros((H, 1)),
        }

    def forward(self, xs, h):
        """xs: a list. Returns the list of states."""
        p = self.theta
        self.h_list, self.f_list, self.c_list = [h], [], []
        self.x_list = xs
        for x in xs:
            f = sigmoid(p["Wf"] @ x + p["Uf"] @ h + p["bf"])
            c = np.tanh(p["Wh"] @ x + p["Uh"] @ (f * h) + p["bh"])
            h = (1 - f) * h + f * c
            self.f_list.append(f)
            self.c_list.append(c)
            self.h_list.append(h)
        return self.h_list[1:]

    def backward(self, dhs):
        """Returns the gradients of xs, of the first state, and of theta."""
        p = self.theta
        grads = {}
        for name in p:
            grads[name] = np.zeros_like(p[name])
        dxs = []
        dh = np.zeros_like(self.h_list[0])
        for t in range(len(dhs) - 1, -1, -1):
            x, h_prev, f, c = self.x_list[t], self.h_list[t], self.f_list[t], self.c_list[t]
            dh = dhs[t]
            dc = dh * f
            dac = dc * c * (1 - c)
            dfh = p["Uh"].T @ dac
            df = dh * (c - h_prev)
            daf = df * f * (1 - f)

            grads["Wf"] += daf @ x.T
            grads["Uf"] += daf @ h_prev.T
            grads["bf"] += daf.sum(axis=1, keepdims=True)
            grads["Wh"] += dac @ x.T
            grads["Uh"] += dac @ (f * h_prev).T
            grads["bh"] += dac.mean(axis=1, keepdims=True)

            dxs.append(p["Wf"].T @ daf + p["Wh"].T @ dac)
            dh = dh * (1 - df) + dfh * f + p["Uf"].T @ daf
        return dxs[::-1], dh, grads
