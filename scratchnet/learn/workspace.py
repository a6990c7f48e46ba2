"""A learner's workspace: a folder with one file for each exercise, and .learn/ with the progress.

    NN_name.py              the learner's own files; only `reset` replaces one
    .learn/progress.json    the progress (progress.py)
    .learn/kept/            the versions that `reset` replaced, numbered

Read next: progress.py.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from scratchnet.errors import InputError
from scratchnet.learn.exercise import Exercise, catalogue, find_exercise
from scratchnet.learn.outcome import Outcome
from scratchnet.learn.progress import ExerciseProgress, Progress, updating

HIDDEN = ".learn"
RECORD = "progress.json"
README = """# Your path through backpropagation through time

One file an exercise. Write between the marks `# --- your code begins ---` and `# --- your code ends ---`.

    scratchnet learn next        what to do now
    scratchnet learn watch       checks a file whenever you save it; `watch 3` begins with number 3
    scratchnet learn check       checks the current exercise once; `check 3` checks number 3
    scratchnet learn hint        a hint: the symptom, then the equation, then the line
    scratchnet learn quiz        three questions on it
    scratchnet learn list        all exercises

The files are executed when they are checked, with your rights, as if you had run them yourself.
"""


@dataclass(frozen=True)
class Workspace:
    """A workspace. folder: where it is. exercises: those of the path, in order."""

    folder: Path
    exercises: tuple[Exercise, ...]

    @property
    def record(self) -> Path:
        """The file that keeps the progress."""
        return self.folder / HIDDEN / RECORD

    def progress(self) -> Progress:
        """Return the progress so far. Raises InputError where its file is damaged."""
        return Progress.load(self.record)

    def updating(self, exercise: Exercise) -> AbstractContextManager[ExerciseProgress]:
        """Return a context that yields the progress in one exercise to be changed, and saves it at the end."""
        return updating(self.record, exercise.name)

    def check(
        self, exercise: Exercise, *, seconds: float | None = None, width: int = 100, colour: bool = False
    ) -> Outcome:
        """Check the learner's file as `check_in_child` does, with its errors, and record the result."""
        from scratchnet.learn.child import check_in_child  # python -m runs that module, so the package must not load it

        self.text_of(exercise)
        outcome = check_in_child(exercise, self.file(exercise), seconds=seconds, width=width, colour=colour)
        with self.updating(exercise) as progress:
            progress.checks += 1
            progress.done = progress.done or outcome.ok
            if outcome.score is not None and not progress.predicted:
                progress.predicted = list(outcome.score)
        return outcome

    def file(self, exercise: Exercise) -> Path:
        """Return the learner's file of an exercise; it may have been deleted."""
        return self.folder / exercise.file_name

    def exercise(self, name: str | None) -> Exercise:
        """Return the exercise that `name` means, or the current one for None. Raises InputError for neither."""
        if name is not None:
            return find_exercise(name, self.exercises)
        found = self.current()
        if found is None:
            raise InputError("every exercise is done: name the one that you mean, as in `scratchnet learn check 3`")
        return found

    def current(self) -> Exercise | None:
        """Return the first exercise that is not done, or None."""
        progress = self.progress()
        return next((one for one in self.exercises if not progress.of(one.name).done), None)

    def text_of(self, exercise: Exercise) -> str:
        """Return the learner's file. Raises InputError where it is gone, or not text."""
        path = self.file(exercise)
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise InputError(
                f"there is no {path.name}: `scratchnet learn reset {exercise.number}` puts it back"
            ) from None
        except UnicodeDecodeError:
            raise InputError(f"{path.name} is not UTF-8 text: save it as UTF-8") from None

    def difference(self, exercise: Exercise) -> str:
        """Return the learner's changes to the starting file as a unified diff, or ""."""
        names = f"{exercise.file_name} at the start", f"{exercise.file_name} now"
        before, after = exercise.start.splitlines(), self.text_of(exercise).splitlines()
        return "\n".join(difflib.unified_diff(before, after, *names, lineterm=""))

    def reset(self, exercise: Exercise) -> Path | None:
        """Put the starting file back; return the path of the learner's version, or None where there was none."""
        from scratchnet.data import replace_file

        path, kept = self.file(exercise), None
        if path.exists() and path.read_bytes() != exercise.start.encode("utf-8"):
            folder = self.folder / HIDDEN / "kept"
            folder.mkdir(parents=True, exist_ok=True)
            number = 1 + len(list(folder.glob(f"{exercise.name}.*.py")))
            kept = folder / f"{exercise.name}.{number}.py"
            replace_file(kept, path.read_bytes())
        replace_file(path, exercise.start.encode("utf-8"))
        return kept


def find_workspace(exercises: Sequence[Exercise] | None = None) -> Workspace:
    """Return the workspace that the current folder is in. Raises InputError where it is in none."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / HIDDEN / RECORD).is_file():
            return Workspace(folder, catalogue() if exercises is None else tuple(exercises))
    raise InputError(f"{here} is no workspace: `scratchnet learn start FOLDER` makes one, then `cd FOLDER`")


def start_workspace(folder: Path, exercises: Sequence[Exercise] | None = None) -> tuple[Workspace, list[str], bool]:
    """Make a workspace, or add the missing files to an existing one; no existing file is changed.

    Returns (workspace, names of the files added, whether it is new). Raises InputError where `folder` is a file, or
    holds other things; OSError where the disk refuses.
    """
    path = tuple(catalogue() if exercises is None else exercises)
    workspace = Workspace(folder, path)
    known = workspace.record.is_file()
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: give the name of a new folder")
    if folder.is_dir() and not (folder / HIDDEN).is_dir():
        strange = sorted(one.name for one in folder.iterdir())
        if strange:
            raise InputError(f"{folder} holds other things ({', '.join(strange[:3])}): give the name of a new folder")
    (folder / HIDDEN).mkdir(parents=True, exist_ok=True)
    files = {"README.md": README, **{exercise.file_name: exercise.start for exercise in path}}
    added = [name for name, text in files.items() if _write_new(folder / name, text)]
    if not known:
        Progress().save(workspace.record)
    return workspace, added, not known


def _write_new(path: Path, text: str) -> bool:
    """Write a file unless there is one; return whether it was written."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
