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

from scratchnet.backend import Array
from scratchnet.gradcheck.mistake_names.around import Around, mended_subject
from scratchnet.gradcheck.mistake_names.catalogue import DERIVATION, EQUATIONS, SECTIONS, ClassicMistake, classic
from scratchnet.gradcheck.mistake_names.compared import Named
from scratchnet.gradcheck.mistake_names.forward_values import ForwardValues
from scratchnet.gradcheck.mistake_names.known_forwards import ROLES, Cell, cell_of
from scratchnet.gradcheck.mistake_names.rules import Rules
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
    changes = [
        (module, change)
        for module, text in texts.items()
        if text != subject.program.texts.get(module)
        for change in statement_changes(subject.program.texts[module], text)
    ]
    if not changes:
        return []
    mended = mended_subject(subject, texts)
    seen = ForwardValues(mended)
    cell = cell_of(seen)
    found = []
    for (module, change), named in zip(changes, _named(subject, mended, seen, cell, changes), strict=True):
        mistake = classic(named.key)
        kind = cell.kind if cell is not None else ""
        equation = EQUATIONS.get(kind, {}).get(named.role, "")
        rule = SECTIONS[kind] if equation else mistake.rule
        found.append(
            MistakeName(
                subject.program.files[module],
                change.line,
                change.end,
                mistake,
                ROLES.get(named.role, ""),
                equation,
                f"{DERIVATION}#{rule}" if rule else "",
            )
        )
    return found


def _named(
    subject: Subject,
    mended: Subject,
    seen: ForwardValues,
    cell: Cell | None,
    changes: Sequence[tuple[str, StatementChange]],
) -> list[Named]:
    found = []
    for module, change in changes:
        named = Named("other edit")
        statement = change.new or change.old
        assert statement is not None
        with contextlib.suppress(Exception):  # an edit may be of a kind that no rule was made for
            around = Around(mended, module, statement)
            named = Rules(seen, cell, around, change).named()
        found.append(_detached(subject, named))
    return _moved(found, changes)


def _detached(subject: Subject, named: Named) -> Named:
    """Return "detached" where a state that is handed over is all that reaches some arrays."""
    if named.key not in DETACHING:
        return named
    T = subject.times[-1]
    gradients = subject.run(T).gradients
    true = subject.true(T)
    nothing = [key for key, array in true.items() if np.any(array) and _is_zero(gradients.get(key), array)]
    return Named("detached", named.role) if nothing else named


def _is_zero(gradient: Any, true: Array) -> bool:
    return gradient is not None and np.shape(gradient) == true.shape and not np.any(np.asarray(gradient, float))


def _moved(found: list[Named], changes: Sequence[tuple[str, StatementChange]]) -> list[Named]:
    """Name a statement that is put in at one place and taken out at another."""
    out = {_into(c.old): c for _, c in changes if c.old is not None and c.new is None}
    put_in = {_into(c.new): c for _, c in changes if c.new is not None and c.old is None}
    made = []
    for named, (_, change) in zip(found, changes, strict=True):
        key = _into(change.new or change.old) if change.new is None or change.old is None else ""
        if key and key in out and key in put_in:
            adds = isinstance(put_in[key].new, ast.AugAssign)
            into = put_in[key].nested and not out[key].nested and adds
            named = Named("overwritten" if into else "wrong loop")
        made.append(named)
    return made


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
