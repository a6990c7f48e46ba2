"""A statement to take out: where `dx += ...` must add zeros, or `dx *= ...` multiply by ones, it must not be there.

Read next: matching.py.
"""

from __future__ import annotations

import ast

import numpy as np

from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.frames import CLOSE, Match
from scratchnet.gradcheck.cure.pool import Place, Pool

TAKEN_OUT, LIKELY = "taken out", 0.8
NEUTRAL: dict[type, float] = {ast.Add: 0.0, ast.Sub: 0.0, ast.Mult: 1.0, ast.Div: 1.0}


def neutral(pool: Pool, place: Place) -> float | None:
    """Return the number with which the statement of a place, x += ... or x *= ..., changes nothing; None for others."""
    node = pool.node(place)
    statement = pool.subject.program.instrumented(place[0][0]).statements[node.statement]
    if not isinstance(statement, ast.AugAssign) or statement.value is not node.tree:
        return None
    return NEUTRAL.get(type(statement.op))


def taken_out(pool: Pool, needed: Needed) -> Match | None:
    """Return the edit that takes a statement out, where it must change nothing at any visit; None where it must."""
    number = neutral(pool, needed.place)
    if number is None:
        return None
    for T, arrays in needed.values.items():
        off = np.concatenate([np.ravel(a) - number for a in arrays] or [np.zeros(0)])
        size = 1.0
        if T in needed.effects:  # of several values that do, the one that was found need not be the neutral one
            off = needed.effects[T] @ off
            size += float(np.abs(needed.effects[T]).max(initial=0.0))
        if not np.abs(off).max(initial=0.0) <= CLOSE * size:
            return None
    return Match(ast.Constant(number), TAKEN_OUT, LIKELY)
