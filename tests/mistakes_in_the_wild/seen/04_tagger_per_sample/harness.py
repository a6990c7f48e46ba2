import code


def harness(m, r):
    net = {"Wxh": r(4, 3), "Whh": r(4, 4), "Why": r(2, 4), "bh": r(4), "by": r(2)}
    batch, labels = r(3, r.T, 3), r(3, r.T, 2)
    r.loss(m.cost(net, batch, labels))
    grads = m.gradients(net, batch, labels)
    return [(net[name], grads[name]) for name in net]
