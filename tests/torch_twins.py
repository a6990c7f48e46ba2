"""The same networks in PyTorch, as one would write them there, and their weights and gradients under our names.

    module = torch_recurrent("gru", input_size=3, hidden_size=4, layers=2)          an nn.GRU in float64
    load_torch_weights(stack, module)                                               the Stack now computes the same
    recurrent_arrays(module, "grad")["layer1.W_hh"]                                 what stack.gradients() should hold

PyTorch keeps two biases for every gate, one beside each product. Their sum is our b, except in the GRU's candidate,
where a reset gate stands between them: b_hn is the recurrent one alone. Gates are in the same order; matrices are
transposed.

A test file that imports this one is skipped, saying so, where PyTorch is absent.

Read next: test_torch_recurrent.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from scratchnet.cells import GRUCell, LSTMCell, RNNCell
from scratchnet.data import END, PAD, START
from scratchnet.recurrent import Recurrent
from scratchnet.stack import Bidirectional, Layer, Stack

torch = pytest.importorskip("torch", reason="PyTorch is absent: pip install torch to compare with it")
torch.set_num_threads(1)  # at these sizes, handing work to other threads costs more than the work

Arrays = dict[str, np.ndarray[Any, Any]]
CELL_CLASSES = {"lstm": LSTMCell, "gru": GRUCell, "rnn": RNNCell}


def torch_recurrent(kind: str, input_size: int, hidden_size: int, layers: int = 1, bidirectional: bool = False) -> Any:
    """Return an nn.LSTM, nn.GRU or nn.RNN in float64."""
    module = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[kind]
    return module(input_size, hidden_size, layers, bidirectional=bidirectional, dtype=torch.float64)


def recurrent_stack(
    kind: str, input_size: int, hidden_size: int, layers: int = 1, bidirectional: bool = False
) -> Stack:
    """Return our network of the same shape, in float64; its weights are its own until `load_torch_weights`."""

    def one(inputs: int, reverse: bool = False) -> Recurrent:
        return Recurrent(CELL_CLASSES[kind](inputs, hidden_size, dtype="float64"), reverse=reverse)

    widths = [input_size] + [hidden_size * (2 if bidirectional else 1)] * (layers - 1)
    stack: list[Layer] = [Bidirectional(one(w), one(w, True)) if bidirectional else one(w) for w in widths]
    return Stack(stack)


def load_torch_weights(stack: Stack, module: Any) -> None:
    """Copy the weights of an nn.LSTM, nn.GRU or nn.RNN into a Stack. Raises InputError where the shapes differ."""
    stack.load_parameters(recurrent_arrays(module, "data"))


def recurrent_arrays(module: Any, what: str) -> Arrays:
    """Return the weights ("data") or gradients ("grad") of a recurrent module by the names of a Stack's parameters."""
    found: Arrays = {}
    directions = {"forward": "", "backward": "_reverse"} if module.bidirectional else {"": ""}
    for k in range(module.num_layers):
        for direction, ending in directions.items():
            w_ih, w_hh, b_ih, b_hh = (
                getattr(getattr(module, f"{name}_l{k}{ending}"), what).numpy()
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            # Biases that are added have the same gradient, that of their sum.
            arrays = {"W_ih": w_ih.T, "W_hh": w_hh.T, "b": b_ih + b_hh if what == "data" else b_ih}
            if module.mode == "GRU":
                candidate = 2 * module.hidden_size
                arrays["b"] = np.concatenate([arrays["b"][:candidate], b_ih[candidate:]])
                arrays["b_hn"] = b_hh[candidate:]
            path = f"layer{k}.{direction}." if direction else f"layer{k}."
            found |= {path + name: array for name, array in arrays.items()}
    return found


def freeze_second_biases(module: Any) -> None:
    """Make every recurrent bias zero for good, but for the GRU candidate's: as many degrees of freedom as ours.

    Two biases that are added would each take the optimizer's step, and both would count in the global norm.
    """
    for name, parameter in module.named_parameters():
        if name.startswith("bias_hh"):
            free = torch.zeros_like(parameter)
            if module.mode == "GRU":
                free[2 * module.hidden_size :] = 1.0
            parameter.data *= free
            parameter.register_hook(lambda gradient, free=free: gradient * free)


class TorchSeq2Seq:
    """The encoder-decoder in PyTorch: packed sources, padded targets, teacher forcing; options as `Seq2Seq`'s.

    Everything it owns is in `modules`, an nn.ModuleDict in float64.
    """

    def __init__(
        self,
        kind: str,
        source_vocabulary: int,
        target_vocabulary: int,
        embedding_size: int,
        hidden_size: int,
        layers: int = 1,
        bidirectional: bool = False,
        reverse_source: bool = False,
        tied_embeddings: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        nn, double = torch.nn, {"dtype": torch.float64}
        self.layers, self.reverse_source, self.label_smoothing = layers, reverse_source, label_smoothing
        self.tied = tied_embeddings
        encoder = torch_recurrent(kind, embedding_size, hidden_size, layers, bidirectional)
        decoder = torch_recurrent(kind, embedding_size, hidden_size, layers)
        self.states = ("h", "c") if kind == "lstm" else ("h",)
        parts = {
            "source": nn.Embedding(source_vocabulary, embedding_size, **double),
            "target": nn.Embedding(target_vocabulary, embedding_size, **double),
            "encoder": encoder,
            "decoder": decoder,
            "output": nn.Linear(hidden_size, target_vocabulary, **double),
        }
        if bidirectional:
            names = [f"{k}{name}" for k in range(layers) for name in self.states]
            parts["bridge"] = nn.ModuleDict({name: nn.Linear(2 * hidden_size, hidden_size, **double) for name in names})
        self.modules = nn.ModuleDict(parts)
        if tied_embeddings:
            parts["output"].weight = parts["target"].weight
        freeze_second_biases(encoder)
        freeze_second_biases(decoder)

    def loss(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> Any:
        """Return the mean cross-entropy over the real target tokens of a batch of token ids."""
        part, rnn = self.modules, torch.nn.utils.rnn
        read = [torch.tensor(list(source)[:: -1 if self.reverse_source else 1]) for source in sources]
        lengths = torch.tensor([len(source) for source in read])
        embedded = part["source"](rnn.pad_sequence(read, padding_value=PAD))
        packed = rnn.pack_padded_sequence(embedded, lengths, enforce_sorted=False)
        _, final = part["encoder"](packed)
        context = final if len(self.states) == 2 else (final,)
        if "bridge" in part:
            context = tuple(self._bridge(name, both) for name, both in zip(self.states, context, strict=True))
        given = rnn.pad_sequence([torch.tensor([START, *target]) for target in targets], padding_value=PAD)
        wanted = rnn.pad_sequence([torch.tensor([*target, END]) for target in targets], padding_value=PAD)
        outputs, _ = part["decoder"](part["target"](given), context if len(self.states) == 2 else context[0])
        return torch.nn.functional.cross_entropy(
            part["output"](outputs).flatten(0, 1),
            wanted.flatten(),
            ignore_index=PAD,
            label_smoothing=self.label_smoothing,
        )

    def _bridge(self, name: str, both: Any) -> Any:
        joined = [torch.cat([both[2 * k], both[2 * k + 1]], dim=1) for k in range(self.layers)]
        return torch.stack([self.modules["bridge"][f"{k}{name}"](joined[k]) for k in range(self.layers)])

    def arrays(self, what: str) -> Arrays:
        """Return all weights ("data") or gradients ("grad") by the names of our Seq2Seq's parameters."""
        part = self.modules
        found = {
            "encoder.embedding.W": getattr(part["source"].weight, what).numpy(),
            "decoder.embedding.W": getattr(part["target"].weight, what).numpy(),
        }
        for half in ("encoder", "decoder"):
            found |= {f"{half}.layers.{name}": a for name, a in recurrent_arrays(part[half], what).items()}
        linears = {"decoder.output": part["output"]}
        if "bridge" in part:
            linears |= {f"bridge.layer{name[0]}.{name[1:]}": linear for name, linear in part["bridge"].items()}
        for name, linear in linears.items():
            found[f"{name}.b"] = getattr(linear.bias, what).numpy()
            if not (self.tied and linear is part["output"]):
                found[f"{name}.W"] = getattr(linear.weight, what).numpy().T
        return found
