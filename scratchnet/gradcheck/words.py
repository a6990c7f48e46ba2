"""A verdict in words: the first screen is the answer, in twelve lines at most.

Read next: check_harness.py.
"""

from __future__ import annotations

from pathlib import Path

from scratchnet.gradcheck.cure import Finding, Verdict

MOST_LINES = 12


def lines_of(verdict: Verdict, full: bool = False) -> list[str]:
    """Return a verdict in lines; full: all of it, however long."""
    found = _lines(verdict)
    if full or len(found) <= MOST_LINES:
        return found
    return [*found[: MOST_LINES - 1], f"({len(found) - MOST_LINES + 1} more lines: --full)"]


def hint(verdict: Verdict, steps: int) -> list[str]:
    """Return the first so many of: the symptom, the place, what it should be, the cure."""
    symptom = [_first(verdict)]
    places = [one for one in verdict.findings if one.kind == "place"]
    lines = sorted({one.line for one in places} | {cure.line for cure in verdict.cures})
    where = [f"look at line {', '.join(map(str, lines))}"] if lines else ["no place was found"]
    should = [_should(one) for one in places] or ["nothing more is known of the place"]
    cures = [cure.words for cure in verdict.cures] or ["no cure was found"]
    return [line for part in (symptom, where, should, cures)[:steps] for line in part]


def _lines(verdict: Verdict) -> list[str]:
    lines = [_first(verdict)]
    lines += [
        _direct(one)
        for one in verdict.findings
        if one.kind in ("stops", "loss differs", "missing", "shape", "no effect")
    ]
    if verdict.ok:
        return lines
    places = [one for one in verdict.findings if one.kind == "place"]
    for cure in verdict.cures:
        lines.append(
            f"{_short(cure.file)}:{cure.line}: {cure.before}"
            if cure.before
            else f"{_short(cure.file)}, before line {cure.line}:"
        )
        place = next((one for one in places if one.line == cure.line), None)
        if place is not None:
            lines.append(f"    {_should(place)}")
        lines.append(f"    cure: {cure.after}" if cure.after else "    cure: take this line out")
    if verdict.cured:
        which = "this line" if len(verdict.cures) == 1 else f"these {len(verdict.cures)} lines"
        lines.append(f"with {which} changed every gradient is right, at other sizes and seeds, too")
    elif places:
        lines.append("no cure was found; the first places that yield something else than they should:")
        lines += [f"    {_short(one.file)}:{one.line}: {one.text}: {_should(one)}" for one in places]
    return lines


def _first(verdict: Verdict) -> str:
    if verdict.ok:
        least = min(verdict.digits.values(), default=0.0)
        times = f" at T = {', '.join(map(str, verdict.times))}" if len(verdict.times) > 1 else ""
        counted = f"({verdict.derivatives} derivatives{times})"
        return f"{verdict.name}: right, to {least:.0f} digits: {', '.join(verdict.checked)} {counted}"
    if not verdict.checked:
        return f"{verdict.name}: could not be run this way"
    good = [name for name in verdict.checked if name not in verdict.wrong]
    return f"{verdict.name}: WRONG in {', '.join(verdict.wrong)}" + (f"; right in {', '.join(good)}" if good else "")


def _direct(one: Finding) -> str:
    if one.kind == "stops":
        return f"stops at T = {one.numbers['T']}: {one.text}"
    if one.kind == "loss differs":
        both = f"{one.numbers['first']:.6g}, then {one.numbers['second']:.6g}"
        return f"the loss differs when it is asked twice: {both}: state is kept, or chance is at work"
    if one.kind == "missing":
        return f"{one.array}: no gradient is returned"
    if one.kind == "shape":
        return f"{one.array}: its gradient has shape {tuple(one.numbers['has'])}, wanted {tuple(one.numbers['wanted'])}"
    return f"{one.array}: without any effect on the loss; does the forward use another array in its place?"


def _should(place: Finding) -> str:
    right, visits = place.numbers.get("right", 0), place.numbers.get("visits", 0)
    when = ""
    if visits > 1:
        if place.numbers.get("first_right") and right == 1:
            when = "; it is so at the step that runs first and not after"
        elif right:
            when = f"; it is so at {right} of {visits} steps"
    if place.numbers.get("value"):
        return f"`{place.text}` should be the value of `{place.should}` (line {place.should_line}){when}"
    return f"`{place.text}` should be the derivative of the loss by `{place.should}` (line {place.should_line}){when}"


def _short(file: str) -> str:
    return Path(file).name
