def harness(m, r):
    params = r.adopt(m.get_lstm_params(2, 3))
    state = r(2, 3), r(2, 3)
    Y, (H, C), tape = m.lstm(r(r.T, 2, 2), state, params)
    grads, dstate = m.lstm_grad(r.loss(Y), (r.loss(H), r.loss(C)), tape, params)
    return list(zip([*params, *state], [*grads, *dstate], strict=True))
