"""A gradient that is never handed on from one step to the one before: the statements that would do it.

What a state's gradient lacks is the derivative in every use of that state one step later, and each of these is an
expression of what the step has at its end: da @ W_hh.T, dc * f ... They are found one by one (matching.py), and added.

Read next: putting_in.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.expressions import binary
from scratchnet.gradcheck.cure.matching import Matching
from scratchnet.gradcheck.cure.patch import inserted, replaced
from scratchnet.gradcheck.cure.pool import Place, Pool
from scratchnet.gradcheck.cure.statements import Blocks, Candidate
from scratchnet.gradcheck.subjects.subject import Subject

CLOSE = 1e-8


def missing_carries(subject: Subject, pool: Pool) -> Iterator[Candidate]:
    """Yield texts in which a state's gradient gets what the step after it hands back."""
    for state, uses in _states(pool):
        for place in pool.backward:
            node = pool.node(place)
            if node.whole and not node.use and _lacks(pool, place, state):
                yield from _handed_on(subject, pool, place, state, uses)


def _values(pool: Pool, T: int, place: Place) -> list[Array]:
    return pool.visits(T, place, value=True)[0]


def _states(pool: Pool) -> Iterator[tuple[Place, list[Place]]]:
    """Yield (where a state is computed, its uses one step later)."""
    T = pool.subject.times[-1]
    for place in pool.places:
        if place[0] == "array" or not pool.node(place).whole:
            continue
        values = _values(pool, T, place)
        if len(values) != T:
            continue
        uses = []
        for use in pool.places:
            if use[0] == "array" or not pool.node(use).use:
                continue
            later = _values(pool, T, use)
            if len(later) == T and all(
                a.shape == b.shape and np.array_equal(a, b) for a, b in zip(later[1:], values, strict=False)
            ):
                uses.append(use)
        if uses:
            yield place, uses


def _lacks(pool: Pool, place: Place, state: Place) -> bool:
    """Tell whether a place is the derivative in a state at the last step, and not before."""
    T = pool.subject.times[-1]
    wanted, visits = pool.visits(T, state)[0][::-1], pool.runs[T].recorder.visits.get(place, [])
    if (
        len(visits) < 2
        or len(visits) > len(wanted)
        or any(v.value.shape != w.shape for v, w in zip(visits, wanted, strict=False))
    ):
        return False
    same = [bool(np.abs(v.value - w).max() <= CLOSE) for v, w in zip(visits, wanted, strict=False)]
    return same[0] and not any(same[1:]) and bool(np.abs(wanted[0]).max() > 1e-6)


def _handed_on(subject: Subject, pool: Pool, place: Place, state: Place, uses: list[Place]) -> Iterator[Candidate]:
    module, node = place[0][0], pool.node(place)
    program = subject.program
    made = program.instrumented(module)
    statement = made.statements[node.statement]
    blocks = Blocks(made.tree)
    loop = blocks.around[statement]
    while loop is not None and not isinstance(loop, (ast.For, ast.While)):
        loop = blocks.around[loop]
    if loop is None or not isinstance(statement, (ast.Assign, ast.AugAssign)):
        return
    last = loop.body[-1]
    if last not in made.statements:
        return
    parts = []
    counts = {T: len(pool.runs[T].recorder.visits.get(place, [])) for T in subject.times}
    right = Needed(place, {T: pool.visits(T, state)[0][::-1][: counts[T]] for T in subject.times})
    for use in uses:
        needed = Needed(place, {T: pool.visits(T, use)[0][::-1][: counts[T]] for T in subject.times})
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        matching = Matching(pool, [right], needed, tree=_load(target), statement=made.statements.index(last))
        found = matching.written()
        if found is None:
            return
        parts.append(found)
    total = parts[0]
    for part in parts[1:]:
        total = binary(total, ast.Add(), part)
    name = "d_later"
    text = program.texts[module]
    lines = text.splitlines()
    indent = lines[loop.lineno - 1][: len(lines[loop.lineno - 1]) - len(lines[loop.lineno - 1].lstrip())]
    inner = lines[last.lineno - 1][: len(lines[last.lineno - 1]) - len(lines[last.lineno - 1].lstrip())]
    store, load = ast.Name(name, ast.Store()), ast.Name(name, ast.Load())
    text = inserted(text, (last.end_lineno or 0) + 1, inner, [ast.Assign([store], total, lineno=0)])
    value = binary(statement.value, ast.Add(), load)
    changed = (
        ast.Assign(statement.targets, value, lineno=0)
        if isinstance(statement, ast.Assign)
        else ast.AugAssign(statement.target, statement.op, value)
    )
    text = replaced(text, statement, [changed])
    text = inserted(text, loop.lineno, indent, [ast.Assign([store], ast.Constant(0.0), lineno=0)])
    yield Candidate(module, statement.lineno, "handed on", 2.0, text)


def _load(target: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(target), mode="eval").body
