def harness(m, r):
    N, D, H = 2, 3, 4
    x, h0, Wx, Wh, b = r(N, r.T, D), r(N, H), r(D, 4 * H), r(H, 4 * H), r(4 * H)
    h, caches = m.lstm_forward(x, h0, Wx, Wh, b)
    grads = m.lstm_backward(r.loss(h), caches)
    return list(zip((x, h0, Wx, Wh, b), grads, strict=True))
