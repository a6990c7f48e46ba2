"""The library's own parts as subjects of the check, each mistake of the catalogue planted into a copy of their source.

    judged(case)        an Outcome: caught, cured, at the planted line, by one cure

A copy is a package `library` of the files that have a backward (those on record in the catalogue), written to a folder
of its own beside a file `part.py` that imports what is checked; the whole of it is under check, so that nothing tells
where the mistake is.

Read next: test_planted.py, benchmarks/planted.py.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from library_parts import GRU, LAYER, LSTM, PARTS, RNN, STACKS, Part, of_layer, twice
from mistakes import Edit, Mistake, catalogue, compatible
from mistakes.mutant import edited

from scratchnet.gradcheck.cure import Verdict, changes
from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.library.copies import as_copy
from scratchnet.gradcheck.library.reference_text import reference_texts
from scratchnet.gradcheck.subjects import Program, Subject

SECONDS = 20.0  # that a cure is looked for
OF_HOST = {
    "RNNCell": "rnn", "LSTMCell": "lstm", "GRUCell": "gru", "GRUResetBeforeCell": "gru-reset-before",
    "Recurrent": "lstm", "Bidirectional": "bidirectional", "Stack": "stack", "Embedding": "embedding",
    "OneHot": "one-hot", "Linear": "linear", "TiedLinear": "tied", "Dropout": "dropout",
    "SoftmaxCrossEntropy": "cross entropy", "SquaredError": "squared error", "Seq2Seq": "model",
    "Encoder": "rich model", "Decoder": "model", "LinearBridge": "rich model", "clip_by_global_norm": "clipping",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One mistake, or several at once, in a part of the library."""

    mistakes: tuple[Mistake, ...]
    part: str

    @property
    def name(self) -> str:
        return " + ".join(one.id for one in self.mistakes) + f" in {self.part}"

    @property
    def family(self) -> str:
        return self.mistakes[0].family


@dataclass(frozen=True)
class Outcome:
    """What the check makes of a planted mistake.

    lines: those by which the copy differs from the right text, (file, line). told: those of the cure. cured: the edits
    undo it. at_line: all of them in planted lines. alone: there are no more of them than planted lines. named: a place
    that is told, cure or not, is planted, and the first one is. seconds: of the processor.
    """

    case: Case
    caught: bool
    cured: bool
    lines: frozenset[tuple[str, int]]
    told: tuple[tuple[str, int], ...]
    places: tuple[tuple[str, int], ...]
    edits: tuple[str, ...]
    seconds: float

    @property
    def at_line(self) -> bool:
        return self.cured and self.lines >= {*self.told}

    @property
    def alone(self) -> bool:
        return self.at_line and len({*self.told}) <= len(self.lines)

    @property
    def named(self) -> bool:
        return self.at_line or any(place in self.lines for place in self.places[:1])

    @property
    def every_place(self) -> bool:
        """Whether the lines told, by the cure or as places, include one of every planted mistake."""
        found = {*self.told} if self.cured else {*self.places}
        return all(found & {*planted_lines(one.edits)} for one in self.case.mistakes) if found else False


def cases() -> list[Case]:
    """Return every mistake of the catalogue, in the first of the parts that can have it."""
    found = []
    for mistake in catalogue():
        part = OF_HOST[mistake.hosts[0]]
        if mistake.family == "bidirectional" and mistake.hosts[0] == "Recurrent":
            part = "reverse"
        found.append(Case((mistake,), part))
    return found


def several(number: int, seed: int) -> Case:
    """Return a case of so many mistakes at once, in one part, drawn at random."""
    rng = random.Random(seed)
    known = [case for case in cases() if not case.mistakes[0].forward and not case.mistakes[0].behaviour]
    while True:
        part = rng.choice(("lstm", "gru", "gru-reset-before", "rnn"))
        there = [case.mistakes[0] for case in known if part in {OF_HOST[host] for host in case.mistakes[0].hosts}]
        chosen = tuple(rng.sample(there, number))
        fit = all(compatible(one, two) for k, one in enumerate(chosen) for two in chosen[:k])
        if fit and len(planted_lines([edit for one in chosen for edit in one.edits])) >= number:
            return Case(chosen, part)


def planted_text(file: str, edits: Iterable[Edit]) -> str:
    """Return the text of a file of the copy, with the edits that are meant for it."""
    return as_copy(edited(reference_texts()[file], [edit for edit in edits if edit.file == file]))


def planted_lines(edits: Iterable[Edit]) -> dict[tuple[str, int], str]:
    """Return {(file, line): what stood there} for the lines of the copy that mistakes changed."""
    edits = list(edits)
    return {
        (file, change.line): change.after
        for file in sorted({edit.file for edit in edits})
        for change in changes(planted_text(file, edits), planted_text(file, []))
    }  # fmt: skip


def write(folder: Path, part: Part, edits: Iterable[Edit]) -> Path:
    """Write the copy of the library with these edits, and beside it part.py; return its path."""
    edits = list(edits)
    for file in reference_texts():
        path = folder / "library" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").write_text("", "utf-8")
        path.write_text(planted_text(file, edits), "utf-8")
    (folder / "part.py").write_text(part.text, "utf-8")
    return folder / "part.py"


def subjects(folder: Path, case: Case, seed: int = 0) -> Iterator[Subject]:
    """Yield the subjects in which a case may show: the plain one, and the one that runs its backward twice."""
    part = PARTS[case.part]
    path = write(folder, part, [edit for one in case.mistakes for edit in one.edits])
    yield Subject(Program(path), part.harness, seed=seed)
    if twice(part):
        yield Subject(Program(path), partial(part.harness, again=True), seed=seed)


def judged(case: Case, seconds: float = SECONDS, say: Callable[[str], None] | None = None) -> Outcome:
    """Plant a case, check it, and compare the cure with what was planted."""
    with tempfile.TemporaryDirectory() as name:
        folder, began = Path(name), time.process_time()
        verdict: Verdict | None = None
        for subject in subjects(folder, case):
            verdict = judge(subject, seconds, say)
            if not verdict.ok:
                break
        assert verdict is not None

        def place(file: str, line: int) -> tuple[str, int]:
            return Path(file).relative_to(folder / "library").as_posix() if "library" in file else file, line

        lines = frozenset(planted_lines([edit for one in case.mistakes for edit in one.edits]))
        return Outcome(
            case, not verdict.ok, verdict.cured and not verdict.ok, lines,
            tuple(place(cure.file, cure.line) for cure in verdict.cures),
            tuple(place(one.file, one.line) for one in verdict.findings if one.kind == "place"),
            tuple(f"{cure.before}  ->  {cure.after}" for cure in verdict.cures), time.process_time() - began,
        )  # fmt: skip


# --- right code -----------------------------------------------------------------------------------------------------


def drawn_part(rng: np.random.Generator) -> Part:
    """Return a part of the library, of a kind and of sizes drawn at random."""
    kind = str(rng.choice(["layer", "layer", "layer", "stack", "other"]))
    if kind == "other":
        return PARTS[str(rng.choice([name for name in PARTS if name not in ("model", "rich model")]))]
    inputs, hidden, reverse = int(rng.integers(1, 5)), int(rng.integers(1, 5)), bool(rng.integers(2))
    names = [str(name) for name in rng.choice(["RNNCell", "LSTMCell", "GRUCell", "GRUResetBeforeCell"], 2)]
    if kind == "layer":

        def make(m: Any) -> Any:
            return m.Recurrent(getattr(m, names[0])(inputs, hidden, dtype="float64"), reverse=reverse)

    else:

        def make(m: Any) -> Any:
            sizes = (inputs, hidden), (hidden, hidden)
            cells = [getattr(m, name)(*size, dtype="float64") for name, size in zip(names, sizes, strict=True)]
            return m.Stack([m.Recurrent(cell) for cell in cells], 0.4 * reverse)

    return Part((LAYER, GRU, LSTM, RNN, STACKS), of_layer(make))


def false_alarm(seed: int) -> str:
    """Check right code, drawn at random; return what was reported of it, or ""."""
    rng = np.random.default_rng(seed)
    part, again = drawn_part(rng), bool(rng.integers(2))
    harness = partial(part.harness, again=True) if again and twice(part) else part.harness
    with tempfile.TemporaryDirectory() as name:
        verdict = judge(Subject(Program(write(Path(name), part, [])), harness, seed=seed), 1.0)
    return "" if verdict.ok else f"seed {seed}, {part.imports}: {verdict.wrong}, {verdict.findings}"
