"""What a diagnosis says: which mistake it is, its equation, and the learner's line that it most likely stands in.

    identical       the learner's gradient is that of a mutant with one known mistake
    scaled          ... times one constant factor; or the right gradient times a factor
    pair            ... with two known mistakes at once
    behaviour       a first call is right, and what a behaviour check saw fits a known mistake
    elimination     only where dropout is active is it wrong, and no mask that is at hand explains it
    ratios          no known mistake; but each wrong gradient is a constant times the right one
    nothing         no known mistake fits: the nearest three

Read next: explain.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.gradcheck.behaviour_checks import in_words
from scratchnet.gradcheck.mistakes import Mistake
from scratchnet.gradcheck.search import Candidate
from scratchnet.usercode import SourceLine

MOST_ALTERNATIVES = 4
LINE = "most likely line: "
FURTHER = "further candidates, less likely:"


@dataclass(frozen=True)
class Diagnosis:
    """What the search found.

    kind: see above. candidates: those that fit, the likeliest first; more than one where this problem cannot tell them
    apart. nearest: the three nearest where none fits. lines: the learner's line for each mistake of the first
    candidate, where one was found. equations: for each, in words. remark: what else is to be said.
    """

    kind: str
    candidates: tuple[Candidate, ...] = ()
    nearest: tuple[Candidate, ...] = ()
    lines: tuple[SourceLine | None, ...] = ()
    equations: tuple[str, ...] = ()
    remark: str = ""

    @property
    def found(self) -> bool:
        """Whether a known mistake explains the gradient."""
        return bool(self.candidates)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes of the likeliest candidate: one, or a pair."""
        return self.candidates[0].mistakes if self.candidates else ()

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(mistake.name for mistake in self.mistakes)

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids in the catalogue."""
        return tuple(mistake.id for mistake in self.mistakes)

    @property
    def equation(self) -> str:
        """The number of the first one's equation, or ""."""
        return self.mistakes[0].equation if self.mistakes else ""

    @property
    def residual(self) -> float | None:
        """The largest relative difference of a block to the likeliest candidate's; None where nothing was compared."""
        return self.candidates[0].residual if self.candidates and np.isfinite(self.candidates[0].residual) else None

    @property
    def line(self) -> SourceLine | None:
        """The learner's line most likely meant."""
        return next((line for line in self.lines if line is not None), None)

    def as_text(self) -> str:
        """Return it in a few lines."""
        if not self.found:
            return "\n".join(part for part in (self.remark, *self._nearest_in_words()) if part)
        first = self.candidates[0]
        quoted = " and, at once, ".join(f'"{name}"' for name in self.names)
        text = [f"{_HOW[self.kind]} {quoted}".strip()]
        if first.gates:
            text[0] += f" in gate{'s' if len(first.gates) > 1 else ''} {in_words(list(first.gates))} alone"
        if first.factor != 1.0:
            text[0] = f"identical to {quoted or 'the right gradient'} times {first.factor:.6g}"
        if self.residual is not None and self.kind != "behaviour":
            text[0] += f", residual {self.residual:.0e}" if self.residual else ", residual 0"
        numbers = list(dict.fromkeys(str(mistake.number) for mistake in self.mistakes if mistake.number))
        if numbers:
            text[0] += f" (classic mistake {in_words(numbers)})"
        text += [part for part in self.equations if part]
        quoted_lines = {str(line): line for line in self.lines if line is not None}
        text += [f"{LINE}{line}" for line in quoted_lines]
        others = [" and ".join(f'"{mistake.name}"' for mistake in other.mistakes) for other in self.candidates[1:]]
        if others:
            more = f", and {len(others) - MOST_ALTERNATIVES} more" if len(others) > MOST_ALTERNATIVES else ""
            text.append(f"on this input indistinguishable from: {'; '.join(others[:MOST_ALTERNATIVES])}{more}")
        return "\n".join([*text, *([self.remark] if self.remark else [])])

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "kind": self.kind,
            "names": list(self.names),
            "ids": list(self.ids),
            "numbers": [mistake.number for mistake in self.mistakes],
            "equation": self.equation,
            "equations": list(self.equations),
            "residual": self.residual,
            "factor": self.candidates[0].factor if self.candidates else None,
            "line": None if self.line is None else str(self.line),
            "lines": [None if line is None else str(line) for line in self.lines],
            "alternatives": [[mistake.name for mistake in other.mistakes] for other in self.candidates[1:]],
            "nearest": [
                {"names": [mistake.name for mistake in near.mistakes], "distance": near.distance}
                for near in self.nearest
            ],
            "text": self.as_text(),
        }  # fmt: skip

    def _nearest_in_words(self) -> list[str]:
        if not self.nearest:
            return []
        names = [" and ".join(mistake.name for mistake in near.mistakes) for near in self.nearest]
        each = [f"    {near.distance:.2g}  {name}" for near, name in zip(self.nearest, names, strict=True)]
        return ["the nearest (mean difference of the blocks):", *each]


_HOW = {
    "identical": "identical to", "scaled": "identical to", "pair": "identical to", "behaviour": "known mistake:",
    "elimination": "by elimination:",
}  # fmt: skip
