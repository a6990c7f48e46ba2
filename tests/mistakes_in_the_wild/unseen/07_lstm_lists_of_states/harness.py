import code

import numpy as np


def harness(m, r):
    H, V = 4, 3
    p = [r(H, H + V), r(H, H + V), r(H, H + V), r(H, H + V), r(V, H), r(H, 1), r(H, 1), r(H, 1), r(H, 1), r(V, 1)]
    inputs = [np.eye(V)[:, [k]] for k in r.ints(V, r.T)]
    targets = [np.eye(V)[:, [k]] for k in (r.ints(V, r.T) + 1) % V]
    kept = m.forward_pass(inputs, r(H, 1), r(H, 1), p)
    r.loss(m.cross_entropy(kept[-1], targets))
    return list(zip(p, m.backward_pass(*kept, targets, p)))
