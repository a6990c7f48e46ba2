"""Characters through a gated unit. The weights stand in the module, as in a script that grew."""

import numpy as np

vocab, hidden = 5, 4
rng = np.random.default_rng(3)


def weight(*shape):
    return rng.normal(size=shape) * 0.3


Wz, Wr, Wn = weight(hidden, vocab), weight(hidden, vocab), weight(hidden, vocab)
Uz, Ur, Un = weight(hidden, hidden), weight(hidden, hidden), weight(hidden, hidden)
bz, br, bn = np.zeros((hidden, 1)), np.zeros((hidden, 1)), np.zeros((hidden, 1))
Wy, by = weight(vocab, hidden), np.zeros((vocab, 1))


def sig(a):
    return 1 / (1 + np.exp(-a))


def forward(ids, targets, h0):
    x, h, z, r, n, p = {}, {}, {}, {}, {}, {}
    h[-1] = h0
    loss = 0.0
    for t in range(len(ids)):
        x[t] = np.zeros((vocab, 1))
        x[t][ids[t]] = 1.0
        z[t] = sig(Wz @ x[t] + Uz @ h[t - 1] + bz)
        r[t] = sig(Wr @ x[t] + Ur @ h[t - 1] + br)
        n[t] = np.tanh(Wn @ x[t] + Un @ (r[t] * h[t - 1]) + bn)
        h[t] = (1 - z[t]) * h[t - 1] + z[t] * n[t]
        y = np.exp(Wy @ h[t] + by)
        p[t] = y / y.sum()
        loss -= np.log(p[t][targets[t], 0])
    return loss, (x, h, z, r, n, p)


def backward(ids, targets, tape):
    x, h, z, r, n, p = tape
    dWz, dWr, dWn = np.zeros_like(Wz), np.zeros_like(Wr), np.zeros_like(Wn)
    dUz, dUr, dUn = np.zeros_like(Uz), np.zeros_like(Ur), np.zeros_like(Un)
    dbz, dbr, dbn = np.zeros_like(bz), np.zeros_like(br), np.zeros_like(bn)
    dWy, dby = np.zeros_like(Wy), np.zeros_like(by)
    dnext = np.zeros((hidden, 1))

    for t in reversed(range(len(ids))):
        dy = p[t].copy()
        dy[targets[t]] -= 1
        dWy += dy @ h[t].T
        dby += dy
        dh = Wy.T @ dy + dnext

        dz = dh * (n[t] - h[t - 1]) * z[t] * (1 - z[t])
        dn = dh * z[t] * (1 - n[t] ** 2)
        drh = Un.T @ dn
        dr = drh * h[t - 1] * r[t] * (1 - r[t])

        dWz += dz @ x[t].T
        dUz += dz @ h[t - 1].T
        dbz += dz
        dWr += dr @ x[t].T
        dUr += dr @ h[t - 1].T
        dbr += dr
        dWn += dn @ x[t].T
        dUn += dn @ (r[t] * h[t - 1]).T
        dbn += dn

        dnext = dh * (1 - z[t]) + drh * r[t]
        dnext += Uz.T @ dz + Ur.T @ dr
    return dWz, dUz, dbz, dWr, dUr, dbr, dWn, dUn, dbn, dWy, dby
