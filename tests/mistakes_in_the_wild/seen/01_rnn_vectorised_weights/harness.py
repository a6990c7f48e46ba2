import code


def harness(m, r):
    net = r.new(m.FastRNN, 3, 4, 2)
    X, h0 = r(r.T, 5, 3), r(5, 4)
    grads = net.backward(r.loss(net.forward(X, h0)))
    return [(X, grads["X"]), (h0, grads["h0"])] + [(w, grads[name]) for name, w in net.parameters().items()]
