def harness(m, r):
    xs, h0, p = [r(3, 2) for _ in range(r.T)], r(3, 4), (r(2, 12), r(4, 12), r(12), r(12))
    hs, saved = m.unroll(xs, h0, p)
    dxs, dh0, dp = m.unroll_back([r.loss(h) for h in hs], saved, p)
    return [*zip(xs, dxs, strict=True), (h0, dh0), *zip(p, dp, strict=True)]
