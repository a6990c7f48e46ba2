"""The LSTM of the textbooks: a forget gate, an input gate, an output gate and a candidate, sliced from one product."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class LSTM:
    def __init__(self, Wx, Wh, b):
        """Wx: (D, 4H), Wh: (H, 4H), b: (4H,), blocks in the order f, g, i, o."""
        self.params = [Wx, Wh, b]
        self.cache = None

    def forward(self, x, h_prev, c_prev):
        Wx, Wh, b = self.params
        H = h_prev.shape[1]
        A = x @ Wx + h_prev @ Wh + b

        f = A[:, :H]
        g = A[:, H : 2 * H]
        i = A[:, 2 * H : 3 * H]
        o = A[:, 3 * H :]

        f = sigmoid(f)
        g = np.tanh(g)
        i = sigmoid(i)
        o = sigmoid(o)

        c_next = f * c_prev + g * i
        h_next = o * np.tanh(c_next)
        self.cache = (x, h_prev, c_prev, i, f, g, o, c_next)
        return h_next, c_next

    def backward(self, dh_next, dc_next):
        Wx, Wh, b = self.params
        x, h_prev, c_prev, i, f, g, o, c_next = self.cache

        tanh_c = np.tanh(c_next)
        ds = dc_next + dh_next * o * (1 - tanh_c**2)
        dc_prev = ds * f

        di = ds * g * i * (1 - i)
        df = ds * c_prev * f * (1 - f)
        do = dh_next * tanh_c * o * (1 - o)
        dg = ds * i * (1 - g**2)

        dA = np.hstack((df, dg, di, do))
        self.grads = [x.T @ dA, h_prev.T @ dA, dA.sum(axis=0)]
        return dA @ Wx.T, dA @ Wh.T, dc_prev


def run(xs, h, c, params):
    """xs: (N, T, D). Returns all h (N, T, H) and the cells that made them."""
    cells, hs = [], []
    for t in range(xs.shape[1]):
        cell = LSTM(*params)
        h, c = cell.forward(xs[:, t], h, c)
        cells.append(cell)
        hs.append(h)
    return np.stack(hs, axis=1), cells


def run_backward(dhs, cells):
    """Returns the gradients of xs, h, c and of the parameters."""
    total = [np.zeros_like(w) for w in cells[0].params]
    dh, dc = 0, 0
    dxs = []
    for t in reversed(range(len(cells))):
        dx, dh, dc = cells[t].backward(dhs[:, t] + dh, dc)
        dxs.insert(0, dx)
        total = [one + new for one, new in zip(total, cells[t].grads)]
    return np.stack(dxs, axis=1), dh, dc, total
