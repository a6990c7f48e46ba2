def harness(m, r):
    layer = r.new(m.LSTMLayer, 3, 2)
    X = r(2, r.T, 3)
    dX = layer.backward(r.loss(layer.forward(X)))
    return [(X, dX), (layer.Wx, layer.dWx), (layer.Wh, layer.dWh), (layer.b, layer.db)]
