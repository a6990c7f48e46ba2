"""Exercise 08: the plain recurrent network through time. The arrays are time-major, and h[0] is the initial state.

(1)  h = tanh(a)          a = x_t W_ih + b + h_(t-1) W_hh     (0)
"""

import numpy as np


def rnn_forward(x, h0, W_ih, W_hh, b):
    """Return the states h (T + 1, B, H), h[0] = h0 and h[t + 1] the state after step t; x is (T, B, E), h0 (B, H)."""
    h = np.zeros((len(x) + 1, *h0.shape), dtype=h0.dtype)
    h[0] = h0
    for t in range(len(x)):
        # --- your code begins ---
        h[t + 1] = ...  # (0) (1)
        # --- your code ends ---
    return h


def rnn_backward(d_out, d_last, x, h, W_ih, W_hh):
    """Return dx (T, B, E), dh0 (B, H), dW_ih (E, H), dW_hh (H, H) and db (H,).

    d_out: (T, B, H), what output t says of the state h[t + 1]. d_last: (B, H), what is said of the last state besides.
    x: (T, B, E) and h: (T + 1, B, H) as in rnn_forward.
    """
    dx, dW_ih, dW_hh = np.zeros_like(x), np.zeros_like(W_ih), np.zeros_like(W_hh)
    db = np.zeros(W_hh.shape[1])
    # --- your code begins ---
    dh_next = ...  # behind the last step
    for t in reversed(range(len(x))):
        dh = ...  # what the output says + what step t + 1 passed back
        da = ...  # (1)
        dx[t] = ...  # (0)
        dW_ih += ...  # (0)
        dW_hh += ...  # (0)
        db += ...  # (0)
        dh_next = ...  # (0): passed back to the step before
    # --- your code ends ---
    return dx, dh_next, dW_ih, dW_hh, db
