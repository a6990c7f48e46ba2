"""Two edits of one expression at a time.

Read next: taking_out.py.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator

import numpy as np

from scratchnet.gradcheck.cure.edits import Variant, variants
from scratchnet.gradcheck.cure.expressions import Vocabulary, spots
from scratchnet.gradcheck.cure.frames import Frame, Match, evaluated, shape_of

READ = (ast.Name, ast.Attribute, ast.Subscript)
MOST_ODD = 1.35  # of each of the two


def two_operands(
    tree: ast.expr, frame: Frame, words: Vocabulary, fits: Callable[[ast.expr], bool], seconds: float
) -> Iterator[Match]:
    """Yield an expression with two of its operands exchanged for others of their shape."""
    end = time.process_time() + seconds
    shapes = [(atom, shape_of(evaluated(atom, frame))) for atom in words.atoms]
    there = [
        (k, node) for k, (node, _) in enumerate(spots(tree))
        if isinstance(node, READ) and isinstance(evaluated(node, frame), np.ndarray)
    ]  # fmt: skip
    for k, first in there:
        one = [atom for atom, shape in shapes if shape == shape_of(evaluated(first, frame))]
        for n, second in there:
            if n <= k:
                continue
            two = [atom for atom, shape in shapes if shape == shape_of(evaluated(second, frame))]
            half = list(spots(tree))[n][1]
            for a in one:
                for b in two:
                    made = list(spots(half(b)))[k][1](a)
                    if fits(made):
                        kinds = (f"{ast.unparse(old)} -> {ast.unparse(new)}" for old, new in ((first, a), (second, b)))
                        yield Match(made, ", ".join(kinds), 2.0)
                if time.process_time() > end:
                    return


def two_edits(
    first: list[Variant], words: Vocabulary, fits: Callable[[ast.expr], bool], seconds: float
) -> Iterator[Match]:
    """Yield edits of edits of an expression. first: the single ones, the likeliest first."""
    end = time.process_time() + seconds
    simple = Vocabulary(words.atoms, words.functions, words.indices, [])
    for one in first:
        if one.odd > MOST_ODD:
            break
        for two in variants(one.tree, simple):
            if two.odd <= MOST_ODD and fits(two.tree):
                yield Match(two.tree, f"{one.kind}; {two.kind}", one.odd + two.odd)
            if time.process_time() > end:
                return
