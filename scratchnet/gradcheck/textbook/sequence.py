"""A learner's function over whole sequences, as a layer of the library.

It is called as a step is, with a_x for its x: dx is then the gate-by-time map. Sentences of several lengths go in
padded, with their mask or lengths, where the function takes such; else those of one length together, in one call for
each length. Padding is filled with noise, for what stands there must not matter.

Read next: shapes.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.known_library import Packing, Recurrent
from scratchnet.gradcheck.textbook.cell import LearnersWeights, added, array_or_nan, nearest, weights_cell
from scratchnet.gradcheck.textbook.match_cell import MatchedCell, takes_lengths, takes_mask
from scratchnet.gradcheck.textbook.name_roles import X
from scratchnet.recurrent import States, check_states, zero_states
from scratchnet.tape import RecurrentTape

NOISE = 2.0


class SequenceLayer(Recurrent):
    """A learner's pair of functions over sequences in the place of the loop.

    zeroed_states: the states that the forward does not take and starts at zero. states_without_upstream: those for
    whose last value the backward takes no gradient. unreturned_states: those for whose first value it returns none.
    All three are skipped.
    """

    cell: LearnersWeights

    def __init__(self, cell: LearnersWeights) -> None:
        super().__init__(cell)
        self.learner = learner = cell.matched.learner
        self.padded = takes_mask(learner) or takes_lengths(learner)
        self.zeroed_states = tuple(name for name in cell.state if name not in learner.states)
        # With padding, what the outputs there say is the last state's gradient, if the last state stands there.
        entering = {"final h"} if self.padded else set()
        entering |= set(learner.upstream.values())
        self.states_without_upstream = tuple(name for name in cell.state if f"final {name}" not in entering)
        self.unreturned_states = tuple(name for name in cell.state if name not in self._returned_states())

    def _returned_states(self) -> list[str]:
        """Return the names of the initial states whose gradient the backward returns."""
        packing = Packing([2, 2])
        start = zero_states([self.cell], packing)[0]
        rows = np.zeros((packing.rows, self.input_size))
        call = Call(self.learner, [0, 1], packing, rows, start)
        try:
            return list(call.run(self.cell.true_weights(), np.zeros((packing.rows, self.output_size)), start))
        except Exception:  # the check itself will say where it stops
            return list(start)

    def groups(self, packing: Packing) -> Iterator[list[int]]:
        """Yield the sentences that go into one call."""
        if self.padded:
            yield list(range(packing.batch))
            return
        for length in dict.fromkeys(packing.lengths):
            yield [k for k, own in enumerate(packing.lengths) if own == length]

    def unroll(self, packing: Packing, initial: States | None, tape: RecurrentTape) -> tuple[Array, States]:
        """Run the learner's forward on a_x; on complex numbers, which not every learner's code bears, the library's."""
        tape.saved.given = a_x = tape.a_x.rows.copy()  # the tape's own memory of it is da_x's, too
        outputs, (final,) = super().unroll(packing, initial, tape)  # also says what the learner keeps: c, at times
        if self.dtype.kind == "c":
            return outputs, [final]
        tape.a_x.rows[...] = a_x
        start, weights = _states(self.cell, initial, packing), self.cell.identity_weights()
        for group in self.groups(packing):
            call = Call(self.learner, group, packing, tape.a_x.rows, start)
            passed = self.learner.forward(call.x, call.states, weights, call.mask)
            h = np.concatenate([one.h for one in passed])
            outputs[call.rows] = h[call.sentence, call.step]
            final["h"][group] = h[np.arange(len(group)), call.last(h)]
            for name in passed[0].final:
                final[name][group] = np.concatenate([one.final[name] for one in passed])
        return outputs, [final]

    def backward(
        self, d_outputs: Array | None, d_final: States | None, tape: RecurrentTape, need_dx: bool = True
    ) -> tuple[Array | None, States]:
        """Run the learner's backward twice: on a_x, for the map, and on x with the true weights, for the rest."""
        packing, cell, learner = tape.packing, self.cell, self.learner
        assert d_outputs is not None
        given = _states(cell, d_final, packing)
        start = {name: getattr(tape.state, name)[0] for name in cell.state}
        d_initial = {name: np.zeros_like(array) for name, array in given.items()}
        dx, total = np.full((packing.rows, self.input_size), np.nan, self.dtype), dict[str, Array]()
        truth = self._true_da(d_outputs, d_final, tape, start)
        sources = [np.full(truth.shape, np.nan) for _ in range(2)]
        for group in self.groups(packing):
            call = Call(learner, group, packing, tape.x, start)
            found = call.run(cell.true_weights(), d_outputs, given)
            dx[call.rows] = array_or_nan(found.get(X), call.x.shape)[call.sentence, call.step]
            for name in cell.state:
                d_initial[name][group] = array_or_nan(found.get(name), given[name][group].shape)
            for name in learner.weights.names:
                if name in found:
                    total[name] = added(total.get(name), found[name])
            marked = Call(learner, group, packing, tape.saved.given, start)
            d_marked = marked.run(cell.identity_weights(), d_outputs, given).get(X)
            sources[0][call.rows] = array_or_nan(d_marked, marked.x.shape)[call.sentence, call.step]
            sources[1][call.rows] = self._by_weights(marked, d_outputs, given)
        tape.da_x.rows[...] = tape.da_h.rows[...] = nearest(sources, truth)
        cell.add_gradients(total)
        return dx, [d_initial]

    def _by_weights(self, call: Call, d_outputs: Array, given: Mapping[str, Array]) -> Array:
        """Return da_x of a call's rows: a further input that is 1 in one row alone makes its row of dW_x that da_x."""
        count, width = len(call.rows), call.x.shape[2]
        marks = np.zeros((*call.x.shape[:2], count), call.x.dtype)
        marks[call.sentence, call.step, np.arange(count)] = 1.0
        call.x = np.concatenate([call.x, marks], axis=2)
        own = call.run(self.cell.identity_weights(count), d_outputs, given)
        return self.cell.matched.writing.read(own, width + count, self.cell.hidden_size)["W_ih"][width:]

    def _true_da(self, d_outputs: Array, d_final: States | None, tape: RecurrentTape, start: dict[str, Array]) -> Array:
        layer, own = Recurrent(self.cell.reference()), RecurrentTape()
        own.prepare(layer.cell, tape.packing)
        own.x = tape.x
        own.a_x.rows[...] = tape.saved.given
        layer.unroll(tape.packing, [start], own)
        layer.backward(d_outputs, d_final, own, need_dx=False)
        return np.array(own.da_x.rows)


def sequence_layer(matched: MatchedCell, inputs: int, hidden: int, seed: int = 0) -> SequenceLayer:
    """Return a fitted pair of functions over sequences as a layer of the learner's own, named as they are."""
    pair = matched.learner.pair
    kind = type(pair.name, (SequenceLayer,), {"__module__": pair.forward.__module__})
    made = kind(weights_cell(matched)(inputs, hidden, rng=seed, dtype="float64"))
    assert isinstance(made, SequenceLayer)
    return made


class Call:
    """One call of a learner's functions: some sentences of a packed batch, padded to the longest of them."""

    def __init__(
        self, learner: Any, group: list[int], packing: Packing, rows: Array, start: Mapping[str, Array]
    ) -> None:
        self.group, self.learner = group, learner
        place = {sentence: k for k, sentence in enumerate(group)}
        of_row, step_of_row = packing.sequence_of_row, packing.step_of_row
        self.rows = np.flatnonzero(np.isin(of_row, group))
        self.sentence = np.array([place[int(sentence)] for sentence in of_row[self.rows]])
        self.step = step_of_row[self.rows]
        self.lengths = np.array([packing.lengths[sentence] for sentence in group])
        shape = (len(group), int(self.lengths.max()), rows.shape[1])
        self.x = np.random.default_rng(len(group)).uniform(-NOISE, NOISE, shape).astype(rows.dtype)
        self.x[self.sentence, self.step] = rows[self.rows]
        self.mask = (np.arange(shape[1]) < self.lengths[:, None]).astype(float)
        self.states = {name: array[group] for name, array in start.items()}

    def last(self, h: Array) -> Array:
        """Return where each sentence's last state stands: in the last column, if padding carries it there."""
        ends = self.lengths - 1
        carried = h[:, -1] == h[np.arange(len(h)), ends]
        return np.where(carried.all(), h.shape[1] - 1, ends)

    def run(self, weights: Mapping[str, Array], d_outputs: Array, d_final: Mapping[str, Array]) -> dict[str, Array]:
        """Run forward and backward; return the learner's gradients by target."""
        passed = self.learner.forward(self.x, self.states, weights, self.mask)
        h = np.concatenate([one.h for one in passed])
        upstream = {"h": np.zeros(h.shape, d_outputs.dtype)}
        upstream["h"][self.sentence, self.step] = d_outputs[self.rows]
        if "final h" in self.learner.upstream.values():
            upstream["final h"] = d_final["h"][self.group]
        else:
            upstream["h"][np.arange(len(h)), self.last(h)] += d_final["h"][self.group]
        if "final c" in self.learner.upstream.values():
            upstream["final c"] = d_final["c"][self.group]
        return dict(self.learner.backward(passed, upstream))


def _states(cell: Any, states: States | None, packing: Packing) -> dict[str, Array]:
    return (zero_states([cell], packing) if states is None else check_states(states, [cell], packing))[0]
