"""The diagnosis of a wrapped learner's function, told in the learner's words, with the learner's lines.

Read next: words.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

from scratchnet.gradcheck.coverage import Coverage
from scratchnet.gradcheck.diagnosis import Diagnosis
from scratchnet.gradcheck.explain import Explanation
from scratchnet.gradcheck.forward import Forward
from scratchnet.gradcheck.source import Line
from scratchnet.gradcheck.textbook.fit import Fit
from scratchnet.gradcheck.textbook.quote import joining, naming, overwriting
from scratchnet.gradcheck.textbook.terms import handed_out, in_own_words

CARRIED = "last-step-only"
OVERWRITTEN = "first-step"  # left over where each step overwrites the one before
REPEATED = re.compile(r'("[^"]*") and, at once, \1')
PADDING = "In a padded batch: at padded steps the state is carried forward, but its gradient is not carried back."


@dataclass(frozen=True)
class OwnDiagnosis(Diagnosis):
    """A diagnosis in the learner's words."""

    fit: Fit | None = None

    def as_text(self) -> str:
        """Return it in a few lines, the quoted line of code as it stands."""
        assert self.fit is not None
        lines = super().as_text().splitlines()
        told = [line if line.startswith("line ") else in_own_words(line, self.fit) for line in lines]
        return REPEATED.sub(r"\1", "\n".join(dict.fromkeys(told)))  # one matrix of theirs may be two of the library's


class OwnExplanation(Explanation):
    """An explanation in the learner's words.

    lines: those that the first wrong place points to. clean: whether the map is. padded: whether there was padding.
    unmasked: the fault at padded steps, if there is one.
    """

    unmasked = ""

    def __init__(self, inner: Explanation, fit: Fit, lines: Sequence[Line], clean: bool, padded: bool) -> None:
        self.inner, self.fit, self.lines, self.clean, self.padded = inner, fit, tuple(lines), clean, padded

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
        return OwnDiagnosis(**{field.name: getattr(found, field.name) for field in fields(found)}, fit=self.fit)

    def _lines(self, found: Diagnosis) -> tuple[Line | None, ...]:
        """Return the line most likely meant, one for each mistake."""
        if len(found.mistakes) > 1:
            return found.lines if any(found.lines) or not self.clean else self.lines[-1:]
        if found.ids[0].endswith(CARRIED):
            states = [state for state in self.fit.learner.states if f".final-{state}-" in found.ids[0]]
            return naming(self.fit.learner, states or self.fit.learner.states)[-1:]
        written = overwriting(self.fit.learner.pair, self.lines) if found.ids[0].endswith(OVERWRITTEN) else ()
        if written:
            return written[:1]
        if ".order-" in found.ids[0]:
            joined = joining(self.fit.learner.pair, len(self.fit.writing.gates))
            return joined[:1] if len(joined) == 1 else self.lines[:1]
        # Where the recursion is right, only lines that assign a wrong gradient can be meant.
        numbers = {line.number for line in self.lines}
        if found.line is not None and any(
            line.function == found.line.function and re.search(rf"\b{re.escape(name)}\b", line.text)
            for line in self.lines for name in found.line.assigned.difference(handed_out(self.fit.learner))
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
