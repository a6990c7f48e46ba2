"""Exercise 20: truncated backpropagation through time, out of somebody's notebook. It has two mistakes.

(0)  a_t = x_t W_ih + b + h_(t-1) W_hh
(1)  h_t = tanh(a_t)                          L = sum over t of 1/2 |h_t - y_t|^2
(2)  forward:   the state after the last step of a window is the initial state of the next one
(3)  backward:  the gradient ends at the window's first step
"""

import numpy as np


def forward(x, h_0, W_ih, W_hh, b):
    """Return the states (n + 1, H) of one window: slot 0 is h_0 (H,), slot k + 1 the state after x[k]; x (n, E)."""
    h = np.zeros((len(x) + 1, len(h_0)))
    h[0] = h_0
    for k in range(len(x)):
        h[k + 1] = np.tanh(x[k] @ W_ih + b + h[k] @ W_hh)  # (0) (1)
    return h


def truncated(x, y, h_0, W_ih, W_hh, b, K):
    """Return (L, dW_ih, dW_hh, db), truncated to windows of K steps; x (T, E), targets y (T, H), h_0 (H,).

    L is one number, summed over all T steps; the gradients have the shapes of W_ih, W_hh and b.
    """
    L, dW_ih, dW_hh, db = 0.0, np.zeros_like(W_ih), np.zeros_like(W_hh), np.zeros_like(b)
    # --- your code begins ---
    for start in range(0, len(x), K):
        x_window, y_window = x[start : start + K], y[start : start + K]
        n = len(x_window)
        h = forward(x_window, h_0, W_ih, W_hh, b)
        L += 0.5 * ((h[1:] - y_window) ** 2).sum()
        from_next = np.zeros_like(h_0)
        # --- solution ---
        for k in range(n - 1, -1, -1):
            # --- start ---
            #     for k in range(n - 1, 0, -1):
            # --- both ---
            da = (h[k + 1] - y_window[k] + from_next) * (1.0 - h[k + 1] * h[k + 1])  # (1)
            dW_ih += np.outer(x_window[k], da)  # (0)
            dW_hh += np.outer(h[k], da)  # (0)
            db += da  # (0)
            from_next = da @ W_hh.T  # (0)
        # --- solution ---
        h_0 = h[n]  # (2)
        # --- start ---
        #     h_0 = h[n - 1]  # (2)
    # --- your code ends ---
    return L, dW_ih, dW_hh, db
