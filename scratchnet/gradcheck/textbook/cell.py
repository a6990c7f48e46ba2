"""A learner's step as a cell of the library, so that all that checks a cell checks it, too.

The library multiplies x by W_ih before the loop and hands a step a_x = x W_ih + b; a learner's step multiplies for
itself. So it is called with a_x for its x, the identity for its input weights and zero for its bias: its
pre-activations are then a_x plus its own recurrent share, and its dx is dL/d(a_x), the gate-by-time map.

Its gradients of weights come from a second call, with the true x and the true weights, for every step after the loop.

Read next: find_pairs.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from scratchnet.backend import Array
from scratchnet.cells import Named
from scratchnet.gradcheck.known_library import CELLS, Cell
from scratchnet.gradcheck.textbook.match_cell import MatchedCell
from scratchnet.gradcheck.textbook.name_roles import C, X
from scratchnet.gradcheck.textbook.shapes import has_bias


class LearnersWeights(Cell):
    """The library's weights of a fitted learner: W_ih, W_hh, b, and b_hn where the learner has a second bias."""

    matched: ClassVar[MatchedCell]
    separate_da_h = True

    def build(self, rng: np.random.Generator) -> None:
        """Create the parameters that the learner has."""
        super().build(rng)
        self.own: dict[str, Array] = {}  # the learner's gradients of the last backward, by the learner's names
        if self.matched.writing.kind == "gru" and self.matched.writing.two_biases:
            self.add_parameter("b_hn", np.zeros(self.hidden_size))
        if not has_bias(self.matched.writing.plan):
            self.parameter_names.remove("b")  # it stays zero

    def library_weights(self) -> dict[str, Array]:
        """Return W_ih, W_hh, b and b_hn (zero where there is none)."""
        none = np.zeros(self.hidden_size, self.dtype)
        return {"W_ih": self.W_ih, "W_hh": self.W_hh, "b": self.b, "b_hn": getattr(self, "b_hn", none)}

    def true_weights(self) -> dict[str, Array]:
        """Return the learner's weights."""
        return self.matched.writing.write(self.library_weights(), self.hidden_size)

    def identity_weights(self, more: int = 0) -> dict[str, Array]:
        """Return the learner's weights with which an input stands for a_x itself; `more` further inputs do nothing."""
        width = len(self.gates) * self.hidden_size
        weights = self.library_weights()
        weights["W_ih"] = np.eye(width + more, width, dtype=self.dtype)
        weights["b"] = np.zeros_like(self.b)
        return self.matched.writing.write(weights, self.hidden_size)

    def reference(self) -> Any:
        """Return the library's cell of this kind; its weights are these very arrays."""
        kind = CELLS[self.matched.writing.kind]
        cell = kind.__new__(kind)
        data = {name: value for name, value in vars(self).items() if not callable(value)}
        weights = self.library_weights()
        vars(cell).update(data | weights | {f"d{name}": np.zeros_like(array) for name, array in weights.items()})
        return cell

    def forward_step(self, a_x: Array, prev: Named, new: Named, saved: Named) -> None:
        """Run the library's step, which the learner's forward equals."""
        cell = self.reference()
        kept = {name: np.empty_like(prev.h) for name in cell.saved}
        cell.forward_step(a_x, prev, new, SimpleNamespace(**kept))

    def add_gradients(self, own: Mapping[str, Array]) -> None:
        """Add the learner's gradients, read as the library's, to the library's."""
        self.own = dict(own)
        found = self.matched.writing.read(own, self.input_size, self.hidden_size)
        for name in self.parameter_names:
            gradient = getattr(self, "d" + name)
            gradient += found[name]


class StepCell(LearnersWeights):
    """A learner's step behind the contract of a cell."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.later: list[dict[str, Array]] = []  # the upstream gradients of the steps gone through, last step first

    def forward_step(self, a_x: Array, prev: Named, new: Named, saved: Named) -> None:
        """Run the learner's forward on a_x; on complex numbers, which not every learner's code bears, the library's."""
        if self.dtype.kind == "c":
            super().forward_step(a_x, prev, new, saved)
            return
        for gate, block in zip(self.gates, self.blocks(a_x), strict=True):
            getattr(saved, f"a_{gate}")[...] = block
        passed = self.matched.learner.forward(a_x, vars(prev), self.identity_weights())
        new.h[...] = np.concatenate([one.h for one in passed])
        if C in self.state:
            new.c[...] = np.concatenate([one.c for one in passed if one.c is not None])

    def backward_step(self, d: Named, prev: Named, new: Named, saved: Named, da_x: Array, da_h: Array) -> None:
        """Run the learner's backward on a_x; keep what it was given for `accumulate_gradients`."""
        upstream = {name: array.copy() for name, array in vars(d).items()}
        self.later.append(upstream)
        learner, states, size = self.matched.learner, vars(prev), len(self.gates) * self.hidden_size
        a_x = np.concatenate([getattr(saved, f"a_{gate}") for gate in self.gates], axis=1)
        weights = self.identity_weights(1)
        marked = np.concatenate([a_x, np.ones((len(a_x), 1))], axis=1)
        found = learner.backward(learner.forward(marked, states, weights), upstream)
        for name in self.state:
            getattr(d, name)[...] = array_or_nan(found.get(name), getattr(d, name).shape)
        sources = [array_or_nan(found.get(X), marked.shape)[:, :size]]
        rows = []
        for k in range(len(a_x)):
            row = slice(k, k + 1)
            one = learner.forward(marked[row], {n: array[row] for n, array in states.items()}, weights)
            own = learner.backward(one, {n: array[row] for n, array in upstream.items()})
            rows.append(self.matched.writing.read(own, size + 1, self.hidden_size))
        sources += [np.concatenate([row["W_ih"][-1:] for row in rows]), np.stack([row["b"] for row in rows])]
        da_x[...] = nearest(sources, self._true_da(upstream, prev, new, a_x))
        da_h[...] = da_x

    def _true_da(self, upstream: Mapping[str, Array], prev: SimpleNamespace, new: SimpleNamespace, a_x: Array) -> Array:
        """Return what the library's cell has for da_x at this step, given the same upstream gradients."""
        cell, da_x, da_h = self.reference(), np.empty_like(a_x), np.empty_like(a_x)
        kept = SimpleNamespace(**{name: np.empty_like(prev.h) for name in cell.saved})
        after = SimpleNamespace(**{name: np.empty_like(prev.h) for name in cell.state})
        cell.forward_step(a_x.copy(), prev, after, kept)
        d = SimpleNamespace(**{name: array.copy() for name, array in upstream.items()})
        cell.backward_step(d, prev, after, kept, da_x, da_h if cell.separate_da_h else da_x)
        return da_x

    def accumulate_gradients(self, x: Any, tape: Any, dx: Array | None) -> None:
        """Run every step once more, with its true input and weights, and add up what the learner's backward returns."""
        learner, weights, later, self.later = self.matched.learner, self.true_weights(), self.later, []
        total: dict[str, Array] = {}
        for upstream, t in zip(later, reversed(range(tape.packing.steps)), strict=True):
            rows = slice(tape.packing.offsets[t], tape.packing.offsets[t + 1])
            prev, _, _ = tape.step(t)
            found = learner.backward(learner.forward(x[rows], vars(prev), weights), upstream)
            if dx is not None:
                dx[rows] = array_or_nan(found.get(X), dx[rows].shape)
            for name in learner.weights.names:
                if name in found:
                    total[name] = added(total.get(name), found[name])
        self.add_gradients(total)


def array_or_nan(array: Array | None, shape: tuple[int, ...]) -> Array:
    """Return the array, or NaN of the wanted shape where it is missing or has another."""
    return array if array is not None and np.shape(array) == shape else np.full(shape, np.nan)


def added(one: Array | None, two: Array) -> Array:
    """Return the sum; the last one alone where the shapes do not fit, which shows later."""
    return two if one is None or np.shape(one) != np.shape(two) else one + two


def nearest(sources: Sequence[Array], truth: Array) -> Array:
    """Return the source that is nearest the truth.

    The gradient of the pre-activations goes into dx, into dW and into db. Where one of them is right, it was right.
    """
    errors = [float(np.nan_to_num(np.abs(source - truth), nan=np.inf).max()) for source in sources]
    return sources[int(np.argmin(errors))]


def step_cell(matched: MatchedCell) -> type[StepCell]:
    """Return the class of cells that a fitted step is."""
    made: type[StepCell] = _made(matched, StepCell, tuple(f"a_{gate}" for gate in matched.writing.gates))
    return made


def weights_cell(matched: MatchedCell) -> type[LearnersWeights]:
    """Return the class that holds the weights of a fitted sequence function."""
    made: type[LearnersWeights] = _made(matched, LearnersWeights, ())
    return made


def _made(matched: MatchedCell, base: type, saved: tuple[str, ...]) -> Any:
    pair, writing = matched.learner.pair, matched.writing
    state = CELLS[writing.kind].state
    body = {
        "matched": matched,
        "state": state,
        "gates": writing.gates,
        "saved": saved,
        "__module__": pair.forward.__module__,
        # Through these the check knows the learner's file.
        "learners_forward": _plain(pair.forward),
        "learners_backward": _plain(pair.backward),
    }
    return type(pair.name, (base,), body)


def _plain(function: Any) -> Any:
    return getattr(function, "__func__", function)
