"""No matrix products: every sum is written out, to see what happens."""
import math

import numpy as np


def forward_one(sequence, Wx, Wh, b):
    T, D = sequence.shape
    H = len(b)
    states = np.zeros((T + 1, H))
    for t in range(T):
        for j in range(H):
            s = b[j]
            for k in range(D):
                s += Wx[j, k] * sequence[t, k]
            for k in range(H):
                s += Wh[j, k] * states[t, k]
            states[t + 1, j] = np.tanh(s)
    return states


def score(state, v):
    s = 0.0
    for j in range(len(v)):
        s += v[j] * state[j]
    return s


def train_batch(batch, labels, Wx, Wh, b, v):
    """batch: (N, T, D); labels: (N,) of 0 and 1. Logistic loss on the last state of each sequence."""
    N, T, D = batch.shape
    H = len(b)
    dWx, dWh, db, dv = np.zeros((H, D)), np.zeros((H, H)), np.zeros(H), np.zeros(H)
    loss = 0.0

    # forward
    all_states, scores = [], []
    for n in range(N):
        states = forward_one(batch[n], Wx, Wh, b)
        s = score(states[T], v)
        loss += np.log(1 + np.exp(s)) - labels[n] * s
        all_states.append(states)
        scores.append(s)

    # backward
    dh = np.zeros(H)
    for n in range(N):
        states = all_states[n]
        ds = 1 / (1 + np.exp(-scores[n])) - labels[n]
        for j in range(H):
            dv[j] += ds * states[T, j]
            dh[j] += ds * v[j]
        for t in range(T - 1, -1, -1):
            dprev = np.zeros(H)
            for j in range(H):
                da = dh[j] * (1 - states[t + 1, j] ** 2)
                db[j] += da
                for k in range(D):
                    dWx[j, k] += da * batch[n, t, k]
                for k in range(H):
                    dWh[j, k] += da * states[t, k]
                    dprev[k] += da * Wh[j, k]
            dh = dprev

    for d in (dWx, dWh, db, dv):
        d /= N
    return loss / N, dWx, dWh, db, dv


def accuracy(batch, labels, Wx, Wh, b, v):
    right = 0
    for sequence, label in zip(batch, labels):
        p = 1 / (1 + math.exp(-score(forward_one(sequence, Wx, Wh, b)[-1], v)))
        right += (p > 0.5) == bool(label)
    return right / len(batch)
