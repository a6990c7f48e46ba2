# Flat vectors of one sentence; the weights in an object of their own; the cell state is called s.
import numpy as np


def sigmoid(x):
    return 1.0 / (1 + np.exp(-x))


class Weights:
    def __init__(self, n_hidden, x_dim):
        width = x_dim + n_hidden
        self.wg, self.wi, self.wf, self.wo = (np.random.rand(n_hidden, width) * 0.2 - 0.1 for _ in range(4))
        self.bg, self.bi, self.bf, self.bo = (np.random.rand(n_hidden) * 0.2 - 0.1 for _ in range(4))


class OneStep:
    """One time step for one sentence: flat vectors."""

    def __init__(self, x_dim, n_hidden):
        self.param = Weights(n_hidden, x_dim)
        self.x_dim = x_dim

    def forward(self, x, h_prev, s_prev):
        p = self.param
        joined = np.hstack((x, h_prev))
        g = np.tanh(np.dot(p.wg, joined) + p.bg)
        i = sigmoid(np.dot(p.wi, joined) + p.bi)
        f = sigmoid(np.dot(p.wf, joined) + p.bf)
        o = sigmoid(np.dot(p.wo, joined) + p.bo)
        s = g * i + s_prev * f
        h = np.tanh(s) * o
        return h, s, (joined, g, i, f, o, s, s_prev)

    def backward(self, diff_h, diff_s, cache):
        joined, g, i, f, o, s, s_prev = cache
        p = self.param
        ds = o * (1 - np.tanh(s) ** 2) * diff_h + diff_s
        do = np.tanh(s) * diff_h
        di = g * ds
        dg = i * ds
        df = s_prev * ds
        di_input = i * (1 - i) * di
        df_input = f * (1 - f) * df
        do_input = o * (1 - o) * do
        dg_input = (1 - g**2) * dg
        self.wi_diff = np.outer(di_input, joined)
        self.wf_diff = np.outer(df_input, joined)
        self.wo_diff = np.outer(do_input, joined)
        self.wg_diff = np.outer(dg_input, joined)
        self.bi_diff, self.bf_diff, self.bo_diff, self.bg_diff = di_input, df_input, do_input, dg_input
        djoined = np.zeros_like(joined)
        djoined += np.dot(p.wi.T, di_input)
        djoined += np.dot(p.wf.T, df_input)
        djoined += np.dot(p.wo.T, do_input)
        djoined += np.dot(p.wg.T, dg_input)
        return djoined[: self.x_dim], djoined[self.x_dim :], ds * f
