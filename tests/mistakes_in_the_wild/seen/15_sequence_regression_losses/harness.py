import code


def harness(m, r):
    net = r.new(m.SeriesNet, 3, 4, 2)
    r.loss(net.loss(r(r.T, 5, 3), r(5, 2)))
    grads = net.backward()
    return [(getattr(net, name), grads[name]) for name in grads]
