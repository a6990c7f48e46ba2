"""PyTorch: the same model as someone who knows PyTorch well writes it. The only file that imports torch.

    layers        nn.Embedding, nn.LSTM or nn.GRU, nn.Linear; time-major, sorted by source length
    ragged        packed sources; targets padded, and F.cross_entropy ignores the padding (ignore_index)
    unpadded      a faster variant: padding is dropped before the output layer, which then has less to do; the GRU's
                  targets are packed, too (for the LSTM padding is faster: PyTorch has a fused layer for it)
    update        gradients set to None, clip_grad_norm_, and the fastest of the optimizer's variants, found by trying

PyTorch keeps two biases where this library has one; all of ours go into the first, and the other is zero.

Read next: worker.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from scratchnet.bench.cases import DECODE, Case
from scratchnet.bench.implementation import CLIP_NORM, LEARNING_RATE, Implementation, suppress_special_tokens
from scratchnet.data import END, PAD, START
from scratchnet.errors import InputError

VARIANTS = {"fused": {"fused": True}, "foreach": {"foreach": True}, "plain": {"foreach": False}}  # of an optimizer


def torch_installed() -> bool:
    """Tell whether PyTorch is installed, without loading it."""
    return find_spec("torch") is not None


class TorchImplementation(Implementation):
    """The model and its optimizer in PyTorch.

    unpadded: whether padding is dropped before the output layer. device: where the model and its batches are, "cpu" or
    "cuda". The optimizer is its fused variant until `tune_optimizer` finds a faster one.
    Raises InputError where PyTorch is absent.
    """

    def __init__(self, case: Case, cell: str, threads: int, unpadded: bool = False, device: str = "cpu") -> None:
        super().__init__(case)
        if not torch_installed():
            raise InputError("PyTorch is not installed, so there is nothing to compare with: pip install torch")
        self.torch: Any = import_module("torch")
        torch, nn = self.torch, self.torch.nn
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        self.unpadded, self.pack_targets, self.device = unpadded, unpadded and cell == "gru", device
        self.pack = nn.utils.rnn.pack_padded_sequence
        recurrent = {"lstm": nn.LSTM, "gru": nn.GRU}[cell]
        self.net = nn.ModuleDict(
            {
                "source": nn.Embedding(case.source_words, case.embedding, padding_idx=PAD),
                "target": nn.Embedding(case.target_words, case.embedding, padding_idx=PAD),
                "encoder": recurrent(case.embedding, case.hidden, case.layers),
                "decoder": recurrent(case.embedding, case.hidden, case.layers),
                "output": nn.Linear(case.hidden, case.target_words),
            }
        ).to(device)
        if case.work == DECODE:
            self.net.eval()
            with torch.no_grad():
                suppress_special_tokens(self.net["output"].bias)
        else:
            self.optimizer = self.new_optimizer("fused")

    def new_optimizer(self, variant: str) -> Any:
        """Return a fresh optimizer in one of PyTorch's variants."""
        kind = {"adam": self.torch.optim.Adam, "sgd": self.torch.optim.SGD}[self.case.optimizer]
        return kind(self.net.parameters(), lr=LEARNING_RATE, **VARIANTS[variant])

    def tune_optimizer(self) -> str:
        """Go on with the variant of the optimizer that is fastest on this model; return it."""
        self.prepare(0, 1)
        self.step(0)
        seconds = {}
        for variant in VARIANTS:
            self.optimizer = self.new_optimizer(variant)
            self.optimizer.step()
            start = time.perf_counter()
            for _ in range(3):
                self.optimizer.step()
            seconds[variant] = time.perf_counter() - start
        fastest = min(seconds, key=lambda variant: seconds[variant])
        self.optimizer = self.new_optimizer(fastest)
        return fastest

    def make_batch(self, number: int) -> dict[str, Any]:
        """Return batch `number` as padded tensors, (T, B) each, sorted by source length."""
        torch = self.torch
        sources, targets = self.data.batch(number)
        order = sorted(range(len(sources)), key=lambda j: -len(sources[j]))

        def padded(sentences: list[list[int]]) -> Any:
            return torch.nn.utils.rnn.pad_sequence([torch.tensor(ids) for ids in sentences], padding_value=PAD)

        wanted = padded([[*targets[j], END] for j in order])
        batch = {
            "order": order,
            "sources": padded([sources[j] for j in order]),
            "lengths": torch.tensor([len(sources[j]) for j in order]),
            "inputs": padded([[START, *targets[j]] for j in order]),
            "wanted": wanted.flatten(),
        }
        if self.pack_targets:
            batch["target_lengths"] = (wanted != PAD).sum(dim=0)
            batch["wanted"] = self.pack(wanted, batch["target_lengths"], enforce_sorted=False).data
        elif self.unpadded:
            batch["rows"] = (batch["wanted"] != PAD).nonzero().flatten()
            batch["wanted"] = batch["wanted"][batch["rows"]]
        host = ("order", "lengths", "target_lengths")  # pack_padded_sequence wants lengths on the host
        return {name: value if name in host else value.to(self.device) for name, value in batch.items()}

    def encode(self, batch: dict[str, Any]) -> Any:
        """Return the encoder's last states."""
        x = self.net["source"](batch["sources"])
        if self.case.ragged:
            x = self.pack(x, batch["lengths"])
        return self.net["encoder"](x)[1]

    def loss(self, batch: dict[str, Any]) -> Any:
        """Return the mean cross-entropy of a batch's real target tokens."""
        x = self.net["target"](batch["inputs"])
        if self.pack_targets:
            packed = self.pack(x, batch["target_lengths"], enforce_sorted=False)
            rows = self.net["decoder"](packed, self.encode(batch))[0].data
        else:
            rows = self.net["decoder"](x, self.encode(batch))[0].flatten(0, 1)
            rows = rows[batch["rows"]] if self.unpadded else rows
        return self.torch.nn.functional.cross_entropy(self.net["output"](rows), batch["wanted"], ignore_index=PAD)

    def step(self, k: int) -> Any:
        """Train on batch `k`, or translate its sources; return the loss, or None."""
        if self.case.work == DECODE:
            self.translate(self.batch(k))
            return None
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.batch(k))
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.net.parameters(), CLIP_NORM)
        self.optimizer.step()
        return loss.detach()

    def translate(self, batch: dict[str, Any]) -> Any:
        """Return the greedy translations of a batch."""
        torch = self.torch
        with torch.inference_mode():
            states = self.encode(batch)
            words = torch.full((1, len(batch["order"])), START)
            done = torch.zeros(words.shape[1], dtype=torch.bool)
            written = []
            for _ in range(self.case.decoded_words):
                outputs, states = self.net["decoder"](self.net["target"](words), states)
                words = self.net["output"](outputs).argmax(dim=2)
                written.append(words[0])
                done |= words[0] == END
                if done.all():
                    break
            return torch.stack(written, dim=1).numpy()[np.argsort(batch["order"])]

    def finish(self, loss: Any) -> float:
        """Wait for the device; return the loss in nats per token."""
        if self.device == "cuda":
            self.torch.cuda.synchronize()
        return super().finish(loss)

    def differentiate(self, batch: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        """Return the loss of a batch and all gradients."""
        self.net.zero_grad(set_to_none=True)
        loss = self.loss(batch)
        loss.backward()
        gradients = self.tensors(lambda parameter: parameter.grad.cpu())
        return loss.item(), {name: gradient.numpy() for name, gradient in gradients.items()}

    def load_weights(self, weights: dict[str, Any]) -> None:
        """Copy this library's weights into the modules. Raises InputError where names differ."""
        places = self.tensors(lambda parameter: parameter.detach())
        if places.keys() != weights.keys():
            raise InputError(f"one of the two models lacks {sorted(places.keys() ^ weights.keys())[0]!r}")
        for name, parameter in self.net.named_parameters():
            if "bias_hh" in name:
                parameter.detach().zero_()
        for name, place in places.items():
            place.copy_(self.torch.from_numpy(weights[name]))

    def tensors(self, of: Callable[[Any], Any]) -> dict[str, Any]:
        """Return of(parameter) for all parameters, as views under the names and in the shapes of this library."""
        output = self.net["output"]
        found = {"decoder.output.W": of(output.weight).T, "decoder.output.b": of(output.bias)}
        for table, half in (("source", "encoder"), ("target", "decoder")):
            found[f"{half}.embedding.W"] = of(self.net[table].weight)
            for k in range(self.case.layers):
                w_ih, w_hh, b_ih, b_hh = (
                    of(getattr(self.net[half], f"{name}_l{k}"))
                    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                )
                layer = f"{half}.layers.layer{k}."
                found |= {f"{layer}W_ih": w_ih.T, f"{layer}W_hh": w_hh.T, f"{layer}b": b_ih}
                if self.net[half].mode == "GRU":
                    found[f"{layer}b_hn"] = b_hh[2 * self.case.hidden :]
        return found
