"""The names of the mistakes that a cure undoes: one for each changed statement.

    names = mistake_names(subject, texts)      texts: the mended text of each module
    name_at(names, file, line)                 the name of the change in a line of the learner's file

Read next: ../behaviour/__init__.py.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.gradcheck.mistake_names.around import Around, mended_subject
from scratchnet.gradcheck.mistake_names.catalogue import CATALOGUE, DERIVATION, EQUATIONS, SECTIONS, ClassicMistake
from scratchnet.gradcheck.mistake_names.forward_values import ForwardValues
from scratchnet.gradcheck.mistake_names.known_forwards import ROLES, cell_of
from scratchnet.gradcheck.mistake_names.rules import Named, Rules
from scratchnet.gradcheck.mistake_names.tree_changes import StatementChange, statement_changes, target_of
from scratchnet.gradcheck.subjects import Subject

DETACHING = ("initial c", "statement too many")  # what is done to a state that is handed over


@dataclass(frozen=True)
class MistakeName:
    """What a cure undoes. place: which gate or state of a known cell is concerned, "forget gate", or "".

    equation: the line of that cell's forward. derivation: the page and heading that derive what is right.
    """

    file: str
    line: int
    end: int
    mistake: ClassicMistake
    place: str = ""
    equation: str = ""
    derivation: str = ""


@np.errstate(all="ignore")
def mistake_names(subject: Subject, texts: Mapping[str, str]) -> list[MistakeName]:
    """Return the name of each change that mends a subject; none where the mended code cannot be run."""
    before, files = subject.program.texts, subject.program.files
    changes = [(module, change) for module, text in texts.items() if text != before.get(module)
               for change in statement_changes(before[module], text)]  # fmt: skip
    if not changes:
        return []
    mended = mended_subject(subject, texts)
    seen = ForwardValues(mended)
    cell = cell_of(seen)
    kind = cell.kind if cell is not None else ""
    names = []
    for module, change in changes:
        named = Named("other edit")
        with contextlib.suppress(Exception):  # an edit may be of a kind that no rule was made for
            around = Around(mended, module, change.new or change.old)
            named = Rules(seen, cell, around, change).named()
        key = _key_of_moved(change, changes) or _key_of_detached(subject, named.key) or named.key
        role = named.role if key in (named.key, "detached") else ""
        equation = EQUATIONS.get(kind, {}).get(role, "")
        rule = SECTIONS[kind] if equation else CATALOGUE[key].rule
        page = f"{DERIVATION}#{rule}" if rule else ""
        mistake, place = CATALOGUE[key], ROLES.get(role, "")
        names.append(MistakeName(files[module], change.line, change.end, mistake, place, equation, page))
    return names


def _key_of_detached(subject: Subject, key: str) -> str:
    """Return "detached" where a state that is handed over is all that reaches some arrays; else ""."""
    if key not in DETACHING:
        return ""
    T = subject.times[-1]
    gradients = subject.run(T).gradients
    reached = [gradients.get(name) for name, array in subject.true(T).items() if np.any(array)]
    return "detached" if any(one is not None and not np.any(one) for one in reached) else ""


def _key_of_moved(change: StatementChange, changes: Sequence[tuple[str, StatementChange]]) -> str:
    """Return the key of a statement that is put in at one place and taken out at another; else ""."""
    key = _into(change.new or change.old)
    out = [one for _, one in changes if one.new is None and _into(one.old) == key]
    put_in = [one for _, one in changes if one.old is None and _into(one.new) == key]
    if not out or not put_in or (change.new is not None and change.old is not None):
        return ""
    adds = isinstance(put_in[-1].new, ast.AugAssign)
    return "overwritten" if adds and put_in[-1].nested and not out[-1].nested else "wrong loop"


def _into(statement: ast.stmt | None) -> str:
    """Return what a statement assigns to, without the index; of any other statement, itself."""
    target = target_of(statement)
    while isinstance(target, ast.Subscript):
        target = target.value
    return ast.unparse(target or statement) if statement is not None else ""


def name_at(names: Sequence[MistakeName], file: str, line: int) -> MistakeName | None:
    """Return the name of the change in a line."""
    inside = [one for one in names if one.file == file and one.line <= line <= one.end]
    return min(inside, key=lambda one: one.end - one.line, default=None)


def named_facts(name: MistakeName | None) -> dict[str, Any]:
    """Return a name as the fields of a Cure."""
    if name is None:
        return {}
    what = name.mistake
    facts = {"mistake": what.words, "number": what.number, "page": what.page, "exercise": what.exercise}
    return {**facts, "place": name.place, "equation": name.equation, "derivation": name.derivation}
