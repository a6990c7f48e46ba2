def harness(m, r):
    X, Y = r(r.T + 1, 2), r(r.T + 1, 2)
    given = {"W": r(5, 12), "b": r(12), "V": r(3, 2), "c": r(2), "X": X}
    loss, grads = m.lstm_regression(X, Y, given["W"], given["b"], given["V"], given["c"])
    r.loss(loss)
    return [(given[k], grads[k]) for k in given]
