import code


def harness(m, r):
    net = r.new(m.Translator, 4, 5, 3, 4)
    r.loss(net.loss(r.ints(4, r.T + 1, 3), r.ints(5, r.T, 3), (r.ints(5, r.T, 3) + 1) % 5))
    net.backward()
    pairs = [(net.E_src, net.dE_src), (net.E_tgt, net.dE_tgt), (net.V, net.dV), (net.c, net.dc)]
    for part in (net.encoder, net.decoder):
        pairs += [(part.W, part.dW), (part.U, part.dU), (part.b, part.db)]
    return pairs
