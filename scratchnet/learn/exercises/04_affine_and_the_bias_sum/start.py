"""Exercise 04: the affine map backwards.

(0)  y = x W + b
"""


def affine_backward(dy, x, W, dW, db):
    """Add dL/dW (J, K) to dW and dL/db (K,) to db; return dL/dx (N, J), for dy = dL/dy (N, K)."""
    # --- your code begins ---
    dx = ...  # (0)
    # --- your code ends ---
    return dx
