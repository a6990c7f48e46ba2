#!/usr/bin/env python3
"""LSTM that adds up a noisy sine. Everything is a column."""
import sys

import numpy as np

D, H, O = 1, 4, 1


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def init(D, H, O):
    g = np.random.default_rng(42)
    p = {}
    for gate in "fioc":
        p["W" + gate] = g.normal(0, 0.3, (H, D + H))
        p["b" + gate] = np.zeros((H, 1))
    p["Wy"] = g.normal(0, 0.3, (O, H))
    p["by"] = np.zeros((O, 1))
    return p


def forward(p, xs):
    H = p["Wf"].shape[0]
    h = np.zeros((H, 1))
    c = np.zeros((H, 1))
    ys, kept = [], []
    for x in xs:
        z = np.vstack((x, h))
        f = sigmoid(np.dot(p["Wf"], z) + p["bf"])
        i = sigmoid(np.dot(p["Wi"], z) + p["bi"])
        o = sigmoid(np.dot(p["Wo"], z) + p["bo"])
        cc = np.tanh(np.dot(p["Wc"], z) + p["bc"])
        c_old = c
        c = f * c_old + i * cc
        h = o * np.tanh(c)
        ys.append(np.dot(p["Wy"], h) + p["by"])
        kept.append((z, f, i, o, cc, c_old, c, h))
    return ys, kept


def backward(p, dys, kept):
    H = p["Wf"].shape[0]
    D = p["Wf"].shape[1] - H
    g = {k: np.zeros_like(v) for k, v in p.items()}
    dh_next = np.zeros((H, 1))
    dc_next = np.zeros((H, 1))
    dxs = []
    for dy, (z, f, i, o, cc, c_old, c, h) in zip(dys[::-1], kept[::-1]):
        g["Wy"] += np.dot(dy, h.T)
        g["by"] += dy
        dh = np.dot(p["Wy"].T, dy) + dh_next
        dc = dc_next + dh * o * (1 - np.tanh(c) ** 2)
        d = {
            "f": dc * c_old * f * (1 - f),
            "i": dc * cc * i * (1 - i),
            "o": dh * np.tanh(c) * o * (1 - o),
            "c": dc * i * (1 - cc ** 2),
        }
        dz = np.zeros_like(z)
        for gate, da in d.items():
            g["W" + gate] += np.dot(da, z.T)
            g["b" + gate] += da
            dz += np.dot(p["W" + gate].T, da)
        dxs.append(dz[:D])
        dh_next = dz[:H]
        dc_next = f * dc
    return g, dxs[::-1]


def main(epochs):
    p = init(D, H, O)
    t = np.arange(40) * 0.3
    data = np.sin(t) + 0.05 * np.random.randn(40)
    xs = [np.array([[v]]) for v in data[:-1]]
    for epoch in range(epochs):
        ys, kept = forward(p, xs)
        dys = [y - v for y, v in zip(ys, data[1:])]
        g, _ = backward(p, dys, kept)
        for k in p:
            p[k] -= 0.01 * g[k]
        print(epoch, 0.5 * sum(float(d[0, 0]) ** 2 for d in dys))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
