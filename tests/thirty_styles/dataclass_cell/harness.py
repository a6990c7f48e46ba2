def harness(m, r):
    w = m.Weights(r(12, 2), r(12, 3), r(12), r(3), r(3), r(3))
    xs, h0, c0 = [r(2) for _ in range(r.T)], r(3), r(3)
    net = m.LSTM(w)
    hs, c = net.forward(xs, h0, c0)
    grad, dxs, dh0, dc0 = net.backward([r.loss(h) for h in hs], r.loss(c))
    names = "W", "U", "b", "pi", "pf", "po"
    return [(getattr(w, k), getattr(grad, k)) for k in names] + [*zip(xs, dxs, strict=True), (h0, dh0), (c0, dc0)]
