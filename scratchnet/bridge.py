"""What stands between the encoder's last states and the decoder's first: nothing, or a learned bridge.

`Handover` passes the states on as they are: encoder and decoder have the same cells. `Bridge` serves a bidirectional
encoder, whose forward and backward states of each layer become the decoder layer's state through one linear map,

    (1)  s = [s_forward, s_backward] W + b

one for each layer and each name of a state. (Bahdanau et al. 2015 apply a tanh; a cell state needs its range, so
here there is none.)

Read next: seq2seq.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from scratchnet.backend import Backend
from scratchnet.layers import Linear
from scratchnet.parameters import Parametric, make_rng
from scratchnet.recurrent import States


class Handover(Parametric):
    """The identity: the decoder starts exactly where the encoder ended."""

    def forward(self, final: States, tape: SimpleNamespace) -> States:
        """Return `final` itself."""
        return final

    def backward(self, d_initial: States, tape: SimpleNamespace) -> States:
        """Return `d_initial` itself."""
        return d_initial


class Bridge(Parametric):
    """Two encoder states to one decoder state, for each decoder cell and each name of a state."""

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

    def children(self) -> dict[str, Parametric]:
        return {f"layer{k}.{name}": linear for k, maps in enumerate(self.maps) for name, linear in maps.items()}

    def forward(self, final: States, tape: SimpleNamespace) -> States:
        """Return the decoder's states (B, H) for the encoder's, two (forward, backward) for each layer."""
        tape.joined = [
            {name: self.backend.xp.concatenate([final[2 * k][name], final[2 * k + 1][name]], axis=1) for name in maps}
            for k, maps in enumerate(self.maps)
        ]
        return [
            {name: linear.forward(tape.joined[k][name]) for name, linear in maps.items()}
            for k, maps in enumerate(self.maps)
        ]

    def backward(self, d_initial: States, tape: SimpleNamespace) -> States:
        """Accumulate the maps' gradients; return dL/d(encoder's last states)."""
        d_final: States = []
        for k, maps in enumerate(self.maps):
            forward, backward = {}, {}
            for name, linear in maps.items():
                joined = linear.backward(d_initial[k][name], tape.joined[k][name])
                half = joined.shape[1] // 2
                forward[name], backward[name] = joined[:, :half], joined[:, half:]
            d_final += [forward, backward]
        return d_final
