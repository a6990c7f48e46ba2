"""A search's outcome as data: the forced places as findings, the edits as changed lines.

Read next: search.py.
"""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass, field, replace

import numpy as np

from scratchnet.gradcheck.cure.derivatives import Forced
from scratchnet.gradcheck.cure.findings import Finding
from scratchnet.gradcheck.cure.judging import verified, with_texts, wrong_by_array
from scratchnet.gradcheck.cure.patch import Change, changes
from scratchnet.gradcheck.cure.pool import NOTHING, Place, Pool
from scratchnet.gradcheck.subjects.subject import Subject


@dataclass
class Cured:
    """What a search found. texts: the mended modules. wrong: wrong entries left. forced: the places still forced."""

    texts: dict[str, str]
    wrong: int
    start: int
    steps: list[str] = field(default_factory=list)
    forced: list[Forced] = field(default_factory=list)
    seconds: float = 0.0


def described(pool: Pool, forced: Forced) -> Finding:
    """Return what a forced place is and should be, as a finding."""
    node, module = pool.node(forced.place), forced.place[0][0]
    files = pool.subject.program.files
    T = pool.subject.times[-1]
    values = pool.values(forced.label, T) or []
    visits = pool.runs[T].recorder.visits.get(forced.place, [])
    right = [
        v.value.shape == w.shape and bool(np.abs(v.value - w).max(initial=0.0) <= 1e-8)
        for v, w in zip(visits, values, strict=False)
    ]
    numbers = {
        "right": sum(right),
        "visits": len(visits),
        "first_right": bool(right and right[0]),
        "value": forced.label.value,
    }
    place = forced.label.place
    if place[0] == NOTHING:
        should, line = "0", 0
    elif place[0] == "array":
        should, line = pool.subject.names(T).get(place[1], ""), 0
    else:
        should, line = _named(pool, place)
    return Finding("place", "", files[module], node.line, node.text, should, line, numbers)


def _named(pool: Pool, place: Place) -> tuple[str, int]:
    """Return the expression of a place, and its line; of an argument of a trusted function, as its caller writes it.

    The line is 0 where it is one of a trusted file, which nobody looks into.
    """
    program = pool.subject.program
    module, node = place[0][0], pool.node(place)
    text, calls = node.text, list(pool.calls(place))  # the innermost last
    while module in program.trusted and calls:
        around = [one for one in ast.walk(program.tree(module)) if isinstance(one, ast.FunctionDef)]
        around = [one for one in around if one.lineno <= node.line <= (one.end_lineno or one.lineno)]
        names = [one.arg for one in around[-1].args.args if one.arg != "self"] if around else []
        module, number = calls.pop()
        node = program.instrumented(module).nodes[number]
        call = node.tree
        if text not in names or not isinstance(call, ast.Call) or len(call.args) <= names.index(text):
            return pool.node(place).text, 0
        text = ast.unparse(call.args[names.index(text)])
    return (pool.node(place).text, 0) if module in program.trusted else (text, node.line)


def clearest(subject: Subject, cured: Cured) -> Cured:
    """Return a cure without the changes that are not needed: with no fewer gradients right, what remains of the rest.

    A change may be made needless by a later one; of a cure that mends only a part, every change must have mended some.
    """
    made, right = with_texts(subject, cured.texts, new_loss=True), -1
    texts = dict(cured.texts)
    right = _right(made) if made is not None else right
    for module, text in cured.texts.items():
        hunks = [one for one in _hunks(subject.program.texts[module], text) if one[0] != "equal"]
        for hunk in hunks if len(hunks) > 1 or cured.wrong else ():
            less = {**texts, module: _undone(subject.program.texts[module], texts[module], hunk)}
            made = with_texts(subject, less, new_loss=True)
            if made is not None and _right(made) >= right and (cured.wrong or verified(made)):
                texts = less
    return replace(cured, texts=texts)


def _right(subject: Subject) -> int:
    """Return how many gradients are right at all T."""
    return sum(not count for count in wrong_by_array(subject).values())


def _hunks(before: str, after: str) -> list[tuple[str, int, int, int, int]]:
    return [*difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()]


def _undone(before: str, after: str, hunk: tuple[str, int, int, int, int]) -> str:
    """Return a text with one of its differences from another taken back."""
    old, new, made = before.splitlines(keepends=True), after.splitlines(keepends=True), list[str]()
    for kind, a, b, c, d in _hunks(before, after):
        made += old[a:b] if (kind, a, b) == hunk[:3] else new[c:d]
    return "".join(made)


def differences(subject: Subject, cured: Cured) -> list[tuple[str, Change]]:
    """Return the changes of each module: (file, change)."""
    return [
        (subject.program.files[module], change)
        for module, text in cured.texts.items()
        for change in changes(subject.program.texts[module], text)
    ]
