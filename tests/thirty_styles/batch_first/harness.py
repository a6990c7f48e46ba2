def harness(m, r):
    net = r.new(m.BatchLSTM, 3, 2)
    x, h0, c0 = r(2, r.T, 3), r(2, 2), r(2, 2)
    out, (h, c) = net(x, (h0, c0))
    dx, (dh0, dc0) = net.backward(r.loss(out), (r.loss(h), r.loss(c)))
    return [(x, dx), (h0, dh0), (c0, dc0), *((net.params[k], net.grads[k]) for k in net.params)]
