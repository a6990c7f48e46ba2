"""The options of an encoder-decoder, and the model that they describe.

    ModelConfig(cell="gru", hidden_size=128).build(source_vocabulary, target_vocabulary)

Read next: translator.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.backend import Backend
from scratchnet.cells import CELLS
from scratchnet.errors import InputError
from scratchnet.layers import Embedding, Linear, OneHot, TiedLinear
from scratchnet.losses import SoftmaxCrossEntropy
from scratchnet.parameters import check_sizes, make_rng
from scratchnet.recurrent import Recurrent
from scratchnet.seq2seq import Decoder, Encoder, IdentityBridge, LinearBridge, Seq2Seq
from scratchnet.stack import Bidirectional, Stack
from scratchnet.translation.config_base import Config, below_one, cell_name, option, size, size_or_none


@dataclass(frozen=True)
class ModelConfig(Config):
    """Everything that shapes a Seq2Seq apart from its vocabularies. Raises InputError for what cannot be.

    cell: a name in `scratchnet.cells.CELLS`, or "file.py:ClassName", for every layer of encoder and decoder.
    embedding_size: E; None for one-hot inputs. hidden_size: H. layers: how many, in encoder and decoder each.
    bidirectional: an encoder of both directions, with a learned bridge to the decoder's states.
    reverse_source: read the source from its last word (Sutskever et al. 2014).
    dropout: on embeddings, between layers and before the output, in training only.
    tied_embeddings: the decoder's embedding is also its output matrix; needs embedding_size == hidden_size.
    label_smoothing: see losses.py.
    """

    cell: str = option(
        "lstm", "lstm, gru, gru-reset-before, rnn, or file.py:ClassName (executed, with your rights).", check=cell_name
    )
    embedding_size: int | None = option(
        128, "Size of the word vectors.", check=size_or_none, flags=("--embedding-size", "--embedding")
    )
    hidden_size: int = option(256, "Hidden units of a layer.", check=size, flags=("--hidden-size", "--hidden"))
    layers: int = option(1, "Layers in the encoder, and in the decoder.", check=size)
    bidirectional: bool = option(False, "An encoder that reads the source in both directions.")
    reverse_source: bool = option(False, "Read the source from its last word to its first.")
    dropout: float = option(0.0, "Share of units dropped in training.", check=below_one)
    tied_embeddings: bool = option(False, "One matrix for the target's word vectors and the output layer.")
    label_smoothing: float = option(0.0, "Share of probability spread evenly over all words.", check=below_one)

    def check_together(self) -> None:
        E, H = self.embedding_size, self.hidden_size
        if self.tied_embeddings and E != H:
            raise InputError(f"tied embeddings need embedding_size {E} equal to hidden_size {H}")

    def build(
        self,
        source_vocabulary: int | None,
        target_vocabulary: int,
        *,
        cell: Any = None,
        source_features: int | None = None,
        rng: np.random.Generator | int = 0,
        dtype: Any = "float32",
        backend: Backend | str | None = None,
    ) -> Seq2Seq:
        """Return a new model.

        source_vocabulary, target_vocabulary: sizes V, special tokens included. source_vocabulary None: the encoder
        reads real-valued features of size `source_features` instead of tokens. cell: a class to use in place of the
        one that the option `cell` names. rng: a generator or a seed for the weights.
        Raises InputError for an unknown cell, listing the known ones, and for sizes that cannot be.
        """
        check_sizes(target_vocabulary=target_vocabulary)
        if (source_vocabulary is None) == (source_features is None):
            raise InputError("give either source_vocabulary (tokens) or source_features (real values), not both")
        cell = CELLS.get(self.cell) if cell is None else cell
        if cell is None:
            raise InputError(f"unknown cell {self.cell!r}: choose one of {', '.join(CELLS)}, or file.py:ClassName")
        parts = _Parts(self, cell, make_rng(rng), {"dtype": dtype, "backend": backend})
        source = None if source_vocabulary is None else parts.table(source_vocabulary)
        width: Any = source_features if source is None else source.output_size
        encoder = Encoder(source, parts.encoder_layers(width), self.dropout, self.reverse_source)
        decoder = parts.decoder(target_vocabulary)
        bridge: IdentityBridge | LinearBridge = IdentityBridge(decoder.backend, decoder.dtype)
        if self.bidirectional:
            bridge = LinearBridge(decoder.layers.cells, rng=parts.rng, dtype=decoder.dtype, backend=decoder.backend)
        return Seq2Seq(encoder, bridge, decoder, SoftmaxCrossEntropy(self.label_smoothing, decoder.backend))


@dataclass
class _Parts:
    """What builds the parts of one model; every part draws its weights from the one generator, in this order."""

    config: ModelConfig
    cell: Any
    rng: np.random.Generator
    place: dict[str, Any]

    def table(self, vocabulary: int, scale: float = 1.0) -> Embedding | OneHot:
        """Return what turns tokens into rows."""
        if self.config.embedding_size is None:
            return OneHot(vocabulary, **self.place)
        return Embedding(vocabulary, self.config.embedding_size, scale=scale, rng=self.rng, **self.place)

    def layer(self, inputs: int, reverse: bool = False) -> Recurrent:
        """Return one recurrent layer."""
        return Recurrent(self.cell(inputs, self.config.hidden_size, rng=self.rng, **self.place), reverse=reverse)

    def encoder_layers(self, width: int) -> Stack:
        """Return the encoder's layers over inputs of this width."""
        layers: list[Recurrent | Bidirectional] = []
        for _ in range(self.config.layers):
            forward = self.layer(width)
            both = self.config.bidirectional
            layers.append(Bidirectional(forward, self.layer(width, reverse=True)) if both else forward)
            width = layers[-1].output_size
        return Stack(layers, self.config.dropout)

    def decoder(self, vocabulary: int) -> Decoder:
        """Return the decoder."""
        config, tied = self.config, self.config.tied_embeddings
        # A table that is the output matrix, too, must start small, or the first logits are far from zero.
        table = self.table(vocabulary, config.hidden_size**-0.5 if tied else 1.0)
        sizes = [table.output_size] + [config.hidden_size] * (config.layers - 1)
        layers = Stack([self.layer(size) for size in sizes], config.dropout)
        if isinstance(table, Embedding) and tied:
            return Decoder(table, layers, TiedLinear(table), config.dropout)
        output = Linear(config.hidden_size, vocabulary, rng=self.rng, **self.place)
        return Decoder(table, layers, output, config.dropout)
