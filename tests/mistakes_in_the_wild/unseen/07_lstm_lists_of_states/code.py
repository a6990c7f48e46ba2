"""LSTM over columns, everything kept in lists; the lists of states begin with the state before the first word."""

import numpy as np


def sigmoid(v, derivative=False):
    s = 1 / (1 + np.exp(-v))
    return s * (1 - s) if derivative else s


def softmax(v):
    e = np.exp(v - np.max(v))
    return e / np.sum(e)


def forward_pass(inputs, h, C, p):
    """Return the lists z, f, i, g, C, o, h and the predictions; C and h are one longer than the others."""
    W_f, W_i, W_g, W_o, W_v, b_f, b_i, b_g, b_o, b_v = p
    z_s, f_s, i_s, g_s, o_s, out_s = [], [], [], [], [], []
    C_s, h_s = [C], [h]
    for x in inputs:
        z = np.vstack((h, x))
        f = sigmoid(W_f @ z + b_f)
        i = sigmoid(W_i @ z + b_i)
        g = np.tanh(W_g @ z + b_g)
        o = sigmoid(W_o @ z + b_o)
        C = f * C + i * g
        h = o * np.tanh(C)
        z_s.append(z)
        f_s.append(f)
        i_s.append(i)
        g_s.append(g)
        o_s.append(o)
        C_s.append(C)
        h_s.append(h)
        out_s.append(softmax(W_v @ h + b_v))
    return z_s, f_s, i_s, g_s, C_s, o_s, h_s, out_s


def cross_entropy(out_s, targets):
    return -sum(np.sum(np.log(out) * target) for out, target in zip(out_s, targets))


def backward_pass(z_s, f_s, i_s, g_s, C_s, o_s, h_s, out_s, targets, p):
    """Return the gradients of the parameters, in their order."""
    W_f, W_i, W_g, W_o, W_v, b_f, b_i, b_g, b_o, b_v = p
    grads = [np.zeros_like(w) for w in p]
    dW_f, dW_i, dW_g, dW_o, dW_v, db_f, db_i, db_g, db_o, db_v = grads
    size = h_s[0].shape[0]
    dh_next = np.zeros_like(h_s[0])
    dC_next = np.zeros_like(C_s[0])
    for t in reversed(range(len(out_s))):
        f, i, g, o = f_s[t], i_s[t], g_s[t], o_s[t]
        C = C_s[t + 1]
        C_prev = C_s[t - 1]
        dv = out_s[t] - targets[t]
        dW_v += dv @ h_s[t].T
        db_v += dv

        dh = W_v.T @ dv + dh_next
        do = dh * np.tanh(C) * o * (1 - o)
        dC = dC_next + dh * o * (1 - np.tanh(C) ** 2)
        dg = dC * i * (1 - g**2)
        di = dC * g * i * (1 - i)
        df = dC * C_prev * sigmoid(f, derivative=True)

        for dW, db, d in ((dW_f, db_f, df), (dW_i, db_i, di), (dW_g, db_g, dg), (dW_o, db_o, do)):
            dW += d @ z_s[t].T
            db += d
        dz = W_f.T @ df + W_i.T @ di + W_g.T @ dg + W_o.T @ do
        dh_prev = dz[:size]
        dC_prev = f * dC
    return grads
