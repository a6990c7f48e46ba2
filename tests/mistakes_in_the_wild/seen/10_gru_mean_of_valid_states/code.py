"""A text as the mean of a GRU's states over its words; shorter texts are padded, the padding does not count."""

import numpy as np


def sigm(a):
    return 1 / (1 + np.exp(-a))


def gru_forward(x, P):
    """x: (T, N, D). Gates z, r in one product, the candidate in another. Returns (T, N, H) and a list of steps."""
    T, N, _ = x.shape
    H = P["U"].shape[0]
    h = np.zeros((N, H))
    hs, steps = np.zeros((T, N, H)), []
    for t in range(T):
        zr = sigm(x[t] @ P["Wzr"] + h @ P["Uzr"] + P["bzr"])
        z, r = zr[:, :H], zr[:, H:]
        n = np.tanh(x[t] @ P["W"] + (r * h) @ P["U"] + P["b"])
        steps.append((h, z, r, n))
        h = h + z * (n - h)
        hs[t] = h
    return hs, steps


def mean_forward(hs, mask):
    """mask: (T, N) of 0 and 1. The mean of the states that count, (N, H)."""
    count = mask.sum(axis=0)[:, None]
    return (hs * mask[:, :, None]).sum(axis=0) / count, count


def embed(x, mask, P):
    hs, steps = gru_forward(x, P)
    vector, count = mean_forward(hs, mask)
    return vector, (x, mask, count, steps)


def gru_backward(dhs, x, steps, P):
    grads = {name: np.zeros_like(w) for name, w in P.items()}
    dx = np.zeros_like(x)
    dh = np.zeros_like(dhs[0])
    for t in reversed(range(len(steps))):
        h, z, r, n = steps[t]
        dh = dh + dhs[t]
        dn = dh * z * (1 - n**2)
        dz = dh * (n - h) * z * (1 - z)
        drh = dn @ P["U"].T
        dr = drh * r * (1 - r)
        dzr = np.hstack([dr, dz])
        grads["Wzr"] += x[t].T @ dzr
        grads["Uzr"] += h.T @ dzr
        grads["bzr"] += dzr.sum(axis=0)
        grads["W"] += x[t].T @ dn
        grads["U"] += (r * h).T @ dn
        grads["b"] += dn.sum(axis=0)
        dx[t] = dzr @ P["Wzr"].T + dn @ P["W"].T
        dh = drh * r + dzr @ P["Uzr"].T
    return dx, grads


def embed_backward(dvector, cache, P):
    """Returns the gradients of x and of the parameters."""
    x, mask, count, steps = cache
    dhs = np.repeat((dvector / count)[None], len(x), axis=0)
    return gru_backward(dhs, x, steps, P)
