"""Which known cell a learner's forward is: every reading of the weights is tried until the results agree.

Read next: name_roles.py.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.known_library import CELLS, Packing, Recurrent
from scratchnet.gradcheck.mistakes import mistakes_of, mutant_of
from scratchnet.gradcheck.textbook.calls import Learner, with_roles
from scratchnet.gradcheck.textbook.find_pairs import Pair
from scratchnet.gradcheck.textbook.layouts import SEQUENCES, STEPS, Layout
from scratchnet.gradcheck.textbook.name_roles import LENGTHS, MASK, C, H
from scratchnet.gradcheck.textbook.results import CallMismatch
from scratchnet.gradcheck.textbook.shapes import (
    Part,
    Plan,
    Writing,
    forms,
    has_bias,
    likely_first,
    orders,
    plans,
    shape_of,
)
from scratchnet.gradcheck.textbook.weight_container import WeightContainer

BATCH, STEPS_TRIED, INPUTS, HIDDEN = 4, 3, 2, 5  # no two alike, so that no wrong shape fits by luck
SAME = 1e-9
KINDS = {"h": ("rnn", "gru", "gru-reset-before"), "hc": ("lstm",), "": tuple(CELLS)}
# What a wrong guess at shapes ends in; any other error is the learner's own.
GUESSED = (CallMismatch, ValueError, TypeError, IndexError, KeyError, AttributeError, AssertionError)


class ForwardFails(Exception):
    """The forward stops with an error that no other layout would mend."""


@dataclass(frozen=True)
class MatchedCell:
    """A learner whose forward equals a known cell's. writing: how its weights correspond."""

    learner: Learner
    writing: Writing


@dataclass
class MatchSearch:
    """What was tried: `ran`, the first way of calling that runs at all, and the most telling error of
    those that do not."""

    ran: tuple[Learner, dict[str, tuple[int, ...]]] | None = None
    nearest: tuple[float, str] | None = None
    error: Exception | None = None
    tried: int = 0
    running: list[tuple[Learner, str, dict[str, Part]]] = field(default_factory=list)

    def note(self, error: Exception) -> None:
        """Keep an error, unless the one that is kept says more."""
        if self.error is None or (isinstance(self.error, GUESSED) and not isinstance(error, CallMismatch)):
            self.error = error


def find_match(pair: Pair, container: WeightContainer) -> tuple[MatchedCell | None, MatchSearch]:
    """Return the match, or None, and what the search saw."""
    search = MatchSearch()
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.suppress(ForwardFails):
        warnings.simplefilter("ignore")
        for sequence in _manners(pair):
            first: MatchedCell | None = None
            for learner, kind, plan in _running(pair, container, sequence, search):
                if first is not None and not learner.layout.each:
                    continue
                found = _writing(learner, kind, plan, search)
                if found is not None and goes_back(MatchedCell(learner, found)):
                    return MatchedCell(learner, found), search
                if found is not None:
                    # The forward may take a whole batch by luck, and the backward only one sentence at a time.
                    first = first or MatchedCell(learner, found)
            if first is not None:
                return first, search
    return None, search


def goes_back(matched: MatchedCell) -> bool:
    """Tell whether the backward runs, too, and returns every gradient in the shape of its weight."""
    learner, writing = matched.learner, matched.writing
    rng = np.random.default_rng(2)
    weights = {name: 0.5 * rng.standard_normal(shape_of(p, INPUTS, HIDDEN)) for name, p in writing.plan.items()}
    shape = (BATCH, STEPS_TRIED, INPUTS) if learner.sequence else (BATCH, INPUTS)
    states = {name: rng.standard_normal((BATCH, HIDDEN)) for name in (H, C)}
    upstream = {name: rng.standard_normal((*shape[:-1], HIDDEN)) for name in (H, C)}
    upstream |= {f"final {name}": rng.standard_normal((BATCH, HIDDEN)) for name in (H, C)}
    try:
        passed = learner.forward(rng.standard_normal(shape), states, weights)
        found = learner.backward(passed, upstream)
    except Exception:  # whatever a learner's code raises
        return False
    return all(np.shape(found[name]) == array.shape for name, array in weights.items() if name in found)


def _manners(pair: Pair) -> tuple[bool, ...]:
    """Return whether to try a step first, or a sequence first."""
    name = pair.name.lower()
    if "step" in name or ("cell" in name and not pair.loops):
        return False, True
    return (True, False) if pair.loops else (False, True)


def _running(
    pair: Pair, container: WeightContainer, sequence: bool, search: MatchSearch
) -> Iterator[tuple[Learner, str, dict[str, Part]]]:
    """Yield every way of calling under which the forward runs and returns states of the right shape."""
    known = container.shapes(INPUTS, HIDDEN)
    for layout in SEQUENCES if sequence else STEPS:
        learner = with_roles(Learner(pair, container, layout, sequence))
        if not sequence and H not in learner.states:
            continue
        states = "hc" if C in learner.states else "h"
        kinds = KINDS[states] if not sequence or C in learner.states else KINDS[""]
        for kind in kinds:
            for plan in likely_first(list(plans(container.names, kind))):
                for formed in forms(plan, known, (INPUTS, HIDDEN)):
                    for mask in range(4 if takes_mask(learner) else 1):
                        candidate = replace(learner, mask=mask)
                        if _runs(candidate, formed, search):
                            search.running.append((candidate, kind, formed))
                            yield candidate, kind, formed
                            break


def takes_mask(learner: Learner) -> bool:
    """Tell whether the forward has an argument for a mask."""
    return any(learner.pair.role_of(p.name) == MASK for p in learner.pair.arguments(learner.pair.forward))


def takes_lengths(learner: Learner) -> bool:
    """Tell whether the forward has an argument for the sentences' lengths."""
    return any(learner.pair.role_of(p.name) == LENGTHS for p in learner.pair.arguments(learner.pair.forward))


def _runs(learner: Learner, plan: Plan, search: MatchSearch) -> bool:
    shapes = {name: shape_of(part, INPUTS, HIDDEN) for name, part in plan.items()}
    rng = np.random.default_rng(0)
    weights = {name: 0.5 * rng.standard_normal(shape) for name, shape in shapes.items()}
    search.tried += 1
    try:
        run_once(learner, weights, rng)
    except Exception as error:
        search.note(error)
        if not isinstance(error, GUESSED):
            raise ForwardFails from error
        return False
    if search.ran is None:
        search.ran = learner, shapes
    return True


def run_once(learner: Learner, weights: Mapping[str, Array], rng: np.random.Generator) -> Array:
    """Run the forward once on random input; return h. Raises CallMismatch where its shape is wrong."""
    shape = (BATCH, STEPS_TRIED, INPUTS) if learner.sequence else (BATCH, INPUTS)
    states = {name: rng.standard_normal((BATCH, HIDDEN)) for name in (H, C)}
    passed = learner.forward(rng.standard_normal(shape), states, weights)
    h = np.concatenate([one.h for one in passed])
    wanted = (*shape[:-1], HIDDEN)
    if h.shape != wanted:
        raise CallMismatch(f"{learner.pair.forward.__name__} returns a state of shape {h.shape}, wanted {wanted}")
    if C in learner.states and not learner.sequence and any(one.c is None for one in passed):
        raise CallMismatch(f"{learner.pair.forward.__name__} returns no cell state")
    return h


def known_wrong_forward(search: MatchSearch) -> str:
    """Return the known mistake with which a forward that equals no cell equals one, in words; "" for none."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for learner, kind, plan in search.running:
            for mistake in mistakes_of([CELLS[kind].__name__]):
                if mistake.forward and _writing(
                    learner, kind, plan, search, mutant_of(mistake.edits).class_for(CELLS[kind])
                ):
                    return f"{kind} with this mistake: {mistake.name.removeprefix('forward: ')}"
    return ""


def _writing(
    learner: Learner, kind: str, plan: dict[str, Part], search: MatchSearch, wrong: type | None = None
) -> Writing | None:
    """Return the order of gates under which the learner's forward is the library's cell, or its mutant, or None."""
    rng = np.random.default_rng(1)
    cell = (wrong or CELLS[kind])(INPUTS, HIDDEN, rng=rng, dtype="float64")
    for array in cell.parameters().values():
        array[...] = 0.7 * rng.standard_normal(array.shape)
    two = any(part.rows == "b2" for part in plan.values())
    if not has_bias(plan):
        cell.b[...] = 0.0
    if hasattr(cell, "b_hn") and not two:
        cell.b_hn[...] = 0.0
    x = rng.standard_normal((BATCH, STEPS_TRIED if learner.sequence else 1, INPUTS))
    states = {name: rng.standard_normal((BATCH, HIDDEN)) for name in (H, C)}
    wanted = reference_outputs(cell, x, states, learner.states)
    if not learner.sequence:
        x = x[:, 0]
    for ordered in orders(plan):
        for signs in ({}, {"z": -1.0}) if kind.startswith("gru") else ({},):
            writing = Writing(kind, ordered, signs)
            search.tried += 1
            try:
                passed = learner.forward(x, states, writing.write(cell.parameters(), HIDDEN))
            except Exception:  # a wrong guess, or what _runs has noted
                continue
            found = np.concatenate([one.h for one in passed])
            error = float(np.abs(found - (wanted if learner.sequence else wanted[:, 0])).max())
            if error < SAME:
                return writing
            if np.isfinite(error) and (search.nearest is None or error < search.nearest[0]):
                search.nearest = error, kind
    return None


def reference_outputs(cell: Any, x: Array, states: Mapping[str, Array], taken: tuple[str, ...]) -> Array:
    """Return the library's h (n, T, H) for x (n, T, D), from the initial states that are taken, zero for the others."""
    batch, steps, _ = x.shape
    rows = x.transpose(1, 0, 2).reshape(batch * steps, -1)
    initial = [{name: states[name] * (name in taken) for name in cell.state}]
    outputs, _ = Recurrent(cell).forward(rows, Packing([steps] * batch), initial)
    return np.array(outputs.reshape(steps, batch, -1).transpose(1, 0, 2))


def layouts_of(sequence: bool) -> tuple[Layout, ...]:
    """Return the layouts that are tried."""
    return SEQUENCES if sequence else STEPS
