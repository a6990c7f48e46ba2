"""Exercise 17: a decoder that reads the true previous words, its own, or a mixture of both.

(0)  a = W_x[word] + h_(t-1) W_hh          W_x (V, H): an embedding and W_ih in one, a row for each word
(1)  h = tanh(a)
     z = h W_o                             logits, and then (1) to (4) of losses.py
"""

from types import SimpleNamespace

import numpy as np

START = 0


def choose(true, written, ratio, rng):
    """Return the words (B,) to be read: each the true one with probability `ratio`, else the one the model wrote.

    true, written: (B,) word numbers. rng: rng.random(n) draws n numbers, uniform from 0 to 1.
    """
    # --- your code begins ---
    words = ...
    # --- your code ends ---
    return words


def decode(weights, h, targets, ratio, rng):
    """Return the loss in nats a word, and the tape: tape.inputs (B, T), tape.h and tape.dz, lists of an array a step.

    weights: {"W_x": (V, H), "W_hh": (H, H), "W_o": (H, V)}. h: the initial state (B, H). targets: (B, T) words.
    """
    B, T = targets.shape
    tape = SimpleNamespace(inputs=np.zeros((B, T), dtype=int), h=[h], dz=[])
    loss, read = 0.0, np.full(B, START)
    for t in range(T):
        tape.inputs[:, t] = read
        h = np.tanh(weights["W_x"][read] + h @ weights["W_hh"])  # (0) (1)
        z = h @ weights["W_o"]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss -= np.log(p[np.arange(B), targets[:, t]]).sum() / (B * T)
        tape.h.append(h)
        tape.dz.append((p - np.eye(z.shape[1])[targets[:, t]]) / (B * T))
        # --- your code begins ---
        written = ...
        read = ...
        # --- your code ends ---
    return loss, tape


def decode_backward(weights, tape):
    """Return dL/d(weights), arrays by the same names, for the pass on the tape."""
    gradients = {name: np.zeros_like(array) for name, array in weights.items()}
    dh = np.zeros_like(tape.h[0])
    for t in reversed(range(len(tape.dz))):
        gradients["W_o"] += tape.h[t + 1].T @ tape.dz[t]
        dh = dh + tape.dz[t] @ weights["W_o"].T
        da = dh * (1.0 - tape.h[t + 1] ** 2)  # (1)
        gradients["W_hh"] += tape.h[t].T @ da  # (0)
        # --- your code begins ---
        rows = ...  # (0) which rows of W_x this step has read
        dh = ...  # (0) what step t hands back to the step before
        # --- your code ends ---
        np.add.at(gradients["W_x"], rows, da)
    return gradients
