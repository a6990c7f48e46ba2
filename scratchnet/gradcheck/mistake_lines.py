"""The learner's line for each mistake of a diagnosis: its lines are compared (line_match.py) with those of the mutant.

Read next: model_time_maps.py.
"""

from __future__ import annotations

import contextlib
import copy
import linecache
import re
from collections.abc import Sequence
from typing import Any

from scratchnet.gradcheck.behaviour_checks import in_words
from scratchnet.gradcheck.files_read import edited_lines_at
from scratchnet.gradcheck.line_match import COPY, changed_parts, likeliest
from scratchnet.gradcheck.mistakes import Mistake
from scratchnet.gradcheck.mistakes.mutant import changed_lines, compiled
from scratchnet.gradcheck.mistakes.reference_text import text_of
from scratchnet.gradcheck.reference import Reference
from scratchnet.gradcheck.search import Run, mutated_copy
from scratchnet.usercode import SourceLine, lines_run, renames, runs_of_lines

TARGET = re.compile(r"^ *([\w.]+)(?:\[\.\.\.\])? (?:\+)?= ", re.MULTILINE)


BINDS = "binds "
CERTAIN = 9.0
FORWARD = re.compile("forward|fwd|fprop", re.IGNORECASE)


class MistakeLines:
    """The learner's lines beside those of mutants; `pointed`: those that the first wrong place points to."""

    def __init__(
        self, reference: Reference, root: Any, run: Run, files: frozenset[str], pointed: Sequence[SourceLine] = ()
    ) -> None:
        self.reference, self.run, self.pointed = reference, run, pointed
        learner = copy.deepcopy(root)
        self.mine = runs_of_lines(lambda: run(learner), files) if files else []
        self.lines = lines_run(lambda: run(copy.deepcopy(root)), files) if files else ()

    def of(self, mistake: Mistake) -> tuple[SourceLine | None, float]:
        """Return the learner's line in which a mistake most likely stands, and how sure that is."""
        if not self.lines:
            return None, 0.0
        if mistake.behaviour.startswith(BINDS):
            name = re.escape(mistake.behaviour.removeprefix(BINDS))
            bound = [line for line in self.lines if re.match(rf"{name}\s*=(?!=)", line.text)]
            if bound:
                return bound[0], CERTAIN
        numbers = changed_lines([mistake])
        library = {compiled(edit.file, ())[1] for edit in mistake.edits}
        wrong, right = [], []
        with contextlib.suppress(Exception):
            wrong_root = mutated_copy(self.reference, (mistake,) if mistake not in self.reference.forward else ())
            wrong = runs_of_lines(lambda: self.run(wrong_root), numbers)
            right = runs_of_lines(lambda: self.run(mutated_copy(self.reference, ())), library)
        text = "\n".join(linecache.getline(file, number) for file, several in numbers.items() for number in several)
        known = "\n".join(text_of(edit.file) for edit in mistake.edits)
        changed = [part for edit in mistake.edits for part in changed_parts(edit.old, edit.new)]
        ahead = mistake.forward or "leaks" in mistake.behaviour
        lines = [line for line in self.lines if ahead or not FORWARD.search(line.function)]
        changed_here = [line for line in lines if line.number in edited_lines_at(line.file)]
        if changed_here:  # the other lines of a library's file are known to be right
            lines = changed_here
        elif not any(renames(part) for part in text.splitlines()):
            lines = [line for line in lines if line.computes]
        return likeliest(self.mine, wrong, right, numbers, lines or self.lines, text, known, changed, self.pointed)

    def left_out(self, mistakes: Sequence[Mistake]) -> str:
        """Return that no line writes what the right line writes, where the learner uses the library's names."""
        edits = [edit for mistake in mistakes for edit in mistake.edits]
        texts = {line.split("#")[0].strip() for edit in edits for line in text_of(edit.file).splitlines()}
        if not self.lines or sum(line.text in texts for line in self.lines) < COPY * len(self.lines):
            return ""
        written = frozenset().union(*(line.assigned for line in self.lines))
        wanted = [target for edit in edits for target in TARGET.findall(edit.old)]
        missing = [name for name in dict.fromkeys(wanted) if name.removeprefix("self.") not in written]
        return f"no line of yours writes {in_words(missing)}" if missing else ""
