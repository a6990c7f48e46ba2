"""What an implementation is: one model with its batches, whose steps are timed, and whose gradients can be compared.

Worker.py calls `prepare`, `step`, `finish` and `answer`. An implementation writes the methods that raise
NotImplementedError here; one that is not compared with others needs the first two only.

Read next: machine.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from scratchnet.bench.cases import DECODE, Case, Data
from scratchnet.data import END

CLIP_NORM = 1.0
LEARNING_RATE = 1e-3


class Implementation:
    """A case's batches, packed or padded as the implementation wants them."""

    def __init__(self, case: Case) -> None:
        self.case, self.data = case, Data(case)
        self.batches: dict[int, Any] = {}

    def make_batch(self, number: int) -> Any:
        """Return batch `number` in the form in which `step` wants it."""
        raise NotImplementedError

    def step(self, k: int) -> Any:
        """Train on batch `k`, or translate its sources; return the loss, possibly still on a device, or None."""
        raise NotImplementedError

    def load_weights(self, weights: dict[str, Any]) -> None:
        """Copy weights, named as the parameters of `Seq2Seq`, into the model."""
        raise NotImplementedError

    def differentiate(self, batch: Any) -> tuple[float, dict[str, Any]]:
        """Return the loss of a batch and its gradients in NumPy, named as the parameters of `Seq2Seq`."""
        raise NotImplementedError

    def translate(self, batch: Any) -> Any:
        """Return the greedy translations of a batch, (sentences, steps) ids in the order of the batch as given."""
        raise NotImplementedError

    def prepare(self, first: int, steps: int) -> None:
        """Make the batches of steps `first` to `first + steps - 1`, outside the time that is measured."""
        wanted = {k % self.case.batches for k in range(first, first + steps)}
        self.batches = {k: self.batches[k] if k in self.batches else self.make_batch(k) for k in sorted(wanted)}

    def batch(self, k: int) -> Any:
        """Return the batch of step `k`; there are `case.batches` different ones."""
        return self.batches[k % self.case.batches]

    def finish(self, loss: Any) -> float:
        """Wait until all work is done; return the loss in nats per token, or 0 for None."""
        return 0.0 if loss is None else float(loss)

    def answer(self, weights: str, out: str) -> None:
        """Load weights from a file; write the loss and gradients of batch 0, or its translations, to the file `out`."""
        self.load_weights(load_file(weights))
        self.prepare(0, 1)
        if self.case.work == DECODE:
            answers = {"words": self.translate(self.batch(0))}
        else:
            loss, gradients = self.differentiate(self.batch(0))
            answers = gradients | {"loss": np.array([loss])}
        save_file({name: np.ascontiguousarray(array) for name, array in answers.items()}, out)


def suppress_special_tokens(bias: Any) -> None:
    """Change an output bias (V,), in place, so that END is never the likeliest token and all sentences go on."""
    bias[: END + 1] = -1e9
