"""The learner's own terms: what their file calls the input, the states, the weights and the gradients.

Read next: match_cell.py.
"""

from __future__ import annotations

import re
from typing import Any

from scratchnet.gradcheck.textbook.calls import Learner
from scratchnet.gradcheck.textbook.find_pairs import returned_names
from scratchnet.gradcheck.textbook.match_cell import MatchedCell
from scratchnet.gradcheck.textbook.name_roles import H, X, match_gradients
from scratchnet.gradcheck.textbook.shapes import Writing

TITLES = {
    "lstm": "an LSTM", "gru": "a GRU with reset after the product", "rnn": "a tanh RNN",
    "gru-reset-before": "a GRU with reset before the product",
}  # fmt: skip


def argument_named(learner: Learner, role: str) -> str:
    """Return the forward's argument of this role, or the role itself."""
    for parameter in learner.pair.arguments(learner.pair.forward):
        if parameter.name not in learner.weights.names and learner.pair.role_of(parameter.name) == role:
            return parameter.name
    return {X: X, H: "initial h"}.get(role, f"initial {role}")


def gradient_named(learner: Learner, target: str) -> str:
    """Return what the backward calls the gradient of a target, or "d" + its name."""
    names: list[str] = []
    for name in _flat(returned_names(learner.pair.backward)):
        names.append(name)
    targets = {X: X, **{state: state for state in learner.states}, **dict.fromkeys(learner.weights.names, "weight")}
    found = match_gradients([name for name in names if name], targets, learner.pair.reads)
    left = [name for name in names if name and name not in found]
    missing = [role for role in (X, *learner.states) if role not in found.values()]
    if len(left) == 1 and missing == [target]:
        return left[0]
    return next((name for name, of in found.items() if of == target), f"d{_argument_or_weight(learner, target)}")


def _argument_or_weight(learner: Learner, target: str) -> str:
    return target if target in learner.weights.names else argument_named(learner, target)


def _flat(names: list[Any]) -> list[str]:
    return [part for name in names for part in (_flat(name) if isinstance(name, list) else [name])]


def handed_out(learner: Learner) -> frozenset[str]:
    """Return the names of all that the backward returns."""
    return frozenset(_flat(returned_names(learner.pair.backward)))


def described(matched: MatchedCell) -> str:
    """Return in one line what a learner's functions were taken for."""
    learner, writing = matched.learner, matched.writing
    text = f"checked: {learner.pair.said}; the forward is that of {TITLES[writing.kind]}"
    if any(len(part.gates) > 1 for part in writing.plan.values()):
        text += f", gates in the order {' '.join(writing.own_order)}"
    text += f"; arrays as {learner.layout.name}"
    turned = [gate for gate, sign in writing.signs.items() if sign < 0]
    return text + (f"; its {turned[0]} is the library's 1 - {turned[0]}" if turned else "")


def in_learner_names(text: str, matched: MatchedCell) -> str:
    """Return a sentence about a cell of the library as one about the learner's functions."""
    learner, writing = matched.learner, matched.writing
    back, ahead = learner.pair.backward.__name__, learner.pair.forward.__name__
    for state in ("h", "c"):
        own = gradient_named(learner, state) if state in learner.states else f"d{state}"
        text = text.replace(f"d.{state} (dL/d{state}_prev)", own)
        text = re.sub(rf"\bd\.{state}\b", own, text)
    for ours, rows in (("dW_ih", "x"), ("dW_hh", "h"), ("db_hn", "b2"), ("db", "b")):
        text = re.sub(rf"\b{ours}\b", _weights_named(learner, writing, rows, "d"), text)
    for ours, rows in (("W_ih", "x"), ("W_hh", "h"), ("b_hn", "b2")):
        text = re.sub(rf"\b{ours}\b", _weights_named(learner, writing, rows, ""), text)
    text = text.replace("hat accumulate_gradients adds to", f"hat {back} returns as")
    text = text.replace("look at where accumulate_gradients writes dx, and at what happens to it then", f"see {back}")
    text = (
        text.replace("of backward_step ", f"of {back} ").replace("backward_step", back).replace("forward_step", ahead)
    )
    text = text.replace(" It is computed from da_h, which may itself be wrong.", "")
    for state in ("h", "c"):
        text = re.sub(rf"\binitial {state}\b", argument_named(learner, state), text)
    text = re.sub(r"(?<=, )b(?=,| and)", _weights_named(learner, writing, "b", ""), text)
    text = re.sub(r"\w+(?:, \w+)+", lambda found: ", ".join(dict.fromkeys(found[0].split(", "))), text)
    text = re.sub(r"\b([A-Za-z_]\w*) and \1\b", r"\1", text)  # two of the library's may be one of the learner's
    text = text.replace("da_x", "the gradient of the input's share").replace("da_h", "that of the recurrent share")
    return re.sub(r"\bda_([a-z])\b", lambda found: f"the gradient of gate {found[1]}", text)


def _weights_named(learner: Learner, writing: Writing, rows: str, prefix: str) -> str:
    wanted = "1" if rows == "b" and not any(part.rows == "b" for part in writing.plan.values()) else rows
    names = [
        name
        for name, part in writing.plan.items()
        if (part.rows == rows or wanted in part.stacked) and (rows != "b2" or "n" in part.gates)
    ]
    if not names:
        return f"{prefix}{rows}"
    return ", ".join(gradient_named(learner, name) if prefix else name for name in names)
