"""This library: the training step of training/loop.py, without progress, validation and checkpoints.

Read next: timings.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from safetensors.numpy import save_file

from scratchnet.bench.cases import DECODE, Case
from scratchnet.bench.implementation import CLIP_NORM, LEARNING_RATE, Implementation, suppress_special_tokens
from scratchnet.data import Batch, make_batch
from scratchnet.decoding import greedy_search
from scratchnet.optim import clip_by_global_norm
from scratchnet.training import TrainingConfig
from scratchnet.translation import ModelConfig


class ScratchnetImplementation(Implementation):
    """A `Seq2Seq` on one backend with its optimizer."""

    def __init__(self, case: Case, cell: str, backend: str) -> None:
        super().__init__(case)
        config = ModelConfig(cell, embedding_size=case.embedding, hidden_size=case.hidden, layers=case.layers)
        self.model = config.build(case.source_words, case.target_words, backend=backend)
        self.config = TrainingConfig(optimizer=case.optimizer, learning_rate=LEARNING_RATE, clip_norm=CLIP_NORM)
        self.tape = self.model.new_tape()
        if case.work == DECODE:
            suppress_special_tokens(self.model.decoder.output.b)
        else:
            self.optimizer = self.config.make_optimizer(self.model.parameters(), self.model.gradients())

    def make_batch(self, number: int) -> Batch:
        """Return batch `number`, packed, on the backend."""
        return make_batch(*self.data.batch(number)).to(self.model.backend)

    def step(self, k: int) -> Any:
        """Train on batch `k`, or translate its sources; return the loss, still on the device, or None."""
        if self.case.work == DECODE:
            self.translate(self.batch(k))
            return None
        self.zero()
        loss = self.forward(self.batch(k))
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
        return self.model.forward(batch, self.tape, np.random.default_rng(0))

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

    def load_weights(self, weights: dict[str, Any]) -> None:
        """Load weights into the model."""
        self.model.load_parameters(weights)

    def differentiate(self, batch: Batch) -> tuple[float, dict[str, Any]]:
        """Return the loss of a batch and all gradients."""
        self.zero()
        loss = self.forward(batch)
        self.backward()
        return self.finish(loss), self.on_the_host(self.model.gradients())

    def translate(self, batch: Batch) -> Any:
        """Return the greedy translations of a batch."""
        found = greedy_search(self.model, batch.sources, max_length=self.case.decoded_words)
        return np.array([hypothesis.ids for hypothesis in found])
