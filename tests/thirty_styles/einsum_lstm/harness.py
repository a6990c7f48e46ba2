def harness(m, r):
    net, x = r.new(m.EinsumLSTM, 2, 3), r(2, r.T, 2)
    dx = net.backward(r.loss(net.forward(x)))
    return [(x, dx), (net.W, net.dW), (net.U, net.dU), (net.b, net.db)]
