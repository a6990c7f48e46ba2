"""The diagnosis of a wrapped learner's function, in the learner's own names and with the learner's lines.

Read next: layouts.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

from scratchnet.gradcheck.coverage import Coverage
from scratchnet.gradcheck.diagnosis import LINE, Diagnosis
from scratchnet.gradcheck.explain import Explanation
from scratchnet.gradcheck.forward import Forward
from scratchnet.gradcheck.textbook.gradient_lines import joining, naming, overwriting
from scratchnet.gradcheck.textbook.learner_names import handed_out, in_learner_names
from scratchnet.gradcheck.textbook.match_cell import MatchedCell
from scratchnet.usercode import SourceLine

CARRIED = "last-step-only"
OVERWRITTEN = "first-step"  # left over where each step overwrites the one before
REPEATED = re.compile(r'("[^"]*") and, at once, \1')
PADDING = "In a padded batch: at padded steps the state is carried forward, but its gradient is not carried back."


@dataclass(frozen=True)
class HomeworkDiagnosis(Diagnosis):
    """A diagnosis in the learner's words."""

    matched: MatchedCell | None = None

    def as_text(self) -> str:
        """Return it in a few lines, the quoted line of code as it stands."""
        assert self.matched is not None
        lines = super().as_text().splitlines()
        told = [line if line.startswith(LINE) else in_learner_names(line, self.matched) for line in lines]
        return REPEATED.sub(r"\1", "\n".join(dict.fromkeys(told)))  # one matrix of theirs may be two of the library's


class HomeworkExplanation(Explanation):
    """An explanation in the learner's words.

    lines: those that the first wrong place points to. clean: whether the map is. padded: whether there was padding.
    unmasked: the fault at padded steps, if there is one.
    """

    unmasked = ""

    def __init__(
        self, inner: Explanation, matched: MatchedCell, lines: Sequence[SourceLine], clean: bool, padded: bool
    ) -> None:
        self.inner, self.matched, self.lines, self.clean, self.padded = inner, matched, tuple(lines), clean, padded

    @cached_property
    def diagnosis(self) -> Diagnosis | None:
        """The mistake; None where nothing is wrong."""
        found = self.inner.diagnosis
        if found is None:
            return None
        if self.unmasked and not found.found:
            found = Diagnosis("nothing", remark=f"the mask forgotten: {self.unmasked}")
        if found.found:
            found = replace(found, lines=self._lines(found))
            if self.padded and any(id.endswith(CARRIED) for id in found.ids):
                found = replace(found, remark=" ".join(part for part in (found.remark, PADDING) if part))
        return HomeworkDiagnosis(
            **{field.name: getattr(found, field.name) for field in fields(found)}, matched=self.matched
        )

    def _lines(self, found: Diagnosis) -> tuple[SourceLine | None, ...]:
        """Return the line most likely meant, one for each mistake."""
        if len(found.mistakes) > 1:
            return found.lines if any(found.lines) or not self.clean else self.lines[-1:]
        if found.ids[0].endswith(CARRIED):
            states = [state for state in self.matched.learner.states if f".final-{state}-" in found.ids[0]]
            return naming(self.matched.learner, states or self.matched.learner.states)[-1:]
        written = overwriting(self.matched.learner.pair, self.lines) if found.ids[0].endswith(OVERWRITTEN) else ()
        if written:
            return written[:1]
        if ".order-" in found.ids[0]:
            joined = joining(self.matched.learner.pair, len(self.matched.writing.gates))
            return joined[:1] if len(joined) == 1 else self.lines[:1]
        # Where the recursion is right, only lines that assign a wrong gradient can be meant.
        numbers = {line.number for line in self.lines}
        if found.line is not None and any(
            line.function == found.line.function and re.search(rf"\b{re.escape(name)}\b", line.text)
            for line in self.lines for name in found.line.assigned.difference(handed_out(self.matched.learner))
        ):  # fmt: skip
            return found.lines  # what it makes goes into a wrong gradient
        if self.lines and (found.line is None or (self.clean and found.line.number not in numbers)):
            return self.lines[-1:]  # the last one has the final say
        return found.lines

    @cached_property
    def coverage(self) -> Coverage | None:
        """What the input exercised."""
        return self.inner.coverage

    @cached_property
    def forward(self) -> Forward | None:
        """Nothing: that the forward equals a known cell's is said already."""
        return None
