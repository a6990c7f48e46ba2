def harness(m, r):
    net = r.new(m.TwoLayerNet, 2, 3, 4, 2)
    xs = r(3, r.T, 2)
    r.loss(net.forward(xs, r(3, r.T, 2)))
    dxs = net.backward()
    return [(xs, dxs), *zip(net.params, net.grads, strict=True)]
