"""Each finding and each cure in words; what is seen is data (cure/findings.py), sentences are made here.

Read next: words.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from scratchnet.gradcheck.behaviour_words import no_effect, of_behaviour, why_it_differs
from scratchnet.gradcheck.cure import Finding
from scratchnet.gradcheck.placing import place

# What needs words of another kind: a place is told with its cure, a wrong gradient in the first line.
NOT_DIRECT = ("place", "gradient")


def direct(findings: Sequence[Finding]) -> list[str]:
    """Return what is said of findings that need no cure to be understood; the same at several T is said once."""
    known = [one for one in findings if one.kind not in NOT_DIRECT or one.numbers.get("of_array")]
    stops: dict[str, list[str]] = {}
    for one in known:
        if one.kind == "stops":
            stops.setdefault(one.text, []).append(str(one.numbers["T"]))
    said = [f"stops at T = {', '.join(times)}" + (f": {text}" if text else "") for text, times in stops.items()]
    return said + [_direct(one) for one in known if one.kind != "stops"]


def should(found: Finding) -> str:
    """Return "should be the derivative of the loss by ...", and at how many of its steps it is."""
    right, visits = found.numbers.get("right", 0), found.numbers.get("visits", 0)
    when = ""
    if visits > 1:
        if found.numbers.get("first_right") and right == 1:
            when = "; it is so at the step that runs first and not after"
        elif right:
            when = f"; it is so at {right} of {visits} steps"
    what = "value of" if found.numbers.get("value") else "derivative of the loss by"
    where = f" ({f'cell {found.should_cell}, ' if found.should_cell else ''}line {found.should_line})"
    said = f"should be the {what} `{found.should}`" if found.should else "is not what it should be"
    said += where if found.should_line else ""
    return said + when


def cure_words(before: str, after: str, found: Finding | None) -> str:
    """Return a cure in words; found: what is known of the place."""
    said = f"write `{after}`" if after else f"take out `{before}`"
    if after and before:
        said += f" instead of `{before}`"
    elif after:
        said = f"put in `{after}`"
    if found is not None and found.should and not found.numbers.get("value"):
        said += f": the derivative of the loss by `{found.should}`"
    return said


def _direct(one: Finding) -> str:
    numbers = one.numbers
    if one.kind == "refused":
        return one.text or "the file cannot be used"
    if one.kind == "gaps":
        return "fill in what stands for ... in the harness (--write-harness FILE saves it) and give it with --harness"
    if one.kind == "time":
        at = f", at {place(one)}: `{one.text}`" if one.line else ""
        return f"stopped after {numbers['seconds']:g} s{at}: an endless loop? More time: --time-limit SECONDS"
    if one.kind == "ended":
        how = f"signal {-numbers['status']}" if numbers["status"] < 0 else f"exit status {numbers['status']}"
        return f"the process was ended{f' at {place(one)}' if one.line else ''}, {how}: take out what does that"
    if one.kind == "loss differs":
        both = f"{numbers['first']:.6g}, then {numbers['second']:.6g}"
        return f"the loss differs when it is asked twice: {both}: {why_it_differs(one)}"
    if one.kind == "not written":
        return f"it writes {', '.join(numbers['files'])}: not during a check"
    if one.kind == "stood in for":
        return f"not installed, and not needed for the gradients: {', '.join(numbers['packages'])}"
    if one.kind == "map":
        return _by_gate(numbers["gates"])
    if one.kind == "variant":
        return f"note: right otherwise; wrong {one.text}"
    if one.kind == "changed":
        return f"note: in the library itself changed: {one.text}"
    if one.kind == "stopped":
        return "the search for a cure was stopped before its end: this is what it had found by then"
    if one.kind == "no search":
        return f"the search for a cure ended early: {one.text}"
    return _of_array(one) or of_behaviour(one) or one.text


def _by_gate(gates: dict[str, list[int]]) -> str:
    """Return at which steps which gates are wrong: gates that are so at the same steps together."""
    alike: dict[str, list[str]] = {}
    for gate, steps in gates.items():
        alike.setdefault(", ".join(map(str, steps)), []).append(gate)
    said = "; ".join(f"{', '.join(names)} at t = {steps}" for steps, names in alike.items())
    return f"the gradient of the pre-activations is wrong in {said} (read it backwards)"


def _of_array(one: Finding) -> str:
    numbers = one.numbers
    if one.kind == "missing":
        return f"{one.array}: no gradient is returned"
    if numbers.get("of_array"):
        return f"{one.array}: its gradient is that of {numbers['of_array']}: are they returned in another order?"
    if one.kind == "shape":
        return f"{one.array}: its gradient has shape {tuple(numbers['has'])}, wanted {tuple(numbers['wanted'])}"
    if one.kind == "no numbers":
        return f"{one.array}: its gradient is {numbers['is']}, wanted an array of real numbers"
    if one.kind == "not finite":
        what = {"not a number": numbers["nan"], "infinite": numbers["infinite"]}
        said = " and ".join(f"{count} {word}" for word, count in what.items() if count)
        return f"{one.array}: of the {numbers['of']} entries of its gradient {said}" + (
            f"; {one.text}" * bool(one.text)
        )
    return no_effect(one) if one.kind == "no effect" else ""
