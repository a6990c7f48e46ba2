import code


def harness(m, r):
    net = r.new(m.MGU, 3, 4)
    xs, h = [r(3, 2) for _ in range(r.T)], r(4, 2)
    states = net.forward(xs, h)
    dxs, dh, grads = net.backward([r.loss(state) for state in states])
    return [*zip(xs, dxs), (h, dh)] + [(net.theta[name], grads[name]) for name in grads]
