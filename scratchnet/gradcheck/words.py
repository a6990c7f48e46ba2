"""A verdict in words: the first screen is the answer, in twelve lines at most.

    lines_of(verdict)           what the terminal shows        hint(verdict, 2)     only the first steps of it
    result(verdict)             one cell of a table: right to how many digits, or wrong in which arrays
    mistake(verdict)            one line: the cure, the place or the error

The screen, the table, the spreadsheet, the page and JSON all have their words from here and from finding_words.py.

Read next: check_harness.py.
"""

from __future__ import annotations

from scratchnet.gradcheck.behaviour_words import named
from scratchnet.gradcheck.cure import NOT_RUN, NOTES, PARTLY, Cure, Finding, Verdict
from scratchnet.gradcheck.finding_words import direct, should
from scratchnet.gradcheck.placing import line, place

MOST_LINES = 12
NOT_FOUND = (
    "", "no place was found", "nothing more is known of what should stand there", "no line was found",
    "no cure was found",
)  # fmt: skip
NOT_JUDGED = {
    "gaps": "could not be checked as it is",
    "refused": "cannot be used",
    "time": "was stopped",
    "ended": "ended the check",
}


def lines_of(verdict: Verdict, full: bool = False) -> list[str]:
    """Return a verdict in lines; full: all of it, however long."""
    noted = [one for one in verdict.findings if one.note or one.kind in NOTES]
    head = [_first(verdict), *direct([one for one in verdict.findings if one not in noted])]
    blocks, tail, notes = _blocks(verdict), _tail(verdict), direct(noted)  # notes are last: the answer is first
    if blocks and not verdict.cured:
        part = "not everything could be cured; each of these changes mends a part" if verdict.cures else ""
        head.append(f"{part or 'no cure was found; what is not as it should be, the first place first'}:")
    whole = [*head, *(one for block in blocks for one in block), *tail, *notes]
    if full or len(whole) <= MOST_LINES:
        return whole
    shown, room = head[: MOST_LINES - 1 - len(tail)], MOST_LINES - 1 - len(tail)
    for block in blocks:  # whole blocks only: a place without its cure says nothing
        if len(shown) + len(block) > room:
            break
        shown += block
    else:
        tail += notes[: room - len(shown)]
    left = len(whole) - len(shown) - len(tail)
    return [*shown, f"({left} more line{'s' if left > 1 else ''}: --full)", *tail]


def hint(verdict: Verdict, steps: int) -> list[str]:
    """Return the first so many of: the symptom, the place, the equation, the line, the cure."""
    parts = hint_steps(verdict)[:steps]
    return [one for part, none in zip(parts, NOT_FOUND, strict=False) for one in part or [none]]


def hint_steps(verdict: Verdict) -> tuple[list[str], ...]:
    """Return what is known of each step: the symptom, the place, the equation, the line, the cure."""
    places = [one for one in verdict.findings if one.kind == "place"]
    known: list[Finding | Cure] = [*verdict.cures] or [*places]
    functions = dict.fromkeys(f"look into {one.function or 'what stands outside of functions'}" for one in known)
    equations = dict.fromkeys(f"something there {should(one)}" for one in places if one.should)
    equations |= dict.fromkeys(cure.equation for cure in verdict.cures if cure.equation)
    lines = dict.fromkeys(f"look at {place(one)}{_quoted(one)}" for one in known)
    others = direct([one for one in verdict.findings if one.kind != "map"])
    told = [*functions, *others] or direct(verdict.findings)
    return [_first(verdict)], told, [*equations], [*lines], [_whole(cure) for cure in verdict.cures]


def result(verdict: Verdict) -> str:
    """Return the answer in a few words."""
    if verdict.ok:
        part = f"; NOT CHECKED: {', '.join(verdict.unchecked)}" if verdict.status == PARTLY else ""
        return f"right to {_digits(verdict)} digits{part}"
    if verdict.checked and verdict.status == NOT_RUN:
        stops = [str(one.numbers["T"]) for one in verdict.findings if one.kind == "stops"]
        return f"could not be run at T = {', '.join(stops)}"
    if verdict.checked:
        return f"WRONG in {', '.join(verdict.wrong)}" if verdict.wrong else "right at a first call only"
    kinds = [one.kind for one in verdict.findings]
    return next((said for kind, said in NOT_JUDGED.items() if kind in kinds), "could not be run this way")


def mistake(verdict: Verdict) -> str:
    """Return the most important thing after the result, in one line: a cure, a place, an error; "" if all is right."""
    places = [f"`{one.text}` {should(one)}" for one in verdict.findings if one.kind == "place"]
    errors = direct([one for one in verdict.findings if one.kind not in NOTES and not one.note])
    said = [_whole(cure) for cure in verdict.cures] or errors or places
    return said[0] + (f" (and {len(said) - 1} more)" if len(said) > 1 else "") if said else ""


def line_numbers(verdict: Verdict) -> str:
    """Return the numbers of the lines to change, or to look at: "22, 30", or "cell 3, line 5" of a notebook."""
    known: list[Finding | Cure] = [*verdict.cures] or [one for one in verdict.findings if one.kind == "place"]
    known = known or [one for one in verdict.findings if one.line]
    return ("; " if any(one.cell for one in known) else ", ").join(dict.fromkeys(line(one) for one in known))


def _whole(cure: Cure) -> str:
    return f"{named(cure)}; {cure.words}" if cure.mistake else cure.words


def _quoted(one: Finding | Cure) -> str:
    if isinstance(one, Cure):
        return f": {one.before}" if one.before else ": a line is missing before it"
    return f": {one.text}" if one.text else ""


def _blocks(verdict: Verdict) -> list[list[str]]:
    """Return what belongs together: each line to change, with what it should be; where no cure is known, the place."""
    places = [one for one in verdict.findings if one.kind == "place"]
    blocks = []
    for cure in verdict.cures:
        block = [f"{place(cure)}: {cure.before}" if cure.before else f"before {place(cure)}:"]
        here = [one for one in places if (one.file, one.cell, one.line) == (cure.file, cure.cell, cure.line)]
        block += [f"    `{one.text}` {should(one)}" for one in here[:1]]
        block.append(f"    cure: {cure.after}" if cure.after else "    cure: take this line out")
        blocks.append([*block, *([f"    {named(cure)}"] if cure.mistake else [])])
    if verdict.cured:
        return blocks
    cured = {(one.file, one.cell, one.line) for one in verdict.cures}
    left = [one for one in places if (one.file, one.cell, one.line) not in cured]
    return blocks + [[f"    {place(one)}: `{one.text}` {should(one)}"] for one in left]


def _tail(verdict: Verdict) -> list[str]:
    if verdict.cured:
        which = "this line" if len(verdict.cures) == 1 else f"these {len(verdict.cures)} lines"
        return [f"with {which} changed every gradient is right, at other sizes and seeds, too"]
    return []


def _first(verdict: Verdict) -> str:
    if verdict.ok:
        times = f" at T = {', '.join(map(str, verdict.times))}" if len(verdict.times) > 1 else ""
        times = f", at {len(verdict.times)} sets of values" if times and verdict.varied else times
        counted = f"({verdict.derivatives} derivatives{times})"
        left = f"NOT CHECKED: {', '.join(verdict.unchecked)}; " if verdict.unchecked else ""
        return f"{verdict.name}: {left}right, to {_digits(verdict)} digits: {', '.join(verdict.checked)} {counted}"
    if verdict.checked and verdict.status == NOT_RUN:
        where = f"right at T = {', '.join(map(str, verdict.times))}: {', '.join(verdict.checked)}"
        return f"{verdict.name}: {result(verdict)}; {where}"
    good = [name for name in verdict.checked if name not in verdict.wrong]
    which = f"{'; right in' if verdict.wrong else ':'} {', '.join(good)}" if good else ""
    said = result(verdict) + which
    said += f"; NOT CHECKED: {', '.join(verdict.unchecked)}" if verdict.unchecked else ""
    return f"{verdict.name}: {said}"


def _digits(verdict: Verdict) -> str:
    return f"{min(verdict.digits.values(), default=0.0):.0f}"
