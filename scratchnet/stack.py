"""Layers side by side and on top of one another, behind the interface of one recurrent layer.

`Bidirectional` joins a layer that reads left to right with one that reads right to left; `Stack` puts layers on top of
one another with dropout between them. States are one flat list, one {name: (B, H)} for each cell, bottom layer first,
forward direction first.

Read next: attention.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.errors import InputError
from scratchnet.layers import Dropout
from scratchnet.packed_sequences import Packing
from scratchnet.parameters import Module
from scratchnet.recurrent import Recurrent, States
from scratchnet.tape import Tape


class Bidirectional(Module):
    """A layer that reads left to right beside one that reads right to left (Schuster and Paliwal 1997)."""

    def __init__(self, forward: Recurrent, backward: Recurrent) -> None:
        super().__init__(forward.backend, forward.dtype)
        if forward.reverse or not backward.reverse or forward.input_size != backward.input_size:
            raise InputError("a bidirectional layer needs a forward and a reverse layer over the same input size")
        self.left, self.right = forward, backward
        self.input_size: int = forward.input_size
        self.output_size: int = forward.output_size + backward.output_size

    @property
    def cells(self) -> list[Any]:
        return self.left.cells + self.right.cells

    def children(self) -> dict[str, Module]:
        return {"forward": self.left, "backward": self.right}

    def forward(
        self,
        x: Any,
        packing: Packing,
        initial: States | None = None,
        tape: Tape | None = None,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, States]:
        """Run both directions; outputs (N, H_forward + H_backward), states [forward, backward]."""
        tape = self.new_tape() if tape is None else tape
        halves = [None, None] if initial is None else [initial[:1], initial[1:]]
        left, left_final = self.left.forward(x, packing, halves[0], tape.forward)
        right, right_final = self.right.forward(x, packing, halves[1], tape.backward)
        return self.backend.xp.concatenate([left, right], axis=1), left_final + right_final

    def backward(
        self, d_outputs: Array | None, d_final: States | None, tape: Tape, need_dx: bool = True
    ) -> tuple[Array | None, States]:
        """Run both directions back; their dL/dx add up."""
        split = self.left.output_size
        d_left, d_right = (None, None) if d_outputs is None else (d_outputs[:, :split], d_outputs[:, split:])
        halves = [None, None] if d_final is None else [d_final[:1], d_final[1:]]
        dx, left_initial = self.left.backward(d_left, halves[0], tape.forward, need_dx)
        dx_right, right_initial = self.right.backward(d_right, halves[1], tape.backward, need_dx)
        if dx is not None:
            dx += dx_right
        return dx, left_initial + right_initial


Layer = Recurrent | Bidirectional


class Stack(Module):
    """Layers on top of one another, each with states of its own, and dropout between them (never through time).

    Dropout between layers only, so that memory is not disturbed: Zaremba, Sutskever and Vinyals (2014).
    """

    def __init__(self, layers: Sequence[Layer], dropout: float = 0.0) -> None:
        if not layers:
            raise InputError("a stack needs at least one layer")
        super().__init__(layers[0].backend, layers[0].dtype)
        for below, above in pairwise(layers):
            if below.output_size != above.input_size:
                raise InputError(f"a layer of {above.input_size} inputs cannot stand on {below.output_size} outputs")
        self.layers = list(layers)
        between = Dropout(dropout, dtype=self.dtype, backend=self.backend)
        self.dropouts = [between for _ in self.layers[1:]]
        self.input_size: int = layers[0].input_size
        self.output_size: int = layers[-1].output_size

    @property
    def cells(self) -> list[Any]:
        return [cell for layer in self.layers for cell in layer.cells]

    def children(self) -> dict[str, Module]:
        layers: dict[str, Module] = {f"layer{k}": layer for k, layer in enumerate(self.layers)}
        return layers | {f"dropout{k}": dropout for k, dropout in enumerate(self.dropouts, start=1)}  # below layer k

    def forward(
        self,
        x: Any,
        packing: Packing,
        initial: States | None = None,
        tape: Tape | None = None,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, States]:
        """Run all layers, bottom first. Dropout happens only where an `rng` is given, that is, in training."""
        tape = self.new_tape() if tape is None else tape
        final: States = []
        for k, layer in enumerate(self.layers):
            if k > 0:
                x = self.dropouts[k - 1].forward(x, tape.parts[f"dropout{k}"], rng)
            own = None if initial is None else initial[len(final) : len(final) + len(layer.cells)]
            x, states = layer.forward(x, packing, own, tape.parts[f"layer{k}"], rng)
            final += states
        return x, final

    def backward(
        self, d_outputs: Array | None, d_final: States | None, tape: Tape, need_dx: bool = True
    ) -> tuple[Array | None, States]:
        """Run all layers back, top first."""
        d_initial: States = []
        end = len(self.cells)
        for k in reversed(range(len(self.layers))):
            layer = self.layers[k]
            start = end - len(layer.cells)
            own = None if d_final is None else d_final[start:end]
            d_outputs, states = layer.backward(d_outputs, own, tape.parts[f"layer{k}"], need_dx or k > 0)
            if k > 0:
                d_outputs = self.dropouts[k - 1].backward(d_outputs, tape.parts[f"dropout{k}"])
            d_initial, end = states + d_initial, start
        return d_outputs, d_initial
