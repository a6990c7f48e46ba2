"""The contestants of gpu.py: this library, PyTorch with cuDNN, and the products alone, all on one device.

They are those of scratchnet.bench, moved: batches lie on the device before the clock starts, for everyone, and the
clock stops when the device has done everything. With `place` "cpu" all of it runs without a GPU, for trying it out.

Read next: gpu.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from scratchnet.backend import get_backend
from scratchnet.bench.cases import Case
from scratchnet.bench.floor import Product, ProductsPeer
from scratchnet.bench.own_peer import OwnPeer
from scratchnet.bench.torch_peer import TorchPeer
from scratchnet.bench.worker import PRODUCTS, TORCH, obey

BACKENDS = {"cuda": "cupy", "cpu": "numpy"}
ON_THE_HOST = ("order", "lengths", "target_lengths")  # what PyTorch wants there


class DeviceOwnPeer(OwnPeer):
    """This library on the device."""

    def prepare(self, first: int, steps: int) -> None:
        """Pack the batches and move them."""
        super().prepare(first, steps)
        self.batches = {k: batch.to(self.model.backend) for k, batch in self.batches.items()}


class DeviceTorchPeer(TorchPeer):
    """PyTorch on the device, in full float32."""

    def __init__(self, case: Case, cell: str, place: str) -> None:
        super().__init__(case, cell, threads=1)
        self.place = place
        self.torch.backends.cuda.matmul.allow_tf32 = False
        self.torch.backends.cudnn.allow_tf32 = False
        self.net.to(place)

    def collate(self, number: int) -> dict[str, Any]:
        """Return batch `number`, moved."""
        batch = super().collate(number)
        return {name: value if name in ON_THE_HOST else value.to(self.place) for name, value in batch.items()}

    def finish(self, loss: Any) -> float:
        """Wait for the device; return the loss."""
        if self.place == "cuda":
            self.torch.cuda.synchronize()
        return super().finish(loss)

    def answers(self, weights: str, out: str) -> None:
        """Write loss and gradients of batch 0 under the weights in a file."""
        self.load_weights(load_file(weights))
        self.prepare(0, 1)
        self.net.zero_grad(set_to_none=True)
        loss = self.loss(self.batches[0])
        loss.backward()
        gradients = self.tensors(lambda parameter: parameter.grad.cpu())
        found = {name: np.ascontiguousarray(gradient.numpy()) for name, gradient in gradients.items()}
        save_file(found | {"loss": np.array([loss.item()])}, out)


class DeviceProductsPeer(ProductsPeer):
    """The products alone on the device."""

    def __init__(self, case: Case, cell: str, place: str) -> None:
        super().__init__(case, cell)
        self.backend = get_backend(BACKENDS[place])

    def buffer(self, name: str, rows: int, columns: int) -> Any:
        """Return a (rows, columns) view of one buffer per name, on the device."""
        held = self.buffers.get(name)
        if held is None or held.shape[0] < rows or held.shape[1] != columns:
            values = np.random.default_rng(0).random((rows, columns), dtype=np.float32) * np.float32(0.1)
            held = self.buffers[name] = self.backend.asarray(values)
        return held[:rows]

    def step(self, k: int) -> None:
        """Do all products of step `k`, each into its place."""
        products: list[Product] = self.products[k % self.case.batches]
        for left, right, out in products:
            self.backend.product(left, right, out)

    def finish(self, loss: Any) -> float:
        """Wait for the device; products have no loss."""
        self.backend.synchronize()
        return 0.0


class Contestant:
    """A peer in this process that obeys as a worker does: a device takes its orders one by one anyway."""

    def __init__(self, name: str, case: Case, cell: str, place: str) -> None:
        self.contestant = name
        kinds: dict[str, Any] = {
            TORCH: lambda: DeviceTorchPeer(case, cell, place),
            PRODUCTS: lambda: DeviceProductsPeer(case, cell, place),
        }
        self.peer = kinds.get(name, lambda: DeviceOwnPeer(case, cell, name))()

    def ask(self, do: str, **values: Any) -> dict[str, Any]:
        """Do what a worker would."""
        return obey(self.peer, {"do": do, **values})
