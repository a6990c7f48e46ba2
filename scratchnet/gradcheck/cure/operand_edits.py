"""The edit of the statement before: where a wrong statement reads a variable, what that could have to be.

A statement can be right and what it reads wrong, though that is no gradient: the states of the step before, rolled
around the end or begun with zeros; a slope taken of the wrong value. Each edit of the statement that assigns the
variable is put in its place, and the wrong statement must yield what is needed then.

Read next: helper_edits.py.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator

import numpy as np

from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.edits import Variant, exchanged, variants
from scratchnet.gradcheck.cure.evaluator import Evaluator
from scratchnet.gradcheck.cure.expressions import Vocabulary, numpy_call, spots
from scratchnet.gradcheck.cure.frames import Frame, Match, evaluated
from scratchnet.gradcheck.cure.matching import Matching
from scratchnet.gradcheck.cure.pool import Place

SECONDS = 0.7  # for each operand
OPERAND = "_operand"


def operand_edits(matching: Matching, forced: list[Needed]) -> Iterator[tuple[Needed, Match]]:
    """Yield edits of what feeds a wrong statement with which that yields what it must."""
    for text, source in _sources(matching):
        end = time.process_time() + SECONDS
        holed = exchanged(matching.tree, {text: ast.Name(OPERAND, ast.Load())})
        visits = {T: run.recorder.visits.get(source, []) for T, run in matching.pool.runs.items()}
        needed = Needed(source, {T: [v.value for v in seen] for T, seen in visits.items()})
        feeding = Matching(matching.pool, forced, needed)
        if not feeding.frames:
            continue
        frames = {(frame.T, frame.visit): frame for frame in feeding.frames}
        counts = {T: len(seen) for T, seen in visits.items()}
        listed = [*variants(feeding.tree, feeding.words), *previous_states(feeding.words)]
        for one in sorted(listed, key=lambda one: one.odd):
            if _fits(matching, holed, one, frames, counts):
                yield needed, Match(one.tree, one.kind, one.odd + 0.3)
                break
            if time.process_time() > end:
                break


def previous_states(words: Vocabulary) -> Iterator[Variant]:
    """Yield all states but the last, an initial one before them: along the first axis, or the second."""
    for name, atom in words.named:
        shape = words.shapes.get(name, ())
        for axis in (0, 1):
            if len(shape) < 2 or axis >= len(shape) - 1:
                continue
            head: ast.expr = ast.Slice(None, ast.UnaryOp(ast.USub(), ast.Constant(1)), None)
            cut = ast.Subscript(atom, head if axis == 0 else ast.Tuple([ast.Slice(), head], ast.Load()), ast.Load())
            for other, start in words.named:
                if words.shapes.get(other) == shape[:axis] + shape[axis + 1 :]:
                    new = ast.Constant(None)
                    index: ast.expr = new if axis == 0 else ast.Tuple([ast.Slice(), new], ast.Load())
                    first = ast.Subscript(start, index, ast.Load())
                    named = {"axis": axis} if axis else {}
                    yield Variant(
                        numpy_call("concatenate", ast.List([first, cut], ast.Load()), **named), "previous states", 1.4
                    )


def _sources(matching: Matching) -> Iterator[tuple[str, Place]]:
    """Yield the operands of a statement that are variables, each with the place that gives it its value."""
    place, pool = matching.one.place, matching.pool
    module = place[0][0]
    code = pool.subject.program.instrumented(module)
    run = pool.runs[pool.subject.times[-1]]
    seen, around = set(), pool.calls(place)
    for node, _ in spots(matching.tree):
        text = ast.unparse(node)
        if not isinstance(node, (ast.Name, ast.Attribute)) or text in seen:
            continue
        seen.add(text)
        found: tuple[tuple[bool, int], Place] | None = None
        for other in run.recorder.visits:
            if other[0][0] != module or other == place or pool.calls(other) != around:
                continue
            one = pool.node(other)
            statement = code.statements[one.statement]
            if one.whole and isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == text:
                rank = (statement.lineno <= matching.node.line, statement.lineno)  # the last before it, or else after
                if found is None or rank > found[0]:
                    found = (rank, other)
        if found is not None:
            yield text, found[1]


def _fits(
    matching: Matching, holed: ast.expr, one: Variant, frames: dict[tuple[int, int], Frame], counts: dict[int, int]
) -> bool:
    before = [frame.evaluator for frame in matching.frames]
    values = {}
    try:
        for frame in matching.frames:
            key = (frame.T, frame.visit if counts.get(frame.T, 0) != 1 else 0)
            if key not in frames:
                return False
            if key not in values:
                values[key] = evaluated(one.tree, frames[key])
                if not isinstance(values[key], np.ndarray):
                    return False
            frame.evaluator = Evaluator({**frame.names, OPERAND: values[key]})
        return matching.fits(holed)
    finally:
        for frame, evaluator in zip(matching.frames, before, strict=True):
            frame.evaluator = evaluator
