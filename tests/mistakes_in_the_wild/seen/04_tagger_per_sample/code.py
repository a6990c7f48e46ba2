"""A tagger for number sequences: an Elman network, one sentence after the other, a small regression at each word."""

import numpy as np


def make_net(n_in, n_hid, n_out, seed=0):
    rng = np.random.default_rng(seed)
    scale = 1 / np.sqrt(n_hid)
    return {
        "Wxh": rng.uniform(-scale, scale, (n_hid, n_in)),
        "Whh": rng.uniform(-scale, scale, (n_hid, n_hid)),
        "Why": rng.uniform(-scale, scale, (n_out, n_hid)),
        "bh": np.zeros(n_hid),
        "by": np.zeros(n_out),
    }


def step(net, x, h):
    return np.tanh(np.dot(net["Wxh"], x) + np.dot(net["Whh"], h) + net["bh"])


def read_sentence(net, words):
    """Return hidden states (the first is all zero) and outputs."""
    states = [np.zeros(len(net["bh"]))]
    outputs = []
    for word in words:
        states.append(step(net, word, states[-1]))
        outputs.append(np.dot(net["Why"], states[-1]) + net["by"])
    return states, outputs


def cost(net, batch, labels):
    total = 0.0
    for words, wanted in zip(batch, labels):
        _, outputs = read_sentence(net, words)
        total += 0.5 * sum(np.sum((y - d) ** 2) for y, d in zip(outputs, wanted))
    return total / len(batch)


def gradients(net, batch, labels):
    grads = {}
    for name in net:
        grads[name] = np.zeros_like(net[name])
    dh_next = np.zeros(len(net["bh"]))

    for words, wanted in zip(batch, labels):
        states, outputs = read_sentence(net, words)
        T = len(words)
        for t in range(T - 2, -1, -1):
            h, h_before = states[t + 1], states[t]
            dy = outputs[t] - wanted[t]
            grads["Why"] += np.outer(dy, h)
            grads["by"] += dy
            dh = np.dot(net["Why"].T, dy) + dh_next
            da = dh * (1 - h * h)
            grads["Wxh"] += np.outer(da, words[t])
            grads["Whh"] += np.outer(da, h_before)
            grads["bh"] += da
            dh_next = np.dot(net["Whh"].T, da)

    for name in grads:
        grads[name] /= len(batch)
    return grads
