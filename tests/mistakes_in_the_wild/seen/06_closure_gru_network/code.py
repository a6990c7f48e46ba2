"""A GRU made by a function: it returns forward and backward, which share their memory. Column vectors."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def make_gru(n_in, n_hid, seed=0):
    rng = np.random.default_rng(seed)
    params = {"Wo": rng.normal(size=(1, n_hid)), "bo": np.zeros((1, 1))}
    for gate in ("update", "reset", "new"):
        params["W_" + gate] = rng.normal(size=(n_hid, n_in + n_hid)) * 0.3
        params["b_" + gate] = np.zeros((n_hid, 1))
    return params, *make_passes(params, n_in, n_hid)


def make_passes(params, n_in, n_hid):
    memory = []

    def gate(name, v):
        return params["W_" + name] @ v + params["b_" + name]

    def forward(xs):
        """xs: a list of columns. Returns one number per step."""
        h = np.zeros((n_hid, 1))
        ys = []
        for x in xs:
            v = np.vstack([x, h])
            u = sigmoid(gate("update", v))
            r = sigmoid(gate("reset", v))
            w = np.vstack([x, r * h])
            n = np.tanh(gate("new", w))
            h_new = u * h + (1 - u) * n
            memory.append((v, u, r, w, n, h, h_new))
            h = h_new
            ys.append((params["Wo"] @ h + params["bo"])[0, 0])
        return np.array(ys)

    def backward(dys):
        """dys: one number per step. Returns the gradients of the inputs and, in a dictionary, of the parameters."""
        grads = {name: np.zeros_like(w) for name, w in params.items()}
        dxs = [None] * len(dys)
        carry = np.zeros((n_hid, 1))
        for t in reversed(range(len(dys))):
            v, u, r, w, n, h, h_new = memory[t]
            grads["Wo"] += dys[t] * h.T
            grads["bo"] += dys[t]
            dh = dys[t] * params["Wo"].T + carry

            da_new = dh * (1 - u) * (1 - n**2)
            da_update = dh * (h - n) * u * (1 - u)
            dw = params["W_new"].T @ da_new
            da_reset = dw[n_in:] * h * r * (1 - r)
            dv = params["W_update"].T @ da_update

            for name, d, seen in (("update", da_update, v), ("reset", da_reset, v), ("new", da_new, w)):
                grads["W_" + name] += d @ seen.T
                grads["b_" + name] += d
            dxs[t] = dw[:n_in] + dv[:n_in]
            carry = dh * u + dw[n_in:] + dv[n_in:]
        return dxs, grads

    return forward, backward
