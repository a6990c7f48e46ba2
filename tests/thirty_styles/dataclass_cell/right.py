from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np


def σ(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@dataclass
class Weights:
    """An LSTM with peepholes: the gates see the cell, too."""

    W: np.ndarray  # (4n, d)
    U: np.ndarray  # (4n, n)
    b: np.ndarray  # (4n,)
    pi: np.ndarray  # (n,)
    pf: np.ndarray
    po: np.ndarray

    def zeros(self) -> Weights:
        return Weights(*(np.zeros_like(getattr(self, f.name)) for f in fields(self)))


@dataclass
class Moment:
    x: np.ndarray
    h0: np.ndarray
    c0: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    q: np.ndarray


@dataclass
class LSTM:
    w: Weights
    film: list[Moment] = field(default_factory=list)

    def forward(self, xs, h, c):
        self.film.clear()
        hs = []
        for x in xs:
            ai, af, ag, ao = np.split(self.w.W @ x + self.w.U @ h + self.w.b, 4)
            i, f, g = σ(ai + self.w.pi * c), σ(af + self.w.pf * c), np.tanh(ag)
            cn = f * c + i * g
            o = σ(ao + self.w.po * cn)
            q = np.tanh(cn)
            self.film.append(Moment(x, h, c, i, f, g, o, cn, q))
            h, c = o * q, cn
            hs.append(h)
        return hs, c

    def backward(self, dhs, dc):
        grad = self.w.zeros()
        dh = np.zeros_like(dhs[-1])
        dxs = []
        for m, d in zip(reversed(self.film), reversed(dhs)):
            dh = dh + d
            dao = dh * m.q * m.o * (1 - m.o)
            dc = dc + dh * m.o * (1 - m.q ** 2) + dao * self.w.po
            dai = dc * m.g * m.i * (1 - m.i)
            daf = dc * m.c0 * m.f * (1 - m.f)
            dag = dc * m.i * (1 - m.g ** 2)
            da = np.concatenate((dai, daf, dag, dao))
            grad.W += np.outer(da, m.x)
            grad.U += np.outer(da, m.h0)
            grad.b += da
            grad.pi += dai * m.c0
            grad.pf += daf * m.c0
            grad.po += dao * m.c
            dxs.append(self.w.W.T @ da)
            dh = self.w.U.T @ da
            dc = dc * m.f + dai * self.w.pi + daf * self.w.pf
        return grad, dxs[::-1], dh, dc
