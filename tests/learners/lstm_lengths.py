# A batch with the sentences' lengths, first and last states of both kinds, (batch, time, features), loops over both.
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def encoder_forward(x, lengths, h0, c0, W, b):
    n, steps, _ = x.shape
    size = h0.shape[1]
    hs = np.zeros((n, steps, size))
    h, c = h0.copy(), c0.copy()
    cache = {"steps": [], "W": W, "lengths": lengths, "shape": x.shape}
    for t in range(steps):
        alive = np.asarray(lengths) > t
        xh = np.concatenate([x[alive, t], h[alive]], axis=1)
        a = xh @ W + b
        o, i, f = (sigmoid(a[:, k * size : (k + 1) * size]) for k in (0, 1, 2))
        g = np.tanh(a[:, 3 * size :])
        c_prev = c[alive]
        c_new = f * c_prev + i * g
        h[alive], c[alive] = o * np.tanh(c_new), c_new
        hs[alive, t] = h[alive]
        cache["steps"].append((alive, xh, o, i, f, g, c_prev, c_new))
    return hs, (h, c), cache


def encoder_backward(dhs, dh_last, dc_last, cache):
    W, size = cache["W"], dhs.shape[2]
    inputs = cache["shape"][2]
    dx, dW, db = np.zeros(cache["shape"]), np.zeros_like(W), np.zeros(W.shape[1])
    dh, dc = dh_last.copy(), dc_last.copy()
    for t in reversed(range(dhs.shape[1])):
        alive, xh, o, i, f, g, c_prev, c_new = cache["steps"][t]
        dh_t = dh[alive] + dhs[alive, t]
        tanh_c = np.tanh(c_new)
        dc_t = dc[alive] + dh_t * o * (1 - tanh_c**2)
        da_o = dh_t * tanh_c * o * (1 - o)
        da_i = dc_t * g * i * (1 - i)
        da_f = dc_t * c_prev * f * (1 - f)
        da_g = dc_t * i * (1 - g**2)
        da = np.concatenate([da_o, da_i, da_f, da_g], axis=1)
        dW += xh.T @ da
        db += da.sum(axis=0)
        dxh = da @ W.T
        dx[alive, t] = dxh[:, :inputs]
        dh[alive] = dxh[:, inputs:]
        dc[alive] = dc_t * f
    return dx, dh, dc, dW, db
