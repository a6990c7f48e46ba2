"""Exercise 06: an embedding out of somebody's notebook. Forward is right, backward is not.

x_n = W[ids_n]          dW[v] = sum of dx_n over all n with ids_n = v
"""

import numpy as np


def embedding_forward(W, ids):
    """Return the rows (B, T, E) of the table W (V, E) for word numbers ids (B, T)."""
    return np.take(W, ids, axis=0)


def embedding_backward(dx, ids, dW):
    """Add dL/dW (V, E) to dW, for dx = dL/dx (B, T, E) at the words ids (B, T)."""
    # --- your code begins ---
    rows = ids.reshape(-1)
    d_rows = dx.reshape(len(rows), -1)
    # --- solution ---
    np.add.at(dW, rows, d_rows)
    # --- start ---
    # dW[rows] += d_rows
    # --- your code ends ---
