"""Is the forward pass the one it is meant to be? With the matching backward, a wrong one passes every gradient check.

So the states are held to the library's cell that the class looks like, by its name, its gates and its states; where
they differ, the first equation from which on they do is said, and whether a known mistake explains them.

Read next: gate_subsets.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.gradcheck.known_cells import (
    LENGTHS,
    SAME,
    SCALE,
    SEED,
    CellMatch,
    equivalent_cell,
    find_cell_match,
    possible_matches,
    problem_for,
)
from scratchnet.gradcheck.known_library import CELLS, Cell, Recurrent, is_kind_of
from scratchnet.gradcheck.mistakes.mutant import file_of
from scratchnet.gradcheck.mistakes.reference_text import text_of
from scratchnet.gradcheck.problem import Problem, Trial

EQUATION = re.compile(r"^ +\((\d+)\) +(\w+) = (.*)$", re.MULTILINE)
NUMBERED = re.compile(r"^ +\((\d+)\) +(\S+) = (.*)$", re.MULTILINE)
ORDER = {"LSTMCell": "i f g o c h", "GRUCell": "r z n h", "GRUResetBeforeCell": "r z n h", "RNNCell": "h"}
WORDS = {"lstm": "LSTMCell", "gru": "GRUCell", "rnn": "RNNCell"}


@dataclass(frozen=True)
class Forward:
    """A cell's forward beside the library's.

    reference: the library's class, None where the class looks like none of them. equal: whether all states agree.
    mistakes: names of the known mistakes in it. first: the first equation that differs, "(5) c = ...", or "".
    agree: the values before it, by name, that agree. extra: parameters of the learner's that the reference has not.
    """

    reference: str | None
    equal: bool
    mistakes: tuple[str, ...] = ()
    first: str = ""
    agree: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def as_text(self) -> str:
        """Return it in a sentence; "" where there is nothing to compare with."""
        if self.reference is None:
            return ""
        file = file_shown(self.reference)
        if self.equal:
            return f"forward: the same values as {self.reference} ({file})"
        text = f"forward: not the values of {self.reference} ({file})"
        if self.mistakes:
            text += f"; identical to it with this mistake: {' and '.join(self.mistakes).replace('forward: ', '')}"
        if self.first:
            before = f"; {', '.join(self.agree)} agree{'' if len(self.agree) > 1 else 's'}" if self.agree else ""
            text += f"; the first difference is in equation {self.first}{before}"
        own = f" (it has parameters of its own: {', '.join(self.extra)})" if self.extra else ""
        return (
            f"{text}. A gradient check alone cannot see this; if your cell is meant to be another one, ignore it{own}."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "reference": self.reference, "equal": self.equal, "mistakes": list(self.mistakes),
            "first_difference": self.first, "agree": list(self.agree), "text": self.as_text(),
        }  # fmt: skip


def compare_forward(cell: Any) -> Forward:
    """Return a cell's forward beside that of the library's cell that it is, or looks like."""
    match = find_cell_match(cell)
    if match is not None:
        if match.forward:
            first, agree = _first_difference(cell, CellMatch(match.cell_class, match.order, match.state, match.missing))
            return Forward(match.cell_class.__name__, False, tuple(m.name for m in match.forward), first, agree)
        return Forward(match.cell_class.__name__, True)
    found = looks_like(cell)
    if found is None:
        return Forward(None, False)
    first, agree = _first_difference(cell, found)
    own = set(cell.parameter_names) if hasattr(cell, "parameter_names") else set()
    extra = tuple(sorted(own - {"W_ih", "W_hh", "b", "b_hn"}))
    return Forward(found.cell_class.__name__, False, (), first, agree, extra)


def looks_like(cell: Any) -> CellMatch | None:
    """Return the library's cell that a class is, by its base, its name, or its gates and states; or None."""
    bases = {base.__name__ for name, base in CELLS.items() if is_kind_of(cell, name)}
    words = {name for word, name in WORDS.items() if word in type(cell).__name__.lower()}
    for match in possible_matches(cell):
        same_names = set(cell.gates) == set(match.cell_class.gates) and set(cell.state) == set(match.cell_class.state)
        if match.cell_class.__name__ in bases | words or (same_names and len(cell.gates) > 1):
            return match
    return None


def equations(cell_class: type[Cell]) -> dict[str, str]:
    """Return the numbered equations of a cell's file by the name they define: {"c": "(5) c = f * c_(t-1) + i * g"}."""
    found: dict[str, str] = {}
    for number, name, right in EQUATION.findall(docstring_of(cell_class)):
        # The GRU's file has two candidates, (3) and (5): the first is that of reset after the product.
        if name not in found or cell_class.__name__ == "GRUResetBeforeCell":
            found[name] = f"({number}) {name} = {_formula(right)}"
    return found


def numbered(library_class: type) -> dict[str, str]:
    """Return the equations of the file of a library's class by number: {"(5)": "c = f * c_(t-1) + i * g"}."""
    text = docstring_of(library_class)
    found = {f"({number})": f"{left} = {_formula(right)}" for number, left, right in NUMBERED.findall(text)}
    zero = re.search(r"(\S[^\n]*?)\s+\(0\)", text)
    if zero:
        found["(0)"] = re.split(r"\s{2,}", zero[1])[-1]
    return found


def docstring_of(library_class: type) -> str:
    """Return the docstring of the file that defines a class of the library."""
    return ast.get_docstring(ast.parse(text_of(file_of(library_class))), clean=False) or ""


def _formula(right: str) -> str:
    return re.split(r"\s{2,}|;", right)[0].strip()


def file_shown(name: str) -> str:
    """Return "cells/lstm.py" for "LSTMCell"."""
    found = next((cell for cell in CELLS.values() if cell.__name__ == name), None)
    return found.__module__.removeprefix("scratchnet.").replace(".", "/") + ".py" if found else ""


def _first_difference(cell: Any, match: CellMatch) -> tuple[str, tuple[str, ...]]:
    """Return the first equation whose value at t = 0 differs, and the names of those before that agree."""
    try:
        problem = Problem(Recurrent(cell), LENGTHS, SEED, SCALE)
        mine = Trial(problem)
        right = Trial(problem_for(problem, Recurrent(equivalent_cell(problem.layer.cell, match)), match))
        mine.forward()
        right.forward()
    except Exception:
        return "", ()
    formulas, agree = equations(match.cell_class), []
    here, there = _values(mine, match.state), _values(right, {name: name for name in match.state})
    for name in ORDER[match.cell_class.__name__].split():
        if name not in here or name not in there:
            continue
        if here[name].shape == there[name].shape and np.allclose(here[name], there[name], rtol=SAME, atol=SAME):
            agree.append(name)
            continue
        return formulas.get(name, name), tuple(agree)
    return "", tuple(agree)


def _values(trial: Trial, states: Mapping[str, str]) -> dict[str, Any]:
    """Return what the first step saved and its new states, under the library's names."""
    saved = {name: array[0] for name, array in vars(trial.tape.saved).items()}
    return saved | {ours: getattr(trial.tape.state, theirs)[1] for ours, theirs in states.items()}
