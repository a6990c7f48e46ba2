"""GRU as a layer that owns lists of parameters and gradients, and a second layer that unrolls it over time."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class GRUCell:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]
        self.cache = None

    def split(self):
        Wx, Wh, b = self.params
        return np.split(Wx, 3, axis=1), np.split(Wh, 3, axis=1), np.split(b, 3)

    def forward(self, x, h_prev):
        (Wxz, Wxr, Wxh), (Whz, Whr, Whh), (bz, br, bh) = self.split()
        z = sigmoid(x @ Wxz + h_prev @ Whz + bz)
        r = sigmoid(x @ Wxr + h_prev @ Whr + br)
        h_hat = np.tanh(x @ Wxh + (r * h_prev) @ Whh + bh)
        self.cache = (x, h_prev, z, r, h_hat)
        return (1 - z) * h_prev + z * h_hat

    def backward(self, dh_next):
        (Wxz, Wxr, Wxh), (Whz, Whr, Whh), _ = self.split()
        x, h_prev, z, r, h_hat = self.cache

        dh_hat = dh_next * z
        dh_prev = dh_next * (1 - z)

        dt = dh_hat * (1 - h_hat**2)
        dbh = dt.sum(axis=0)
        dWhh = (r * h_prev).T @ dt
        dWxh = x.T @ dt
        dx = dt @ Wxh.T
        dhr = dt @ Whh.T
        dh_prev += r * dhr

        dz = dh_next * dh_hat - dh_next * h_prev
        dt = dz * z * (1 - z)
        dbz = dt.sum(axis=0)
        dWhz = h_prev.T @ dt
        dWxz = x.T @ dt
        dx += dt @ Wxz.T
        dh_prev += dt @ Whz.T

        dt = dhr * h_prev * r * (1 - r)
        dbr = dt.sum(axis=0)
        dWhr = h_prev.T @ dt
        dWxr = x.T @ dt
        dx = dt @ Wxr.T
        dh_prev += dt @ Whr.T

        self.grads[0][...] = np.hstack((dWxz, dWxr, dWxh))
        self.grads[1][...] = np.hstack((dWhr, dWhz, dWhh))
        self.grads[2][...] = np.hstack((dbz, dbr, dbh))
        return dx, dh_prev


class TimeGRU:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]

    def forward(self, xs, h):
        """xs: (N, T, D); returns (N, T, H)."""
        self.cells = []
        hs = []
        for t in range(xs.shape[1]):
            cell = GRUCell(*self.params)
            h = cell.forward(xs[:, t], h)
            hs.append(h)
            self.cells.append(cell)
        return np.stack(hs, axis=1)

    def backward(self, dhs):
        self.grads = [np.zeros_like(w) for w in self.params]
        dxs = []
        dh = 0
        for t in reversed(range(dhs.shape[1])):
            dx, dh = self.cells[t].backward(dhs[:, t] + dh)
            dxs.insert(0, dx)
            for total, one in zip(self.grads, self.cells[t].grads):
                total += one
        self.dh = dh
        return np.stack(dxs, axis=1)
