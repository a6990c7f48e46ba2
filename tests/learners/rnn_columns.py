# One sentence at a time, a list of column vectors, states in a dictionary by time; the oldest way to write it.
import numpy as np


def rnn_forward(inputs, hprev, Wxh, Whh, bh):
    xs, hs = {}, {}
    hs[-1] = np.copy(hprev)
    for t in range(len(inputs)):
        xs[t] = inputs[t]
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
    outputs = [hs[t] for t in range(len(inputs))]
    return outputs, (xs, hs, Wxh, Whh)


def rnn_backward(dhs, cache):
    xs, hs, Wxh, Whh = cache
    dWxh, dWhh = np.zeros_like(Wxh), np.zeros_like(Whh)
    dbh = np.zeros((Whh.shape[0], 1))
    dhnext = np.zeros_like(hs[0])
    dxs = [None] * len(dhs)
    for t in reversed(range(len(dhs))):
        dh = dhs[t] + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dxs[t] = np.dot(Wxh.T, dhraw)
        dhnext = np.dot(Whh.T, dhraw)
    return dxs, dhnext, dWxh, dWhh, dbh
