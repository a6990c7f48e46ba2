import code


def harness(m, r):
    layer = r.new(m.LSTMLayer, 3, 4)
    inputs = r(2, r.T, 3)
    dinputs = layer.backward(r.loss(layer.forward(inputs)))
    names = [f"{gate}_{part}" for gate in ("input", "forget", "candidate", "output") for part in ("weights", "bias")]
    return [(inputs, dinputs)] + [(getattr(layer, name), getattr(layer, "d" + name)) for name in names]
