def harness(m, r):
    weights = [r(3, 2), r(3, 3), r(3), r(2, 3), r(2)]
    loss, gradients = m.loss_and_gradients(r(r.T, 2), r(r.T, 2), r(3), weights)
    r.loss(loss)
    return list(zip(weights, gradients, strict=True))
