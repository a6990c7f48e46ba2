"""Exercise 12: an LSTM out of somebody's notebook, batch first and padded. Forward is right, backward is not, twice.

(0)  a = x_t Wx + h_(t-1) Wh + b             columns in the order f, i, o, g
(1)-(4)  f, i, o = sigmoid(a_f), sigmoid(a_i), sigmoid(a_o)          g = tanh(a_g)
(5)  cn = f * c_(t-1) + i * g
(6)  hn = o * tanh(cn)
(7)  h = m * hn + (1 - m) * h_(t-1)          c = m * cn + (1 - m) * c_(t-1)
"""

import numpy as np


def sigmoid(a):
    """Return 1 / (1 + e^-a), entry by entry, of the shape of a."""
    return 1.0 / (1.0 + np.exp(-a))


def lstm_forward(X, mask, h0, c0, Wx, Wh, b):
    """Return the states H and C (B, T + 1, U), slot 0 the initial ones, and the cache: (f, i, o, g, tanh cn) a step.

    X: (B, T, E). mask: (B, T), 1 for a real step and 0 for padding. h0, c0: (B, U). Wx: (E, 4U). Wh: (U, 4U). b: (4U,).
    """
    (B, T, _), U = X.shape, h0.shape[1]
    H, C, cache = np.zeros((B, T + 1, U)), np.zeros((B, T + 1, U)), []
    H[:, 0], C[:, 0] = h0, c0
    for t in range(T):
        m = mask[:, t, None]
        a = X[:, t] @ Wx + H[:, t] @ Wh + b  # (0)
        f, i, o = (sigmoid(a[:, k * U : (k + 1) * U]) for k in range(3))  # (1) (2) (4)
        g = np.tanh(a[:, 3 * U :])  # (3)
        cn = f * C[:, t] + i * g  # (5)
        hn = o * np.tanh(cn)  # (6)
        H[:, t + 1] = m * hn + (1.0 - m) * H[:, t]  # (7)
        C[:, t + 1] = m * cn + (1.0 - m) * C[:, t]  # (7)
        cache.append((f, i, o, g, np.tanh(cn)))
    return H, C, cache


def lstm_backward(dH, dh_last, dc_last, X, mask, H, C, cache, Wx, Wh):
    """Return dX (B, T, E), dh0 and dc0 (B, U), dWx (E, 4U), dWh (U, 4U) and db (4U,).

    dH: (B, T, U), what the outputs say of H[:, 1:], 0 at padding. dh_last, dc_last: (B, U), what is said of the last
    slots. The rest as lstm_forward took and returned it.
    """
    B, T, U = dH.shape
    dA = np.zeros((B, T, 4 * U))
    dh, dc = dh_last, dc_last
    # --- your code begins ---
    for t in reversed(range(T)):
        f, i, o, g, tanh_c = cache[t]
        m = mask[:, t, None]
        dh = dh + dH[:, t]
        dhn, dcn = m * dh, m * dc  # (7)
        dcn = dcn + dhn * o * (1.0 - tanh_c**2)  # (6)
        dA[:, t] = np.concatenate([
            dcn * C[:, t] * f * (1.0 - f),  # (5) (2)
            dcn * g * i * (1.0 - i),  # (5) (1)
            dhn * tanh_c * o * (1.0 - o),  # (6) (4)
            dcn * i * (1.0 - g**2),  # (5) (3)
        ], axis=1)  # fmt: skip
        dh = dA[:, t] @ Wh.T + (1.0 - m) * dh  # (0) (7)
        # --- solution ---
        dc = dcn * f + (1.0 - m) * dc  # (5) (7)
        # --- start ---
        #     dc = dcn * f  # (5) (7)
        # --- both ---
    dX = dA @ Wx.T  # (0)
    dWx = np.tensordot(X, dA, ([0, 1], [0, 1]))  # (0)
    # --- solution ---
    dWh = np.tensordot(H[:, :-1], dA, ([0, 1], [0, 1]))  # (0)
    # --- start ---
    # dWh = np.tensordot(H[:, 1:], dA, ([0, 1], [0, 1]))  # (0)
    # --- both ---
    db = dA.sum(axis=(0, 1))  # (0)
    # --- your code ends ---
    return dX, dh, dc, dWx, dWh, db
