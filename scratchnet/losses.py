"""Losses, each fused with what comes before it, each the mean over real targets: no padding is ever counted.

Softmax cross-entropy over N tokens, with logits z (N, V), targets y and smoothing s (Szegedy et al. 2016):

    (1)  p = softmax(z)
    (2)  q = (1 - s) onehot(y) + s / V              the target distribution; s = 0 is the plain case
    (3)  L = -(1/N) sum_n sum_v q log p             in nats; exp(L) is the perplexity
    (4)  dL/dz = (p - q) / N                        the reason why softmax and cross-entropy belong together

Read next: seq2seq.py.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchnet.backend import NUMPY, Array, Backend
from scratchnet.errors import InputError
from scratchnet.parameters import Parametric


class SoftmaxCrossEntropy(Parametric):
    """The mean negative log-likelihood of the targets, in nats per token.

    `smoothing` moves that share of the target's probability to all V classes alike; 0 is none.
    """

    def __init__(self, smoothing: float = 0.0, backend: Backend = NUMPY) -> None:
        if not 0.0 <= smoothing < 1.0:
            raise InputError(f"label smoothing is {smoothing!r}: it must be at least 0 and below 1")
        super().__init__(backend)
        self.smoothing = smoothing

    def forward(self, logits: Array, targets: Array, tape: SimpleNamespace) -> Array:
        """Return the loss, an array without dimensions, for logits (N, V) and target ids (N,).

        `tape` keeps what backward needs, and `tape.nll`, the unsmoothed loss, for reporting.
        Raises InputError where the shapes do not fit.
        """
        if logits.ndim != 2 or targets.shape != logits.shape[:1]:
            raise InputError(
                f"logits have shape {tuple(logits.shape)} and targets {tuple(targets.shape)}: wanted (N, V) and (N,)"
            )
        rows = self.backend.xp.arange(logits.shape[0])
        shifted = logits - logits.real.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)
        log_total = np.log(total)
        e /= total
        tape.p, tape.targets, tape.rows = e, targets, rows  # (1)
        nll = (log_total[:, 0] - shifted[rows, targets]).mean()  # (3) for s = 0
        tape.nll = nll
        if self.smoothing == 0.0:
            return nll
        uniform = (log_total[:, 0] - shifted.mean(axis=1)).mean()
        return (1.0 - self.smoothing) * nll + self.smoothing * uniform  # (3) (2)

    def backward(self, tape: SimpleNamespace) -> Array:
        """Return dL/d(logits) (N, V)."""
        count, classes = tape.p.shape
        d_logits = tape.p * (1.0 / count)
        d_logits[tape.rows, tape.targets] -= (1.0 - self.smoothing) / count  # (4)
        if self.smoothing:
            d_logits -= self.smoothing / (classes * count)  # (4) (2)
        return d_logits


class SquaredError:
    """The mean over rows of half the squared distance: L = (1/2N) sum_n |y_n - t_n|^2, so dL/dy = (y - t) / N."""

    def forward(self, outputs: Array, targets: Array, tape: SimpleNamespace) -> Array:
        """Return the loss for outputs and targets (N, D). Raises InputError where the shapes differ."""
        if outputs.shape != targets.shape or outputs.ndim != 2:
            raise InputError(
                f"outputs have shape {tuple(outputs.shape)} and targets {tuple(targets.shape)}: wanted (N, D) twice"
            )
        tape.difference = outputs - targets
        return 0.5 * (tape.difference * tape.difference).sum(axis=1).mean()

    def backward(self, tape: SimpleNamespace) -> Any:
        """Return dL/d(outputs) (N, D)."""
        return tape.difference / tape.difference.shape[0]
