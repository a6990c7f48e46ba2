"""The encoder-decoder: Sutskever, Vinyals and Le (2014); Cho et al. (2014).

    encoder     reads the source; its last states are the context vector
    bridge      hands them to the decoder: as they are, or through a learned linear map
    decoder     starts from these states and START; at each step it reads the true previous word (teacher forcing)
    loss        softmax cross-entropy of every next word, END included
    backward    from the decoder's last step, through the context vector, to the encoder's first word

Encoder and decoder learn from the one loss. The whole of a training step is here, in plain sight: `Seq2Seq.forward`
and `Seq2Seq.backward` are each half a dozen lines that mirror one another. translation/model_config.py builds the
parts from a handful of options.

Read next: decoding.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.backend import Array, Backend
from scratchnet.data import Batch, Sources
from scratchnet.layers import Dropout, Embedding, Linear, OneHot
from scratchnet.packed_sequences import Packing, one_step
from scratchnet.parameters import Module, make_rng
from scratchnet.recurrent import Recurrent, States, check_recompute_every, select_rows
from scratchnet.stack import Bidirectional, Stack
from scratchnet.tape import Tape

Layers = Recurrent | Bidirectional | Stack


class Encoder(Module):
    """Tokens (or, without an `embedding`, features (N, E)) to the states after the last word of each sentence.

    dropout: on the embedded words, in training. reverse_source: read the last word first (Sutskever et al. 2014).
    """

    def __init__(
        self, embedding: Embedding | OneHot | None, layers: Layers, dropout: float = 0.0, reverse_source: bool = False
    ) -> None:
        super().__init__(layers.backend, layers.dtype)
        self.embedding, self.layers, self.reverse_source = embedding, layers, reverse_source
        rate = 0.0 if isinstance(embedding, OneHot) else dropout
        self.dropout = Dropout(rate, dtype=self.dtype, backend=self.backend)

    def children(self) -> dict[str, Module]:
        parts: dict[str, Module] = {} if self.embedding is None else {"embedding": self.embedding}
        return parts | {"layers": self.layers, "dropout": self.dropout}

    def forward(
        self, sources: Sources, tape: Tape | None = None, rng: np.random.Generator | None = None
    ) -> tuple[Array, States]:
        """Return the top layer's outputs (N_s, H) and every cell's last states, (B, H) each, in packed order."""
        tape = self.new_tape() if tape is None else tape
        rows = sources.rows[sources.packing.mirrored_rows] if self.reverse_source else sources.rows
        x = rows if self.embedding is None else self.embedding.forward(rows, tape.embedding)
        x = self.dropout.forward(x, tape.dropout, rng)
        return self.layers.forward(x, sources.packing, None, tape.layers, rng)

    def backward(self, d_outputs: Array | None, d_final: States | None, tape: Tape) -> None:
        """Accumulate all gradients, from dL/d(outputs) and dL/d(last states) down to the embedding."""
        dx, _ = self.layers.backward(d_outputs, d_final, tape.layers, need_dx=self.embedding is not None)
        if self.embedding is not None and dx is not None:
            self.embedding.backward(self.dropout.backward(dx, tape.dropout), tape.embedding)


class Decoder(Module):
    """Previous words and states to the next word's logits. dropout: on words and before the output, in training."""

    def __init__(self, embedding: Embedding | OneHot, layers: Layers, output: Linear, dropout: float = 0.0) -> None:
        super().__init__(layers.backend, layers.dtype)
        self.embedding, self.layers, self.output = embedding, layers, output
        rate = 0.0 if isinstance(embedding, OneHot) else dropout
        self.dropout = Dropout(rate, dtype=self.dtype, backend=self.backend)
        self.output_dropout = Dropout(dropout, dtype=self.dtype, backend=self.backend)

    def children(self) -> dict[str, Module]:
        parts = {"embedding": self.embedding, "layers": self.layers, "output": self.output}
        return parts | {"dropout": self.dropout, "output_dropout": self.output_dropout}

    def forward(
        self,
        ids: Array,
        packing: Packing,
        initial: States,
        tape: Tape | None = None,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, States]:
        """Return logits (N_t, V) for input ids (N_t,), and the states after each sentence's last step.

        The logits lie in the tape's memory until its next forward pass.
        """
        tape = self.new_tape() if tape is None else tape
        x = self.dropout.forward(self.embedding.forward(ids, tape.embedding), tape.dropout, rng)
        outputs, final = self.layers.forward(x, packing, initial, tape.layers, rng)
        outputs = self.output_dropout.forward(outputs, tape.output_dropout, rng)
        logits = tape.memory.take("logits", packing.rows, self.output.W.shape[1], self.dtype, self.backend)
        return self.output.forward(outputs, tape.output, out=logits), final

    def backward(self, d_logits: Array, tape: Tape) -> States:
        """Accumulate all gradients from dL/d(logits); return dL/d(initial states)."""
        d_outputs = self.output_dropout.backward(self.output.backward(d_logits, tape.output), tape.output_dropout)
        dx, d_initial = self.layers.backward(d_outputs, None, tape.layers)
        if dx is not None:
            self.embedding.backward(self.dropout.backward(dx, tape.dropout), tape.embedding)
        return d_initial


class IdentityBridge(Module):
    """The decoder starts exactly where the encoder ended: both have the same cells."""

    def forward(self, final: States, tape: Tape | None = None) -> States:
        """Return `final` itself."""
        return final

    def backward(self, d_initial: States, tape: Tape | None = None) -> States:
        """Return `d_initial` itself."""
        return d_initial


class LinearBridge(Module):
    """For a bidirectional encoder: two encoder states to one decoder state, for each cell and each name of a state.

    (1)  s = [s_forward, s_backward] W + b

    Bahdanau et al. (2015) apply a tanh; a cell state needs its whole range, so here there is none.
    cells: those of the decoder.
    """

    def __init__(self, cells: Sequence[Any], *, rng: Any = 0, dtype: Any = "float32", backend: Backend) -> None:
        super().__init__(backend, dtype)
        rng = make_rng(rng)
        self.maps: list[dict[str, Linear]] = [
            {
                name: Linear(2 * cell.hidden_size, cell.hidden_size, rng=rng, dtype=dtype, backend=backend)
                for name in cell.state
            }
            for cell in cells
        ]

    def children(self) -> dict[str, Module]:
        return {f"layer{k}.{name}": linear for k, maps in enumerate(self.maps) for name, linear in maps.items()}

    def forward(self, final: States, tape: Tape | None = None) -> States:
        """Return the decoder's states (B, H) for the encoder's, two (forward, backward) for each layer."""
        tape = self.new_tape() if tape is None else tape
        initial: States = []
        for k, maps in enumerate(self.maps):
            initial.append({})
            for name, linear in maps.items():
                joined = self.backend.xp.concatenate([final[2 * k][name], final[2 * k + 1][name]], axis=1)
                initial[k][name] = linear.forward(joined, tape.parts[f"layer{k}.{name}"])  # (1)
        return initial

    def backward(self, d_initial: States, tape: Tape) -> States:
        """Accumulate the maps' gradients; return dL/d(encoder's last states)."""
        d_final: States = []
        for k, maps in enumerate(self.maps):
            forward, backward = {}, {}
            for name, linear in maps.items():
                joined = linear.backward(d_initial[k][name], tape.parts[f"layer{k}.{name}"])
                half = joined.shape[1] // 2
                forward[name], backward[name] = joined[:, :half], joined[:, half:]
            d_final += [forward, backward]
        return d_final


class Seq2Seq(Module):
    """The whole model, of its parts: an encoder, a bridge between the two, a decoder, and a loss.

    loss: what has forward(logits, targets, tape, in_place) and backward(tape), such as `SoftmaxCrossEntropy`.
    """

    def __init__(self, encoder: Encoder, bridge: IdentityBridge | LinearBridge, decoder: Decoder, loss: Any) -> None:
        super().__init__(decoder.backend, decoder.dtype)
        self.encoder, self.bridge, self.decoder, self.loss = encoder, bridge, decoder, loss
        self.flatten()

    def children(self) -> dict[str, Module]:
        return {"encoder": self.encoder, "bridge": self.bridge, "decoder": self.decoder, "loss": self.loss}

    def set_recompute(self, every: int) -> None:
        """Let all recurrent layers keep the states at every `every`-th step only, or, for 0, everything."""
        for module in self.modules():
            if isinstance(module, Recurrent):
                module.recompute_every = check_recompute_every(every)

    def forward(self, batch: Batch, tape: Tape, rng: np.random.Generator | None = None) -> Array:
        """Return the loss of a batch in nats per token, an array without dimensions, recording all on `tape`.

        With an `rng` the model is in training (dropout is drawn from it); without one it is not.
        Raises InputError where the batch's ids or shapes do not fit the model.
        """
        tape.batch = batch
        _, final = self.encoder.forward(batch.sources, tape.encoder, rng)
        context = self.bridge.forward(final, tape.bridge)
        initial = select_rows(context, batch.context_rows)
        logits, _ = self.decoder.forward(batch.inputs, batch.packing, initial, tape.decoder, rng)
        return self.loss.forward(logits, batch.targets, tape.loss, in_place=True)

    def backward(self, tape: Tape) -> None:
        """Accumulate the gradients of all parameters, for the forward pass on `tape`."""
        d_logits = self.loss.backward(tape.loss)
        d_initial = self.decoder.backward(d_logits, tape.decoder)
        d_context = select_rows(d_initial, tape.batch.target_rows)
        d_final = self.bridge.backward(d_context, tape.bridge)
        self.encoder.backward(None, d_final, tape.encoder)

    def encode(self, sources: Sources) -> States:
        """Return the decoder's initial states, (B, H) each, in the packed order of the sources."""
        _, final = self.encoder.forward(sources)
        return self.bridge.forward(final)

    def step(self, ids: Array, states: States, tape: Tape | None = None) -> tuple[Array, States]:
        """Return logits (B, V) and new states, for one previous word (B,) each: decoding's one step.

        tape: one of the decoder's; the logits lie in its memory until the next step.
        """
        return self.decoder.forward(ids, one_step(int(ids.shape[0]), self.backend), states, tape)
