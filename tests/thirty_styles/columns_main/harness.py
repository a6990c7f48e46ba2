def harness(m, r):
    p = r.adopt(m.init(2, 3, 2))
    xs = [r(2, 1) for _ in range(r.T)]
    ys, kept = m.forward(p, xs)
    g, dxs = m.backward(p, [r.loss(y) for y in ys], kept)
    return [*((p[k], g[k]) for k in p), *zip(xs, dxs, strict=True)]
