"""The words of docs/speed_scaling.md: what was learned from the figures, knee by knee.

Read next: example_profile.py.
"""

from __future__ import annotations

from typing import Any

EXPLANATIONS: tuple[tuple[str, tuple[int, ...], int, str], ...] = ()
PARAGRAPHS = {
    "top": ["# Cost grows as the work", ""],
}


def explain(knee: Any) -> str:
    """Return why there is this knee, or ""."""
    for axis, values, sign, text in EXPLANATIONS:
        if knee.axis == axis and knee.value in values and knee.departure * sign > 0:
            return text
    return ""


def paragraphs(place: str) -> list[str]:
    """Return the lines that stand at a place of the page."""
    return PARAGRAPHS.get(place, [])
