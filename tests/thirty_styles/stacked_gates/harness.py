def harness(m, r):
    net = m.StackedLSTM(r(2, 12), r(3, 12), r(12))
    X, h0, c0 = r(r.T, 2, 2), r(2, 3), r(2, 3)
    dX, dh0, dc0 = net.backward(r.loss(net.forward(X, h0, c0)))
    return [(X, dX), (h0, dh0), (c0, dc0), (net.Wx, net.dWx), (net.Wh, net.dWh), (net.b, net.db)]
