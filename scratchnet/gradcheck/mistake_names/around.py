"""The variables around a statement of the mended code, at each of its visits, and what expressions are there.

Read next: relations.py.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Recorder
from scratchnet.gradcheck.adjoints.syntax import place_of
from scratchnet.gradcheck.cure.evaluator import Evaluator
from scratchnet.gradcheck.subjects import Subject


def mended_subject(subject: Subject, texts: Mapping[str, str]) -> Subject:
    """Return a subject with the texts of some of its modules replaced."""
    texts = {**subject.program.texts, **texts}
    made = Subject(subject.program.with_texts(texts), subject.harness, subject.times, subject.seed, subject.varied)
    made._arrays = subject._arrays
    return made


class Around:
    """The names at each visit of a statement. frames: empty where it is never visited."""

    def __init__(self, subject: Subject, module: str, statement: ast.stmt | None) -> None:
        self.frames: list[dict[str, Any]] = []
        program = subject.program
        places = [place_of(one) for one in program.instrumented(module).statements]
        if statement is None or place_of(statement) not in places:
            return
        with program.stopping(module, places.index(place_of(statement))):
            recorder = Recorder(noting=False)
            loaded = program.load(recorder)
            recorder.begin()
            recorder.frames = []
            subject.run(subject.times[-1], loaded)
        space = vars(program.modules(subject.module).get(module, loaded))
        self.frames = [{**space, **names} for names in recorder.frames]

    def values(self, tree: ast.expr | None) -> list[Any] | None:
        """Return what an expression is at each visit; None where it cannot be told at one."""
        if tree is None or not self.frames:
            return None
        try:
            return [Evaluator(names).value(tree) for names in self.frames]
        except Exception:
            return None

    def arrays(self, tree: ast.expr | None) -> list[Array] | None:
        """Return the same where all of them are arrays of real numbers."""
        found = self.values(tree)
        if found is None or any(not isinstance(one, (float, int, np.ndarray, np.number)) for one in found):
            return None
        made = [np.asarray(one) for one in found]
        return [one.astype(float) for one in made] if all(one.dtype.kind in "fiub" for one in made) else None
