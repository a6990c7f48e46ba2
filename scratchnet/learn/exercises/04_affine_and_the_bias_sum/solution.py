"""Exercise 04: the affine map backwards.

(0)  y = x W + b
"""


def affine_backward(dy, x, W, dW, db):
    """Add dL/dW (J, K) to dW and dL/db (K,) to db; return dL/dx (N, J), for dy = dL/dy (N, K)."""
    # --- your code begins ---
    dW += x.T @ dy  # (0)
    db += dy.sum(axis=0)  # (0)
    dx = dy @ W.T  # (0)
    # --- start ---
    # dx = ...  # (0)
    # --- your code ends ---
    return dx
