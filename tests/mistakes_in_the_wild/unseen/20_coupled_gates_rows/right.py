"""LSTM with coupled gates (what is not written is kept), time along the rows; buffers have one row more for t + 1."""

import numpy as np


def sigma(a):
    return 1.0 / (1.0 + np.exp(-a))


NAMES = ("Wz", "Wi", "Wo", "Rz", "Ri", "Ro", "bz", "bi", "bo")


def new_params(n_in, n, seed=1):
    rng = np.random.RandomState(seed)
    params = {}
    for gate in "zio":
        params["W" + gate] = rng.randn(n, n_in) * 0.1
        params["R" + gate] = rng.randn(n, n) * 0.1
        params["b" + gate] = np.zeros(n)
    return params


def forward(x, y0, c0, params):
    """x: (T, n_in); y0, c0: (n,). Returns outputs (T, n) and what backward needs."""
    Wz, Wi, Wo, Rz, Ri, Ro, bz, bi, bo = (params[name] for name in NAMES)
    T, n = x.shape[0], len(bz)
    z, i, f, o = (np.zeros((T, n)) for _ in range(4))
    c, y = np.zeros((T + 1, n)), np.zeros((T + 1, n))
    c[-1], y[-1] = c0, y0
    for t in range(T):
        z[t] = np.tanh(Wz @ x[t] + Rz @ y[t - 1] + bz)
        i[t] = sigma(Wi @ x[t] + Ri @ y[t - 1] + bi)
        f[t] = 1 - i[t]
        c[t] = i[t] * z[t] + f[t] * c[t - 1]
        o[t] = sigma(Wo @ x[t] + Ro @ y[t - 1] + bo)
        y[t] = o[t] * np.tanh(c[t])
    return y[:T], (x, z, i, f, o, c, y)


def backward(deltas, state, params):
    """deltas: (T, n), gradients of the outputs. Returns the gradients of x, y0, c0 and of the parameters."""
    Wz, Wi, Wo, Rz, Ri, Ro = (params[name] for name in NAMES[:6])
    x, z, i, f, o, c, y = state
    T, n = deltas.shape
    dz, di, do, dc = (np.zeros((T + 1, n)) for _ in range(4))
    dx = np.zeros_like(x)
    grads = {name: np.zeros_like(params[name]) for name in NAMES}
    for t in reversed(range(T)):
        dy = deltas[t] + Rz.T @ dz[t + 1] + Ri.T @ di[t + 1] + Ro.T @ do[t + 1]
        do[t] = dy * np.tanh(c[t]) * o[t] * (1 - o[t])
        dc[t] = dy * o[t] * (1 - np.tanh(c[t]) ** 2)
        if t < T - 1:
            dc[t] += dc[t + 1] * f[t + 1]
        di[t] = dc[t] * (z[t] - c[t - 1]) * i[t] * (1 - i[t])
        dz[t] = dc[t] * i[t] * (1 - z[t] ** 2)
        dx[t] = Wz.T @ dz[t] + Wi.T @ di[t] + Wo.T @ do[t]
        for gate, d in (("z", dz), ("i", di), ("o", do)):
            grads["W" + gate] += np.outer(d[t], x[t])
            grads["R" + gate] += np.outer(d[t], y[t - 1])
            grads["b" + gate] += d[t]
    dy0 = Rz.T @ dz[0] + Ri.T @ di[0] + Ro.T @ do[0]
    return dx, dy0, dc[0] * f[0], grads
