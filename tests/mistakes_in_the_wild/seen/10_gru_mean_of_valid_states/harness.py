import code

import numpy as np


def harness(m, r):
    P = dict(Wzr=r(3, 8), Uzr=r(4, 8), bzr=r(8), W=r(3, 4), U=r(4, 4), b=r(4))
    x = r(r.T, 3, 3)
    mask = (np.arange(r.T)[:, None] < np.array([1, 2, 4])).astype(float)
    vector, cache = m.embed(x, mask, P)
    dx, grads = m.embed_backward(r.loss(vector), cache, P)
    return [(x, dx)] + [(P[name], grads[name]) for name in P]
