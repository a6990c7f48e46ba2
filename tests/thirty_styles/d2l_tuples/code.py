import numpy as np


def get_lstm_params(vocab_size, num_hiddens):
    num_inputs = num_outputs = vocab_size

    def normal(shape):
        return np.random.normal(scale=0.01, size=shape)

    def three():
        return normal((num_inputs, num_hiddens)), normal((num_hiddens, num_hiddens)), np.zeros(num_hiddens)

    W_xi, W_hi, b_i = three()
    W_xf, W_hf, b_f = three()
    W_xo, W_ho, b_o = three()
    W_xc, W_hc, b_c = three()
    W_hq, b_q = normal((num_hiddens, num_outputs)), np.zeros(num_outputs)
    return [W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q]


def init_lstm_state(batch_size, num_hiddens):
    return (np.zeros((batch_size, num_hiddens)), np.zeros((batch_size, num_hiddens)))


def sigmoid(x):
    return np.reciprocal(1 + np.exp(-x))


def lstm(inputs, state, params):
    """inputs: (num_steps, batch_size, vocab_size)"""
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q = params
    (H, C) = state
    outputs, tape = [], []
    for X in inputs:
        before = (H, C)
        I = sigmoid(np.dot(X, W_xi) + np.dot(H, W_hi) + b_i)
        F = sigmoid(np.dot(X, W_xf) + np.dot(H, W_hf) + b_f)
        O = sigmoid(np.dot(X, W_xo) + np.dot(H, W_ho) + b_o)
        C_tilda = np.tanh(np.dot(X, W_xc) + np.dot(H, W_hc) + b_c)
        C = F * C + I * C_tilda
        H = O * np.tanh(C)
        outputs.append(np.dot(H, W_hq) + b_q)
        tape.append((X, before, (I, F, O, C_tilda), (H, C)))
    return np.concatenate(outputs, axis=0), (H, C), tape


def lstm_grad(dY, dstate, tape, params):
    """dY: (num_steps * batch_size, vocab_size). Returns the gradients in the order of params, and dstate."""
    grads = [np.zeros(p.shape) for p in params]
    dYs = np.split(dY, len(tape), axis=0)
    (dH, dC) = dstate
    for dy, (X, (H_, C_), (I, F, O, C_tilda), (H, C)) in zip(dYs[::-1], tape[::-1]):
        grads[12] += np.dot(H.T, dy)
        grads[13] += dy.sum(axis=0)
        dH = dH + np.dot(dy, params[12].T)
        dC = dC + dH * O / np.cosh(C) ** 2
        local = (
            dC * C_tilda * I * (1 - I),
            dC * C_ * F * (1 - F),
            dH * H * (1 - O),
            dC * I * (1 + C_tilda) * (1 - C_tilda),
        )
        dH = 0
        for n, d in enumerate(local):
            grads[3 * n] += np.dot(X.T, d)
            grads[3 * n + 1] += np.dot(H_.T, d)
            grads[3 * n + 2] += d.sum(axis=0)
            dH = dH + np.dot(d, params[3 * n + 1].T)
        dC = F * dC
    return grads, (dH, dC)


def grad_clipping(grads, theta):
    norm = np.sqrt(sum((g ** 2).sum() for g in grads))
    if norm > theta:
        for g in grads:
            g *= theta / norm


def sgd(params, grads, lr, batch_size):
    for p, g in zip(params, grads):
        p -= lr * g / batch_size
