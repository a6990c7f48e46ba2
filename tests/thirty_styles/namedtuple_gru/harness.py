def harness(m, r):
    d, k = 2, 3
    p = m.Params(*(r(*shape) for shape in [(k, d), (k, k), (k,)] * 3))
    xs, h0 = r(r.T, d), r(k)
    steps = m.run(p, xs, h0)
    g, dxs, dh0 = m.run_grad(p, steps, [r.loss(s.h) for s in steps])
    return [*zip(p, g, strict=True), (xs, dxs), (h0, dh0)]
