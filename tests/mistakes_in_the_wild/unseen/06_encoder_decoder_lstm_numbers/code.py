"""An LSTM reads a series, a second one continues it: each of its outputs is a forecast. No teacher, no words."""

import numpy as np


def sig(a):
    return 1 / (1 + np.exp(-a))


def cell(x, h, c, P):
    """One step for a batch of rows; P = (Wx, Wh, b), gates i f g o."""
    Wx, Wh, b = P
    H = h.shape[1]
    a = x @ Wx + h @ Wh + b
    i, f, o = sig(a[:, :H]), sig(a[:, H : 2 * H]), sig(a[:, 3 * H :])
    g = np.tanh(a[:, 2 * H : 3 * H])
    c_new = f * c + i * g
    tc = np.tanh(c_new)
    return o * tc, c_new, (x, h, c, i, f, g, o, tc)


def cell_back(dh, dc, kept, P):
    Wx, Wh, _ = P
    x, h, c, i, f, g, o, tc = kept
    dc = dc + dh * o * (1 - tc**2)
    da = np.hstack([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2), dh * tc * o * (1 - o)])
    return da @ Wx.T, da @ Wh.T, dc * f, (x.T @ da, h.T @ da, da.sum(axis=0))


def forecast(series, horizon, enc, dec, out):
    """series: (T, N, D). Returns forecasts (horizon, N, D), each the input of the next step, and a tape."""
    Wy, by = out
    N, H = series.shape[1], enc[1].shape[0]
    h, c = np.zeros((N, H)), np.zeros((N, H))
    read, written, ys = [], [], []
    for x in series:
        h, c, kept = cell(x, h, c, enc)
        read.append(kept)
    y = series[-1]
    for _ in range(horizon):
        h, c, kept = cell(y, h, c, dec)
        y = h @ Wy + by
        written.append((kept, h))
        ys.append(y)
    return np.array(ys), (series, read, written, enc, dec, out)


def forecast_backward(dys, tape):
    """Returns the gradients of series, enc, dec, out."""
    series, read, written, enc, dec, out = tape
    Wy, by = out
    dseries = np.zeros_like(series)
    denc, ddec = [np.zeros_like(w) for w in enc], [np.zeros_like(w) for w in dec]
    dWy, dby = np.zeros_like(Wy), np.zeros_like(by)
    dh = dc = np.zeros((series.shape[1], enc[1].shape[0]))
    dy_next = np.zeros_like(series[0])
    for t in range(len(dys) - 1, -1, -1):
        kept, h = written[t]
        dy = dys[t]
        dWy += h.T @ dy
        dby += dy.sum(axis=0)
        dy_next, dh, dc, grads = cell_back(dh + dy @ Wy.T, dc, kept, dec)
        for total, one in zip(ddec, grads):
            total += one
    dc = np.zeros_like(dc)
    for t in range(len(read) - 1, -1, -1):
        dx, dh, dc, grads = cell_back(dh, dc, read[t], enc)
        dseries[t] += dx
        for total, one in zip(denc, grads):
            total += one
    return dseries, denc, ddec, (dWy, dby)
