"""Exercise 18: how long the gradient is at each step, measured.

RNN   (0)  a = x_t W_ih + b + h_(t-1) W_hh          (1)  h = tanh(a)
LSTM  (5)  c = f * c_(t-1) + i * g                  (6)  h = o * tanh(c)
GRU   (4)  h = (1 - z) * n + z * h_(t-1)
"""

import numpy as np


def length(d):
    """Return the length of the gradients of all states together, one number.

    d: a namespace with one array (n, H) for each state of the cell; vars(d) is {"h": ..., "c": ...} for an LSTM.
    """
    # --- your code begins ---
    norm = np.sqrt(sum((array**2).sum() for array in vars(d).values()))
    # --- your code ends ---
    return norm


def lengths_back(cell, tape, d):
    """Return (T + 1,): at place t the length of dL/d(states in slot t). Slot 0 is the initial states, slot T the last.

    cell: a cell of the library. tape: its forward pass of T steps. d: d.<state> (n, H) is dL/d(last states);
    backward_step overwrites it with dL/d(states before the step).
    """
    T = tape.packing.steps
    lengths = np.zeros(T + 1)
    # --- your code begins ---
    lengths[T] = length(d)
    for t in reversed(range(T)):
        prev, new, saved = tape.step(t)
        cell.backward_step(d, prev, new, saved, tape.da_x[t], tape.da_h[t])
        lengths[t] = length(d)
    # --- start ---
    # lengths[T] = ...
    # for t in reversed(range(T)):
    #     prev, new, saved = tape.step(t)
    #     lengths[t] = ...
    # --- your code ends ---
    return lengths


def largest_factor(W_hh):
    """Return rho, the most by which W_hh (H, H) can lengthen a vector: its largest singular value."""
    # --- your code begins ---
    rho = np.linalg.norm(W_hh, 2)
    # --- your code ends ---
    return rho


def direct_path(f):
    """Return (T + 1, H): at place t the product of the forget gates from slot T back to slot t; 1 at place T.

    f: (T, H), f[t] is the forget gate of the step from slot t to slot t + 1.
    """
    T, H = f.shape
    kept = np.ones((T + 1, H))
    # --- your code begins ---
    for t in reversed(range(T)):
        kept[t] = kept[t + 1] * f[t]  # (5)
    # --- your code ends ---
    return kept
