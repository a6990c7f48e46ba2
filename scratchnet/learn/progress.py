"""A learner's progress, kept in one JSON file that is replaced as a whole.

Read next: quiz.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError

FORMAT = 1


@dataclass
class ExerciseProgress:
    """What was done in one exercise.

    done: whether its check has passed. checks, hints: how many. asked: whether the solution was asked for once;
    seen: whether it was shown before the check passed. quiz: which questions were answered rightly.
    predicted: how many blocks of the first complete prediction were right, and of how many.
    """

    done: bool = False
    checks: int = 0
    hints: int = 0
    asked: bool = False
    seen: bool = False
    quiz: list[bool] = field(default_factory=list)
    predicted: list[int] = field(default_factory=list)


@dataclass
class Progress:
    """What was done in every exercise, by name."""

    exercises: dict[str, ExerciseProgress] = field(default_factory=dict)

    def of(self, name: str) -> ExerciseProgress:
        """Return what was done in one exercise."""
        return self.exercises.setdefault(name, ExerciseProgress())

    @classmethod
    def load(cls, path: Path) -> Progress:
        """Read the record. Raises InputError, in one line, where it is damaged."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            known = {one.name for one in fields(ExerciseProgress)}
            return cls({
                str(name): _checked(ExerciseProgress(**{key: value for key, value in done.items() if key in known}))
                for name, done in found["exercises"].items()
            })  # fmt: skip
        except FileNotFoundError:
            return cls()
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"{path} is damaged: delete it and run `scratchnet learn start .` here to begin the record anew; "
                "your exercise files stay as they are"
            ) from None

    def save(self, path: Path) -> None:
        """Replace the record. Raises OSError where the disk refuses; the old one is then still there."""
        from scratchnet.data import replace_file

        found: dict[str, Any] = {"format": FORMAT, "exercises": {k: asdict(done) for k, done in self.exercises.items()}}
        replace_file(path, (json.dumps(found, indent=1) + "\n").encode("utf-8"))


@contextmanager
def updating(path: Path, name: str) -> Iterator[ExerciseProgress]:
    """Read the record, yield the part of one exercise to be changed, and save it."""
    progress = Progress.load(path)
    yield progress.of(name)
    progress.save(path)


def _checked(done: ExerciseProgress) -> ExerciseProgress:
    """Return `done`, or raise TypeError where a value is not of its kind."""
    empty = ExerciseProgress()
    if any(type(getattr(done, one.name)) is not type(getattr(empty, one.name)) for one in fields(ExerciseProgress)):
        raise TypeError
    return done
