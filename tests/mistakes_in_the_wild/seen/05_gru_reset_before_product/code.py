"""GRU as it was first published: the reset gate is applied to the state, and only then comes the matrix product.

n = tanh(W x + U (r * h) + b),   h' = (1 - z) * n + z * h
"""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class GRU:
    """Rows are samples; every gate has its own three arrays."""

    def __init__(self, D, H):
        s = 1 / np.sqrt(H)

        def u(*shape):
            return np.random.uniform(-s, s, shape)

        self.Wz, self.Uz, self.bz = u(D, H), u(H, H), np.zeros((1, H))
        self.Wr, self.Ur, self.br = u(D, H), u(H, H), np.zeros((1, H))
        self.Wn, self.Un, self.bn = u(D, H), u(H, H), np.zeros((1, H))

    def cell(self, x, h):
        z = sigmoid(x @ self.Wz + h @ self.Uz + self.bz)
        r = sigmoid(x @ self.Wr + h @ self.Ur + self.br)
        n = np.tanh(x @ self.Wn + r * (h @ self.Un) + self.bn)
        return z * n + (1 - z) * h, (x, h, z, r, n)

    def forward(self, X, h):
        """X: (T, N, D), h: (N, H). Returns (T, N, H)."""
        self.saved = []
        out = []
        for x in X:
            h, saved = self.cell(x, h)
            out.append(h)
            self.saved.append(saved)
        return np.stack(out)

    def backward(self, dout):
        """Returns dX, dh0 and a dictionary of the parameters' gradients."""
        g = {k: np.zeros_like(v) for k, v in vars(self).items() if k != "saved"}
        dX = []
        dh = np.zeros_like(dout[0])
        for d, (x, h, z, r, n) in zip(reversed(dout), reversed(self.saved)):
            dh = dh + d
            da_n = dh * (1 - z) * (1 - n**2)
            da_z = dh * (h - n) * z * (1 - z)
            d_rh = da_n @ self.Un.T
            da_r = d_rh * h * r * (1 - r)

            g["Un"] += (r * h).T @ da_n
            for k, da in (("z", da_z), ("r", da_r), ("n", da_n)):
                g["W" + k] += x.T @ da
                g["b" + k] += da.sum(axis=0, keepdims=True)
                if k != "n":
                    g["U" + k] += h.T @ da

            dX.append(da_z @ self.Wz.T + da_r @ self.Wr.T + da_n @ self.Wn.T)
            dh = dh * z + d_rh * r + da_z @ self.Uz.T + da_r @ self.Ur.T
        return np.stack(dX[::-1]), dh, g
