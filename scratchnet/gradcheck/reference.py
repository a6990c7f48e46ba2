"""The library's own counterpart of a learner's layer or model, with which its gradients are compared.

Every part that is not the library's own is replaced by the library's: a cell by the one that computes the same, any
other part by the one that it derives from or is named like.

Read next: report.py.
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scratchnet.backend import Array
from scratchnet.gradcheck.known_cells import CellMatch, equivalent_cell, find_cell_match
from scratchnet.gradcheck.known_library import known
from scratchnet.gradcheck.mistakes import Mistake
from scratchnet.gradcheck.mistakes.mutant import file_of
from scratchnet.gradcheck.problem import PROJECTED

PARTS = {
    "recurrent": ("Recurrent",),
    "stack": ("Bidirectional", "Stack"),
    "layers": ("Embedding", "OneHot", "TiedLinear", "Linear", "Dropout"),
    "losses": ("SoftmaxCrossEntropy", "SquaredError"),
    "seq2seq": ("Encoder", "Decoder", "LinearBridge", "IdentityBridge", "Seq2Seq"),
}


@dataclass(frozen=True)
class Reference:
    """A layer or model with the library's own part in the place of every part of the learner's.

    root: it. culprits: the learner's parts, by path, and the library's class of each. matches: of the cells.
    unknown: classes of the learner's for which the library has no counterpart.
    """

    root: Any
    culprits: Mapping[str, type] = field(default_factory=dict)
    matches: Mapping[str, CellMatch] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def forward(self) -> tuple[Mistake, ...]:
        """The mistakes in the learner's forward passes."""
        return tuple(dict.fromkeys(found for match in self.matches.values() for found in match.forward))

    @property
    def hosts(self) -> frozenset[str]:
        """The names of the library's classes that may hold a mistake."""
        return frozenset(found.__name__ for found in self.culprits.values())

    def in_library_terms(self, gradients: Mapping[str, Array]) -> dict[str, Array]:
        """Return the learner's gradients under the library's names and in its order of gates."""
        found = dict(gradients)
        for path, match in self.matches.items():
            cell = part_at(self.root, path)
            for name in (*cell.parameter_names, PROJECTED):
                key = joined(path, name)
                if key in found and found[key].shape[-1] == len(match.order) * cell.hidden_size:
                    found[key] = match.columns(found[key], cell.hidden_size)
            for ours, theirs in match.state.items():
                if f"initial {theirs}" in gradients:
                    found[f"initial {ours}"] = gradients[f"initial {theirs}"]
        return found


def is_library_class(found: type) -> bool:
    """Tell whether this very class is one of the library's own parts, whether known to be right or changed."""
    if is_known(found):
        return True
    return _in_a_room(found) and getattr(importlib.import_module(found.__module__), found.__name__, None) is found


def is_known(found: type) -> bool:
    """Tell whether this very class is one of the library's parts that are known to be right."""
    return _in_a_room(found) and known(file_of(found), found.__name__) is found


def _in_a_room(found: type) -> bool:
    room = found.__module__.removeprefix("scratchnet.").split(".")[0]
    return found.__module__.startswith("scratchnet.") and (room in PARTS or room == "cells")


def counterpart(found: type) -> type | None:
    """Return the library's class that a part's class is, derives from or is named like; None for no such class."""
    for base in found.__mro__:
        if is_library_class(base) and any(base.__name__ in names for names in PARTS.values()):
            return _known_for(base)
    for module, names in PARTS.items():
        if found.__name__ in names:
            return _known_for(getattr(importlib.import_module(f"scratchnet.{module}"), found.__name__))
    return None


def _known_for(found: type) -> type:
    """Return the library's class, known to be right, in the place of one that may have been changed."""
    right = known(file_of(found), found.__name__)
    assert isinstance(right, type)
    return right


def is_cell(part: Any) -> bool:
    """Tell whether a part is a cell."""
    return hasattr(part, "forward_step") and hasattr(part, "backward_step")


def walk(root: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, part) for the whole and all its parts; a path is the beginning of its parameters' names."""
    yield path, root
    for name, child in root.children().items():
        yield from walk(child, joined(path, name))
    for name, part in getattr(root, "extra_parts", {}).items():  # a part without parameters need not be Module
        yield joined(path, name), part


def joined(path: str, name: str) -> str:
    """Return the dotted name below a path."""
    return f"{path}.{name}" if path and name else path or name


def part_at(root: Any, path: str) -> Any:
    """Return the cell at a path."""
    return next(part for where, part in walk(root) if where == path and is_cell(part))


def refer(root: Any) -> Reference:
    """Return the reference of a layer or model; where all parts are known to be right, all of them are culprits."""
    copied = copy.deepcopy(root)
    parts = list(walk(copied))
    foreign = [(path, part) for path, part in parts if not is_known(type(part))]
    culprits: dict[str, type] = {}
    matches: dict[str, CellMatch] = {}
    unknown = []
    for path, part in foreign or parts:
        if not is_cell(part):
            found = counterpart(type(part))
            if found is None:
                unknown.append(type(part).__name__)
                continue
            culprits[f"{path}:{found.__name__}"] = found
            part.__class__ = found
            continue
        match = find_cell_match(part)
        if match is None:
            unknown.append(type(part).__name__)
            continue
        matches[path], culprits[f"{path}:{match.cell_class.__name__}"] = match, match.cell_class
        holder = next(holder for _, holder in parts if getattr(holder, "cell", None) is part)
        holder.cell = equivalent_cell(part, match)
    return Reference(copied, culprits, matches, tuple(dict.fromkeys(unknown)))
