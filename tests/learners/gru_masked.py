# A padded batch with its mask, time first; padded steps carry the state on. W for the input, U for the state.
import numpy as np


def sigm(v):
    return 0.5 * (1.0 + np.tanh(0.5 * v))


def gru_forward(X, h0, params, mask):
    h = h0
    H_all, cache = [], []
    for t in range(len(X)):
        m = mask[t][:, None]
        z = sigm(X[t] @ params["Wz"] + h @ params["Uz"] + params["bz"])
        r = sigm(X[t] @ params["Wr"] + h @ params["Ur"] + params["br"])
        hh = np.tanh(X[t] @ params["Wh"] + (r * h) @ params["Uh"] + params["bh"])
        new = z * h + (1.0 - z) * hh
        cache.append((X[t], h, z, r, hh, m))
        h = m * new + (1.0 - m) * h
        H_all.append(h)
    return np.array(H_all), (cache, params)


def gru_backward(dH, cache):
    cache, params = cache
    grads = {"d" + name: np.zeros_like(value) for name, value in params.items()}
    dX = np.zeros((len(dH), len(dH[0]), params["Wz"].shape[0]))
    dh = np.zeros_like(dH[0])
    for t in range(len(dH) - 1, -1, -1):
        x, h, z, r, hh, m = cache[t]
        dh = dh + dH[t]
        dnew = m * dh
        dh_prev = (1.0 - m) * dh
        dz = dnew * (h - hh) * z * (1.0 - z)
        dhh = dnew * (1.0 - z) * (1.0 - hh**2)
        dh_prev = dh_prev + dnew * z
        drh = dhh @ params["Uh"].T
        dr = drh * h * r * (1.0 - r)
        dh_prev = dh_prev + drh * r + dz @ params["Uz"].T + dr @ params["Ur"].T
        for gate, d, state in (("z", dz, h), ("r", dr, h), ("h", dhh, r * h)):
            grads["dW" + gate] += x.T @ d
            grads["dU" + gate] += state.T @ d
            grads["db" + gate] += d.sum(axis=0)
        dX[t] = dz @ params["Wz"].T + dr @ params["Wr"].T + dhh @ params["Wh"].T
        dh = dh_prev
    return dX, dh, grads
