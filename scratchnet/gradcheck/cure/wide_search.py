"""The search that runs every edit: of the statements of the backward, of its loops, of the forward.

Read next: findings.py.
"""

from __future__ import annotations

import ast
import time
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from scratchnet.gradcheck.cure.candidates import expression_candidates, structural_candidates
from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.expressions import Vocabulary
from scratchnet.gradcheck.cure.judging import (
    plausible,
    total,
    with_text,
    without_effect,
    wrong_at,
    wrong_by_array,
)
from scratchnet.gradcheck.cure.matching import Matching
from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.cure.statements import Blocks, Candidate
from scratchnet.gradcheck.subjects.subject import Subject

RUN_SECONDS = 8.0


class WideSearch:
    """Edits tried by running them. end: when to stop, by time.monotonic()."""

    def __init__(self, end: float, say: Callable[[str], None]) -> None:
        self.end, self.say = end, say
        self.kinds: set[str] = set()  # of the edits that were taken: the same mistake is often made twice

    def loops(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
        """Return the subject with a loop of the backward that goes through all steps, where one leaves some out."""
        found = None
        visits = {T: Counter(len(v) for v in pool.runs[T].recorder.visits.values()) for T in subject.times}
        for module in subject.program.texts:
            made = subject.program.instrumented(module)
            blocks = Blocks(made.tree)
            short = set()
            for place in pool.backward:
                node = pool.node(place)
                counts = [len(pool.runs[T].recorder.visits.get(place, [])) for T in subject.times]
                if place[0][0] != module or counts != [T - 1 for T in subject.times] or not visits:
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

    def structural(self, subject: Subject) -> Iterator[Candidate]:
        found = []
        for module in subject.program.texts:
            tree, text = subject.program.tree(module), subject.program.texts[module]
            blocks = Blocks(tree)
            for statement in blocks.block:
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
        end = min(self.end, time.monotonic() + RUN_SECONDS)
        candidates = [*self.structural(subject), *self.expressions(subject, pool)]
        if only is not None:
            candidates = [one for one in candidates if one.kind in only]
        for candidate in sorted(candidates, key=lambda one: one.odd - 0.5 * (one.kind in self.kinds)):
            if time.monotonic() > end:
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

    def forward(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
        """Return the subject with an edit of the forward that makes more gradients right than there were."""
        T = subject.probe
        dead = [
            key
            for key, true in subject.true(T).items()
            if not true.any() and np.any(subject.run(T).gradients.get(key, 0.0))
        ]
        end = min(self.end, time.monotonic() + RUN_SECONDS)
        before = {key for key, count in wrong_by_array(subject).items() if count}
        candidates: list[tuple[bool, Candidate]] = []
        seen = set()
        for place in pool.places:
            if place[0] == "array":
                continue
            node, module = pool.node(place), place[0][0]
            statement = subject.program.instrumented(module).statements[node.statement]
            if statement in seen or not node.whole:
                continue
            seen.add(statement)
            visits = {T: pool.runs[T].recorder.visits.get(place, []) for T in subject.times}
            matching = Matching(pool, [], Needed(place, {T: [v.value for v in there] for T, there in visits.items()}))
            masters = (
                [np.ravel(subject.arrays(matching.frames[0].T).kept[key]) for key in dead] if matching.frames else []
            )
            unused = {
                ast.unparse(atom) for atom in matching.words.atoms for master in masters
                if np.array_equal(np.ravel(matching.value(atom, matching.frames[0])), master)
            }  # fmt: skip
            values = {matching.mark(node.tree)}
            for candidate in expression_candidates(module, statement, matching.words, plain=not dead):
                if candidate.value is not None and candidate.odd <= 1.75:
                    uses = any(text in ast.unparse(candidate.value) for text in unused)
                    if candidate.odd <= 1.35 or uses:
                        key = matching.mark(candidate.value)
                        if key is not None and key not in values:
                            values.add(key)
                            candidates.append((not uses, candidate))
        loss = subject.run(T).loss
        unused_before = without_effect(subject)
        for _, candidate in sorted(candidates, key=lambda one: (one[0], one[1].odd)):
            if time.monotonic() > end:
                break
            made = with_text(subject, candidate, new_loss=True)
            if made is None or made.run(T).loss == loss or not (unused_before or plausible(made, T, before)):
                continue
            after = wrong_by_array(made)
            still_unused = without_effect(made)
            still = {key for key, count in after.items() if count}
            if still_unused <= without_effect(subject) and (
                still < before or (still_unused and still_unused < without_effect(subject) and still <= before)
            ):
                self.say(f"  forward: {candidate.kind} line {candidate.line}")
                return made, sum(after.values())
        return None
