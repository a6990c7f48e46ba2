"""The contestant PyTorch: the same model as someone who knows PyTorch well writes it. The only file that imports torch.

    layers        nn.Embedding, nn.LSTM or nn.GRU, nn.Linear; time-major, sorted by source length
    ragged        packed sources; targets padded, and F.cross_entropy passes the padding over (ignore_index)
    valid only    the stronger twin: padding is dropped before the output layer, which then has less to do; the GRU's
                  targets are packed, too (for the LSTM padding is faster: PyTorch has a fused layer for it)
    update        gradients set to None, clip_grad_norm_, and the fastest of Adam's forms, found by trying

PyTorch keeps two biases where this library has one; all of ours go into the first, so both compute the same.

Read next: same.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from scratchnet.bench.cases import DECODE, Case, Data, never_ending, written_length
from scratchnet.bench.own_peer import CLIP_NORM, LEARNING_RATE
from scratchnet.data import END, PAD, START
from scratchnet.errors import InputError

FORMS = {"fused": {"fused": True}, "foreach": {"foreach": True}, "plain": {"foreach": False}}  # of an optimizer


def torch_is_there() -> bool:
    """Tell whether PyTorch is installed, without loading it."""
    return find_spec("torch") is not None


class TorchPeer:
    """The model, its optimizer and its batches in PyTorch; see own_peer.py for what the methods promise.

    form: which of Adam's forms is used, "fused" unless another was found faster.
    Raises InputError where PyTorch is absent.
    """

    def __init__(self, case: Case, cell: str, threads: int, valid_only: bool = False, form: str = "fused") -> None:
        if not torch_is_there():
            raise InputError("PyTorch is not installed, so there is nothing to compare with: pip install torch")
        self.torch: Any = import_module("torch")
        torch, nn = self.torch, self.torch.nn
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.case, self.data = case, Data(case)
        self.valid_only, self.pack_targets = valid_only, valid_only and cell == "gru"
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
        )
        self.batches: dict[int, dict[str, Any]] = {}
        if case.work == DECODE:
            self.net.eval()
            with torch.no_grad():
                never_ending(self.net["output"].bias)
        else:
            self.optimizer = self.new_optimizer(form)

    def new_optimizer(self, form: str) -> Any:
        """Return a fresh optimizer in one of PyTorch's forms."""
        kind = {"adam": self.torch.optim.Adam, "sgd": self.torch.optim.SGD}[self.case.optimizer]
        return kind(self.net.parameters(), lr=LEARNING_RATE, **FORMS[form])

    def fastest_form(self) -> str:
        """Return which form of the optimizer takes the least time on this model; its steps are really taken."""
        self.prepare(0, 1)
        self.step(0)
        seconds = {}
        for form in FORMS:
            self.optimizer = self.new_optimizer(form)
            self.optimizer.step()
            start = time.perf_counter()
            for _ in range(3):
                self.optimizer.step()
            seconds[form] = time.perf_counter() - start
        return min(seconds, key=lambda form: seconds[form])

    def prepare(self, first: int, steps: int) -> None:
        """Pad the batches `first` to `first + steps - 1`, sentences sorted by source length."""
        wanted = {k % self.case.batches for k in range(first, first + steps)}
        self.batches = {k: self.batches[k] if k in self.batches else self.collate(k) for k in sorted(wanted)}

    def collate(self, number: int) -> dict[str, Any]:
        """Return batch `number` as padded tensors, (T, B) each."""
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
        elif self.valid_only:
            batch["rows"] = (batch["wanted"] != PAD).nonzero().flatten()
            batch["wanted"] = batch["wanted"][batch["rows"]]
        return batch

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
            rows = rows[batch["rows"]] if self.valid_only else rows
        return self.torch.nn.functional.cross_entropy(self.net["output"](rows), batch["wanted"], ignore_index=PAD)

    def step(self, k: int) -> Any:
        """Train on batch `k`, or translate its sources; return the loss, or None."""
        batch = self.batches[k % self.case.batches]
        if self.case.work == DECODE:
            self.translate(batch)
            return None
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(batch)
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.net.parameters(), CLIP_NORM)
        self.optimizer.step()
        return loss.detach()

    def translate(self, batch: dict[str, Any]) -> list[list[int]]:
        """Return the greedy translations of a batch, in the order of its tensors."""
        torch = self.torch
        with torch.inference_mode():
            states = self.encode(batch)
            words = torch.full((1, len(batch["order"])), START)
            done = torch.zeros(words.shape[1], dtype=torch.bool)
            written = []
            for _ in range(written_length(self.case)):
                outputs, states = self.net["decoder"](self.net["target"](words), states)
                words = self.net["output"](outputs).argmax(dim=2)
                written.append(words[0])
                done |= words[0] == END
                if done.all():
                    break
            found: list[list[int]] = torch.stack(written, dim=1).tolist()
            return found

    def finish(self, loss: Any) -> float:
        """Return the loss in nats per token."""
        return 0.0 if loss is None else float(loss)

    def answers(self, weights: str, out: str) -> None:
        """Write loss and gradients of batch 0 under the weights in a file, or the words of a decoding case."""
        self.load_weights(load_file(weights))
        self.prepare(0, 1)
        batch = self.batches[0]
        if self.case.work == DECODE:
            words = np.array(self.translate(batch))
            save_file({"words": np.ascontiguousarray(words[np.argsort(batch["order"])])}, out)
            return
        self.net.zero_grad(set_to_none=True)
        loss = self.loss(batch)
        loss.backward()
        gradients = self.tensors(lambda parameter: parameter.grad)
        answers = {name: np.ascontiguousarray(gradient.numpy()) for name, gradient in gradients.items()}
        save_file(answers | {"loss": np.array([loss.item()])}, out)

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
