"""Exercise 07: one step of the plain recurrent network, forward and back.

(1)  h = tanh(a)          a = x_t W_ih + b + h_(t-1) W_hh     (0)
"""

import numpy as np


def rnn_step(x, h_prev, W_ih, W_hh, b):
    """Return the new state h (n, H), for the input x (n, E) and the state before, h_prev (n, H)."""
    a = x @ W_ih + b + h_prev @ W_hh  # (0)
    return np.tanh(a)  # (1)


def rnn_step_backward(dh, x, h_prev, h, W_ih, W_hh):
    """Return dx (n, E), dh_prev (n, H), dW_ih (E, H), dW_hh (H, H) and db (H,), for dh = dL/dh (n, H)."""
    # --- your code begins ---
    da = dh * (1.0 - h * h)  # (1)
    dx = da @ W_ih.T  # (0)
    dh_prev = da @ W_hh.T  # (0)
    dW_ih = x.T @ da  # (0)
    dW_hh = h_prev.T @ da  # (0)
    db = da.sum(axis=0)  # (0)
    # --- your code ends ---
    return dx, dh_prev, dW_ih, dW_hh, db
