"""The edit of one statement, found in numbers: the value that it must yield is known, so the program is not run.

The local variables before each visit of the statement are recorded, with everything else forced right. An edit is
accepted when its expression equals what is needed at every visit and at every T.

Read next: operand_edits.py.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints.recorder import copied
from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.edits import variants
from scratchnet.gradcheck.cure.evaluator import Evaluator, Kept
from scratchnet.gradcheck.cure.expressions import Vocabulary, binary, spots
from scratchnet.gradcheck.cure.frames import (
    CLOSE,
    Frame,
    Match,
    equal,
    evaluated,
    frames_of,
    shape_of,
    vocabulary,
)
from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.cure.seen_values import unread
from scratchnet.gradcheck.cure.special_forms import boundaries, common_factors, products_anew
from scratchnet.gradcheck.cure.table import Table, joined, terms_of
from scratchnet.gradcheck.cure.two_edits import READ, two_edits, two_operands

LESS_SURE = 2.0  # so much odder is an edit that was not seen to fit everywhere


class Matching:
    """Edits of the expression of a forced place."""

    def __init__(
        self, pool: Pool, forced: list[Needed], one: Needed, tree: ast.expr | None = None, statement: int = -1
    ) -> None:
        """Look at a place's expression; or, with another tree, at what could be computed after a statement."""
        self.pool, self.one = pool, one
        self.node = pool.node(one.place)
        self.tree = self.node.tree if tree is None else tree
        self.frames = frames_of(pool, forced, one, statement)
        self.effects = {T: effect for T, effect in one.effects.items() if rank_lost(effect)}
        self.frames = [frame for frame in self.frames if frame.T in self.effects or self._read(frame)] or self.frames
        self.tried = 0
        self.kept: list[str] | None = None  # where fewer visits are looked at: terms that must stay
        # The frame that tells most is looked at first: in the middle of the longest sequence.
        self.frames.sort(key=lambda frame: -float(np.abs(frame.needed).min()) if frame.needed.size else 0.0)
        self.words = (
            vocabulary(pool.subject.program.tree(one.place[0][0]), self.node.line, copied(self.frames[0].names))
            if self.frames
            else Vocabulary([], [], [], [])
        )

        self.changes = any(isinstance(n, ast.Attribute) and n.attr in ("pop", "popleft") for n in ast.walk(self.tree))
        whole = [] if self.changes else [self.tree]
        kept = Kept([*self.words.atoms, *(form for _, _, form in self.words.factors)], whole)
        for frame in self.frames:
            frame.evaluator = Evaluator(frame.names, kept)

    def _known(self, tree: ast.expr, kept: list[str]) -> bool:
        """Tell whether an edit neither drops nor brings in what is zero at all visits: nothing is known of that."""
        if not all(term in ast.unparse(tree) for term in kept):
            return False
        old = {ast.unparse(node) for node, _ in spots(self.tree)}
        new = [node for node, _ in spots(tree) if isinstance(node, READ) and ast.unparse(node) not in old]
        return not any(self._zero(node) for node in new)

    def _zero(self, tree: ast.expr) -> bool:
        """Tell whether an expression is zero at all visits: nothing is known of it there."""
        values = [self.value(tree, frame) for frame in self.frames]
        return all(isinstance(value, np.ndarray) and not value.any() for value in values)

    def _read(self, frame: Frame) -> bool:
        """Tell whether a gradient is computed from what the place yields at a visit: else it may be anything."""
        run = self.pool.runs[frame.T]
        visits = run.recorder.visits.get(self.one.place, [])
        return frame.visit >= len(visits) or not bool(unread(run, visits[frame.visit]).all())

    def value(self, tree: ast.expr, frame: Frame) -> Any:
        """Return what an expression is at a visit; None where it fails."""
        return evaluated(tree, frame)

    def mark(self, tree: ast.expr) -> Any:
        """Return something that is the same for expressions of the same values at all visits; None where it fails."""
        found = []
        try:
            changes = self.changes
            for frame in self.frames:
                value = (Evaluator(copied(frame.names)) if changes else frame.evaluator).value(tree)
                for part in flat(value):
                    array = np.asarray(part)
                    if array.dtype.kind != "f":
                        return object()
                    weights = np.cos(np.arange(1, array.size + 1))
                    found.append((array.shape, round(float(np.ravel(array) @ weights), 10)))
        except Exception:
            return None
        return tuple(found)

    def fits(self, tree: ast.expr) -> bool:
        """Tell whether an expression yields what is needed at all visits."""
        self.tried += 1
        changes = self.changes
        offs: dict[int, dict[int, Array]] = {}
        for frame in self.frames:
            try:
                value = (Evaluator(copied(frame.names)) if changes else frame.evaluator).value(tree)
            except Exception:
                return False
            if frame.T in self.effects:
                if shape_of(value) != frame.needed.shape:
                    return False
                offs.setdefault(frame.T, {})[frame.visit] = np.ravel(np.asarray(value, float) - frame.needed)
            elif not equal(value, frame.needed):
                return False
        for T, parts in offs.items():
            off = np.concatenate([parts[k] for k in sorted(parts)])
            effect = self.effects[T]
            if not np.abs(effect @ off).max(initial=0.0) <= CLOSE * (1.0 + np.abs(effect).max(initial=0.0)):
                return False
        return self.kept is None or self._known(tree, self.kept)

    def search(self, seconds: float = 0.5, most: int = 4) -> list[Match]:
        """Return expressions that fit, the likeliest first.

        Where none fits at all visits, those that do in the shortest run, or at the first visit of each: what comes
        later may be spoilt by what another mistake hands on.
        """
        if not self.frames:
            return []
        found, every, effects = self._search(seconds, most), self.frames, self.effects
        least = min(frame.T for frame in every)
        for fewer in ([f for f in every if least == f.T], [f for f in every if f.visit == 0]):
            if found or len(fewer) == len(every) or not any(np.abs(f.needed).max(initial=0.0) > 1e-9 for f in fewer):
                continue
            self.frames, self.effects = fewer, {}
            if not self.fits(self.tree):  # right there: then something is missing that comes from the step after
                self.kept = [ast.unparse(term) for _, term in terms_of(self.tree) if self._zero(term)]
                found = [Match(one.tree, one.kind, one.odd + LESS_SURE) for one in self._search(seconds, most)]
            self.frames, self.effects, self.kept = every, effects, None
        return found

    def _search(self, seconds: float, most: int) -> list[Match]:
        end, found = time.process_time() + 2 * seconds, []  # single edits are the likeliest
        with np.errstate(all="ignore"):
            first = sorted(variants(self.tree, self.words), key=lambda variant: variant.odd)
            for variant in first:
                if self.fits(variant.tree):
                    found.append(Match(variant.tree, variant.kind, variant.odd))
                    if len(found) >= most:
                        return found
                if time.process_time() > end:
                    break
            if found:
                return found
            program = self.pool.subject.program
            trees = [program.tree(module) for module in program.texts]
            stages: tuple[Callable[[], list[Match]], ...] = (
                lambda: [
                    *boundaries(self.tree, self.frames, self.words, self.fits),
                    *common_factors(self.tree, self.frames, self.words),
                ],
                lambda: list(islice(two_operands(self.tree, self.frames[0], self.words, self.fits, seconds), 1)),
                lambda: list(islice(self._by_numbers(), most)),
                lambda: list(islice(two_edits(first, self.words, self.fits, seconds), 1)),
                lambda: list(islice(products_anew(self.tree, self.frames, self.words, self.fits, trees), 1)),
            )
            for stage in stages:
                found = stage()[:most]
                if found:
                    return found
        return []

    def written(self) -> ast.expr | None:
        """Return any expression that fits: a product of operands, or of matrices, or such a one times another."""
        if not self.frames:
            return None
        table = Table(self.frames, self.words)
        with np.errstate(all="ignore"):
            for new in table.products(table.needed, None):
                if self.fits(new):
                    return new
            # an operand times a product of matrices
            for atom, new in table.times_matrices(table.needed, np.ones_like(table.needed)):
                made = binary(atom, ast.Mult(), new)
                if self.fits(made):
                    return made
        return None

    # by numbers: the term or factor that is needed is known, and looked up

    def _by_numbers(self) -> Iterator[Match]:
        table = Table(self.frames, self.words)
        terms = terms_of(self.tree)
        needed = table.needed
        found = [table.vector(term) for _, term in terms]
        values = [v for v in found if v is not None]
        if len(values) == len(terms):
            for k, (sign, term) in enumerate(terms):
                others = sum(
                    (s * v for n, ((s, _), v) in enumerate(zip(terms, values, strict=True)) if n != k),
                    np.zeros_like(needed),
                )
                for new in table.products((needed - others) * sign, term):
                    yield Match(joined([(s, new if n == k else t) for n, (s, t) in enumerate(terms)]), "term", 2.0)
            rest = needed - sum((s * v for (s, _), v in zip(terms, values, strict=True)), np.zeros_like(needed))
            for sign in (1, -1):
                for new in table.products(rest * sign, None):
                    yield Match(joined([*terms, (sign, new)]), "term missing", 2.2)
            for more in table.two_terms(rest):
                yield Match(joined([*terms, *more]), "terms missing", 2.6)
        for new in table.products(needed, None):
            yield Match(new, "written anew", 3.0)
        for one, two in table.times_matrices(needed, np.ones_like(needed)):
            yield Match(binary(two, ast.Mult(), one), "written anew", 3.2)


def flat(value: Any) -> list[Any]:
    """Return the values in tuples within tuples; a value that is none, alone."""
    return [part for one in value for part in flat(one)] if isinstance(value, tuple) else [value]


def rank_lost(effect: Array) -> bool:
    """Tell whether some change of the values changes no gradient."""
    return bool(effect.size) and np.linalg.matrix_rank(effect, tol=1e-9) < effect.shape[1]
