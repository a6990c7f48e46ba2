"""The floor: the matrix products of a training step alone, at the rate at which this machine does them.

No arrangement of the rest can make a step faster than its products. For N rows of E inputs and H units with G gates,
in a layer whose step t has n_t rows:

    forward       x W_ih        (N, E) (E, GH)     once           h W_hh         (n_t, H) (H, GH)      every step
    backward      da_h W_hh^T   (n_t, GH) (GH, H)  every step     x^T da, h^T da, da W_ih^T            once each
    output        h W  and back: h^T dy, dy W^T, for V words

Read next: breakdown.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from scratchnet.bench.cases import DECODE, Case, Data, written_length
from scratchnet.cells import CELLS
from scratchnet.data import Batch, make_batch
from scratchnet.packing import Packing

Product = tuple[Any, Any, Any]  # left, right, and where the result goes


class ProductsPeer:
    """The products of a case's steps, on buffers that lie in memory as the library's do."""

    def __init__(self, case: Case, cell: str) -> None:
        self.case, self.data, self.gates = case, Data(case), len(CELLS[cell].gates)
        self.products: dict[int, list[Product]] = {}
        self.buffers: dict[str, Any] = {}

    def prepare(self, first: int, steps: int) -> None:
        """List the products of the batches `first` to `first + steps - 1`."""
        wanted = {k % self.case.batches for k in range(first, first + steps)}
        self.products = {
            k: self.products[k] if k in self.products else list(self.list_products(make_batch(*self.data.batch(k))))
            for k in sorted(wanted)
        }

    def step(self, k: int) -> None:
        """Do all products of step `k`."""
        for left, right, out in self.products[k % self.case.batches]:
            np.matmul(left, right, out=out)

    def finish(self, loss: Any) -> float:
        """Return 0: products have no loss."""
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
        """Return the floating point operations of the products of these steps, their mean."""
        self.prepare(first, steps)
        return sum(flops(self.products[k % self.case.batches]) for k in range(first, first + steps)) / steps

    def buffer(self, name: str, rows: int, columns: int) -> Any:
        """Return a (rows, columns) view of one buffer per name, which grows as it must."""
        held = self.buffers.get(name)
        if held is None or held.shape[0] < rows or held.shape[1] != columns:
            # Small random numbers: products of zeros, or of denormals, take another time.
            held = np.random.default_rng(0).random((rows, columns), dtype=np.float32) * np.float32(0.1)
            self.buffers[name] = held
        return held[:rows]

    def list_products(self, batch: Batch) -> Iterator[Product]:
        """Yield every product of one step, in the order in which the library does them."""
        case, source, target = self.case, batch.sources.packing, batch.packing
        trains = case.work != DECODE
        widths = [case.embedding, *[case.hidden] * (case.layers - 1)]
        for k, width in enumerate(widths):
            yield from self.forward_products(f"encoder{k}", source, width)
        if not trains:
            target = Packing([1] * case.batch)
        for _ in range(1 if trains else written_length(case)):
            for k, width in enumerate(widths):
                yield from self.forward_products(f"decoder{k}", target, width)
            h, w, y = self.output_buffers(target.rows)
            yield h, w, y
        if not trains:
            return
        yield h.T, y, self.buffer("output.dW", *w.shape)
        yield y, w.T, self.buffer("output.dx", *h.shape)
        for half, packing in (("decoder", target), ("encoder", source)):
            for k, width in reversed(list(enumerate(widths))):
                yield from self.backward_products(f"{half}{k}", packing, width)

    def output_buffers(self, rows: int) -> tuple[Any, Any, Any]:
        """Return the output layer's input, matrix and logits."""
        case = self.case
        h = self.buffer("output.h", rows, case.hidden)
        return h, self.buffer("output.W", case.hidden, case.target_words), self.buffer("y", rows, case.target_words)

    def layer_buffers(self, layer: str, packing: Packing, width: int) -> dict[str, Any]:
        """Return a layer's inputs, states, pre-activations and weights; derivatives have buffers of their own."""
        size, columns, rows = self.case.hidden, self.gates * self.case.hidden, packing.rows
        return {
            "x": self.buffer(f"{layer}.x", rows, width),
            "h": self.buffer(f"{layer}.h", rows, size),
            "a": self.buffer(f"{layer}.a", rows, columns),
            "a_h": self.buffer(f"{layer}.a_h", packing.batch, columns),
            "da": self.buffer(f"{layer}.da", rows, columns),
            "dh": self.buffer(f"{layer}.dh", packing.batch, size),
            "W_ih": self.buffer(f"{layer}.W_ih", width, columns),
            "W_hh": self.buffer(f"{layer}.W_hh", size, columns),
        }

    def forward_products(self, layer: str, packing: Packing, width: int) -> Iterator[Product]:
        """Yield a layer's products going forward."""
        of = self.layer_buffers(layer, packing, width)
        yield of["x"], of["W_ih"], of["a"]
        for t, alive in enumerate(packing.sizes):
            first = packing.offsets[t]
            yield of["h"][first : first + alive], of["W_hh"], of["a_h"][:alive]

    def backward_products(self, layer: str, packing: Packing, width: int) -> Iterator[Product]:
        """Yield a layer's products going back."""
        of = self.layer_buffers(layer, packing, width)
        for t in reversed(range(packing.steps)):
            first, alive = packing.offsets[t], packing.sizes[t]
            yield of["da"][first : first + alive], of["W_hh"].T, of["dh"][:alive]
        yield of["x"].T, of["da"], self.buffer(f"{layer}.dW_ih", *of["W_ih"].shape)
        yield of["h"].T, of["da"], self.buffer(f"{layer}.dW_hh", *of["W_hh"].shape)
        yield of["da"], of["W_ih"].T, self.buffer(f"{layer}.dx", *of["x"].shape)


def flops(products: list[Product]) -> float:
    """Return the floating point operations of products: 2 m k n for (m, k) times (k, n)."""
    return float(sum(2 * left.shape[0] * left.shape[1] * right.shape[1] for left, right, _ in products))
