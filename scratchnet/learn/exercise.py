"""One exercise, read from its folder exercises/NN_name/:

    text.md          one page: the purpose, the derivation with the numbering of the library's code, what to do
    solution.py      the solution, with one or more marked gaps, and what the learner finds there at the start (gaps.py)
    exercise.toml    title, kind, check, seconds, start_says, hints, quiz; [cell], [because] where the check wants them
    check.py         check(judge), where `check` in the toml is "check.py"; the other kinds are in checks.py

Folders are sorted by name: whoever adds a folder has added an exercise.

Read next: gaps.py.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError
from scratchnet.learn.gaps import split_versions

ROOT = Path(__file__).parent / "exercises"
KINDS = ("fill-in", "find-the-bug", "predict", "change-the-cell")
STEPS = ("symptom", "equation", "line")
SECONDS = 10.0


@dataclass(frozen=True)
class Question:
    """One question of a quiz.

    ask: the question. answer: a number, the letter of a choice, or a tuple of texts any of which is right.
    why: the reason, shown with the answer. choices: what to choose from, or nothing.
    tolerance: how far a number may be off, as a share of it.
    """

    ask: str
    answer: float | str | tuple[str, ...]
    why: str
    choices: tuple[str, ...] = ()
    tolerance: float = 0.01


@dataclass(frozen=True)
class Exercise:
    """One exercise of the path.

    folder: where its files are. check: "check.py", "cell:NAME" or "predict:NAME". seconds: the check's time limit.
    start_says: what the check of the starting file must say, text by text. hints: symptom, equation, line.
    cell: arguments of check_cell, and `like`. because: for each block of a prediction, why it is right or wrong.
    """

    folder: Path
    title: str
    kind: str
    check: str
    start_says: tuple[str, ...]
    hints: tuple[str, ...]
    quiz: tuple[Question, ...]
    seconds: float = SECONDS
    cell: Mapping[str, Any] = field(default_factory=dict)
    because: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its folder, and of its file in a workspace: "03_tanh_and_sigmoid"."""
        return self.folder.name

    @property
    def number(self) -> str:
        """The first part of the name: "03"."""
        return self.name.split("_")[0]

    @property
    def file_name(self) -> str:
        """What its file is called in a workspace."""
        return f"{self.name}.py"

    @cached_property
    def text(self) -> str:
        """The page, in Markdown."""
        return (self.folder / "text.md").read_text(encoding="utf-8")

    @property
    def start(self) -> str:
        """The starting file."""
        return self._versions[0]

    @property
    def solution(self) -> str:
        """The solved file."""
        return self._versions[1]

    @cached_property
    def _versions(self) -> tuple[str, str]:
        path = self.folder / "solution.py"
        return split_versions(path.read_text(encoding="utf-8"), path)


def read_exercise(folder: Path) -> Exercise:
    """Read the exercise in `folder`. Raises InputError where a part is missing or is not what it must be."""
    path = folder / "exercise.toml"
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    try:
        quiz = tuple(_question(question) for question in found.pop("quiz"))
        exercise = Exercise(folder, quiz=quiz, **{key: _frozen(value) for key, value in found.items()})
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: {error}: see Exercise in exercise.py for the names there are") from None
    if exercise.kind not in KINDS:
        raise InputError(f"{path}: kind is {exercise.kind!r}: wanted one of {', '.join(KINDS)}")
    if len(exercise.hints) != len(STEPS) or len(quiz) != 3:
        raise InputError(f"{path}: wanted 3 hints ({', '.join(STEPS)}) and 3 questions")
    return exercise


def catalogue(root: Path = ROOT) -> tuple[Exercise, ...]:
    """Return every exercise below `root`, in the order of the path."""
    return tuple(read_exercise(path.parent) for path in sorted(root.glob("*/exercise.toml")))


def find_exercise(name: str, exercises: Sequence[Exercise]) -> Exercise:
    """Return the exercise that "3", "03", "03_tanh", "tanh" or "03_tanh_and_sigmoid.py" means.

    Raises InputError where none is meant, or more than one.
    """
    wanted = Path(name).name.removesuffix(".py").lower()
    if wanted.isdigit():
        found = [exercise for exercise in exercises if int(exercise.number) == int(wanted)]
    else:
        found = [exercise for exercise in exercises if exercise.name == wanted]
        found = found or [exercise for exercise in exercises if wanted and wanted in exercise.name]
    if len(found) == 1:
        return found[0]
    names = [exercise.name for exercise in (found or exercises)]
    if found:
        raise InputError(f"{name!r} could be {', '.join(names)}: write more of it")
    words = {word: name for name in reversed(names) for word in name.split("_")[1:]}
    near = difflib.get_close_matches(wanted, names, 1, 0.4)
    near = near or [words[word] for word in difflib.get_close_matches(wanted, words, 1)]
    meant = f"did you mean {near[0]}? " if near else ""
    raise InputError(f"there is no exercise {name!r}: {meant}`scratchnet learn list` shows them all")


def _question(found: dict[str, Any]) -> Question:
    return Question(**{key: _frozen(value) for key, value in found.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
