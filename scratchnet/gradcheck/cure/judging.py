"""An edited program judged: how many gradient entries are wrong, and whether it is right where it was not looked at.

Read next: carries.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import numpy as np

from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.frames import Match
from scratchnet.gradcheck.cure.patch import replaced
from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.cure.statements import Blocks, Candidate
from scratchnet.gradcheck.cure.table import joined, terms_of
from scratchnet.gradcheck.cure.taking_out import TAKEN_OUT
from scratchnet.gradcheck.subjects.module_state import wrong_entries
from scratchnet.gradcheck.subjects.subject import Subject

VERIFY = ((4, 0), (3, 1))  # the T and seeds that a cure has not seen


def agreement(subject: Subject, T: int) -> Iterator[tuple[int, bool]]:
    """Yield each array, and whether its gradient agrees with a difference quotient along a random direction."""
    for key, gradient in subject.run(T).gradients.items():
        master = subject.arrays(T).kept[key]
        if np.shape(gradient) == master.shape:
            direction = np.random.default_rng(key).normal(size=master.shape)
            quotient = subject._quotient(master, direction, T, None)
            off = abs(quotient - float((gradient * direction).sum()))
            yield key, bool(off <= 1e-6 * (np.linalg.norm(gradient) + 1e-3))


def plausible(subject: Subject, T: int, before: set[int], whole: bool = False) -> bool:
    """Tell whether, along a random direction, the arrays that were right still are, and one more is; or all of them."""
    gained = False
    for key, close in agreement(subject, T):
        if not close and (whole or key not in before):
            return False
        gained = gained or (key in before and close)
    return gained


def without_effect(subject: Subject) -> set[tuple[int, int]]:
    """Return the entries on which the loss does not depend, though a gradient says that it does."""
    T = subject.times[-1]
    found = set()
    result = subject.run(T)
    for key, true in subject.true(T).items():
        gradient = result.gradients.get(key)
        if gradient is not None and np.shape(gradient) == true.shape:
            found |= {(key, int(k)) for k in np.flatnonzero((np.abs(true) < 1e-9) & (np.abs(gradient) > 1e-6))}
        if not (np.abs(true) > 1e-9).any():
            found.add((key, -1))
    return found


def with_effect(subject: Subject) -> tuple[set[object], set[object]]:
    """Return the arrays and the values of the forward that the loss depends on, and all that there are.

    A value is told by the statement that it stands in and by its text.
    """
    run = subject.traced(subject.times[-1])
    used: set[object] = {key for key, gradient in run.gradients.items() if (np.abs(gradient) > 1e-12).any()}
    there: set[object] = set(run.gradients)
    for place, visits in run.recorder.visits.items():
        node = subject.program.instrumented(place[0][0]).nodes[place[0][1]]
        key = (place[0][0], node.statement, node.text)
        there.add(key)
        if any(v.numbers is not None and (np.abs(run.adjoints[v.numbers]) > 1e-12).any() for v in visits):
            used.add(key)
    return used, there


def spoils(made: Subject, used: set[object]) -> bool:
    """Tell whether an edited forward leaves without effect what had one: the gradients of that are zero, and so right.

    used: what had an effect before.
    """
    after, there = with_effect(made)
    return bool((used & there) - after)


def outwards(pool: Pool, needed: Needed) -> list[Needed]:
    """Return a place and, where its value is what a function returns, the places of the calls: the outermost first."""
    found = [needed]
    while True:
        place = found[0].place
        node, module = pool.node(place), place[0][0]
        statement = pool.subject.program.instrumented(module).statements[node.statement]
        if not (isinstance(statement, ast.Return) and statement.value is node.tree and len(place) > 1):
            return found
        outer = (place[-1], *place[1:-1])
        if outer not in pool.runs[pool.subject.times[-1]].recorder.visits:
            return found
        found.insert(0, Needed(outer, needed.values, needed.effects))


def total(subject: Subject, most: int | None = None) -> int:
    """Return the number of wrong gradient entries at all T, or at the first so many of the longer ones."""
    times = subject.times if most is None else (subject.probe,)
    if most is not None and len(subject.times) > 1:
        wrong = wrong_at(subject, times)
        return wrong if wrong else wrong_at(subject, [T for T in subject.times if T not in times])
    return wrong_at(subject, times)


def wrong_at(subject: Subject, times: object) -> int:
    """Return the number of wrong gradient entries at these T."""
    count = 0
    for T in times:  # type: ignore[attr-defined]
        result = subject.run(T)
        count += sum(wrong_entries(result.gradients.get(key), true) for key, true in subject.true(T).items())
    return count


def wrong_by_array(subject: Subject) -> dict[int, int]:
    """Return the wrong entries of each gradient, over all T."""
    found: dict[int, int] = {}
    for T in subject.times:
        result = subject.run(T)
        for key, true in subject.true(T).items():
            found[key] = found.get(key, 0) + wrong_entries(result.gradients.get(key), true)
    return found


def verified(subject: Subject) -> bool:
    """Tell whether a subject is right at sizes and seeds that it has not been mended on, and its losses unchanged."""
    for T, seed in VERIFY:
        result = subject.run(T, seed=subject.seed + seed)
        if result.error is not None:
            return False
        true = subject.true(T, subject.seed + seed)
        if any(wrong_entries(result.gradients.get(key), array) for key, array in true.items()):
            return False
    return True


def with_edits(subject: Subject, pool: Pool, edits: list[tuple[Needed, Match]]) -> Subject | None:
    """Return the subject with expressions replaced; None where it cannot be run or its loss is another one."""
    texts = dict(subject.program.texts)
    by_place = sorted(edits, key=lambda one: -pool.node(one[0].place).line)
    for needed, match in by_place:
        module, node = needed.place[0][0], pool.node(needed.place)
        statement = subject.program.instrumented(module).statements[node.statement]
        out = match.kind == TAKEN_OUT
        if isinstance(statement, ast.AugAssign) and getattr(node.tree, "right", None) is statement.value:
            new, out = _augmented(statement, match.tree), ast.unparse(match.tree) == ast.unparse(statement.target)
        else:
            new = [_replaced_in(statement, node.tree, match.tree)]
        if out:
            block = Blocks(subject.program.instrumented(module).tree).block[statement]
            new = [] if len(block) > 1 else [ast.Pass()]
        texts[module] = replaced(texts[module], statement, new)
    return with_texts(subject, texts)


def with_text(subject: Subject, candidate: Candidate, new_loss: bool = False) -> Subject | None:
    """Return the subject with a candidate's text."""
    texts = dict(subject.program.texts)
    texts[candidate.module] = candidate.of(texts[candidate.module])
    return with_texts(subject, texts, new_loss)


def with_texts(subject: Subject, texts: dict[str, str], new_loss: bool = False) -> Subject | None:
    """Return the subject with these texts; None where it cannot be run or its loss is another one."""
    try:
        made = Subject(subject.program.with_texts(texts), subject.harness, subject.times, subject.seed, subject.varied)
    except Exception:
        return None
    made._arrays = subject._arrays
    T = subject.probe
    result = made.run(T)
    if result.error is not None:
        return None
    if not new_loss:
        made._true = subject._true
        before = subject.run(T).loss
        if not abs(result.loss - before) <= 1e-9 * (1.0 + abs(before)):
            return None
    return made


def _augmented(statement: ast.AugAssign, tree: ast.expr) -> list[ast.stmt]:
    """Return what makes a variable another value than dh += dh_next does: of dh + new, dh += new."""
    target = ast.unparse(statement.target)
    if isinstance(statement.op, (ast.Add, ast.Sub)):
        (sign, first), *terms = terms_of(tree)
        if sign > 0 and ast.unparse(first) == target and terms:
            sign = terms[0][0]
            rest = joined([(sign * one, term) for one, term in terms])
            made = ast.AugAssign(statement.target, ast.Add() if sign > 0 else ast.Sub(), rest)
            return [ast.copy_location(made, statement)]
    elif isinstance(tree, ast.BinOp) and type(tree.op) is type(statement.op) and ast.unparse(tree.left) == target:
        return [ast.copy_location(ast.AugAssign(statement.target, statement.op, tree.right), statement)]
    return [ast.Assign([statement.target], tree, lineno=statement.lineno)]


def _replaced_in(statement: ast.stmt, old: ast.expr, new: ast.expr) -> ast.stmt:
    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if node is old:
                return new
            return _shallow(node, self)

    made = Replace().visit(statement)
    assert isinstance(made, ast.stmt)
    return made


def _shallow(node: ast.AST, transformer: ast.NodeTransformer) -> ast.AST:
    """Return a node with its parts transformed; a copy where one of them changed."""
    changed = {}
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            new = transformer.visit(value)
            if new is not value:
                changed[name] = new
        elif isinstance(value, list):
            listed = [transformer.visit(one) if isinstance(one, ast.AST) else one for one in value]
            if any(a is not b for a, b in zip(listed, value, strict=True)):
                changed[name] = listed
    if not changed:
        return node
    made = type(node)(**{**dict(ast.iter_fields(node)), **changed})
    return ast.copy_location(made, node)


def functions_of_backward(pool: Pool, module: str, blocks: Blocks) -> set[ast.stmt | None]:
    """Return the functions of a module that compute gradients; None among them for what stands outside of all."""
    statements = pool.subject.program.instrumented(module).statements
    places = (place for place in pool.backward if place[0][0] == module)
    return {blocks.function[statements[pool.node(place).statement]] for place in places}
