def harness(m, r):
    net = r.new(m.Seq2Seq, 3, 3, 2, 3)
    r.loss(net.forward(r.ints(3, 4, r.T + 1), r.ints(3, 4, r.T + 1)))
    d = net.backward()
    return [(net.p[k], d[k]) for k in net.p]
