"""Exercise 19: clipping by the global norm.

(1)  norm = sqrt(sum over all arrays, and all entries of each, of g * g)
(2)  scale = min(1, max_norm / (norm + 1e-6))
(3)  g <- scale * g          for every array g, in place
"""

import numpy as np


def clip(gradients, max_norm):
    """Scale all gradients in place, so that their common norm is at most max_norm; return the norm before.

    gradients: {name: array of any shape}. max_norm: a number above 0.
    """
    # --- your code begins ---
    norm = np.sqrt(sum((g * g).sum() for g in gradients.values()))  # (1)
    scale = min(1.0, max_norm / (norm + 1e-6))  # (2)
    for g in gradients.values():
        g *= scale  # (3)
    # --- start ---
    # norm = ...  # (1)
    # scale = ...  # (2)
    # --- your code ends ---
    return norm
