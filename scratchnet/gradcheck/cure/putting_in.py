"""A statement to put in, where no statement stands that could have to yield another value.

At the end of each block of the backward every array is written over by itself, which changes nothing:

    dW[...] = dW * 1.0

Each of these is looked at as any other statement: could it be the only wrong one, and what would it have to yield?
Where it could, what must be added there is known in numbers, and an expression is looked up for it: `dW += x.T @ dy`.

Read next: wide_search.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Recorder
from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.evaluator import Evaluator
from scratchnet.gradcheck.cure.forcing import Forcing
from scratchnet.gradcheck.cure.frames import parts_of, vocabulary
from scratchnet.gradcheck.cure.judging import functions_of_backward, with_texts
from scratchnet.gradcheck.cure.matching import Matching, rank_lost
from scratchnet.gradcheck.cure.patch import inserted, replaced
from scratchnet.gradcheck.cure.pool import Pool
from scratchnet.gradcheck.cure.statements import Blocks, Candidate
from scratchnet.gradcheck.cure.table import Table
from scratchnet.gradcheck.subjects.subject import Subject

ENDS = (ast.Return, ast.Continue, ast.Break, ast.Raise)
MOST = 60  # statements that are put in to be looked at


@dataclass
class Spot:
    """Where a statement may be put in: in the place of a `pass`, before what ends a block, or after its last one."""

    module: str
    block: list[ast.stmt]
    arrays: list[ast.expr]

    @property
    def line(self) -> int:
        for one in self.block:
            if isinstance(one, ast.Pass):
                return one.lineno
        return self.block[-1].lineno if isinstance(self.block[-1], ENDS) else (self.block[-1].end_lineno or 0) + 1

    def put(self, text: str, new: list[ast.stmt]) -> str:
        """Return a text with statements put in here."""
        for one in self.block:
            if isinstance(one, ast.Pass):
                return replaced(text, one, [*new, one][: max(1, len(new))])
        line = text.splitlines()[self.block[-1].lineno - 1]
        return inserted(text, self.line, line[: len(line) - len(line.lstrip())], new)


class Addition(Matching):
    """What must be added at a place: of what only a sum matters, the parts are free."""

    def __init__(self, pool: Pool, one: Needed) -> None:
        """Take the names with the place forced, and what must be added for what is needed there."""
        super().__init__(pool, [], one)
        self.effects = {T: effect for T, (effect, _) in one.added.items() if rank_lost(effect)}
        for T, (_, row) in one.added.items():
            begin = 0
            for frame in sorted((frame for frame in self.frames if frame.T == T), key=lambda frame: frame.visit):
                end = begin + frame.needed.size
                frame.needed, begin = row[begin:end].reshape(frame.needed.shape), end

    def written(self) -> ast.expr | None:
        """Return an expression that fits, as `Matching.written` does."""
        if not self.effects or not self.frames:
            return super().written()
        with np.errstate(all="ignore"):
            found = Table(self.frames, self.words).with_effect(self._effect())
            return next((one for one in found if self.fits(one)), None)

    def _effect(self) -> Array:
        """Return d(gradients)/d(what is added at all visits), in the order of the frames."""
        sizes = [frame.needed.size for frame in self.frames]
        starts = np.cumsum([0, *sizes])
        blocks = []
        for T in {frame.T for frame in self.frames}:
            here = sorted((frame.visit, k) for k, frame in enumerate(self.frames) if frame.T == T)
            columns = np.concatenate([np.arange(starts[k], starts[k] + sizes[k]) for _, k in here])
            block = np.zeros((len(self.effects[T]) if T in self.effects else len(columns), starts[-1]))
            block[:, columns] = self.effects.get(T, np.eye(len(columns)))
            blocks.append(block)
        return np.concatenate(blocks)


def missing_statements(subject: Subject, pool: Pool) -> Iterator[Candidate]:
    """Yield texts with one more statement, with which all gradients could be right."""
    spots = list(_spots(subject, pool))
    places = [(spot, tree) for spot in spots for tree in spot.arrays]
    texts = dict(subject.program.texts)
    for spot in sorted(spots, key=lambda one: -one.line):
        texts[spot.module] = spot.put(texts[spot.module], [_neutral(tree) for tree in spot.arrays])
    made = with_texts(subject, texts) if places and len(places) <= MOST else None
    if made is None:
        return
    planned: dict[tuple[str, int], tuple[Spot, ast.expr]] = {}
    for module in texts:
        # Of two at one line, the end of the inner block comes first.
        order = sorted(range(len(spots)), key=lambda k: (spots[k].line, -k))
        here = [(spots[k], tree) for k in order if spots[k].module == module for tree in spots[k].arrays]
        text = {ast.unparse(ast.fix_missing_locations(_neutral(tree))) for _, tree in here}
        code = made.program.instrumented(module)
        numbers = [k for k, one in enumerate(code.statements) if ast.unparse(one) in text]
        numbers.sort(key=lambda k: code.statements[k].lineno)
        if len(numbers) == len(here):
            planned.update({(module, k): one for k, one in zip(numbers, here, strict=True)})
    with_them = Pool(made)
    for needed in Forcing(made, with_them).alone(lambda place: _key(with_them, place) in planned):
        spot, tree = planned[_key(with_them, needed.place)]
        matching = Addition(with_them, needed)
        if not matching.frames or not any(np.abs(frame.needed).max(initial=0.0) > 1e-9 for frame in matching.frames):
            continue
        frame = max(matching.frames, key=lambda one: float(np.abs(one.needed).max(initial=0.0)))
        atoms = [one for one in matching.words.atoms if not ast.unparse(one).endswith("[...]")]  # of what was put in
        parts = parts_of(atoms, matching.words.indices, Evaluator(frame.names))
        matching.words = replace(matching.words, atoms=[*atoms, *parts])
        value = matching.written()
        if value is not None:
            (new,) = ast.parse(f"{ast.unparse(tree)} += {ast.unparse(ast.fix_missing_locations(value))}").body
            mended = spot.put(subject.program.texts[spot.module], [new])
            yield Candidate(spot.module, spot.line, "put in", 2.0, mended)


def _key(pool: Pool, place: tuple) -> tuple[str, int]:  # type: ignore[type-arg]
    return place[0][0], pool.node(place).statement


def _spots(subject: Subject, pool: Pool) -> Iterator[Spot]:
    """Yield the ends of the blocks of the functions that compute gradients, with the arrays that there are."""
    T = subject.probe
    own = {v.value.tobytes() for place in pool.places for v in pool.runs[T].recorder.visits.get(place, ())}
    own |= {np.asarray(one).tobytes() for one in subject.arrays(T).kept.values()}  # these are no gradients
    for module in subject.program.texts:
        code = subject.program.instrumented(module)
        blocks = Blocks(code.tree)
        concerned = functions_of_backward(pool, module, blocks) - {None}
        seen: list[list[ast.stmt]] = []
        for statement, block in blocks.block.items():
            if blocks.function[statement] not in concerned or any(block is one for one in seen):
                continue
            seen.append(block)
            known = [one for one in block if one in code.statements]
            if not known:
                continue
            last, function = known[-1], blocks.function[statement]
            holes = [k for k, one in enumerate(block) if isinstance(one, ast.Pass)]
            if holes and known[0].lineno < block[holes[0]].lineno:
                last = [one for one in known if one.lineno < block[holes[0]].lineno][-1]
            names = _names(subject, module, code.statements.index(last), not isinstance(last, ENDS))
            if names is None or function is None:
                continue
            texts = {ast.unparse(one) for one in ast.walk(function) if isinstance(one, ast.expr)}
            arrays = []
            for atom in vocabulary(code.tree, last.lineno, names).atoms:
                fixed = isinstance(atom, ast.Subscript) and isinstance(atom.slice, ast.Constant)
                if (
                    ast.unparse(atom) in texts
                    and not any(isinstance(one, ast.Call) for one in ast.walk(atom))
                    and (fixed or isinstance(atom, (ast.Name, ast.Attribute)))
                ):
                    value = Evaluator(names).value(atom)
                    if not value.any() or value.tobytes() not in own:
                        arrays.append(atom)
            if arrays:
                yield Spot(module, block, arrays)


def _names(subject: Subject, module: str, statement: int, after: bool) -> dict[str, object] | None:
    """Return the variables before or after a statement, at its first visit; None where it has none."""
    with subject.program.stopping(module, statement, after):
        recorder = Recorder(noting=False)
        loaded = subject.program.load(recorder)
        recorder.begin()
        recorder.frames = []
        recorder.stopped_in = None
        subject.run(subject.probe, loaded)
    if not recorder.frames:
        return None
    return {**vars(subject.program.modules(subject.module).get(module, loaded)), **recorder.frames[0]}


def _neutral(tree: ast.expr) -> ast.stmt:
    text = ast.unparse(tree)
    return ast.parse(f"{text}[...] = {text} * 1.0").body[0]
