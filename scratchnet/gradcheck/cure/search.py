"""The search for the mistakes of a backward, and for the edits that undo them.

    cured = cure(subject)         Cured.text: the mended text of each module; Cured.wrong: what is still wrong

In this order: one edit that mends everything; then the statements that must yield other values (forcing.py), each
mended by itself; then whatever mends some gradients and breaks none. After every edit all begins anew.

Read next: ../check.py.
"""

from __future__ import annotations

import ast
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from scratchnet.gradcheck.cure.candidates import (
    Blocks,
    Candidate,
    expression_candidates,
    structural_candidates,
)
from scratchnet.gradcheck.cure.carries import missing_carries
from scratchnet.gradcheck.cure.edits import Vocabulary
from scratchnet.gradcheck.cure.findings import Finding
from scratchnet.gradcheck.cure.forcing import Forced, Forcing, Needed
from scratchnet.gradcheck.cure.matching import Match, Matching
from scratchnet.gradcheck.cure.patch import Change, changes, replaced
from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.subjects.program import Program
from scratchnet.gradcheck.subjects.subject import Subject, wrong_entries

RUN_SECONDS = 8.0
VERIFY = ((4, 0), (3, 1))  # the T and seeds that a cure has not seen


@dataclass
class Cured:
    """What a search found. texts: the mended modules. wrong: wrong entries left. forced: the places still forced."""

    texts: dict[str, str]
    wrong: int
    start: int
    steps: list[str] = field(default_factory=list)
    forced: list[Forced] = field(default_factory=list)
    seconds: float = 0.0


class Search:
    """One search."""

    def __init__(self, subject: Subject, seconds: float = 30.0, say: Callable[[str], None] | None = None) -> None:
        self.first = subject
        self.end = time.monotonic() + seconds
        self.say = say or (lambda text: None)
        self.places: list[Finding] = []
        self.kinds: set[str] = set()  # of the edits that were taken: the same mistake is often made twice

    @np.errstate(all="ignore")
    def run(self) -> Cured:
        """Return the cure, or how far it got."""
        began = time.monotonic()
        subject = self.first
        start = wrong = total(subject)
        steps: list[str] = []
        forced: list[Forced] = []
        while wrong and time.monotonic() < self.end:
            found = self._step(subject, wrong)
            if found is None:
                break
            subject, wrong, done, forced = found
            steps += done
        return Cured(dict(subject.program.texts), wrong, start, steps, forced, time.monotonic() - began)

    def _step(self, subject: Subject, wrong: int) -> tuple[Subject, int, list[str], list[Forced]] | None:
        pool = Pool(subject)
        forcing = Forcing(subject, pool)
        if self.kinds and (again := self._by_runs(subject, pool, wrong, only=self.kinds)) is not None:
            return again[0], again[1], ["again"], []
        one = self._alone(subject, forcing)
        if one is not None:
            if subject is self.first:
                lines = {change.line for _, change in differences(subject, Cured(dict(one.program.texts), 0, 0))}
                best = [f for f in forcing.candidates([])[:20] if pool.node(f.place).line in lines]
                self.places = [described(pool, f) for f in best[:1]]
            return one, 0, ["one edit"], []
        dead = without_effect(subject)
        for way in ([self._forward] if dead else []) + [self._loops, self._carry]:
            best = way(subject, pool, wrong)
            if best is not None:
                return best[0], best[1], [way.__name__], []
        found, left = forcing.search()
        if subject is self.first:
            self.places = [described(pool, f) for f in found]
        self.say(f"forced: {[(pool.node(f.place).line, f.mended) for f in found]}, {left} left")
        needed = [forcing.needed(f) for f in found]
        edits: list[tuple[Needed, Match]] = []
        for one_needed in needed:
            for outer in outwards(pool, one_needed):
                matching = Matching(pool, [n for n in needed if n is not one_needed], outer)
                if matching.frames and matching.fits(matching.node.tree):
                    break  # right as soon as the others are: a victim
                matches = matching.search()
                if matches:
                    edits.append((outer, matches[0]))
                    break
        self.say(f"matched: {[ast.unparse(match.tree) for _, match in edits]}")
        for chosen in ([edits] if len(edits) > 1 else []) + [[edit] for edit in edits]:
            made = with_edits(subject, pool, chosen)
            if made is not None and (rest := total(made)) < wrong:
                return made, rest, [ast.unparse(match.tree) for _, match in chosen], found
        for way in (self._by_runs_or_none, self._forward):
            best = way(subject, pool, wrong)
            if best is not None:
                return best[0], best[1], ["by runs"], found
        return None

    def _loops(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
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

    def _carry(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
        """Return the subject with a gradient handed on from step to step that was not."""
        found = None
        for text in missing_carries(subject, pool):
            made = with_text(subject, text)
            if made is not None:
                rest = total(made)
                if rest < wrong and (found is None or rest < found[1]):
                    found = (made, rest)
                    self.say(f"  carry: {rest} line {text.line}")
        return found

    def _by_runs_or_none(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
        return self._by_runs(subject, pool, wrong)

    def _alone(self, subject: Subject, forcing: Forcing) -> Subject | None:
        """Return the subject with the one edit that mends everything."""
        options: list[tuple[float, Subject]] = []
        suspects = forcing.alone()
        self.say(f"alone: lines {[forcing.pool.node(n.place).line for n in suspects]}")
        for needed in suspects:
            for match in Matching(forcing.pool, [], needed).search(0.6):
                made = with_edits(subject, forcing.pool, [(needed, match)])
                if made is not None and total(made) == 0 and verified(made):
                    options.append((match.odd, made))
                    self.say(f"  {match.odd:.2f} {ast.unparse(match.tree)}")
        if options:
            return min(options, key=lambda one: one[0])[1]
        for candidate in self._structural(subject):
            made = with_text(subject, candidate)
            if made is not None and total(made, 1) == 0 and verified(made):
                options.append((candidate.odd, made))
                self.say(f"  {candidate.odd:.2f} {candidate.kind} {candidate.line}")
            if time.monotonic() > self.end:
                break
        return min(options, key=lambda one: one[0])[1] if options else None

    def _structural(self, subject: Subject) -> Iterator[Candidate]:
        found = []
        for module in subject.program.texts:
            tree, text = subject.program.tree(module), subject.program.texts[module]
            blocks = Blocks(tree)
            for statement in blocks.block:
                found += list(structural_candidates(module, text, statement, blocks))
                if isinstance(statement, (ast.For, ast.If)):
                    found += list(expression_candidates(module, statement, Vocabulary([], [], [], [])))
        yield from sorted(found, key=lambda one: one.odd)

    def _by_runs(
        self, subject: Subject, pool: Pool, wrong: int, only: set[str] | None = None
    ) -> tuple[Subject, int] | None:
        """Return the subject with an edit that makes a whole gradient right and none worse, by running every edit."""
        before = wrong_by_array(subject)
        current, touched = subject, set[int]()
        first = _wrong_at(subject, [subject.probe])
        end = min(self.end, time.monotonic() + RUN_SECONDS)
        candidates = [*self._structural(subject), *self._expressions(subject, pool)]
        if only is not None:
            candidates = [one for one in candidates if one.kind in only]
        for candidate in sorted(candidates, key=lambda one: one.odd - 0.5 * (one.kind in self.kinds)):
            if time.monotonic() > end:
                break
            if candidate.line in touched or (touched and candidate.text is not None):
                continue
            made = with_text(current, candidate)
            if made is None or _wrong_at(made, [made.probe]) >= first:
                continue
            after = wrong_by_array(made)
            if any(after[key] > before[key] for key in before):
                continue
            if any(before[key] and not after[key] for key in before):
                self.say(f"  run: {sum(after.values())} {candidate.kind} line {candidate.line}")
                self.kinds.add(candidate.kind)
                current, before, first = made, after, _wrong_at(made, [made.probe])
                touched.add(candidate.line)  # the same mistake is often made in several lines
                if candidate.text is not None or candidate.value is None or not first:
                    break  # the lines may have moved
        return (current, sum(before.values())) if touched else None

    def _expressions(self, subject: Subject, pool: Pool) -> Iterator[Candidate]:
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

    def _forward(self, subject: Subject, pool: Pool, wrong: int) -> tuple[Subject, int] | None:
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
            if made is None or made.run(T).loss == loss or not (unused_before or _plausible(made, T, before)):
                continue
            after = wrong_by_array(made)
            unused = without_effect(made)
            still = {key for key, count in after.items() if count}
            if unused <= without_effect(subject) and (
                still < before or (unused and unused < without_effect(subject) and still <= before)
            ):
                self.say(f"  forward: {candidate.kind} line {candidate.line}")
                return made, sum(after.values())
        return None


def _plausible(subject: Subject, T: int, before: set[int]) -> bool:
    """Tell whether, along one random direction of each array that was right, the gradients still are, and one more is."""
    result = subject.run(T)
    gained = False
    for key, gradient in result.gradients.items():
        master = subject.arrays(T).kept[key]
        if np.shape(gradient) != master.shape:
            continue
        direction = np.random.default_rng(key).normal(size=master.shape)
        quotient = subject._quotient(master, direction, T, None)
        close = abs(quotient - float((gradient * direction).sum())) <= 1e-6 * (np.linalg.norm(gradient) + 1e-3)
        if key not in before and not close:
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
        wrong = _wrong_at(subject, times)
        return wrong if wrong else _wrong_at(subject, [T for T in subject.times if T not in times])
    return _wrong_at(subject, times)


def _wrong_at(subject: Subject, times: object) -> int:
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
        new = _replaced_in(statement, node.tree, match.tree)
        texts[module] = replaced(texts[module], statement, [new])
    return _made(subject, texts)


def with_text(subject: Subject, candidate: Candidate, new_loss: bool = False) -> Subject | None:
    """Return the subject with a candidate's text."""
    texts = dict(subject.program.texts)
    texts[candidate.module] = candidate.of(texts[candidate.module])
    return _made(subject, texts, new_loss)


def _made(subject: Subject, texts: dict[str, str], new_loss: bool = False) -> Subject | None:
    try:
        program = Program(subject.program.path, texts[subject.program.name])
        program.texts.update(texts)
        program.files.update(subject.program.files)
        made = Subject(program, subject.harness, subject.times, subject.seed)
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


def described(pool: Pool, forced: Forced) -> Finding:
    """Return what a forced place is and should be, as a finding."""
    node, module = pool.node(forced.place), forced.place[0][0]
    files = pool.subject.program.files
    T = pool.subject.times[-1]
    values = pool.values(forced.label, T) or []
    visits = pool.runs[T].recorder.visits.get(forced.place, [])
    right = [bool(np.abs(v.value - w).max(initial=0.0) <= 1e-8) for v, w in zip(visits, values, strict=False)]
    numbers = {
        "right": sum(right),
        "visits": len(visits),
        "first_right": bool(right and right[0]),
        "value": forced.label.value,
    }
    place = forced.label.place
    if place[0] == "array":
        should, line = pool.subject.names(T).get(place[1], ""), 0
    else:
        should, line = pool.node(place).text, pool.node(place).line
    return Finding("place", "", files[module], node.line, node.text, should, line, numbers)


def clearest(subject: Subject, cured: Cured) -> dict[str, str]:
    """Return the mended texts without the changes that are not needed."""
    return {module: text for module, text in cured.texts.items() if text != subject.program.texts[module]}


def differences(subject: Subject, cured: Cured) -> list[tuple[str, Change]]:
    """Return the changes of each module: (file, change)."""
    return [
        (subject.program.files[module], change)
        for module, text in cured.texts.items()
        for change in changes(subject.program.texts[module], text)
    ]
