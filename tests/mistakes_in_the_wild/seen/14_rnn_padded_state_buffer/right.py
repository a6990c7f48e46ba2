"""Vanilla RNN over a batch with a buffer for the states: row 0 is the initial one, row t + 1 the one after step t."""

import numpy as np


def rnn_forward(x, h0, Wx, Wh, b):
    """x: (T, N, D), h0: (N, H). Every step continues from the state that the step before has left.

    Returns all states (T, N, H) and a cache.
    """
    T, N, _ = x.shape
    h = np.zeros((T + 1, N, h0.shape[1]))
    h[0] = h0
    for t in range(T):
        before = h[t]
        h[t + 1] = np.tanh(x[t] @ Wx + before @ Wh + b)
    return h[1:], (x, h, Wx, Wh, b)


def rnn_backward(dout, cache):
    """dout: (T, N, H). Returns the gradients of x, h0, Wx, Wh, b."""
    x, h, Wx, Wh, b = cache
    dx = np.zeros_like(x)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    dh = np.zeros_like(h[0])
    for t in range(len(dout) - 1, -1, -1):
        dz = (dout[t] + dh) * (1 - h[t + 1] ** 2)
        dx[t] = dz @ Wx.T
        dWx += x[t].T @ dz
        dWh += h[t].T @ dz
        db += dz.sum(axis=0)
        dh = dz @ Wh.T
    return dx, dh, dWx, dWh, db


def affine_forward(h, V, c):
    """h: (T, N, H). Returns scores (T, N, C)."""
    return h @ V + c, (h, V)


def affine_backward(dy, cache):
    h, V = cache
    return dy @ V.T, np.einsum("tnh,tnc->hc", h, dy), dy.sum(axis=(0, 1))


def softmax_loss(y, wanted):
    """Cross-entropy summed over time, averaged over the batch; y: (T, N, C), wanted: (T, N)."""
    T, N, _ = y.shape
    p = np.exp(y - y.max(axis=2, keepdims=True))
    p /= p.sum(axis=2, keepdims=True)
    t, n = np.arange(T)[:, None], np.arange(N)
    loss = -np.log(p[t, n, wanted]).sum() / N
    p[t, n, wanted] -= 1
    return loss, p / N


def model(x, wanted, h0, params):
    """The whole of it: loss and gradients of x, h0 and of the five parameters."""
    Wx, Wh, b, V, c = params
    h, rnn_cache = rnn_forward(x, h0, Wx, Wh, b)
    y, affine_cache = affine_forward(h, V, c)
    loss, dy = softmax_loss(y, wanted)
    dh, dV, dc = affine_backward(dy, affine_cache)
    dx, dh0, dWx, dWh, db = rnn_backward(dh, rnn_cache)
    return loss, (dx, dh0, dWx, dWh, db, dV, dc)
