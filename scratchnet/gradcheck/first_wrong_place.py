"""The first wrong place, read backwards: in a few sentences, and as lines of the learner's own code.

Backpropagation starts at each sequence's last step. So there are four kinds of places, and the map tells them apart:

    wrong at a sequence's own last step         that step's own lines are wrong, for the gates named
    right there, wrong one step before          what backward_step passes back (d.h, d.c) is wrong, or lost in the loop
    right everywhere, a parameter wrong         the recursion is right, the accumulation into that parameter is not
    right everywhere, an initial state wrong    what the very first step passes back

Read next: forward.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.behaviour_checks import gates_in_words, in_words
from scratchnet.gradcheck.compare import GradientComparison, Tolerance, ratio_in_words
from scratchnet.gradcheck.problem import PROJECTED, Gradients, Problem, Trial
from scratchnet.gradcheck.time_map import TimeMap
from scratchnet.usercode import RETURN, SourceLine, assigning, computing, going_into, lines_run

START = "First wrong place, read backwards: "
ONE_ARRAY = "Mind that da_x and da_h are one array, unless the class says separate_da_h = True."
METHODS = "backward_step", "accumulate_gradients"
CLEAN = "The map is clean: the recursion is right at every gate and step. "


@dataclass(frozen=True)
class WrongPlace:
    """Where a gradient goes wrong first: in words, and the lines of code that it points to, if they were found."""

    text: str = ""
    lines: tuple[SourceLine, ...] = ()


def states_handed_back(
    problem: Problem, analytic: Gradients, numeric: Gradients, tolerance: Tolerance
) -> dict[str, bool]:
    """Return for each state whether what one step passes back is right, as sequences of a single step show it."""
    single = np.array(problem.packing.lengths) == 1
    if not single.any():
        return {}
    named = {state: f"initial {state}" for state in problem.layer.cell.state}
    keys = {state: key for state, key in named.items() if key in numeric and key in analytic}
    return {
        name: tolerance.passes(tolerance.error(analytic[k][single], numeric[k][single])) for name, k in keys.items()
    }


def place_in_layer(
    trial: Trial,
    blocks: list[GradientComparison],
    time_map: TimeMap | None,
    handed_back: dict[str, bool],
    files: frozenset[str],
) -> WrongPlace:
    """Return where a layer's gradient goes wrong first; without a map, which gradients are wrong."""
    if time_map is None:
        wrong, right = ([block.name for block in blocks if block.ok is ok] for ok in (False, True))
        return WrongPlace(f"Wrong: {in_words(wrong)}. Right: {in_words(right) or 'nothing'}.")
    trial.forward()
    return first_wrong_place(blocks, time_map, handed_back, trial.layer.cell, lines_run(trial.backward, files))


def first_wrong_place(
    blocks: Sequence[GradientComparison],
    time_map: TimeMap,
    handed_back: Mapping[str, bool],
    cell: Any,
    source: Sequence[SourceLine] = (),
) -> WrongPlace:
    """Return where the gradient goes wrong first; an empty place where all is right.

    handed_back: for each state's name whether what a single step passes back is right; {} where no sequence has just
    one step. cell: the cell, for its states and whether da_h is an array of its own. source: the code that ran.
    """
    if time_map.clean:
        return _beside_the_map(blocks, cell, source)
    at_the_end = time_map.from_the_end(0)
    if not at_the_end.any():
        return _handed_back(time_map, handed_back, cell, source)
    place = _at_the_end(time_map, at_the_end, source)
    unharmed = any(block.name == "W_hh" and block.ok for block in blocks) and all(handed_back.values())
    if unharmed and not cell.separate_da_h:
        return replace(place, text=f"{place.text} W_hh is right all the same. {ONE_ARRAY}")
    return place


def _at_the_end(found: TimeMap, wrong: Array, source: Sequence[SourceLine]) -> WrongPlace:
    lengths = np.array(found.packing.lengths)
    # Of all wrong last steps the latest, and the sequences that end there.
    t = int(lengths[wrong.any(axis=0)].max()) - 1
    sequences = np.flatnonzero((lengths == t + 1) & wrong.any(axis=0))
    gates = [gate for k, gate in enumerate(found.gates) if wrong[k, sequences].any()]
    right = [gate for gate in found.gates if gate not in gates]
    text = START + f"{gates_in_words(gates, found.gates)} at t = {t}"
    ratio = found.ratio(gates, t, sequences)
    there = "" if ratio is None else f"; there, {ratio_in_words(ratio, found.tolerance.counts)}"
    if t < found.packing.steps - 1:
        return WrongPlace(
            f"{text}, only in sequences that end there, before the batch does ({_sequences(found, sequences)}){there}. "
            "The longest are right at their last step: look at how the gradient of a short sequence enters the loop."
        )
    text += (
        ", the last step"
        + (f" ({gates_in_words(right, found.gates)} {'is' if len(right) == 1 else 'are'} right there)" if right else "")
        + there
    )
    if len(sequences) < (lengths == t + 1).sum():
        text += f", only in {_sequences(found, sequences)}"
    swapped = [(gate, found.held_by(gate, t, sequences)) for gate in gates]
    names = [f"da_{gate}" for gate in gates]
    if all(other is not None for _, other in swapped):
        held = in_words([f"da_{gate} is what da_{other} should be" for gate, other in swapped])
        return WrongPlace(f"{text}. There {held}: the blocks are exchanged.", assigning(source, [RETURN]))
    shared = going_into(source, names, [f"da_{gate}" for gate in right])
    text += ". No gradient has come back from a later step yet, so the mistake is in this step's own lines: "
    if right or len(found.gates) == 1:
        text += f"those of backward_step that compute {in_words(names)}"
        into = "goes into it" if len(gates) == 1 else "goes into all of them"
        text += f", or {in_words(shared)}, which {into}" if shared else ", or that compute what these lines use"
    else:
        entry = "d on entry: the gradient from the outputs and the final states"
        text += f"what all of {in_words(names)} have in common ({in_words(shared) if shared else entry})"
        names = names if shared else []
    return WrongPlace(text + ".", computing(source, [*shared, *names]) if names else ())


def _handed_back(
    found: TimeMap, handed_back: Mapping[str, bool], cell: Any, source: Sequence[SourceLine]
) -> WrongPlace:
    packing, states = found.packing, cell.state
    latest = np.array([_latest_wrong(found, sequence) for sequence in range(packing.batch)])
    t = int(latest.max())
    sequences = np.flatnonzero(found.wrong[:, t].any(axis=0))
    gates = [gate for k, gate in enumerate(found.gates) if found.wrong[k, t].any()]
    text = START + f"{gates_in_words(gates, found.gates)} at t = {t}"
    if len(sequences) < packing.sizes[t]:
        text += f", only in {_sequences(found, sequences)}"
    text += "; every sequence's own last step is right. "
    failing = [state for state, right in handed_back.items() if not right]
    if not handed_back:
        failing = list(states)
    if failing:
        each = in_words([f"d.{state} (dL/d{state}_prev)" for state in failing])
        fine = in_words([f"d.{state}" for state, right in handed_back.items() if right])
        text += f"So the gates' own lines are right, and what backward_step passes back in {each} is wrong"
        text += f"; {fine} is right" if fine else ""
        text += ". It is computed from da_h, which may itself be wrong." if cell.separate_da_h else "."
        names = [name for state in failing for name in (f"d.{state}", f"d{state}_prev")]
        return WrongPlace(text, computing(source, names))
    beginnings = {(int(t), packing.lengths[k]) for k, t in enumerate(latest) if t >= 0}
    if len({length for _, length in beginnings}) > 1 and len({step for step, _ in beginnings}) == 1:
        text += f"It begins at that step whatever the length of the sequence: look for what is special at t = {t + 1}."
        return WrongPlace(text)
    return WrongPlace(
        f"{text}A single step's gates are right, and so is what it passes back in "
        f"{in_words([f'd.{state}' for state in states])}: it is lost, or changed, on the way to the previous step."
    )


def _beside_the_map(blocks: Sequence[GradientComparison], cell: Any, source: Sequence[SourceLine]) -> WrongPlace:
    wrong = [block for block in blocks if not block.ok and block.name != PROJECTED]
    states = [block.name.removeprefix("initial ") for block in wrong if block.name.startswith("initial ")]
    if states:
        names = [name for state in states for name in (f"d.{state}", f"d{state}_prev")]
        text = f"{START}what the first step, t = 0, passes back in {in_words([f'd.{state}' for state in states])}."
        return WrongPlace(f"{text} {CLEAN}".rstrip(), computing(source, names))
    told = [_parameter(block, _adding(block.name, cell, source)) for block in wrong]
    if not told:
        return WrongPlace()
    names = ["dx" if block.name == "x" else f"d{block.name}" for block in wrong]
    return WrongPlace(f"{CLEAN}{' '.join(told)}", assigning(source, names))


def _parameter(block: GradientComparison, adding: Sequence[str]) -> str:
    if block.name == "x":
        return "dL/dx is wrong: look at where accumulate_gradients writes dx, and at what happens to it then."
    if block.unused:
        return f"{block.name} has no effect on the loss at all: does forward_step use it?"
    gates = block.wrong_gates
    part = f" (only {in_words(gates)})" if 0 < len(gates) < len(block.gates) else ""
    adds = f"{in_words(adding)} add{'s' if len(adding) == 1 else ''}"
    return f"What {adds} to d{block.name}{part} is wrong" + (f": {block.remark}." if block.remark else ".")


def _adding(name: str, cell: Any, source: Sequence[SourceLine]) -> list[str]:
    """Return the functions that add to a parameter's gradient: those that assign it, else those that mention it."""
    found = [line.function for line in assigning(source, [f"d{name}"])]
    if not found:
        codes = {method: getattr(getattr(type(cell), method, None), "__code__", None) for method in METHODS}
        found = [method for method, code in codes.items() if f"d{name}" in getattr(code, "co_names", ())]
    return list(dict.fromkeys(found)) or [METHODS[-1]]


def _latest_wrong(found: TimeMap, sequence: int) -> int:
    """Return the latest step at which a sequence is wrong, or -1."""
    steps = np.flatnonzero(found.wrong[:, :, sequence].any(axis=0))
    return int(steps[-1]) if len(steps) else -1


def _sequences(found: TimeMap, sequences: Array) -> str:
    several = "s" if len(sequences) > 1 else ""
    lengths = in_words([str(found.packing.lengths[k]) for k in sequences])
    return f"sequence{several} {in_words([str(k) for k in sequences])}, of length{several} {lengths}"
