import code


def harness(m, r):
    layer = r.new(m.RecurrentLayer, 3, 4)
    inputs, initial = r(2, r.T, 3), r(2, 4)
    layer.forward(inputs, initial)
    layer.backward(r.loss(layer.output))
    return [
        (inputs, layer.dinputs),
        (initial, layer.dinitial),
        (layer.input_weights, layer.dinput_weights),
        (layer.hidden_weights, layer.dhidden_weights),
        (layer.bias, layer.dbias),
    ]
