"""A table of everything that a missing factor or term could be: forms of all operands, products of all matrices.

Read next: special_forms.py.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.cure.expressions import Vocabulary, binary, forms, numpy_call, transposed
from scratchnet.gradcheck.cure.frames import CLOSE, Frame, evaluated

SECONDS = 1.0  # that it may be looked through
MOST_TERMS = 20_000


def terms_of(tree: ast.expr) -> list[tuple[int, ast.expr]]:
    """Return the terms of a sum, each with its sign."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub)):
        sign = 1 if isinstance(tree.op, ast.Add) else -1
        return terms_of(tree.left) + [(sign * s, t) for s, t in terms_of(tree.right)]
    return [(1, tree)]


def joined(terms: list[tuple[int, ast.expr]]) -> ast.expr:
    """Return the sum of terms."""
    made: ast.expr | None = None
    for sign, term in terms:
        if made is None:
            made = term if sign > 0 else ast.UnaryOp(ast.USub(), term)
        else:
            made = binary(made, ast.Add() if sign > 0 else ast.Sub(), term)
    assert made is not None
    return made


class Table:
    """Forms of all operands, as vectors over all visits, to look products up in."""

    def __init__(self, frames: list[Frame], words: Vocabulary) -> None:
        self.frames, self.words = frames, words
        self.end = time.process_time() + SECONDS
        self.shapes = [frame.needed.shape for frame in frames]
        self.needed = np.concatenate([np.ravel(frame.needed) for frame in frames])
        self.trees: list[ast.expr] = []
        vectors: list[Array] = []
        for atom in words.atoms:
            applied = [ast.Call(function, [atom], []) for function in words.functions]
            for form in [*(form for form, _ in forms(atom)), *applied]:
                vector = self.vector(form)
                if vector is not None and not any(np.array_equal(vector, other) for other in vectors):
                    self.trees.append(form)
                    vectors.append(vector)
        self.vectors = np.array(vectors) if vectors else np.zeros((0, self.needed.size))

    def vector(self, tree: ast.expr) -> Array | None:
        """Return an expression over all visits; None where it fails or has another shape."""
        parts = []
        for frame in self.frames:
            value = evaluated(tree, frame)
            if value is None or isinstance(value, (tuple, list, str)):
                return None
            try:
                parts.append(np.ravel(np.broadcast_to(np.asarray(value, float), frame.needed.shape)))
            except (ValueError, TypeError):
                return None
        return np.concatenate(parts)

    def products(self, wanted: Array, term: ast.expr | None) -> Iterator[ast.expr]:
        """Yield products equal to a vector: of the term with some factors changed, of forms, of two matrices."""
        size = float(np.abs(wanted).max(initial=0.0))
        if size <= 1e-12 or not np.isfinite(wanted).all():
            return
        if term is not None:
            factors = _factors(term)
            for k in range(len(factors) + 1):
                kept = [f for n, f in enumerate(factors) if n != k]
                rest = np.ones_like(wanted)
                for factor in kept:
                    vector = self.vector(factor)
                    rest = rest * vector if vector is not None else rest * np.nan
                if not np.isfinite(rest).all():
                    continue
                for new in self._singles(wanted, rest):
                    yield _product([*kept[:k], new, *kept[k:]])
                for one, two in self.pairs(wanted, rest):
                    yield _product([*kept[:k], one, two, *kept[k:]])
            for a in range(len(factors)):
                for b in range(a + 1, len(factors)):
                    rest = np.ones_like(wanted)
                    for n, factor in enumerate(factors):
                        vector = self.vector(factor) if n not in (a, b) else rest * 0 + 1
                        rest = rest * vector if vector is not None else rest * np.nan
                    if len(factors) > 2 and np.isfinite(rest).all():
                        for one, two in [*self.pairs(wanted, rest), *self.times_matrices(wanted, rest)]:
                            yield _product([*factors[:a], two, *factors[a + 1 : b], one, *factors[b + 1 :]])
        else:
            for new in self._singles(wanted, np.ones_like(wanted)):
                yield new
            for one, two in self.pairs(wanted, np.ones_like(wanted)):
                yield _product([one, two])
        yield from self.matrix_products(wanted)

    def with_effect(self, effect: Array) -> Iterator[ast.expr]:
        """Yield operands and products of matrices that have the effect that is needed: of sums, the parts are free."""
        trees, vectors = self._matrices
        for listed, rows in ((self.trees, self.vectors), (trees, vectors)):
            off = np.abs((rows - self.needed) @ effect.T).max(axis=1, initial=0.0)
            for k in np.flatnonzero(off <= CLOSE * (1.0 + np.abs(effect).max(initial=0.0))):
                yield listed[k]

    def _singles(self, wanted: Array, rest: Array) -> Iterator[ast.expr]:
        if len(self.vectors):
            close = np.abs(self.vectors * rest - wanted).max(axis=1) <= CLOSE * (1.0 + np.abs(wanted).max())
            for k in np.flatnonzero(close):
                yield self.trees[k]

    def pairs(self, wanted: Array, rest: Array) -> Iterator[tuple[ast.expr, ast.expr]]:
        bound = CLOSE * (1.0 + np.abs(wanted).max())
        for k in range(len(self.vectors)):
            if time.process_time() > self.end:
                return
            with np.errstate(all="ignore"):
                close = np.abs(self.vectors[k:] * (self.vectors[k] * rest) - wanted).max(axis=1) <= bound
            for n in np.flatnonzero(close):
                yield self.trees[k], self.trees[k + n]

    @cached_property
    def _matrices(self) -> tuple[list[ast.expr], Array]:
        """All products of two operands as matrices, and their sums over an axis, that have the shape needed."""
        frames = self.frames
        atoms = [a for atom in self.words.atoms for a in (atom, transposed(atom))]
        values = [[evaluated(a, frame) for frame in frames] for a in atoms]
        trees: list[ast.expr] = []
        vectors: list[Array] = []

        def add(tree: ast.expr, made: list[Any]) -> None:
            if all(isinstance(m, np.ndarray) and m.shape == shape for m, shape in zip(made, self.shapes, strict=True)):
                trees.append(tree)
                vectors.append(np.concatenate([np.ravel(m) for m in made]))

        for a, left in zip(atoms, values, strict=True):
            for b, right in zip(atoms, values, strict=True):
                for name in ("@", "outer"):
                    first = _multiplied(left[0], right[0], name)
                    if first is not None and first.shape == self.shapes[0]:
                        tree = binary(a, ast.MatMult(), b) if name == "@" else numpy_call("outer", a, b)
                        add(tree, [_multiplied(x, y, name) for x, y in zip(left, right, strict=True)])
        for a, value in zip(atoms, values, strict=True):
            for axis in range(np.ndim(value[0])):
                for keep in ({}, {"keepdims": True}):
                    tree = numpy_call("sum", a, axis=axis, **keep)
                    if np.shape(evaluated(tree, frames[0])) == self.shapes[0]:
                        add(tree, [evaluated(tree, frame) for frame in frames])
        return trees, np.array(vectors) if vectors else np.zeros((0, self.needed.size))

    def two_terms(self, wanted: Array) -> Iterator[list[tuple[int, ast.expr]]]:
        """Yield two terms, each with its sign, whose sum is a vector: forms, products of two, products of matrices.

        The second term of each first one is looked up by its product with a random vector, in which no two are alike.
        """
        count, (trees, matrices) = len(self.vectors), self._matrices
        if not count or not np.abs(wanted).max(initial=0.0) > 1e-9:
            return
        first, second = np.triu_indices(count)
        rows = np.concatenate([self.vectors, self.vectors[first] * self.vectors[second], matrices])
        rows = rows[:MOST_TERMS]
        marks = rows @ np.random.default_rng(0).normal(size=wanted.size)
        order, mark = np.argsort(marks), wanted @ np.random.default_rng(0).normal(size=wanted.size)
        bound = CLOSE * (1.0 + float(np.abs(wanted).max())) * np.sqrt(wanted.size)

        def tree(k: int) -> ast.expr:
            if k < count:
                return self.trees[k]
            k -= count
            return _product([self.trees[first[k]], self.trees[second[k]]]) if k < len(first) else trees[k - len(first)]

        for one, two in ((1, 1), (1, -1), (-1, -1)):
            needed = two * (mark - one * marks)
            begin, end = np.searchsorted(marks, [needed - bound, needed + bound], sorter=order)
            for k in np.flatnonzero(end > begin):
                for n in order[begin[k] : end[k]]:
                    if np.abs(one * rows[k] + two * rows[n] - wanted).max() <= bound:
                        yield [(one, tree(int(k))), (two, tree(int(n)))]
                if time.process_time() > self.end:
                    return

    def matrix_products(self, wanted: Array) -> Iterator[ast.expr]:
        """Yield products of two matrices, and sums over an axis, that are equal to a vector."""
        trees, vectors = self._matrices
        if len(trees):
            for k in np.flatnonzero(np.abs(vectors - wanted).max(axis=1) <= CLOSE * (1.0 + np.abs(wanted).max())):
                yield trees[k]

    def times_matrices(self, wanted: Array, rest: Array) -> Iterator[tuple[ast.expr, ast.expr]]:
        """Yield an operand, or a form of one, and a product of matrices that together give a vector."""
        trees, vectors = self._matrices
        bound = CLOSE * (1.0 + np.abs(wanted).max())
        for k in range(len(self.vectors)):
            if time.process_time() > self.end:
                return
            if len(trees):
                for n in np.flatnonzero(np.abs(vectors * (self.vectors[k] * rest) - wanted).max(axis=1) <= bound):
                    yield self.trees[k], trees[n]


def _multiplied(left: Any, right: Any, name: str) -> Any:
    if not isinstance(left, np.ndarray) or not isinstance(right, np.ndarray):
        return None
    try:
        return np.outer(left, right) if name == "outer" else left @ right
    except ValueError:
        return None


def _factors(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
        return _factors(tree.left) + _factors(tree.right)
    return [tree]


def _product(factors: list[ast.expr]) -> ast.expr:
    made = factors[0]
    for factor in factors[1:]:
        made = binary(made, ast.Mult(), factor)
    return made
