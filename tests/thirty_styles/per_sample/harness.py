def harness(m, r):
    weights = r(3, 2), r(3, 3), r(3), r(3)
    loss, *grads = m.train_batch(r(2, r.T, 2), r.ints(2, 2), *weights)
    r.loss(loss)
    return list(zip(weights, grads, strict=True))
