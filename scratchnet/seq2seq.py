"""The encoder-decoder: Sutskever, Vinyals and Le (2014); Cho et al. (2014).

    encoder     reads the source; its last states are the context vector
    decoder     starts from these states and START; at each step it reads the true previous word (teacher forcing)
    loss        softmax cross-entropy of every next word, END included
    backward    from the decoder's last step, through the context vector, to the encoder's first word

Both halves learn from the one loss. The whole of a training step is here, in plain sight: `Seq2Seq.forward` and
`Seq2Seq.backward` are each a dozen lines that mirror one another.

Read next: decoding.py.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchnet.backend import Array, Backend
from scratchnet.bridge import Bridge, Handover
from scratchnet.cells import LSTMCell
from scratchnet.data import Batch, Sources
from scratchnet.errors import InputError
from scratchnet.layers import Dropout, Embedding, Linear, OneHot, TiedLinear
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.packing import Packing, one_step
from scratchnet.parameters import Parametric, check_sizes, make_rng
from scratchnet.recurrent import Recurrent, States, check_recompute_every, select_rows
from scratchnet.stack import Bidirectional, Stack
from scratchnet.tape import Buffers


class Encoder(Parametric):
    """Tokens (or, without an `embedding`, features (N, E)) to the states after the last word of each sentence."""

    def __init__(
        self, embedding: Embedding | OneHot | None, layers: Stack, dropout: float = 0.0, reverse_source: bool = False
    ) -> None:
        super().__init__(layers.backend, layers.dtype)
        self.embedding, self.layers, self.reverse_source = embedding, layers, reverse_source
        rate = 0.0 if isinstance(embedding, OneHot) else dropout
        self.dropout = Dropout(rate, dtype=self.dtype, backend=self.backend)

    def children(self) -> dict[str, Parametric]:
        parts: dict[str, Parametric] = {} if self.embedding is None else {"embedding": self.embedding}
        return parts | {"layers": self.layers, "dropout": self.dropout}

    def forward(
        self, sources: Sources, tape: SimpleNamespace, rng: np.random.Generator | None = None
    ) -> tuple[Array, States]:
        """Return the top layer's outputs (N_s, H) and every cell's last states, (B, H) each, in packed order."""
        rows = sources.rows[sources.packing.mirrored_rows] if self.reverse_source else sources.rows
        tape.rows = rows
        x = rows if self.embedding is None else self.embedding.forward(rows)
        tape.mask = None
        if not isinstance(self.embedding, OneHot):
            x, tape.mask = self.dropout.forward(x, rng)
        tape.layers = getattr(tape, "layers", None) or self.layers.new_tape()
        return self.layers.forward(x, sources.packing, None, tape.layers, rng)

    def backward(self, d_outputs: Array | None, d_final: States | None, tape: SimpleNamespace) -> None:
        """Accumulate all gradients, from dL/d(outputs) and dL/d(last states) down to the embedding."""
        dx, _ = self.layers.backward(d_outputs, d_final, tape.layers, need_dx=self.embedding is not None)
        if self.embedding is not None and dx is not None:
            self.embedding.backward(self.dropout.backward(dx, tape.mask), tape.rows)


class Decoder(Parametric):
    """Previous words and states to the next word's logits."""

    def __init__(self, embedding: Embedding | OneHot, layers: Stack, output: Linear, dropout: float = 0.0) -> None:
        super().__init__(layers.backend, layers.dtype)
        self.embedding, self.layers, self.output = embedding, layers, output
        self.dropout = Dropout(dropout, dtype=self.dtype, backend=self.backend)

    def children(self) -> dict[str, Parametric]:
        return {"embedding": self.embedding, "layers": self.layers, "output": self.output, "dropout": self.dropout}

    def forward(
        self,
        ids: Array,
        packing: Packing,
        initial: States,
        tape: SimpleNamespace,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, States]:
        """Return logits (N_t, V) for input ids (N_t,), and the states after each sentence's last step."""
        x: Any = self.embedding.forward(ids)
        tape.ids, tape.mask = ids, None
        if not isinstance(self.embedding, OneHot):
            x, tape.mask = self.dropout.forward(x, rng)
        tape.layers = getattr(tape, "layers", None) or self.layers.new_tape()
        outputs, final = self.layers.forward(x, packing, initial, tape.layers, rng)
        tape.outputs, tape.output_mask = self.dropout.forward(outputs, rng)
        tape.buffers = getattr(tape, "buffers", None) or Buffers()
        logits = tape.buffers.take("logits", packing.rows, self.output.W.shape[1], self.dtype, self.backend)
        return self.output.forward(tape.outputs, out=logits), final

    def backward(self, d_logits: Array, tape: SimpleNamespace) -> States:
        """Accumulate all gradients from dL/d(logits); return dL/d(initial states)."""
        d_outputs = self.dropout.backward(self.output.backward(d_logits, tape.outputs), tape.output_mask)
        dx, d_initial = self.layers.backward(d_outputs, None, tape.layers)
        if dx is not None:
            self.embedding.backward(self.dropout.backward(dx, tape.mask), tape.ids)
        return d_initial


class Seq2Seq(Parametric):
    """The whole model.

    Arguments:
        source_vocabulary, target_vocabulary: sizes V, special tokens included. source_vocabulary None: the encoder
            reads real-valued features of size `source_features` instead of tokens.
        cell: a class with the contract of cells/base.py, for every layer of both halves.
        embedding_size: E; None for one-hot inputs. hidden_size: H. layers: how many, in each half.
        bidirectional: an encoder of both directions, with a learned bridge to the decoder's states.
        reverse_source: read the source from its last word (Sutskever et al. 2014).
        dropout: on embeddings, between layers and before the output, in training only.
        tied_embeddings: the decoder's embedding is also its output matrix; needs embedding_size == hidden_size.
        label_smoothing: see losses.py. rng: a generator or a seed for the weights.
        recompute_every: memory for time, see `Recurrent`, in all layers of both halves.
    Raises InputError for sizes or options that cannot be.
    """

    def __init__(
        self,
        source_vocabulary: int | None,
        target_vocabulary: int,
        *,
        cell: Any = LSTMCell,
        embedding_size: int | None = 128,
        hidden_size: int = 256,
        layers: int = 1,
        bidirectional: bool = False,
        reverse_source: bool = False,
        dropout: float = 0.0,
        tied_embeddings: bool = False,
        label_smoothing: float = 0.0,
        source_features: int | None = None,
        recompute_every: int = 0,
        rng: np.random.Generator | int = 0,
        dtype: Any = "float32",
        backend: Backend | str | None = None,
    ) -> None:
        super().__init__(backend, dtype)
        check_sizes(target_vocabulary=target_vocabulary, hidden_size=hidden_size, layers=layers)
        if (source_vocabulary is None) == (source_features is None):
            raise InputError("give either source_vocabulary (tokens) or source_features (real values), not both")
        if tied_embeddings and embedding_size != hidden_size:
            raise InputError(f"tied embeddings need embedding_size {embedding_size} equal to hidden_size {hidden_size}")
        rng = make_rng(rng)
        place: dict[str, Any] = {"dtype": self.dtype, "backend": self.backend}

        def table(vocabulary: int, scale: float = 1.0) -> Embedding | OneHot:
            if embedding_size is None:
                return OneHot(vocabulary, **place)
            return Embedding(vocabulary, embedding_size, scale=scale, rng=rng, **place)

        def encoder_layer(inputs: int) -> Recurrent | Bidirectional:
            left = Recurrent(cell(inputs, hidden_size, rng=rng, **place))
            if not bidirectional:
                return left
            return Bidirectional(left, Recurrent(cell(inputs, hidden_size, rng=rng, **place), reverse=True))

        source = None if source_vocabulary is None else table(source_vocabulary)
        width: Any = source_features if source is None else source.output_size
        stack: list[Any] = []
        for _ in range(layers):
            stack.append(encoder_layer(stack[-1].output_size if stack else width))
        self.encoder = Encoder(source, Stack(stack, dropout), dropout, reverse_source)

        # A table that is the output matrix, too, must start small, or the first logits are far from zero.
        target = table(target_vocabulary, hidden_size**-0.5 if tied_embeddings else 1.0)
        sizes = [target.output_size] + [hidden_size] * (layers - 1)
        decoder_layers = Stack([Recurrent(cell(size, hidden_size, rng=rng, **place)) for size in sizes], dropout)
        if tied_embeddings:
            assert isinstance(target, Embedding)
            output: Linear = TiedLinear(target)
        else:
            output = Linear(hidden_size, target_vocabulary, rng=rng, **place)
        self.decoder = Decoder(target, decoder_layers, output, dropout)
        self.bridge: Bridge | Handover = Handover(self.backend, self.dtype)
        if bidirectional:
            self.bridge = Bridge(self.decoder.layers.cells, rng=rng, **place)
        self.label_smoothing = label_smoothing
        self.loss = SoftmaxCrossEntropy(label_smoothing, self.backend)
        self.set_recompute(recompute_every)
        self.flatten()

    def children(self) -> dict[str, Parametric]:
        return {"encoder": self.encoder, "bridge": self.bridge, "decoder": self.decoder, "loss": self.loss}

    def set_recompute(self, every: int) -> None:
        """Let all recurrent layers keep the states at every `every`-th step only, or, for 0, everything."""
        for module in self.modules():
            if isinstance(module, Recurrent):
                module.recompute_every = check_recompute_every(every)

    def new_tape(self) -> SimpleNamespace:
        """Return an empty tape; used again for the next batch, it keeps its buffers."""
        return SimpleNamespace(
            encoder=SimpleNamespace(), bridge=SimpleNamespace(), decoder=SimpleNamespace(), loss=SimpleNamespace()
        )

    def forward(self, batch: Batch, tape: SimpleNamespace, rng: np.random.Generator | None = None) -> Array:
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

    def backward(self, tape: SimpleNamespace) -> None:
        """Accumulate the gradients of all parameters, for the forward pass on `tape`."""
        d_logits = self.loss.backward(tape.loss)
        d_initial = self.decoder.backward(d_logits, tape.decoder)
        d_context = select_rows(d_initial, tape.batch.target_rows)
        d_final = self.bridge.backward(d_context, tape.bridge)
        self.encoder.backward(None, d_final, tape.encoder)

    def encode(self, sources: Sources) -> States:
        """Return the decoder's initial states, (B, H) each, in the packed order of the sources."""
        _, final = self.encoder.forward(sources, SimpleNamespace())
        return self.bridge.forward(final, SimpleNamespace())

    def step(self, ids: Array, states: States, tape: SimpleNamespace | None = None) -> tuple[Array, States]:
        """Return logits (B, V) and new states, for one previous word (B,) each: decoding's one step.

        With a `tape`, an empty namespace at first, the logits lie in its memory until the next step.
        """
        packing = one_step(int(ids.shape[0]), self.backend)
        return self.decoder.forward(ids, packing, states, SimpleNamespace() if tape is None else tape)
