import code


def harness(m, r):
    params = [r(3, 4), r(4, 4), r(4), r(4, 5), r(5)]
    x, h0 = r(r.T, 2, 3), r(2, 4)
    loss, grads = m.model(x, r.ints(5, r.T, 2), h0, params)
    r.loss(loss)
    return list(zip((x, h0, *params), grads))
