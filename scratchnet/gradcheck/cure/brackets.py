"""Edits of the order in which an expression is computed: its brackets put elsewhere.

Read next: evaluator.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scratchnet.gradcheck.cure.expressions import binary

SUMS = (ast.Add, ast.Sub)


def brackets(node: ast.BinOp) -> Iterator[tuple[ast.expr, str, float]]:
    """Yield an operation on operations with its brackets put elsewhere: (what it becomes, the kind, how odd it is)."""
    for one, two in ((node.left, node.right), (node.right, node.left)):
        if not isinstance(one, ast.BinOp):
            continue
        if isinstance(node.op, ast.Mult) and isinstance(one.op, SUMS):  # (a + b) c -> a + b c
            yield binary(one.left, one.op, binary(one.right, ast.Mult(), two)), "bracket", 1.4
            yield binary(binary(one.left, ast.Mult(), two), one.op, one.right), "bracket", 1.4
        if isinstance(node.op, SUMS) and isinstance(one.op, ast.Mult):  # a + b c -> (a + b) c
            yield binary(binary(two, node.op, one.left), ast.Mult(), one.right), "bracket", 1.4
            yield binary(binary(two, node.op, one.right), ast.Mult(), one.left), "bracket", 1.4
        if isinstance(node.op, ast.Mult) and isinstance(one.op, ast.MatMult):  # a (b @ c) -> (a b) @ c
            yield binary(binary(two, ast.Mult(), one.left), one.op, one.right), "bracket", 1.2
            yield binary(one.left, one.op, binary(two, ast.Mult(), one.right)), "bracket", 1.3
        if isinstance(node.op, ast.MatMult) and isinstance(one.op, ast.Mult):  # (a b) @ c -> a (b @ c)
            for out, kept in ((one.left, one.right), (one.right, one.left)):
                inner = (kept, two) if one is node.left else (two, kept)
                yield binary(out, ast.Mult(), binary(inner[0], node.op, inner[1])), "bracket", 1.3
