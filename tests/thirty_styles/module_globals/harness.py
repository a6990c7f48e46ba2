def harness(m, r):
    for name in ("Wz", "Wr", "Wc", "bz", "br", "bc"):
        setattr(m, name, r(*getattr(m, name).shape))
    h0 = r(m.n_h)
    m.reset(h0)
    dh0 = m.backprop([r.loss(m.feed(r(m.n_x))) for _ in range(r.T)])
    return [(m.Wz, m.dWz), (m.Wr, m.dWr), (m.Wc, m.dWc), (m.bz, m.dbz), (m.br, m.dbr), (m.bc, m.dbc), (h0, dh0)]
