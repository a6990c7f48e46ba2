"""The search that runs every edit: of the statements of the backward, of its loops.

Read next: forward_search.py.
"""

from __future__ import annotations

import ast
import difflib
import time
from collections.abc import Callable, Iterator

import numpy as np

from scratchnet.gradcheck.cure.candidates import expression_candidates, other_indices, structural_candidates
from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.expressions import Vocabulary
from scratchnet.gradcheck.cure.judging import (
    functions_of_backward,
    total,
    with_text,
    wrong_at,
    wrong_by_array,
)
from scratchnet.gradcheck.cure.matching import Matching
from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.cure.statements import Blocks, Candidate, fresh_buffers, zero_beginnings
from scratchnet.gradcheck.subjects.subject import Subject

STORED = ("scaled", "repeated indices", "accumulated", "overwritten")
ALIKE = 0.6  # names that are so much alike may be mistaken for each other
RUN_SECONDS = 8.0
BEGIN_SECONDS = 4.0


class WideSearch:
    """Edits tried by running them. end: when to stop, by time.process_time()."""

    def __init__(self, end: float, say: Callable[[str], None]) -> None:
        self.end, self.say = end, say
        self.kinds: set[str] = set()  # of the edits that were taken: the same mistake is often made twice

    def loops(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
        """Return the subject with a loop of the backward that goes through all steps, where one leaves some out."""
        found = None
        for module in subject.program.suspected:
            made = subject.program.instrumented(module)
            blocks = Blocks(made.tree)
            short = set()
            for place in pool.backward:
                node = pool.node(place)
                counts = [len(pool.runs[T].recorder.visits.get(place, [])) for T in subject.times]
                if place[0][0] != module or counts != [T - 1 for T in subject.times]:
                    continue
                loop = blocks.around[made.statements[node.statement]]
                while loop is not None and not isinstance(loop, ast.For):
                    loop = blocks.around[loop]
                if loop is not None:
                    short.add(loop)
            for loop in short:
                for candidate in expression_candidates(module, loop, Vocabulary([], [], [], [])):
                    edited = with_text(subject, candidate)
                    rest = total(edited) if edited is not None else wrong
                    if edited is not None and rest < wrong and (found is None or rest < found[1]):
                        found = (edited, rest)
                        self.say(f"  loop: {rest} line {candidate.line} {candidate.kind}")
        return found

    def stored(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
        """Return the subject with a statement that stores, adds or scales in another way, if a gradient is right then.

        = for +=, numpy.add.at for repeated indices, another number of rows or steps, another index to store at.
        """
        before = wrong_by_array(subject)
        for module, text in subject.program.suspected.items():
            blocks = Blocks(subject.program.tree(module))
            concerned = functions_of_backward(pool, module, blocks)
            for statement in blocks.block:
                if (
                    not isinstance(statement, (ast.AugAssign, ast.Assign))
                    or blocks.function[statement] not in concerned
                ):
                    continue
                listed = structural_candidates(module, text, statement, blocks)
                found = [one for one in listed if one.kind.startswith(STORED)]
                for candidate in [*found, *other_indices(module, statement)]:
                    made = with_text(subject, candidate)
                    if made is None or wrong_at(made, [made.probe]) >= wrong:
                        continue
                    after = wrong_by_array(made)
                    less = sum(map(bool, after.values())) < sum(map(bool, before.values()))
                    if less and all(after[key] <= before[key] for key in before):
                        self.say(f"  {candidate.kind} line {candidate.line}")
                        return made, sum(after.values())
        return None

    def beginnings(self, subject: Subject, leads_to: Callable[[Subject], bool]) -> tuple[Subject, int] | None:
        """Return the subject with a buffer or a list that begins anew at each call, where more is right then."""
        end = min(self.end, time.process_time() + BEGIN_SECONDS)
        for module, text in subject.program.suspected.items():
            for node in ast.walk(subject.program.tree(module)):
                if not isinstance(node, ast.FunctionDef) or time.process_time() > end:
                    continue
                for candidate in (*fresh_buffers(module, text, node), *zero_beginnings(module, node)):
                    made = with_text(subject, candidate)
                    if made is not None and leads_to(made):
                        self.say(f"  {candidate.kind} line {candidate.line}")
                        return made, total(made)
        return None

    def aimed(self, subject: Subject, pool: Pool) -> tuple[Subject, int] | None:
        """Return the subject with a statement that wrote into a weight writing elsewhere: what is called most alike."""
        T, before = subject.times[-1], wrong_by_array(subject)
        changed = subject.written_into(T) & {*before}
        best: tuple[float, Subject, Candidate] | None = None
        for place in pool.runs[T].recorder.visits if changed else ():
            statement = subject.program.instrumented(place[0][0]).statements[pool.node(place).statement]
            if not isinstance(statement, ast.AugAssign) or not pool.node(place).whole:
                continue
            needed = Needed(place, {T: [v.value for v in pool.runs[T].recorder.visits[place]] for T in subject.times})
            matching = Matching(pool, [], needed)
            atoms = [*matching.words.atoms, *_beside(statement.target, matching)]
            for candidate in expression_candidates(place[0][0], statement, Vocabulary(atoms, [], [], [])):
                likeness = _likeness(statement, candidate) if candidate.kind.startswith("into ") else 0.0
                if not likeness or (best is not None and likeness <= best[0]):
                    continue
                made = with_text(subject, candidate)
                if made is None or not made.written_into(T) & {*before} < changed:
                    continue
                after = wrong_by_array(made)
                if not any(after[key] and not before[key] for key in before):
                    best = likeness, made, candidate
        if best is None:
            return None
        self.say(f"  {best[2].kind} line {best[2].line}")
        return best[1], total(best[1])

    def structural(self, subject: Subject, pool: Pool) -> Iterator[Candidate]:
        """Yield the edits of how the functions that compute gradients are put together."""
        found = []
        for module, text in subject.program.suspected.items():
            code = subject.program.instrumented(module)
            blocks = Blocks(code.tree)
            concerned = functions_of_backward(pool, module, blocks)
            for statement in blocks.block:
                if blocks.function[statement] not in concerned and statement not in concerned:
                    continue
                found += list(structural_candidates(module, text, statement, blocks))
                if isinstance(statement, (ast.For, ast.If)):
                    found += list(expression_candidates(module, statement, Vocabulary([], [], [], [])))
        yield from sorted(found, key=lambda one: one.odd)

    def by_runs(
        self, subject: Subject, pool: Pool, wrong: int, only: set[str] | None = None
    ) -> tuple[Subject, int] | None:
        """Return the subject with an edit that makes a whole gradient right and none worse, by running every edit."""
        before = wrong_by_array(subject)
        current, touched = subject, set[int]()
        first = wrong_at(subject, [subject.probe])
        end = min(self.end, time.process_time() + RUN_SECONDS)
        candidates = [*self.structural(subject, pool), *self.expressions(subject, pool)]
        if only is not None:
            candidates = [one for one in candidates if one.kind in only]
        for candidate in sorted(candidates, key=lambda one: one.odd - 0.5 * (one.kind in self.kinds)):
            if time.process_time() > end:
                break
            if candidate.line in touched or (touched and candidate.text is not None):
                continue
            made = with_text(current, candidate)
            if made is None or wrong_at(made, [made.probe]) >= first:
                continue
            after = wrong_by_array(made)
            if any(after[key] > before[key] for key in before):
                continue
            if any(before[key] and not after[key] for key in before):
                self.say(f"  run: {sum(after.values())} {candidate.kind} line {candidate.line}")
                self.kinds.add(candidate.kind)
                current, before, first = made, after, wrong_at(made, [made.probe])
                touched.add(candidate.line)  # the same mistake is often made in several lines
                if candidate.text is not None or candidate.value is None or not first:
                    break  # the lines may have moved
        return (current, sum(before.values())) if touched else None

    def expressions(self, subject: Subject, pool: Pool) -> Iterator[Candidate]:
        seen = set()
        for place in pool.backward:
            node, module = pool.node(place), place[0][0]
            statement = subject.program.instrumented(module).statements[node.statement]
            if statement in seen or not node.whole:
                continue
            seen.add(statement)
            visits = {T: pool.runs[T].recorder.visits.get(place, []) for T in subject.times}
            matching = Matching(pool, [], Needed(place, {T: [v.value for v in there] for T, there in visits.items()}))
            values = set()
            for candidate in expression_candidates(module, statement, matching.words, plain=True):
                if candidate.odd > 1.5:
                    continue
                if candidate.value is not None and isinstance(statement.value, ast.expr):  # type: ignore[attr-defined]
                    key = matching.mark(candidate.value)
                    if key is None or key in values:
                        continue
                    values.add(key)
                yield candidate


def _beside(target: ast.expr, matching: Matching) -> list[ast.expr]:
    """Return the other arrays of the object in which a statement writes into one: weight.grad beside weight.values."""
    if not isinstance(target, ast.Attribute) or not matching.frames:
        return []
    arrays = getattr(matching.value(target.value, matching.frames[0]), "__dict__", {})
    return [ast.Attribute(target.value, name) for name, one in arrays.items() if isinstance(one, np.ndarray)]


def _likeness(statement: ast.stmt, candidate: Candidate) -> float:
    """Return how much the place that a candidate writes into is called like that before, from 0 to 1."""
    before, after = (ast.unparse(one.target) for one in (statement, candidate.new[0]))  # type: ignore[attr-defined]
    likeness = difflib.SequenceMatcher(None, before, after).ratio()
    return likeness if likeness >= ALIKE else 0.0
