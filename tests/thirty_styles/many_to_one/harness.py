def harness(m, r):
    net = r.new(m.SentimentLSTM, 2, 3)
    r.loss(net.loss(r(2, r.T + 1, 2), r.ints(2, 2), keep=r.ints(2, 2, 3) * 2.0))
    G = net.grad()
    return [(net.P[k], G[k]) for k in net.P]
