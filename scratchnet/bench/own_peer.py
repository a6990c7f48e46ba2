"""The contestant scratchnet: the training step of training.py, without progress, validation and checkpoints.

Every contestant is an object with `data` (cases.py) and these methods; worker.py knows no more of them:

    prepare(first, steps)     make these batches ready (not timed)
    step(k)                   train on batch k, or write its translations, and return the loss, or None
    finish(loss)              wait until everything is done; return the loss as a number
    answers(weights, out)     take the weights of one file, write loss and gradients of batch 0, or words, to another

Read next: torch_peer.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from scratchnet.bench.cases import DECODE, Case, Data, never_ending, written_length
from scratchnet.data import Batch, make_batch
from scratchnet.decoding import greedy_search
from scratchnet.optim import clip_by_global_norm
from scratchnet.training import TrainingConfig
from scratchnet.translation import ModelConfig

CLIP_NORM = 1.0
LEARNING_RATE = 1e-3


class OwnPeer:
    """A `Seq2Seq` on one backend with its optimizer."""

    def __init__(self, case: Case, cell: str, backend: str) -> None:
        self.case, self.data = case, Data(case)
        config = ModelConfig(cell, embedding_size=case.embedding, hidden_size=case.hidden, layers=case.layers)
        self.model = config.build(case.source_words, case.target_words, backend=backend)
        self.config = TrainingConfig(optimizer=case.optimizer, learning_rate=LEARNING_RATE, clip_norm=CLIP_NORM)
        self.tape = self.model.new_tape()
        self.batches: dict[int, Batch] = {}
        if case.work == DECODE:
            never_ending(self.model.decoder.output.b)
        else:
            self.optimizer = self.config.make_optimizer(self.model.parameters(), self.model.gradients())

    def prepare(self, first: int, steps: int) -> None:
        """Pack the batches `first` to `first + steps - 1`."""
        wanted = {k % self.case.batches for k in range(first, first + steps)}
        self.batches = {
            k: self.batches[k] if k in self.batches else make_batch(*self.data.batch(k)) for k in sorted(wanted)
        }

    def step(self, k: int) -> Any:
        """Train on batch `k`, or translate its sources; return the loss, still on the device, or None."""
        batch = self.batches[k % self.case.batches]
        if self.case.work == DECODE:
            greedy_search(self.model, batch.sources, max_length=written_length(self.case))
            return None
        self.zero()
        loss = self.forward(batch)
        self.backward()
        self.clip()
        self.update()
        return loss

    # The parts of a step are methods so that breakdown.py can time each.

    def zero(self) -> None:
        """Set all gradients to zero."""
        self.model.zero_gradients()

    def forward(self, batch: Batch) -> Any:
        """Return the loss of a batch."""
        return self.model.forward(batch.to(self.model.backend), self.tape, np.random.default_rng(0))

    def backward(self) -> None:
        """Accumulate all gradients."""
        self.model.backward(self.tape)

    def clip(self) -> None:
        """Clip all gradients by their common norm."""
        clip_by_global_norm(self.model.gradients(), CLIP_NORM)

    def update(self) -> None:
        """Take the optimizer's step."""
        self.optimizer.step()

    def finish(self, loss: Any) -> float:
        """Wait for the device; return the loss in nats per token."""
        self.model.backend.synchronize()
        return 0.0 if loss is None else float(self.model.backend.to_numpy(loss))

    def save_weights(self, file: str) -> None:
        """Write all weights to a file, under the names of the model's parameters."""
        save_file(self.on_the_host(self.model.parameters()), file)

    def on_the_host(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Return arrays in NumPy, contiguous, as a file wants them."""
        return {name: np.ascontiguousarray(self.model.backend.to_numpy(array)) for name, array in arrays.items()}

    def answers(self, weights: str, out: str) -> None:
        """Write loss and gradients of batch 0 under the weights in a file, or the words of a decoding case."""
        model = self.model
        model.load_parameters(load_file(weights))
        self.prepare(0, 1)
        if self.case.work == DECODE:
            found = greedy_search(model, self.batches[0].sources, max_length=written_length(self.case))
            save_file({"words": np.array([hypothesis.ids for hypothesis in found])}, out)
            return
        self.zero()
        loss = self.forward(self.batches[0])
        self.backward()
        save_file(self.on_the_host(model.gradients()) | {"loss": np.array([self.finish(loss)])}, out)
