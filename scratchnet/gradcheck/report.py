"""What a check found, as data: the verdict, every block, the map, the first wrong place.

`report_console.py` draws it in a terminal, `report_page.py` in a notebook or on a page; `as_dict` is for programs.

Read next: report_console.py.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Concatenate, ParamSpec

from scratchnet.gradcheck.compare import GradientComparison
from scratchnet.gradcheck.coverage import Coverage
from scratchnet.gradcheck.diagnosis import FURTHER, Diagnosis
from scratchnet.gradcheck.explain import Explanation
from scratchnet.gradcheck.files_read import files_of_subject
from scratchnet.gradcheck.forward import Forward
from scratchnet.gradcheck.mistakes import edited_files
from scratchnet.gradcheck.numerical import Method
from scratchnet.gradcheck.problem import PROJECTED
from scratchnet.gradcheck.report_page import report_fragment
from scratchnet.gradcheck.time_map import TimeMap

MOST_DIGITS = 15  # float64 has no more
MOST_NAMES = 6
Given = ParamSpec("Given")


@dataclass(frozen=True)
class Report:
    """The result of one check.

    name: what was checked. method: of the numerical gradients, None where it did not come so far.
    blocks: every gradient that was compared. other_direction: the same, read right to left (cells only).
    map: the gate-by-time map (one cell's layer only). cell_maps: those of a model's or a stack's cells, by path, the
    nearest to the loss first. where: the first wrong place in words, or "".
    lines: the lines of code it points to. files: in which what was checked is written.
    faults: what else is wrong, a line each. notes: what is worth knowing and not wrong.
    setting: what it was checked with (sizes, seed, scale ...), by name. derivatives: how many were taken.
    side_checks: what was looked at beside the gradient.
    explanation: makes the diagnosis, the coverage and the comparison of the forward pass when they are asked for.
    """

    name: str
    method: Method | None
    blocks: tuple[GradientComparison, ...] = ()
    other_direction: tuple[GradientComparison, ...] = ()
    map: TimeMap | None = None
    cell_maps: Mapping[str, TimeMap] = field(default_factory=dict)
    where: str = ""
    lines: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    setting: Mapping[str, Any] = field(default_factory=dict)
    derivatives: int = 0
    behaviour_checks: tuple[str, ...] = ()
    explanation: Explanation | None = field(default=None, repr=False, compare=False)

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Which known mistake it is; None where all is right, or where the check did not come so far."""
        return None if self.explanation is None else self.explanation.diagnosis

    @property
    def coverage(self) -> Coverage | None:
        """What the input exercised, and what could still hide; None where the check did not come so far."""
        return None if self.explanation is None else self.explanation.coverage

    @property
    def forward(self) -> Forward | None:
        """The forward pass beside the library's; None where there is no single cell."""
        return None if self.explanation is None else self.explanation.forward

    @property
    def first_lines(self) -> tuple[str, ...]:
        """The line most likely meant, one for each mistake: that of the diagnosis, or else the first of `lines`."""
        named = [] if self.diagnosis is None else [str(line) for line in self.diagnosis.lines if line is not None]
        return tuple(dict.fromkeys(named)) or self.lines[:1]

    @property
    def further_lines(self) -> tuple[str, ...]:
        """The other lines that the first wrong place points to."""
        return tuple(line for line in self.lines if line not in self.first_lines)

    @property
    def ok(self) -> bool:
        """Whether everything is right."""
        compared = (*self.blocks, *self.other_direction)
        clean = self.map is None or self.map.clean
        return bool(compared) and all(block.ok for block in compared) and clean and not self.faults

    @property
    def error(self) -> float:
        """The largest relative error of a block."""
        return max((block.error for block in (*self.blocks, *self.other_direction)), default=math.inf)

    @property
    def digits(self) -> int:
        """To how many decimal digits every block is right."""
        worst = max((block.error for block in self.blocks), default=math.inf)
        if not math.isfinite(worst):
            return 0
        return MOST_DIGITS if worst == 0.0 else max(0, min(MOST_DIGITS, math.floor(-math.log10(worst))))

    @property
    def verdict(self) -> str:
        """The first line: right to so many digits, or wrong."""
        how = "" if self.method is None else f" ({self.method.name}, {self.derivatives} derivatives)"
        if self.ok:
            return f"{self.name}: the gradient is right to {self.digits} digits{how}"
        if all(block.ok for block in (*self.blocks, *self.other_direction)):
            return f"{self.name}: WRONG" + (", although the gradient of a first call is right" if self.blocks else "")
        wrong = [block.name for block in self.blocks if not block.ok and block.name != PROJECTED]
        if len(wrong) > MOST_NAMES:
            return f"{self.name}: WRONG in {len(wrong)} of {len(self.blocks)} gradients{how}"
        return f"{self.name}: WRONG in {', '.join(wrong) or 'the other direction'}{how}"

    @property
    def maps(self) -> dict[str, TimeMap]:
        """All gate-by-time maps: that of the one cell under "", those of a model by the path of its cells."""
        return ({} if self.map is None else {"": self.map}) | dict(self.cell_maps)

    @property
    def behaviour_checks_in_words(self) -> str:
        """What was looked at beside the gradient, where nothing was wrong with it."""
        if self.method is None or self.faults or not self.behaviour_checks:
            return ""
        return f"behaviour checks, all right: {', '.join(self.behaviour_checks)}"

    @property
    def precision_in_words(self) -> str:
        """What the numbers can tell, and where a block counts as right."""
        if self.method is None:
            return ""
        noise = "noise about 1e-15" if not self.method.noise else f"noise {self.method.noise:.0e} an entry"
        right = f"a gradient counts as right up to an error of {self.method.tolerance:g}"
        return f"numerical gradients: {self.method.name} in float64, {noise}; {right}"

    @property
    def method_in_words(self) -> str:
        """Why it was not the complex step, and how exact the numbers are then; "" where it was."""
        if self.method is None or not self.method.reason:
            return ""
        return (
            f"Central differences were taken, not the complex step: {self.method.reason}. They cannot tell errors "
            f"below {self.method.tolerance:g} from noise (measured: {self.method.noise:.0e} an entry)."
        )

    def __repr__(self) -> str:
        return f"<Report {self.verdict}{'' if self.ok else '; print it to see where'}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return report_fragment(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print what an IPython terminal shows: for a report alone the text, inside a list the one line."""
        printer.text(repr(self) if printer.indentation else str(self))

    def __str__(self) -> str:
        found = "" if self.diagnosis is None else self.diagnosis.as_text()
        first = [line for line in self.first_lines if line not in found]
        others = [FURTHER, *self.further_lines] if self.further_lines else []
        return "\n".join(line for line in (self.verdict, found, self.where, *first, *others, *self.faults) if line)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain values for JSON; numbers that are not finite become None."""
        return {
            "name": self.name,
            "ok": self.ok,
            "files": list(self.files),
            "changed_in_the_library": list(edited_files()),
            "verdict": self.verdict,
            "digits": self.digits,
            "error": _finite(self.error),
            "method": None if self.method is None else self.method.name,
            "method_reason": "" if self.method is None else self.method.reason,
            "tolerance": None if self.method is None else self.method.tolerance,
            "noise": None if self.method is None else self.method.noise,
            "derivatives": self.derivatives,
            "setting": dict(self.setting),
            "where": self.where,
            "lines": list(self.lines),
            "faults": list(self.faults),
            "notes": list(self.notes),
            "blocks": [_block(block) for block in self.blocks],
            "other_direction": [_block(block) for block in self.other_direction],
            "map": None if self.map is None else _map(self.map),
            "maps": {name: _map(found) for name, found in self.maps.items()},
            "behaviour_checks": list(self.behaviour_checks),
            "diagnosis": None if self.diagnosis is None else self.diagnosis.as_dict(),
            "coverage": None if self.coverage is None else self.coverage.as_dict(),
            "forward": None if self.forward is None else self.forward.as_dict(),
        }


def names_files(check: Callable[Concatenate[Any, Given], Report]) -> Callable[Concatenate[Any, Given], Report]:
    """Make a check's report name the files of what is checked: a class, a function, a layer or a model."""

    @functools.wraps(check)
    def checked(subject: Any, /, *given: Given.args, **named: Given.kwargs) -> Report:
        report = check(subject, *given, **named)
        return replace(report, files=files_of_subject(subject))

    return checked


def _block(block: GradientComparison) -> dict[str, Any]:
    return {
        "name": block.name,
        "ok": block.ok,
        "error": _finite(block.error),
        "ratio": _finite(block.ratio),
        "cosine": _finite(block.cosine),
        "size": _finite(block.size),
        "remark": block.remark,
        "gates": {gate: _finite(error) for gate, error in block.gates.items()},
        "parts": [_block(part) for part in block.parts.values()],
    }


def _map(found: TimeMap) -> dict[str, Any]:
    return {
        "gates": list(found.gates),
        "lengths": list(found.packing.lengths),
        "errors": [[_finite(float(error)) for error in row] for row in found.errors],
        "wrong": found.wrong_places.tolist(),
        "wrong_by_sequence": found.wrong.tolist(),
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
