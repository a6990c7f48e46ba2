"""A forward that is not the cell that its names promise: said where its numbers obey an equation that is nearly right.

Names are only what makes the question: whether a forward is an LSTM is answered by its values.

Read next: observe.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import numpy as np

from scratchnet.gradcheck.cure import Finding
from scratchnet.gradcheck.mistake_names import ForwardValues, Values, cell_of, same
from scratchnet.gradcheck.subjects import Subject


def other_cell(subject: Subject) -> Iterator[Finding]:
    """Yield a note where a forward is called an LSTM, and its numbers are nearly one."""
    if not _called(subject, "lstm"):
        return
    seen = ForwardValues(subject)
    if cell_of(seen) is not None and cell_of(seen).kind == "lstm":  # type: ignore[union-attr]
        return
    for value, has, wanted in _near_misses(seen):
        module = next(iter(subject.program.suspected))
        for name in subject.program.suspected:
            if value.node in subject.program.instrumented(name).nodes:
                module = name
        facts = {"has": has, "wanted": wanted}
        yield Finding(
            "other cell",
            "LSTM",
            subject.program.files[module],
            value.node.line,
            value.node.text,
            note=True,
            numbers=facts,
        )
        return


def _called(subject: Subject, kind: str) -> bool:
    """Tell whether a function, class or file of the code is called so."""
    names = [subject.program.path.stem]
    for text in subject.program.suspected.values():
        names += [n.name for n in ast.walk(ast.parse(text)) if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    return any(re.search(rf"(?:^|[^a-z]){kind}|{kind.upper()}", name) for name in names)


def _near_misses(seen: ForwardValues) -> Iterator[tuple[Values, str, str]]:
    for o in seen.sigmoids:
        for c in seen.like(o):
            if c in seen.sigmoids or c in seen.tanhs:
                continue
            h = seen.find(o.flat * c.flat, o)
            if h is not None and any(state.current is c for state in seen.states) and _returns(seen, h):
                yield h, "h = o * c", "h = o * tanh(c)"
    for tanh_c in seen.tanhs:
        for c in seen.like(tanh_c):
            if same(np.tanh(c.flat), tanh_c.flat):
                yield from _cell_equations(seen, c)


def _returns(seen: ForwardValues, h: Values) -> bool:
    """Tell whether a value is a state, too: what comes back one step later."""
    return any(state.current is h for state in seen.states)


def _cell_equations(seen: ForwardValues, c: Values) -> Iterator[tuple[Values, str, str]]:
    wanted = "c = f * c_(t-1) + i * g"
    for state in seen.states:
        if state.current is not c:
            continue
        previous = state.uses[0].flat
        for g in seen.like(c, seen.tanhs):
            for i in seen.like(c, seen.sigmoids):
                if same(previous + i.flat * g.flat, c.flat):
                    yield c, "c = c_(t-1) + i * g", wanted
                if same(i.flat * previous + g.flat, c.flat):
                    yield c, "c = f * c_(t-1) + g", wanted
