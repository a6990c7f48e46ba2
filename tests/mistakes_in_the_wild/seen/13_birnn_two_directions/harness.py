import code


def harness(m, r):
    net = r.new(m.BiTagger, 3, 4, 3)
    X, y = r(r.T, 3), r.ints(3, r.T)
    r.loss(net.loss(X, y))
    dX = net.backward()
    pairs = [(X, dX), (net.V, net.dV), (net.c, net.dc)]
    for one in (net.fwd, net.bwd):
        pairs += [(one.Wx, one.dWx), (one.Wh, one.dWh), (one.b, one.db)]
    return pairs
