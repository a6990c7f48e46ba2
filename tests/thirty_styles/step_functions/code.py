import numpy as np
from numpy import exp, tanh, zeros_like

# GRU (reset after the product, as cuDNN has it), one step at a time


def step(x, h, p):
    W, R, bw, br = p
    n = h.shape[-1]
    gx = x @ W + bw
    gh = h @ R + br
    zr = 1 / (1 + exp(-(gx[..., :2 * n] + gh[..., :2 * n])))
    z, r = zr[..., :n], zr[..., n:]
    hh = tanh(gx[..., 2 * n:] + r * gh[..., 2 * n:])
    out = hh + z * (h - hh)
    return out, (x, h, z, r, hh, gh[..., 2 * n:])


def step_back(dout, saved, p):
    W, R, _, _ = p
    x, h, z, r, hh, u = saved
    dhh = dout - dout * z
    dpre = dhh - dhh * hh * hh
    dz = dout * (h - hh)
    dr = dpre * u
    dzr = np.concatenate([dz * (z - z * z), dr * (r - r * r)], axis=-1)
    dgx = np.concatenate([dzr, dpre], axis=-1)
    dgh = np.concatenate([dzr, dpre * r], axis=-1)
    dx = dgx @ W.T
    dh = dgh @ R.T + z * dout
    return dx, dh, (x.T @ dgx, h.T @ dgh, dgx.sum(0), dgh.sum(0))


def unroll(xs, h, p):
    saved, hs = [], []
    for x in xs:
        h, s = step(x, h, p)
        saved.append(s)
        hs.append(h)
    return hs, saved


def unroll_back(dhs, saved, p):
    total = tuple(zeros_like(a) for a in p)
    dh = zeros_like(dhs[0])
    dxs = []
    for d, s in zip(dhs[::-1], saved[::-1]):
        dx, dh, g = step_back(d + dh, s, p)
        total = tuple(a + b for a, b in zip(total, g))
        dxs.insert(0, dx)
    return dxs, dh, total
