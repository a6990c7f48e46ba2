import code


def harness(m, r):
    net = r.new(m.ProjectedLSTM, 3, 4, 2)
    x, p0, c0 = r(2, r.T, 3), r(2, 2), r(2, 4)
    dx, dp0, dc0, grads = net.backward(r.loss(net.forward(x, p0, c0)))
    return [(x, dx), (p0, dp0), (c0, dc0)] + [(getattr(net, name), grads[name]) for name in grads]
