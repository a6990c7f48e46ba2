# No batch at all: flat vectors, outer products, twelve weights, params made by a function, state as a pair.
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def init_params(n_x, n_h):
    rng = np.random.default_rng(1)
    params = {}
    for gate in "ifgo":
        params["Wx" + gate] = rng.normal(0, 0.1, (n_h, n_x))
        params["Wh" + gate] = rng.normal(0, 0.1, (n_h, n_h))
        params["b" + gate] = np.zeros(n_h)
    return params


def forward_step(x, state, params):
    h, c = state
    act = {}
    for gate in "ifgo":
        a = params["Wx" + gate] @ x + params["Wh" + gate] @ h + params["b" + gate]
        act[gate] = np.tanh(a) if gate == "g" else sigmoid(a)
    c_new = act["f"] * c + act["i"] * act["g"]
    h_new = act["o"] * np.tanh(c_new)
    return h_new, c_new, (x, h, c, act, c_new, params)


def backward_step(dh, dc, cache):
    x, h, c, act, c_new, params = cache
    i, f, g, o = act["i"], act["f"], act["g"], act["o"]
    t = np.tanh(c_new)
    dc = dc + dh * o * (1 - t * t)
    da = {"o": dh * t * o * (1 - o), "i": dc * g * i * (1 - i), "f": dc * c * f * (1 - f), "g": dc * i * (1 - g * g)}
    grads = {}
    dx, dh_prev = np.zeros_like(x), np.zeros_like(h)
    for gate in "ifgo":
        grads["Wx" + gate] = np.outer(da[gate], x)
        grads["Wh" + gate] = np.outer(da[gate], h)
        grads["b" + gate] = da[gate]
        dx += params["Wx" + gate].T @ da[gate]
        dh_prev += params["Wh" + gate].T @ da[gate]
    dc_prev = dc * f
    return dx, dh_prev, dc_prev, grads
