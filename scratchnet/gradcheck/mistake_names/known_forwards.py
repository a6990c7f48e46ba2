"""Which textbook cell a forward is, by its numbers: which of its values is the forget gate, which the candidate.

    cell_of(seen)    Cell("lstm", roles={"i": ..., "f": ..., "c_prev": ...}), or None

An LSTM is two values h = o * tanh(c), c = f * (something) + i * g; a GRU is h = (1 - z) * n + z * (something), an RNN a
tanh that comes back as an operand. What the learner calls them does not matter, nor how the gates are stacked.

Read next: catalogue.py.
"""

from __future__ import annotations

from collections.abc import Iterator
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


def _like(seen: ForwardValues, one: Values) -> Iterator[Values]:
    """Yield the forward's arrays that are visited as often and are of the same shape."""
    for other in seen.distinct:
        if other is not one and len(other.arrays) == len(one.arrays) and other.shape == one.shape:
            yield other


def _lstm(seen: ForwardValues) -> Cell | None:
    for tanh_c in seen.tanhs:
        for c in _like(seen, tanh_c):
            if not all(np.allclose(np.tanh(a), b, atol=1e-10) for a, b in zip(c.arrays, tanh_c.arrays, strict=True)):
                continue
            for o in seen.sigmoids:
                if o.shape != c.shape or len(o.arrays) != len(c.arrays):
                    continue
                h = seen.find([a * b for a, b in zip(o.arrays, tanh_c.arrays, strict=True)], seen.distinct)
                found = None if h is None else _cell_state(seen, c)
                if h is not None and found is not None:
                    return Cell("lstm", {"o": o, "h": h, "c": c, "tanh_c": tanh_c, **found})
    return None


def _cell_state(seen: ForwardValues, c: Values) -> dict[str, Values] | None:
    """Return f, c_prev, i, g with c = f * c_prev + i * g."""
    gates = [one for one in seen.sigmoids if one.shape == c.shape and len(one.arrays) == len(c.arrays)]
    for f in gates:
        for c_prev in _like(seen, c):
            if c_prev in seen.tanhs or c_prev in seen.sigmoids:
                continue
            rest = seen.find(
                [a - b * p for a, b, p in zip(c.arrays, f.arrays, c_prev.arrays, strict=True)], seen.distinct
            )
            if rest is None or rest is c_prev:
                continue
            found = {"f": f, "c_prev": c_prev}
            for g in seen.tanhs:
                for i in gates:
                    if g.shape == c.shape and len(g.arrays) == len(c.arrays) and i is not f:
                        product = [a * b for a, b in zip(i.arrays, g.arrays, strict=True)]
                        if all(np.allclose(a, b, atol=1e-10) for a, b in zip(product, rest.arrays, strict=True)):
                            return {**found, "i": i, "g": g}
            if any(state.current is c and same(state.previous[-1], c_prev.arrays[-1]) for state in seen.states):
                return found
    return None


def _gru(seen: ForwardValues) -> Cell | None:
    for z in seen.sigmoids:
        for n in seen.tanhs:
            if n.shape != z.shape or len(n.arrays) != len(z.arrays):
                continue
            for h in _like(seen, z):
                for turned in (False, True):
                    gate = [1 - a if turned else a for a in z.arrays]
                    rest = [(a - (1 - b) * m) / b for a, b, m in zip(h.arrays, gate, n.arrays, strict=True)]  # h_prev
                    h_prev = seen.find(rest, seen.distinct)
                    if h_prev is None or h_prev is n or not all(np.abs(a).max() > 1e-9 for a in rest):
                        continue
                    if any(same(np.tanh(h.arrays[-1]), one.arrays[-1]) for one in seen.tanhs):
                        continue  # a cell state, of an LSTM with coupled gates
                    roles = {"z": z, "n": n, "h": h, "h_prev": h_prev}
                    for r in seen.sigmoids:
                        if r is not z and r.shape == z.shape and len(r.arrays) == len(z.arrays):
                            product = [a * b for a, b in zip(r.arrays, h_prev.arrays, strict=True)]
                            before = seen.find(product, seen.distinct) is not None
                            return Cell("gru, reset before the product" if before else "gru", {**roles, "r": r})
                    return Cell("gru", roles)
    return None


def _rnn(seen: ForwardValues) -> Cell | None:
    for state in seen.states:
        if state.current in seen.tanhs:
            return Cell("rnn", {"h": state.current, "h_prev": Values(state.uses[0].node, state.previous, [])})
    return None
