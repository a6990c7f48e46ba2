def harness(m, r):
    r.adopt([p.v for p in m.everything])
    h0, C0 = r(m.nH, 1), r(m.nH, 1)
    loss, _, _, dh0, dC0 = m.sequence(r.ints(m.nV, r.T), r.ints(m.nV, r.T), h0, C0)
    r.loss(loss)
    return [*((p.v, p.d) for p in m.everything), (h0, dh0), (C0, dC0)]
