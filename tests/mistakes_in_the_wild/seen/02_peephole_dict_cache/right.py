"""LSTM whose gates look at the cell (peepholes). One dictionary per step, rows are samples."""

import numpy as np


def logistic(a):
    return 1 / (1 + np.exp(-a))


class Peephole:
    def __init__(self, D, H):
        self.H = H
        self.W = np.random.randn(D, 4 * H) * 0.2
        self.U = np.random.randn(H, 4 * H) * 0.2
        self.b = np.zeros(4 * H)
        self.pi, self.pf, self.po = np.zeros(H), np.zeros(H), np.zeros(H)

    def step(self, x, h, c):
        H = self.H
        a = x @ self.W + h @ self.U + self.b
        i = logistic(a[:, :H] + self.pi * c)
        f = logistic(a[:, H : 2 * H] + self.pf * c)
        g = np.tanh(a[:, 2 * H : 3 * H])
        c_new = f * c + i * g
        o = logistic(a[:, 3 * H :] + self.po * c_new)
        h_new = o * np.tanh(c_new)
        return h_new, c_new, dict(x=x, h=h, c=c, i=i, f=f, g=g, o=o, c_new=c_new)

    def forward(self, xs, h, c):
        """xs: (T, N, D). Returns the hidden states (T, N, H)."""
        self.steps = []
        hs = []
        for x in xs:
            h, c, kept = self.step(x, h, c)
            hs.append(h)
            self.steps.append(kept)
        return np.array(hs)

    def backward(self, dhs):
        """Returns the gradients of xs, h0, c0; those of the parameters are attributes dW, dU, db, dpi, dpf, dpo."""
        self.dW, self.dU, self.db = np.zeros_like(self.W), np.zeros_like(self.U), np.zeros_like(self.b)
        self.dpi, self.dpf, self.dpo = np.zeros(self.H), np.zeros(self.H), np.zeros(self.H)
        dxs = []
        dh_next = dc_next = 0.0
        for dh, s in zip(dhs[::-1], self.steps[::-1]):
            dh = dh + dh_next
            tc = np.tanh(s["c_new"])
            da_o = dh * tc * s["o"] * (1 - s["o"])
            dc = dc_next + dh * s["o"] * (1 - tc**2) + da_o * self.po
            da_i = dc * s["g"] * s["i"] * (1 - s["i"])
            da_f = dc * s["c"] * s["f"] * (1 - s["f"])
            da_g = dc * s["i"] * (1 - s["g"] ** 2)

            self.dpi += (da_i * s["c"]).sum(axis=0)
            self.dpf += (da_f * s["c"]).sum(axis=0)
            self.dpo += (da_o * s["c_new"]).sum(axis=0)

            da = np.hstack([da_i, da_f, da_g, da_o])
            self.dW += s["x"].T @ da
            self.dU += s["h"].T @ da
            self.db += da.sum(axis=0)
            dxs.append(da @ self.W.T)
            dh_next = da @ self.U.T
            dc_next = dc * s["f"] + da_i * self.pi + da_f * self.pf
        return np.array(dxs[::-1]), dh_next, dc_next
