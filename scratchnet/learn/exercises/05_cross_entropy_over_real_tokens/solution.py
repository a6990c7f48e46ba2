"""Exercise 05: softmax and cross-entropy over a padded batch.

(1)  p = softmax(z)
(2)  q = onehot(y)
(3)  L = -(1/N) sum_n sum_v q log p          over real tokens only
(4)  dL/dz = (p - q) / N                     and 0 at padding
"""

import numpy as np


def loss_and_gradient(z, targets, mask):
    """Return the loss, one number in nats a token, and dL/dz (B, T, V).

    z: logits (B, T, V). targets: word numbers (B, T). mask: (B, T), 1 for a real token and 0 for padding.
    """
    shifted = z - z.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    p = np.exp(log_p)  # (1)
    q = np.eye(z.shape[-1])[targets]  # (2)
    # --- your code begins ---
    N = mask.sum()
    loss = -(mask[:, :, None] * q * log_p).sum() / N  # (3)
    dz = mask[:, :, None] * (p - q) / N  # (4)
    # --- your code ends ---
    return loss, dz
