"""Which textbook cell a forward is, by its numbers: which of its values is the forget gate, which the candidate.

    cell_of(seen)    Cell("lstm", roles={"i": ..., "f": ..., "c_prev": ...}), or None

An LSTM is two values h = o * tanh(c), c = f * (something) + i * g; a GRU is h = (1 - z) * n + z * (something), an RNN a
tanh that comes back as an operand. What the learner calls them does not matter, nor how the gates are stacked.

Read next: catalogue.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from scratchnet.gradcheck.mistake_names.forward_values import ForwardValues, Values, same

ROLES = {
    "i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate", "c": "cell state",
    "c_prev": "previous cell state", "tanh_c": "tanh of the cell state", "h": "hidden state",
    "h_prev": "previous hidden state", "z": "update gate", "r": "reset gate", "n": "candidate",
}  # fmt: skip


@dataclass(eq=False)
class Cell:
    """A cell that a forward equals. kind: "lstm", "gru", "gru, reset before the product", "rnn"."""

    kind: str
    roles: dict[str, Values] = field(default_factory=dict)


def cell_of(seen: ForwardValues) -> Cell | None:
    """Return the textbook cell whose equations a forward obeys."""
    return _lstm(seen) or _gru(seen) or _rnn(seen)


def _lstm(seen: ForwardValues) -> Cell | None:
    for tanh_c in seen.tanhs:
        for c in seen.like(tanh_c):
            if same(np.tanh(c.flat), tanh_c.flat):
                for o in seen.like(c, seen.sigmoids):
                    h = seen.find(o.flat * tanh_c.flat, c)
                    found = _cell_state(seen, c) if h is not None else None
                    if h is not None and found is not None:
                        return Cell("lstm", {"o": o, "h": h, "c": c, "tanh_c": tanh_c, **found})
    return None


def _cell_state(seen: ForwardValues, c: Values) -> dict[str, Values] | None:
    """Return f, c_prev, i, g with c = f * c_prev + i * g."""
    gates, candidates = seen.like(c, seen.sigmoids), seen.like(c, seen.tanhs)
    for f in gates:
        for c_prev in seen.like(c):
            if c_prev in candidates or c_prev in gates:
                continue
            rest = seen.find(c.flat - f.flat * c_prev.flat, c)
            if rest is None or rest is c_prev:
                continue
            for g in candidates:
                for i in gates:
                    if i is not f and same(i.flat * g.flat, rest.flat):
                        return {"f": f, "c_prev": c_prev, "i": i, "g": g}
            if any(state.current is c and same(state.previous[-1], c_prev.arrays[-1]) for state in seen.states):
                return {"f": f, "c_prev": c_prev}
    return None


def _gru(seen: ForwardValues) -> Cell | None:
    for z in seen.sigmoids:
        for n in seen.like(z, seen.tanhs):
            for h in seen.like(z):
                for gate in (z.flat, 1 - z.flat):
                    h_prev = seen.find((h.flat - (1 - gate) * n.flat) / gate, z)
                    if h_prev is None or h_prev is n or not all(np.abs(a).max() > 1e-9 for a in h_prev.arrays):
                        continue
                    if any(same(np.tanh(h.arrays[-1]), one.arrays[-1]) for one in seen.tanhs):
                        continue  # a cell state, of an LSTM with coupled gates
                    roles = {"z": z, "n": n, "h": h, "h_prev": h_prev}
                    for r in seen.like(z, seen.sigmoids):
                        before = seen.find(r.flat * h_prev.flat, z) is not None
                        return Cell("gru, reset before the product" if before else "gru", {**roles, "r": r})
                    return Cell("gru", roles)
    return None


def _rnn(seen: ForwardValues) -> Cell | None:
    for state in seen.states:
        if state.current in seen.tanhs:
            return Cell("rnn", {"h": state.current, "h_prev": state.uses[0]})
    return None
