"""A character model: one tanh layer, one softmax over the alphabet, states in dictionaries keyed by position."""

import numpy as np


def init_params(n_chars, n_hidden, rng):
    return {
        "U": rng.normal(size=(n_hidden, n_chars)) * 0.1,
        "W": rng.normal(size=(n_hidden, n_hidden)) * 0.1,
        "V": rng.normal(size=(n_chars, n_hidden)) * 0.1,
        "b": np.zeros((n_hidden, 1)),
        "c": np.zeros((n_chars, 1)),
    }


def one_hot(i, n):
    v = np.zeros((n, 1))
    v[i] = 1
    return v


def run(params, chars, hprev):
    n_chars = params["V"].shape[0]
    xs, hs, ps = {}, {-1: hprev}, {}
    for t, i in enumerate(chars):
        xs[t] = one_hot(i, n_chars)
        hs[t] = np.tanh(params["U"] @ xs[t] + params["W"] @ hs[t - 1] + params["b"])
        scores = params["V"] @ hs[t] + params["c"]
        e = np.exp(scores - scores.max())
        ps[t] = e / e.sum()
    return xs, hs, ps


def lossfun(params, chars, targets, hprev):
    """Cross-entropy of the next character, summed over the text, and the gradient of every parameter."""
    xs, hs, ps = run(params, chars, hprev)
    loss = -sum(np.log(ps[t][i, 0]) for t, i in enumerate(targets))

    grads = {name: np.zeros_like(value) for name, value in params.items()}
    carry = np.zeros_like(hprev)
    for t in range(len(chars) - 1, -1, -1):
        dscores = ps[t].copy()
        dscores[targets[t]] = -1
        grads["V"] += dscores @ hs[t].T
        grads["c"] += dscores
        dh = params["V"].T @ dscores
        da = (1 - hs[t] ** 2) * dh
        grads["U"] += da @ xs[t].T
        grads["W"] += da @ hs[t].T
        grads["b"] += da
        carry = params["W"].T @ da
    return loss, grads


def sample(params, h, i, n, rng):
    """Write n characters, beginning after character i."""
    n_chars = params["V"].shape[0]
    text = []
    for _ in range(n):
        _, hs, ps = run(params, [i], h)
        h = hs[0]
        i = rng.choice(n_chars, p=ps[0].ravel())
        text.append(i)
    return text
