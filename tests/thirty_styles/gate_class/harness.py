def harness(m, r):
    net = r.new(m.LSTM, 2, 3, 2)
    outputs = net.forward([r(2, 1) for _ in range(r.T)])
    grads = net.backward([r.loss(y) for y in outputs])
    params = net.wf, net.bf, net.wi, net.bi, net.wo, net.bo, net.wc, net.bc, net.wy, net.by
    return list(zip(params, grads, strict=True))
