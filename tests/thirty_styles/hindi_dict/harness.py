import numpy as np


def harness(m, r):
    kosh = r.adopt(m.naya_kosh(2, 3, np.random.default_rng(0)))
    x, h0 = r(r.T, 2, 2), r(2, 3)
    sab, smriti = m.aage(kosh, x, h0)
    dhaal, dx, dh0 = m.peeche(kosh, r.loss(sab), smriti)
    return [(kosh[naam], dhaal[naam]) for naam in kosh] + [(x, dx), (h0, dh0)]
