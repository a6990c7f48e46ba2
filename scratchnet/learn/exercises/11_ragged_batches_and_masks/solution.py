"""Exercise 11: an RNN through time that knows equal lengths only. Teach it the mask, forward and backward.

(0)  a = x_t W_ih + b + h_(t-1) W_hh
(1)  n = tanh(a)
(2)  h = m * n + (1 - m) * h_(t-1)          m: 1 for a real step, 0 for padding
"""

import numpy as np


def rnn_forward(x, mask, h0, W_ih, W_hh, b):
    """Return the states h (T + 1, B, H), h[0] = h0 and h[t + 1] the state after step t.

    x: (T, B, E), anything at padding. mask: (T, B), 1 for a real step and 0 for padding. h0: (B, H).
    """
    h = np.zeros((len(x) + 1, *h0.shape), dtype=h0.dtype)
    h[0] = h0
    for t in range(len(x)):
        # --- your code begins ---
        m = mask[t][:, None]
        new = np.tanh(x[t] @ W_ih + b + h[t] @ W_hh)  # (0) (1)
        h[t + 1] = m * new + (1.0 - m) * h[t]  # (2)
        # --- start ---
        # h[t + 1] = np.tanh(x[t] @ W_ih + b + h[t] @ W_hh)  # (0) (1)
        # --- your code ends ---
    return h


def rnn_backward(d_out, d_last, x, mask, h, W_ih, W_hh):
    """Return dx (T, B, E), dh0 (B, H), dW_ih (E, H), dW_hh (H, H) and db (H,).

    d_out: (T, B, H), what output t says of the state h[t + 1]; 0 at padding. d_last: (B, H), what is said of the last
    slot of every sentence. x, mask and h as in rnn_forward.
    """
    dx, dW_ih, dW_hh = np.zeros_like(x), np.zeros_like(W_ih), np.zeros_like(W_hh)
    db = np.zeros(W_hh.shape[1])
    dh = d_last
    for t in reversed(range(len(x))):
        dh = dh + d_out[t]  # what step t + 1 passed back + what the output says
        # --- your code begins ---
        m = mask[t][:, None]
        da = m * dh * (1.0 - h[t + 1] * h[t + 1])  # (2) (1)
        dh_prev = da @ W_hh.T + (1.0 - m) * dh  # (0) (2)
        # --- start ---
        # da = dh * (1.0 - h[t + 1] * h[t + 1])  # (1)
        # dh_prev = da @ W_hh.T  # (0)
        # --- your code ends ---
        dx[t] = da @ W_ih.T  # (0)
        dW_ih += x[t].T @ da  # (0)
        dW_hh += h[t].T @ da  # (0)
        db += da.sum(axis=0)  # (0)
        dh = dh_prev
    return dx, dh, dW_ih, dW_hh, db
