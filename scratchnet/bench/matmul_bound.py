"""The matmul bound: the matrix products of a training step and nothing else, at the speed that this machine has.

A step cannot be faster than its products, however well the rest is arranged. For N rows of E inputs and H units with G
gates, in a layer whose step t has n_t rows:

    forward       x W_ih        (N, E) (E, GH)     once           h W_hh         (n_t, H) (H, GH)      every step
    backward      da_h W_hh^T   (n_t, GH) (GH, H)  every step     x^T da, h^T da, da W_ih^T            once each
    output        h W  and back: h^T dy, dy W^T, for V words

Read next: measure.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from scratchnet.backend import get_backend
from scratchnet.bench.cases import DECODE, Case
from scratchnet.bench.implementation import Implementation
from scratchnet.cells import CELLS
from scratchnet.data import make_batch
from scratchnet.packed_sequences import Packing

Product = tuple[Any, Any, Any]  # left, right, and where the result goes


class MatmulBound(Implementation):
    """The products of a case's steps, on buffers with the memory layout of the library's own; a batch is a list."""

    def __init__(self, case: Case, cell: str, backend: str = "numpy") -> None:
        super().__init__(case)
        self.gates, self.backend = len(CELLS[cell].gates), get_backend(backend)
        self.buffers: dict[str, Any] = {}

    def make_batch(self, number: int) -> list[Product]:
        """Return every product of one step on batch `number`, in the order in which the library computes them."""
        case, batch = self.case, make_batch(*self.data.batch(number))
        source, target = batch.sources.packing, batch.packing
        widths = list(enumerate([case.embedding, *[case.hidden] * (case.layers - 1)]))
        forward, backward = self.forward_products, self.backward_products
        products = [p for k, width in widths for p in forward(f"encoder{k}", source, width)]
        if case.work == DECODE:
            target = Packing([1] * case.batch)
        h = self.buffer("output.h", target.rows, case.hidden)
        w = self.buffer("output.W", case.hidden, case.target_words)
        y = self.buffer("output.y", target.rows, case.target_words)
        decoder = [*(p for k, width in widths for p in forward(f"decoder{k}", target, width)), (h, w, y)]
        if case.work == DECODE:
            return products + decoder * case.decoded_words
        products += decoder
        products += [(h.T, y, self.buffer("output.dW", *w.shape)), (y, w.T, self.buffer("output.dx", *h.shape))]
        for half, packing in (("decoder", target), ("encoder", source)):
            products += [p for k, width in reversed(widths) for p in backward(f"{half}{k}", packing, width)]
        return products

    def step(self, k: int) -> None:
        """Compute all products of step `k`."""
        for left, right, out in self.batch(k):
            self.backend.xp.matmul(left, right, out=out)

    def finish(self, loss: Any) -> float:
        """Wait for the device; products have no loss."""
        self.backend.synchronize()
        return 0.0

    def best_rate(self) -> float:
        """Return the highest rate of a large product, in floating point operations per second."""
        size = 1024
        a, b = (np.full((size, size), 0.5, dtype=np.float32) for _ in range(2))
        out = np.empty_like(a)
        best = float("inf")
        for _ in range(20):
            start = time.perf_counter()
            np.matmul(a, b, out=out)
            best = min(best, time.perf_counter() - start)
        return 2.0 * size**3 / best

    def flops(self, first: int, steps: int) -> float:
        """Return the floating point operations of the products of a step: the mean over these steps."""
        self.prepare(first, steps)
        return sum(flops(self.batch(k)) for k in range(first, first + steps)) / steps

    def buffer(self, name: str, rows: int, columns: int) -> Any:
        """Return a (rows, columns) view of the buffer of this name, which grows when it must."""
        held = self.buffers.get(name)
        if held is None or held.shape[0] < rows or held.shape[1] != columns:
            # Small random numbers: products of zeros, or of denormals, take another time.
            values = np.random.default_rng(0).random((rows, columns), dtype=np.float32) * np.float32(0.1)
            held = self.buffers[name] = self.backend.asarray(values)
        return held[:rows]

    def layer_buffers(self, layer: str, packing: Packing, width: int) -> list[Any]:
        """Return x, h, W_ih, W_hh, and the pre-activations or their derivatives, of a layer."""
        size, columns = self.case.hidden, self.gates * self.case.hidden
        shapes = {"x": (packing.rows, width), "h": (packing.rows, size), "W_ih": (width, columns)}
        shapes |= {"W_hh": (size, columns), "a": (packing.rows, columns)}
        return [self.buffer(f"{layer}.{name}", *shape) for name, shape in shapes.items()]

    def forward_products(self, layer: str, packing: Packing, width: int) -> Iterator[Product]:
        """Yield the products of a layer's forward pass."""
        x, h, w_ih, w_hh, a = self.layer_buffers(layer, packing, width)
        a_h = self.buffer(f"{layer}.a_h", packing.batch, a.shape[1])
        yield x, w_ih, a
        for first, alive in zip(packing.offsets, packing.sizes, strict=False):
            yield h[first : first + alive], w_hh, a_h[:alive]

    def backward_products(self, layer: str, packing: Packing, width: int) -> Iterator[Product]:
        """Yield the products of a layer's backward pass."""
        x, h, w_ih, w_hh, a = self.layer_buffers(layer, packing, width)
        da, dh = self.buffer(f"{layer}.da", *a.shape), self.buffer(f"{layer}.dh", packing.batch, h.shape[1])
        for t in reversed(range(packing.steps)):
            first, alive = packing.offsets[t], packing.sizes[t]
            yield da[first : first + alive], w_hh.T, dh[:alive]
        yield x.T, da, self.buffer(f"{layer}.dW_ih", *w_ih.shape)
        yield h.T, da, self.buffer(f"{layer}.dW_hh", *w_hh.shape)
        yield da, w_ih.T, self.buffer(f"{layer}.dx", *x.shape)


def flops(products: list[Product]) -> float:
    """Return the floating point operations of products: 2 m k n for (m, k) times (k, n)."""
    return float(sum(2 * left.shape[0] * left.shape[1] * right.shape[1] for left, right, _ in products))
