# Weights as (out, in), two biases, gates r z n in one matrix, a tuple of parameters; only steps, cache a dictionary.
import numpy as np


def sigmoid(a):
    return 1.0 / (1.0 + np.exp(-a))


def gru_cell_fwd(inp, hidden, weights):
    w_ih, w_hh, b_ih, b_hh = weights
    gi = inp @ w_ih.T + b_ih
    gh = hidden @ w_hh.T + b_hh
    i_r, i_z, i_n = np.split(gi, 3, axis=1)
    h_r, h_z, h_n = np.split(gh, 3, axis=1)
    reset = sigmoid(i_r + h_r)
    update = sigmoid(i_z + h_z)
    new = np.tanh(i_n + reset * h_n)
    hy = new + update * (hidden - new)
    return hy, {
        "inp": inp,
        "hidden": hidden,
        "weights": weights,
        "reset": reset,
        "update": update,
        "new": new,
        "h_n": h_n,
    }


def gru_cell_bwd(grad_hy, saved):
    w_ih, w_hh, _, _ = saved["weights"]
    reset, update, new = saved["reset"], saved["update"], saved["new"]
    grad_new = grad_hy * (1 - update) * (1 - new * new)
    grad_update = grad_hy * (saved["hidden"] - new) * update * (1 - update)
    grad_reset = grad_new * saved["h_n"] * reset * (1 - reset)
    grad_gi = np.concatenate([grad_reset, grad_update, grad_new], axis=1)
    grad_gh = np.concatenate([grad_reset, grad_update, grad_new * reset], axis=1)
    grad_inp = grad_gi @ w_ih
    grad_hidden = grad_gh @ w_hh + grad_hy * update
    grad_w_ih = grad_gi.T @ saved["inp"]
    grad_w_hh = grad_gh.T @ saved["hidden"]
    return grad_inp, grad_hidden, grad_w_ih, grad_w_hh, grad_gi.sum(0), grad_gh.sum(0)
