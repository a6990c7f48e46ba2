def harness(m, r):
    net = r.new(m.NormedRNN, 3, 4)
    X = [r(2, 3) for _ in range(r.T)]
    dX = net.backward([r.loss(h) for h in net.forward(X)])
    weights = [(net.W, net.dW), (net.U, net.dU), (net.gamma, net.dgamma), (net.beta, net.dbeta)]
    return [*weights, *zip(X, dX, strict=True)]
