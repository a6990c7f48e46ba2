import code


def harness(m, r):
    net = r.new(m.MultiHead, 6, 2)
    queries, memory = r(2, r.T, 6), r(2, r.T + 1, 6)
    dqueries, dmemory = net.backward(r.loss(net.forward(queries, memory)))
    pairs = [(getattr(net, name), getattr(net, "d" + name)) for name in ("Wq", "Wk", "Wv", "Wo")]
    return [(queries, dqueries), (memory, dmemory), *pairs]
