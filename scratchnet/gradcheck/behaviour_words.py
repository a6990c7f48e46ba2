"""The names of mistakes and the behaviour of code, in words: what a cure undoes, what is kept, changed, drawn or lost.

Read next: finding_words.py.
"""

from __future__ import annotations

from scratchnet.gradcheck.cure import Cure, Finding
from scratchnet.gradcheck.placing import place


def named(cure: Cure) -> str:
    """Return the mistake that a cure undoes, in the words of the catalogue, with the equation of the known cell."""
    number = f"classic mistake {cure.number}" if cure.number else "the mistake"
    return f"{number}: {cure.mistake}" + (f"; {cure.equation}" if cure.equation else "")


def no_effect(one: Finding) -> str:
    """Return what is said of an array on which the loss does not depend."""
    if one.text and not one.should:
        return f"{one.array}: changing it changes nothing; is it a copy of {one.text}, which the forward uses?"
    said = f"{one.array}: without any effect on the loss; does the forward use another array in its place, or a copy?"
    return said + (f" Look at line {one.line}, where {one.should} is used: {one.text}" if one.should else "")


def why_it_differs(one: Finding) -> str:
    """Return why a loss differs when it is asked twice."""
    if one.numbers.get("chance"):
        return "chance is at work: seed it within the call, or pass in what is drawn"
    names = ", ".join(one.numbers.get("names", ()))
    if names or one.numbers.get("kept"):
        return "something is kept from call to call" + (f": {names}" if names else "")
    return "it is drawn by chance, or kept"


def of_behaviour(one: Finding) -> str:
    """Return what is said of a finding on behaviour; "" of any other kind."""
    numbers, where = one.numbers, f"{place(one)}: " if one.line else ""
    start = f"note: {where}" if one.note else where
    if one.kind == "state kept":
        both = f"{numbers['second']:.6g} instead of {numbers['first']:.6g}"
        return f"{start}called a second time, the loss is {both}: {one.array or 'something'} is kept from call to call"
    if one.kind == "adds up":
        return f"{start}{one.array}: the gradient is added to that of the call before: set it to zero before each"
    if one.kind == "backward differs":
        if numbers["chance"]:
            return f"{start}{one.text}, called twice, returns two gradients: it draws by chance; keep what was drawn"
        why = f": here it changes {one.array}, which the forward left for it" if one.array else ""
        return f"{start}{one.text}, called again with the same arguments, returns another gradient{why}"
    if one.kind == "changed in place":
        what = f"{one.array}, which an earlier call returned," if numbers["cached"] else f"its argument {one.array}"
        return f"{start}{one.text} changes {what} in place"
    if one.kind == "start":
        if numbers.get("empty"):
            return f"{start}{one.array} depends on what np.empty leaves in memory: write np.zeros"
        extra = one.should or f"{numbers['value']:g} in every entry"
        return f"{start}{one.array}: right, but for {extra} too much: does the sum start from zero?"
    if one.kind == "clipped":
        how = f"cut off at {numbers['limit']:g}" if "limit" in numbers else f"scaled to a norm of {numbers['norm']:g}"
        large = "" if numbers["active"] else "large gradients are "
        return f"{start}{one.array}: {large}{how}: clip where the weights are updated, not in the backward"
    return _of_numbers(one, start)


def _of_numbers(one: Finding, start: str) -> str:
    if one.kind == "float32":
        what = f"`{one.text}` has" if one.text else "it has"
        return f"{start}{one.array}: right to seven digits at best: {what} less than 64 bits"
    if one.kind == "imaginary lost":
        return f"{start}an imaginary part is thrown away here"
    if one.kind == "other cell":
        facts = one.numbers
        return f"{start}named {one.array}, but here {facts['has']}; the {one.array} has {facts['wanted']}"
    return ""
