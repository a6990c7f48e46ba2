"""What a check found, as data: one record for each thing that was seen; the words are made of them later.

Read next: search.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that was seen.

    kind: "gradient" (array: its name, numbers: wrong entries and all of them), "place" (a statement that yields
    something else than it should), "no effect", "shape", "missing", "loss differs", "stops".
    text: the code at the place. should: the expression whose derivative it should be, with should_line.
    right: at how many of its visits it is right, numbers["visits"].
    """

    kind: str
    array: str = ""
    file: str = ""
    line: int = 0
    text: str = ""
    should: str = ""
    should_line: int = 0
    numbers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cure:
    """One changed line: before is "" where a line is put in, after is "" where one is taken out."""

    file: str
    line: int
    before: str
    after: str
    words: str


@dataclass
class Verdict:
    """The answer of a check. digits: to how many decimal digits each gradient is right."""

    name: str
    ok: bool
    checked: list[str]
    unchecked: list[str]
    wrong: list[str]
    cures: list[Cure]
    findings: list[Finding]
    digits: dict[str, float]
    cured: bool = False
    derivatives: int = 0
    times: tuple[int, ...] = ()
    seconds: float = 0.0
    texts: dict[str, str] = field(default_factory=dict)  # the mended files, where they are mended

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "name": self.name, "ok": self.ok, "checked": self.checked, "unchecked": self.unchecked, "wrong": self.wrong,
            "cured": self.cured, "cures": [vars(cure) for cure in self.cures],
            "findings": [vars(finding) for finding in self.findings],
            "digits": self.digits, "derivatives": self.derivatives, "seconds": round(self.seconds, 3),
        }  # fmt: skip
