"""What a check found, as data: one record for each thing that was seen; the words are made of them later.

Read next: described.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

RIGHT, WRONG, REFUSED, NOT_RUN, PARTLY = 0, 1, 2, 3, 4  # exit codes; the last one: right, but not all was checked
NOTES = ("not written", "stood in for")  # kinds of findings that make nothing wrong
STATUS = {"gaps": NOT_RUN, "refused": REFUSED, "time": NOT_RUN, "ended": NOT_RUN, "stops": NOT_RUN}


@dataclass(frozen=True)
class Finding:
    """One thing that was seen.

    kind: "gradient" (array: its name, numbers: wrong entries and all of them), "place" (a statement that yields
    something else than it should), "no effect", "shape", "missing", "loss differs", "stops" (text: the error),
    "no numbers" (numbers["is"]: what the gradient is), "not finite", "no search" (the search for a cure failed),
    "stopped" (it did not come to its end),
    "not written" (numbers["files"]), "stood in for" (numbers["packages"]); of a file that was not judged at all:
    "refused", "time" (numbers: seconds), "ended" (numbers: status), "gaps" (text: a harness to be
    filled in). Of a gradient that is another array's, numbers["of_array"] is that array.
    text: the code at the place. should: the expression whose derivative it should be, with should_line.
    right: at how many of its visits it is right, numbers["visits"]. note: it makes no gradient wrong.
    function: the one that the line stands in, "Net.backward". cell: in a notebook, the code cell, from 1, in which
    `line` is counted, should_cell that of should_line; 0 in any other file.
    """

    kind: str
    array: str = ""
    file: str = ""
    line: int = 0
    text: str = ""
    should: str = ""
    should_line: int = 0
    numbers: dict[str, Any] = field(default_factory=dict)
    note: bool = False
    function: str = ""
    cell: int = 0
    should_cell: int = 0


@dataclass(frozen=True)
class Cure:
    """One changed line: before is "" where a line is put in, after is "" where one is taken out.

    mistake: what it undoes, in the words of the catalogue; number: its place there, 0 for none; place: the gate or
    state of a known cell that is concerned; equation: of that cell; page, derivation,
    exercise: what to read and do.
    function, cell: as in Finding.
    """

    file: str
    line: int
    before: str
    after: str
    words: str
    mistake: str = ""
    number: int = 0
    place: str = ""
    equation: str = ""
    page: str = ""
    derivation: str = ""
    exercise: int = 0
    function: str = ""
    cell: int = 0


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
    varied: bool = False  # each T is other values of the arrays, and no other size
    seconds: float = 0.0
    texts: dict[str, str] = field(default_factory=dict)  # the mended files, where they are mended

    @property
    def status(self) -> int:
        """The exit code: RIGHT, WRONG, REFUSED, NOT_RUN or PARTLY."""
        if self.ok:
            return PARTLY if self.unchecked else RIGHT
        kinds = {one.kind for one in self.findings if not one.note} - {*NOTES}
        if self.checked and (self.wrong or kinds - {"stops"}):
            return WRONG
        return max((STATUS.get(one.kind, 0) for one in self.findings), default=0) or NOT_RUN

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Verdict:
        """Return the verdict whose `dataclasses.asdict` is given, as it comes out of another process."""
        cures, findings = [Cure(**one) for one in found["cures"]], [Finding(**one) for one in found["findings"]]
        return cls(**{**found, "cures": cures, "findings": findings, "times": tuple(found["times"])})

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "name": self.name, "ok": self.ok, "checked": self.checked, "unchecked": self.unchecked, "wrong": self.wrong,
            "cured": self.cured, "cures": [asdict(cure) for cure in self.cures],
            "findings": [asdict(finding) for finding in self.findings],
            "digits": self.digits, "derivatives": self.derivatives, "seconds": round(self.seconds, 3),
        }  # fmt: skip
