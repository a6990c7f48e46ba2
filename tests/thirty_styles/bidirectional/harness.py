def harness(m, r):
    net, seq = r.new(m.BiRNN, 2, 3, 4), r(r.T, 2, 2)
    g_seq = net.backward(r.loss(net.forward(seq)))
    pairs = [(seq, g_seq), (net.v, net.gv), (net.c, net.gc)]
    for way in (net.left, net.right):
        pairs += [(way.w, way.gw), (way.u, way.gu), (way.bias, way.gb)]
    return pairs
