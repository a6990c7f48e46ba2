"""The search for a mistake of the forward: an edit there, after which the backward as it stands is right.

A forward that forgot its tanh has a right derivative, and a backward that differs from it in several lines; one edit of
the forward makes them all right. Its loss is another one then, so that the gradients are taken anew for each edit.

Read next: seen_values.py.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from scratchnet.gradcheck.cure.candidates import expression_candidates, with_part
from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.expressions import binary, is_function, numpy_call, spots
from scratchnet.gradcheck.cure.judging import (
    agreement,
    plausible,
    spoils,
    total,
    with_effect,
    with_text,
    without_effect,
    wrong_by_array,
)
from scratchnet.gradcheck.cure.matching import Matching
from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.cure.statements import Candidate
from scratchnet.gradcheck.subjects.subject import Subject

ALL_SECONDS, SOME_SECONDS = 4.0, 8.0
MOST_LOOKED_AT = 12


class ForwardSearch:
    """Edits of the forward, tried by running them. explained: how many values of a backward are derivatives."""

    def __init__(self, end: float, say: Callable[[str], None], explained: Callable[[Subject, Pool], int]) -> None:
        self.end, self.say, self.explained = end, say, explained
        self.known: tuple[Subject, list[Candidate]] | None = None  # the edits of the subject that was looked at last

    def search(self, subject: Subject, pool: Pool, whole: bool = False) -> tuple[Subject, int] | None:
        """Return the subject with an edit that makes more gradients right than there were; whole: all of them."""
        T = subject.probe
        before = {key for key, count in wrong_by_array(subject).items() if count}
        unused, least, used = without_effect(subject), None, with_effect(subject)[0]
        best: tuple[int, Subject, Candidate] | None = None
        candidates = self._candidates(subject, pool)
        for made, candidate in self._tried(subject, candidates, ALL_SECONDS if whole else SOME_SECONDS):
            if not ((unused and not whole) or plausible(made, T, before, whole)):
                continue
            still_unused = without_effect(made)
            if not still_unused <= unused or (whole and total(made, 1)):
                continue
            still = {key for key, count in wrong_by_array(made).items() if count}
            if still < before or (still_unused < unused and still <= before):
                if spoils(made, used):
                    continue
                count = self.explained(made, Pool(made)) if still else 10**6
                if best is not None:
                    floor = best[0]
                elif still_unused < unused:
                    floor = -1
                else:
                    floor = least = self.explained(subject, pool) if least is None else least
                # What stands there twice was written a second time: of the same edit in a line the later is likelier.
                again = best is not None and count == floor and _key(best[2]) == _key(candidate)
                if count > floor or again:
                    best = count, made, candidate
                if not still or whole:
                    break
        if best is None:
            return None
        self.say(f"  forward: {best[2].kind} line {best[2].line}")
        return best[1], total(best[1])

    def most(self, subject: Subject, pool: Pool, least: int) -> tuple[Subject, int] | None:
        """Return the subject with the edit that makes most values of the backward derivatives: at least so many.

        Several faults of the forward are found one after the other: each hides less than all of them. Looked at are
        those with which most arrays are right in the shortest run. That something is too much there is not tried: so it
        seems wherever the backward has forgotten it.
        """
        T, unused, ranked, used = subject.times[0], without_effect(subject), [], with_effect(subject)[0]
        before = sum(close for _, close in agreement(subject, T))
        candidates = [
            one
            for one in self._candidates(subject, pool)
            if not one.kind.startswith("without") and one.kind != "call dropped"
        ]
        for made, candidate in self._tried(subject, candidates, SOME_SECONDS):
            if (right := sum(close for _, close in agreement(made, T))) > before:
                ranked.append((-right, candidate.odd, made, candidate))
        best: tuple[int, Subject, Candidate] | None = None
        for *_, made, candidate in sorted(ranked, key=lambda one: one[:2])[:MOST_LOOKED_AT]:
            if spoils(made, used):
                continue
            count = self.explained(made, Pool(made))
            if count >= least and (best is None or count > best[0]) and without_effect(made) <= unused:
                best = count, made, candidate
        if best is None:
            return None
        self.say(f"  forward: {best[2].kind} line {best[2].line}: {best[0]} values are derivatives")
        return best[1], total(best[1])

    def _tried(
        self, subject: Subject, candidates: list[Candidate], seconds: float
    ) -> Iterator[tuple[Subject, Candidate]]:
        """Yield the subject with each edit that changes its loss, until the seconds are over."""
        end = min(self.end, time.process_time() + seconds)
        loss = subject.run(subject.probe).loss
        for candidate in candidates:
            if time.process_time() > end:
                return
            made = with_text(subject, candidate, new_loss=True)
            if made is not None and made.run(subject.probe).loss != loss:
                yield made, candidate

    def _candidates(self, subject: Subject, pool: Pool) -> list[Candidate]:
        """Return the edits of the forward, those first that use an array which has no effect."""
        if self.known is None or self.known[0] is not subject:
            self.known = subject, self._edits(subject, pool)
        return self.known[1]

    def _edits(self, subject: Subject, pool: Pool) -> list[Candidate]:
        T = subject.probe
        dead = [
            key
            for key, true in subject.true(T).items()
            if not true.any() and np.any(subject.run(T).gradients.get(key, 0.0))
        ]
        candidates: list[tuple[bool, Candidate]] = []
        seen = set()
        for place in pool.places:
            if place[0] == "array" or place[0][0] in subject.program.trusted:
                continue
            node, module = pool.node(place), place[0][0]
            statement = subject.program.instrumented(module).statements[node.statement]
            value = getattr(statement, "value", None)
            if statement in seen or value is None:
                continue
            seen.add(statement)
            visits = {T: pool.runs[T].recorder.visits.get(place, []) for T in subject.times}
            needed = Needed(place, {T: [v.value for v in there] for T, there in visits.items()})
            matching = Matching(pool, [], needed, value)
            masters = (
                [np.ravel(subject.arrays(matching.frames[0].T).kept[key]) for key in dead] if matching.frames else []
            )
            unused = {
                text for text, atom in matching.words.named for master in masters
                if np.array_equal(np.ravel(matching.value(atom, matching.frames[0])), master)
            }  # fmt: skip
            given = matching.mark(value)
            values = {given}
            listed = [*expression_candidates(module, statement, matching.words, plain=not dead)]
            for candidate in (*listed, *_squashed(module, statement, value)):
                if candidate.value is not None and candidate.odd <= 1.75:
                    uses = any(text in ast.unparse(candidate.value) for text in unused)
                    if candidate.odd <= 1.35 or uses:
                        key = matching.mark(candidate.value)
                        if key is not None and key not in values and _alike(key, given):
                            values.add(key)
                            candidates.append((not uses, candidate))
        return [one for _, one in sorted(candidates, key=lambda one: (one[0], one[1].odd))]


def _squashed(module: str, statement: ast.stmt, value: ast.expr) -> Iterator[Candidate]:
    """Yield a statement with the tanh of one of its operands, or a function of a factor and not of the product."""
    for node, put in spots(value):
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and not is_function(node):
            yield with_part(module, statement, "value", put(numpy_call("tanh", node)), "tanh applied", 1.3)
        if not isinstance(node, ast.Call) or len(node.args) != 1:
            continue
        product = node.args[0]
        if isinstance(product, ast.BinOp) and isinstance(product.op, ast.Mult):
            one, two = (ast.Call(node.func, [factor], []) for factor in (product.left, product.right))
            for made in (binary(product.left, ast.Mult(), two), binary(one, ast.Mult(), product.right)):
                yield with_part(module, statement, "value", put(made), "of a factor", 1.0)


def _alike(one: Any, other: Any) -> bool:
    """Tell whether two marks are of the same shapes: a forward that becomes a constant is no forward any more."""
    if not isinstance(one, tuple) or not isinstance(other, tuple):
        return False
    return [shape for shape, _ in one] == [shape for shape, _ in other]


def _key(candidate: Candidate) -> tuple[str, int, str]:
    return candidate.module, candidate.line, candidate.kind
