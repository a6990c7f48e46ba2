import code


def harness(m, r):
    net = r.new(m.DeepCharRNN, 5, 4, 3)
    ids, targets = r.ints(5, r.T), (r.ints(5, r.T) + 2) % 5
    loss, cache = net.forward(ids, targets, [r(4, 1) for _ in range(3)])
    r.loss(loss)
    dWxh, dWhh, dbh, dWhy, dby = net.backward(targets, cache)
    pairs = [*zip(net.Wxh, dWxh), *zip(net.Whh, dWhh), *zip(net.bh, dbh)]
    return [*pairs, (net.Why, dWhy), (net.by, dby)]
