def harness(m, r):
    net = r.new(m.OnlineRNN, 2, 3, 2)
    weights = net.W_in, net.W_rec, net.W_out, net.b_hid, net.b_out
    before = [w.copy() for w in weights]
    r.loss(net.train_step(r(r.T, 2), r(r.T, 2), lr=1.0))
    return [(w, b - w) for w, b in zip(weights, before, strict=True)]
