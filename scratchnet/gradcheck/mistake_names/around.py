"""The variables around a statement of the mended code, at each of its visits, and what expressions are there.

Read next: derivative_forms.py.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.gradcheck.adjoints import Recorder
from scratchnet.gradcheck.adjoints.syntax import place_of
from scratchnet.gradcheck.subjects import Subject


def mended_subject(subject: Subject, texts: Mapping[str, str]) -> Subject:
    """Return a subject with the texts of some of its modules replaced."""
    texts = {**subject.program.texts, **texts}
    made = Subject(subject.program.with_texts(texts), subject.harness, subject.times, subject.seed, subject.varied)
    made._arrays = subject._arrays
    return made


class Around:
    """The names at each visit of a statement. frames: empty where it is never visited."""

    def __init__(self, subject: Subject, module: str, statement: ast.stmt) -> None:
        self.frames: list[dict[str, Any]] = []
        places = [place_of(one) for one in subject.program.instrumented(module).statements]
        if place_of(statement) not in places:
            return
        with subject.program.stopping(module, places.index(place_of(statement))):
            recorder = Recorder(noting=False)
            loaded = subject.program.load(recorder)
            recorder.begin()
            recorder.frames = []
            subject.run(subject.times[-1], loaded)
            space = _globals(loaded, module)
            self.frames = [{**space, **names} for names in recorder.frames]

    def values(self, tree: ast.expr | None) -> list[Any] | None:
        """Return what an expression is at each visit; None where it is not always a number or an array."""
        if tree is None or not self.frames:
            return None
        found = [_evaluated(tree, names) for names in self.frames]
        if any(one is None for one in found):
            return None
        return found

    def arrays(self, tree: ast.expr | None) -> list[Array] | None:
        """Return the same where all of them are arrays of real numbers."""
        found = self.values(tree)
        if found is None or any(not isinstance(one, (float, int, np.ndarray, np.number)) for one in found):
            return None
        made = [np.asarray(one) for one in found]
        return [one.astype(float) for one in made] if all(one.dtype.kind in "fiub" for one in made) else None


def _evaluated(tree: ast.expr, names: dict[str, Any]) -> Any:
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            code = compile(ast.fix_missing_locations(ast.Expression(tree)), "an edit", "eval")
            return eval(code, names)
    except Exception:
        return None


def _globals(loaded: ModuleType, module: str) -> dict[str, Any]:
    """Return the global names of one of a program's modules, without reports."""
    space = vars(loaded)
    if loaded.__name__ != module:
        for value in vars(loaded).values():
            if isinstance(value, ModuleType) and value.__name__ == module:
                space = vars(value)
            elif isinstance(value, FunctionType) and value.__globals__.get("__name__") == module:
                space = value.__globals__
    return {**space, "_r": lambda key, value: value, "_u": lambda value: value, "_c": lambda key, function: function,
            "_l": lambda key, iterable: iterable, "_s": lambda variables: None}  # fmt: skip
