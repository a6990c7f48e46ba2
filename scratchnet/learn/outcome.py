"""What a check found, as data: findings in order, and where the first wrong one points.

Read next: ../bench/__init__.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that was judged.

    ok: whether it is right. text: the verdict in one line. details: label and text, "where", "equation", "looks like",
    "your line". drawn: a report or table, ready for the terminal.
    """

    ok: bool
    text: str
    details: tuple[tuple[str, str], ...] = ()
    drawn: str = ""

    def detail(self, label: str) -> str:
        """Return the detail of this label, or ""."""
        return dict(self.details).get(label, "")


@dataclass(frozen=True)
class Outcome:
    """The result of a check: its findings, ending at the first wrong one.

    printed: what the learner's code printed. score: of a prediction, how many were right, and of how many.
    """

    findings: tuple[Finding, ...]
    printed: str = ""
    score: tuple[int, int] | None = None

    @property
    def ok(self) -> bool:
        """Whether everything was right."""
        return bool(self.findings) and all(finding.ok for finding in self.findings)

    def __str__(self) -> str:
        lines = []
        for finding in self.findings:
            lines += [finding.text, *(f"{label}: {text}" for label, text in finding.details), finding.drawn]
        return "\n".join(line for line in lines if line)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain values for JSON."""
        return {"ok": self.ok, **asdict(self)}


def outcome_from(found: Mapping[str, Any]) -> Outcome:
    """Return the outcome that `as_dict` wrote, read back from JSON."""
    findings = tuple(
        Finding(one["ok"], one["text"], tuple((str(label), str(text)) for label, text in one["details"]), one["drawn"])
        for one in found["findings"]
    )
    score = found["score"]
    return Outcome(findings, found["printed"], None if score is None else (int(score[0]), int(score[1])))
