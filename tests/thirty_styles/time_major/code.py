# GRU over padded sentences, time first: x (T, N, D), mask (T, N) with 1 for words and 0 for padding.
import numpy as np


def sigm(x):
    return 1.0 / (1.0 + np.exp(-x))


def gru_fwd(x, mask, h0, Wzr, Uzr, bzr, Wh, Uh, bh):
    T, N, D = x.shape
    H = h0.shape[1]
    hs = np.zeros((T + 1, N, H))
    hs[0] = h0
    zs, rs, cands = np.zeros((T, N, H)), np.zeros((T, N, H)), np.zeros((T, N, H))
    for t in range(T):
        zr = sigm(x[t].dot(Wzr) + hs[t].dot(Uzr) + bzr)
        zs[t], rs[t] = zr[:, :H], zr[:, H:]
        cands[t] = np.tanh(x[t].dot(Wh) + (rs[t] * hs[t]).dot(Uh) + bh)
        new = zs[t] * hs[t] + (1 - zs[t]) * cands[t]
        m = mask[t][:, None]
        hs[t + 1] = m * new + (1 - m) * hs[t]  # a finished sentence keeps its state
    return hs, (x, mask, hs, zs, rs, cands, Wzr, Uzr, Wh, Uh)


def gru_bwd(dhs, cache):
    """dhs: (T, N, H), the gradient of hs[1:]."""
    x, mask, hs, zs, rs, cands, Wzr, Uzr, Wh, Uh = cache
    T, N, D = x.shape
    H = hs.shape[2]
    dx = np.zeros_like(x)
    dWzr, dUzr, dbzr = np.zeros((D, 2 * H)), np.zeros((H, 2 * H)), np.zeros(2 * H)
    dWh, dUh, dbh = np.zeros((D, H)), np.zeros((H, H)), np.zeros(H)
    dprev = np.zeros((N, H))
    for t in range(T - 1, -1, -1):
        m = mask[t][:, None]
        dh = dhs[t] + dprev
        dnew = dh * m
        z, r, cand, h = zs[t], rs[t], cands[t], hs[t]
        dcand = dnew * (1 - z) * (1 - cand ** 2)
        drh = dcand.dot(Uh.T)
        dzr = np.concatenate([dnew * (h - cand) * z * (1 - z), drh * h * r * (1 - r)], axis=1)
        dWh += x[t].T.dot(dcand)
        dUh += (r * h).T.dot(dcand)
        dbh += dcand.sum(0)
        dWzr += x[t].T.dot(dzr)
        dUzr += h.T.dot(dzr)
        dbzr += dzr.sum(0)
        dx[t] = dcand.dot(Wh.T) + dzr.dot(Wzr.T)
        dprev = dnew * z + drh * r + dzr.dot(Uzr.T)
    return dx, dprev, dWzr, dUzr, dbzr, dWh, dUh, dbh
