"""Losses, each fused with what comes before it, each the mean over real targets: no padding is ever counted.

Softmax cross-entropy over N tokens, with logits z (N, V), targets y and smoothing s (Szegedy et al. 2016):

    (1)  p = softmax(z)
    (2)  q = (1 - s) onehot(y) + s / V              the target distribution; s = 0 is the plain case
    (3)  L = -(1/N) sum_n sum_v q log p             in nats; exp(L) is the perplexity
    (4)  dL/dz = (p - q) / N                        the reason why softmax and cross-entropy belong together

Read next: seq2seq.py.
"""

from __future__ import annotations

from typing import Any

from scratchnet.backend import NUMPY, Array, Backend
from scratchnet.errors import InputError
from scratchnet.parameters import Module
from scratchnet.tape import Tape


class SoftmaxCrossEntropy(Module):
    """The mean negative log-likelihood of the targets, in nats per token.

    `smoothing` moves that share of the target's probability to all V classes alike; 0 is none.
    """

    def __init__(self, smoothing: float = 0.0, backend: Backend = NUMPY) -> None:
        if not 0.0 <= smoothing < 1.0:
            raise InputError(f"label smoothing is {smoothing!r}: it must be at least 0 and below 1")
        super().__init__(backend)
        self.smoothing = smoothing

    def forward(self, logits: Array, targets: Array, tape: Tape, *, in_place: bool = False) -> Array:
        """Return the loss, an array without dimensions, for logits (N, V) and target ids (N,).

        A row of logits is large, so all is done to it while it is in the cache, the gradient included. `tape` keeps
        `d_logits` for backward, and `nll`, the unsmoothed loss, for reporting. With `in_place` the gradient takes the
        memory of the logits. Raises InputError where the shapes do not fit.
        """
        if logits.ndim != 2 or targets.shape != logits.shape[:1]:
            raise InputError(
                f"logits have shape {tuple(logits.shape)} and targets {tuple(targets.shape)}: wanted (N, V) and (N,)"
            )
        xp, smoothing = self.backend.xp, self.smoothing
        count, classes = logits.shape
        share = 1.0 / count  # of each token in the mean
        d_logits = logits if in_place else logits.copy()
        nll, uniform = xp.empty(count, dtype=logits.dtype), xp.empty(count, dtype=logits.dtype)

        def work(part: slice) -> None:
            z, y = d_logits[part], targets[part]
            rows = xp.arange(z.shape[0])
            z_target = z[rows, y]
            mean = z.mean(axis=1) if smoothing else 0.0
            log_total = self.backend.softmax_rows(z, share)  # (1) (4): z is now p / N
            nll[part] = log_total - z_target  # (3) for s = 0
            uniform[part] = log_total - mean
            z[rows, y] -= (1.0 - smoothing) * share  # (4)
            if smoothing:
                z -= smoothing / classes * share  # (4) (2)

        self.backend.blockwise(work, count, classes)
        tape.d_logits, tape.nll = d_logits, nll.mean()
        return (1.0 - smoothing) * tape.nll + smoothing * uniform.mean() if smoothing else tape.nll  # (3) (2)

    def backward(self, tape: Tape) -> Array:
        """Return dL/d(logits) (N, V)."""
        return tape.d_logits


class SquaredError(Module):
    """The mean over rows of half the squared distance: L = (1/2N) sum_n |y_n - t_n|^2, so dL/dy = (y - t) / N."""

    def forward(self, outputs: Array, targets: Array, tape: Tape, *, in_place: bool = False) -> Array:
        """Return the loss for outputs and targets (N, D); with `in_place` the outputs' memory is used.

        Raises InputError where the shapes differ.
        """
        if outputs.shape != targets.shape or outputs.ndim != 2:
            raise InputError(
                f"outputs have shape {tuple(outputs.shape)} and targets {tuple(targets.shape)}: wanted (N, D) twice"
            )
        tape.difference = self.backend.xp.subtract(outputs, targets, out=outputs if in_place else None)
        return 0.5 * (tape.difference * tape.difference).sum(axis=1).mean()

    def backward(self, tape: Tape) -> Any:
        """Return dL/d(outputs) (N, D)."""
        return tape.difference / tape.difference.shape[0]
