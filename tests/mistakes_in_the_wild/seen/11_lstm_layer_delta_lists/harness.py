import code


def harness(m, r):
    layer = r.new(m.LstmLayer, 3, 4)
    hs = layer.forward([r(3, 1) for _ in range(r.T)], r(4, 1), r(4, 1))
    layer.backward([r.loss(h) for h in hs])
    return [
        pair
        for g in "fioc"
        for pair in ((layer.Wh[g], layer.dWh[g]), (layer.Wx[g], layer.dWx[g]), (layer.b[g], layer.db[g]))
    ]
