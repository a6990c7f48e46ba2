from collections import namedtuple
from functools import reduce

import numpy as np

Params = namedtuple("Params", "Wz Uz bz Wr Ur br Wn Un bn")
Step = namedtuple("Step", "x h_prev z r n h")


def logistic(v):
    return 0.5 * (1 + np.tanh(0.5 * v))


def make_params(d, k, seed=0):
    rng = np.random.RandomState(seed)
    shapes = [(k, d), (k, k), (k,)] * 3
    return Params(*(rng.randn(*s) / np.sqrt(s[-1]) for s in shapes))


def gru(p, x, h):
    z = logistic(p.Wz @ x + p.Uz @ h + p.bz)
    r = logistic(p.Wr @ x + p.Ur @ h + p.br)
    n = np.tanh(p.Wn @ x + p.Un @ (r * h) + p.bn)
    return Step(x=x, h_prev=h, z=z, r=r, n=n, h=z * h + (1 - z) * n)


def run(p, xs, h0):
    steps = []
    for x in xs:
        steps.append(gru(p, x, steps[-1].h if steps else h0))
    return steps


def gru_grad(p, s, dh):
    dn = dh * (1 - s.z) * (1 - s.n ** 2)
    dz = dh * (s.h_prev - s.n) * s.z * (1 - s.z)
    drh = p.Un.T @ dn
    dr = drh * s.h * s.r * (1 - s.r)
    dh_prev = dh * s.z + drh * s.r + p.Uz.T @ dz + p.Ur.T @ dr
    dx = p.Wz.T @ dz + p.Wr.T @ dr + p.Wn.T @ dn
    grads = Params(
        Wz=np.outer(dz, s.x), Uz=np.outer(dz, s.h_prev), bz=dz,
        Wr=np.outer(dr, s.x), Ur=np.outer(dr, s.h_prev), br=dr,
        Wn=np.outer(dn, s.x), Un=np.outer(dn, s.r * s.h_prev), bn=dn,
    )
    return grads, dx, dh_prev


def add(a, b):
    return Params(*map(np.add, a, b))


def run_grad(p, steps, dhs):
    dh = np.zeros_like(steps[0].h)
    every, dxs = [], []
    for s, d in list(zip(steps, dhs))[::-1]:
        grads, dx, dh = gru_grad(p, s, dh + d)
        every.append(grads)
        dxs.append(dx)
    return reduce(add, every), np.array(dxs[::-1]), dh


def sgd(p, g, lr):
    return Params(*(w - lr * d for w, d in zip(p, g)))
