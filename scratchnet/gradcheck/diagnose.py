"""From a learner's gradients to a diagnosis: single mistakes first, then a constant factor, then pairs.

Where a behaviour check failed, the mistake that it reveals comes first. Where only dropout is at fault and no mask
explains the gradient, what is left is a mask drawn again.

Read next: diagnosis.py.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scratchnet.gradcheck.behaviour_checks import in_words
from scratchnet.gradcheck.diagnosis import Diagnosis
from scratchnet.gradcheck.forward import numbered
from scratchnet.gradcheck.gate_subsets import mistakes_in_some_gates
from scratchnet.gradcheck.line_match import text_similarity
from scratchnet.gradcheck.mistake_lines import MistakeLines
from scratchnet.gradcheck.mistakes import Mistake
from scratchnet.gradcheck.mistakes import mistake as known
from scratchnet.gradcheck.reference import Reference, walk
from scratchnet.gradcheck.search import FORWARD, Candidate, Run, Search, mutated_copy
from scratchnet.usercode import SourceLine

DROPPING = ("dropout", "rate")
MOST_COMPARED = 5
NEAREST = 3
COMPARED = ("identical", "scaled", "pair")
ALIKE = 0.6


def diagnose(
    root: Any,
    run: Run,
    reference: Reference,
    search: Search | None,
    *,
    faults: Sequence[str] = (),
    files: Iterable[str] = (),
    ratios: Mapping[str, str] | None = None,
    pointed: Sequence[SourceLine] = (),
    pair_seconds: float = math.inf,
) -> Diagnosis:
    """Return which known mistake makes a learner's gradients.

    Arguments:
        root: the learner's layer or model, in float64 on NumPy. run: returns the gradients of such a root.
        reference: of `root`. search: among the mutants of the reference; None where it has no counterpart.
        faults: what the behaviour checks found. files: of the learner's code.
        ratios: the constant factors in words, where every wrong gradient has one.
        pointed: the lines that the first wrong place points to. pair_seconds: for the search among pairs of mistakes.
    """
    if search is None or search.right is None:
        why = _without_reference(reference) if search is None else "the library's own parts do not run here"
        return _behaving((), faults) or Diagnosis("nothing", remark=why)
    found = (
        _search(search, root, run, faults, pair_seconds)
        or _in_ratios(ratios)
        or _nothing(search, reference, pair_seconds)
    )
    if not found.found:
        return found
    # Of two mistakes, the first wrong place shows one only.
    lines = MistakeLines(reference, root, run, frozenset(files), () if found.kind == "pair" else pointed)
    # Where this problem cannot tell mistakes apart, the code may: the one whose line is found best comes first.
    if len(found.candidates) > 1 and found.kind == "identical":
        sure = {one: sum(lines.of(mistake)[1] for mistake in one.mistakes) for one in found.candidates[:MOST_COMPARED]}
        zeros = {one: sum(_unlike_zeros(search, mistake) for mistake in one.mistakes) for one in sure}
        order = sorted(found.candidates, key=lambda one: (zeros.get(one, 0), -sure.get(one, 0.0)))
        found = replace(found, candidates=tuple(order))
    quoted = tuple(lines.of(mistake)[0] for mistake in found.mistakes)
    if found.kind not in COMPARED:  # no values were compared: then only a line that reads like the mistake will do
        quoted = tuple(
            line if line is not None and text_similarity(line.text, mistake.new) >= ALIKE else None
            for line, mistake in zip(quoted, found.mistakes, strict=True)
        )
    remark = found.remark or ("" if any(quoted) else lines.left_out(found.mistakes))
    return replace(found, lines=quoted, equations=_equations(reference, found.mistakes), remark=remark)


def _unlike_zeros(search: Search, mistake: Mistake) -> int:
    """Return how many blocks are zero to the bit with this mistake or in the learner's, not both: left out is zero."""
    found = search.found.get(mistake.id) or {}
    return sum(bool(np.any(array) != np.any(found.get(key))) for key, array in search.learners.items())


def _search(search: Search, root: Any, run: Run, faults: Sequence[str], pair_seconds: float) -> Diagnosis | None:
    singles = search.singles()
    fitting = [candidate for candidate in singles if candidate.fits]
    told = "; ".join(faults)
    fitting.sort(key=lambda found: (_rank(found, told), found.residual != 0.0))
    if fitting and faults and any(_rank(found, told) == 0 for found in fitting):
        fitting = [found for found in fitting if _rank(found, told) == 0]
        right = search.difference(search.learners, search.right or {})[0] <= search.tolerance
        return Diagnosis("behaviour" if right else "identical", tuple(fitting))
    fitting = [found for found in fitting if _rank(found, told) < 2 and not _is_right(search, found)]
    if fitting:
        return Diagnosis("identical", tuple(fitting))
    behaving = _behaving(search.mistakes, faults)
    if behaving:
        return behaving
    if _gradient_is_right(search):
        return _forward_alone(search)
    some = mistakes_in_some_gates(search)
    if some:
        return Diagnosis("identical", tuple(some))
    scaled = search.scaled()
    if scaled:
        return Diagnosis("scaled", tuple(scaled))
    random = [mistake for mistake in search.mistakes if mistake.random]
    if random and _only_with_dropout(search, root, run):
        remark = "without dropout the gradient is right; with it, no mask at hand explains it"
        return Diagnosis("elimination", tuple(Candidate((one,), np.inf, np.inf) for one in random), remark=remark)
    pairs = search.pairs(pair_seconds)
    return Diagnosis("pair", tuple(pairs)) if pairs else None


def _gradient_is_right(search: Search) -> bool:
    """Tell whether the learner's gradient is the library's right one, whatever the forward pass gave."""
    own = {key: array for key, array in search.learners.items() if key != FORWARD}
    return search.difference(own, search.right or {})[0] <= search.tolerance


def _forward_alone(search: Search) -> Diagnosis | None:
    """Return that the forward pass is another one, where the gradient is exactly that of the library's."""
    found = [mistake for mistake in search.mistakes if mistake.forward]
    if search.right is None or FORWARD not in search.learners or FORWARD not in search.right:
        return None
    mine, right = search.learners[FORWARD], search.right[FORWARD]
    if np.allclose(mine, right, rtol=1e-9):
        return None
    said = f"the loss is {float(mine[0]):.6g} where the library's is {float(right[0]):.6g}; " if mine.size == 1 else ""
    remark = f"the gradient is exactly the library's, the forward pass is not: {said}what did it leave out or add?"
    return Diagnosis("elimination", tuple(Candidate((mistake,), np.inf, np.inf) for mistake in found), remark=remark)


def _rank(found: Candidate, told: str) -> int:
    """Return 0 for a mistake that a behaviour check revealed, 1 for one that only gradients show, 2 for any other."""
    behaviours = [mistake.behaviour for mistake in found.mistakes if mistake.behaviour]
    if not behaviours:
        return 1
    return 0 if any(re.search(behaviour, told) for behaviour in behaviours) else 2


def _is_right(search: Search, found: Candidate) -> bool:
    """Tell whether a candidate's gradient is the right one: it then explains nothing."""
    right = search.difference(search.learners, search.right or {})[0] <= search.tolerance
    return found.fits and right and (
        not search.reference.forward
    )  # fmt: skip


def _behaving(mistakes: Iterable[Mistake], faults: Sequence[str]) -> Diagnosis | None:
    """Return the mistakes that a behaviour check revealed, whatever the gradient."""
    told = "; ".join(faults)
    found = [mistake for mistake in mistakes if mistake.behaviour and re.search(mistake.behaviour, told)]
    found.sort(key=lambda mistake: mistake.family != "clipping")  # what clips also adds less at a second call
    if not found and "something leaks" in told:
        found = [known("lstm.state-leaks")]
    return Diagnosis("behaviour", tuple(Candidate((mistake,), np.inf, np.inf) for mistake in found)) if found else None


def _only_with_dropout(search: Search, root: Any, run: Run) -> bool:
    """Tell whether without dropout the learner's gradient is right."""

    def without(some: Any) -> Any:
        for _, part in walk(some):
            for name in DROPPING:
                if isinstance(getattr(part, name, None), float):
                    setattr(part, name, 0.0)
        return some

    try:
        mine = search.reference.in_library_terms(run(without(copy.deepcopy(root))))
        right = run(without(mutated_copy(search.reference, ())))
    except Exception:
        return False
    return search.difference({key: mine[key] for key in right if key in mine}, right)[0] <= search.tolerance


def _in_ratios(ratios: Mapping[str, str] | None) -> Diagnosis | None:
    """Return that every wrong gradient is a constant times the right one, where it is so."""
    if not ratios:
        return None
    names: dict[str, list[str]] = {}
    for name, words in ratios.items():
        names.setdefault(words, []).append(name)
    each = "; ".join(f"{in_words(several)} {words}" for words, several in names.items())
    return Diagnosis("ratios", remark=f"no known mistake, but a constant factor: {each}")


def _nothing(search: Search, reference: Reference, pair_seconds: float) -> Diagnosis:
    right = set(search.undetected())  # whose gradient is right is near to every gradient that is almost right
    near = [one for one in search.singles() if np.isfinite(one.distance) and right.isdisjoint(one.mistakes)][:NEAREST]
    tried = f"no known mistake fits, alone or in a pair ({len(search.mistakes)} tried)"
    if search.cut_short:
        tried = (
            f"no known mistake fits ({len(search.mistakes)} tried), nor a pair of those tried in {pair_seconds:g} s: "
            "`scratchnet gradcheck` with your file tries the other pairs, too"
        )
    if reference.unknown:
        tried += f"; {_without_reference(reference)}"
    return Diagnosis("nothing", nearest=tuple(near), remark=tried)


def _without_reference(reference: Reference) -> str:
    names = in_words(list(reference.unknown)) or "this"
    return (
        f"the forward of {names} is that of none of the library's classes, so there is no gradient of a known mistake "
        "to compare with; see the first wrong place below"
    )


def _equations(reference: Reference, mistakes: Sequence[Mistake]) -> tuple[str, ...]:
    """Return for each mistake its equations, in full, and their file."""
    found = []
    for mistake in mistakes:
        host = next((kind for kind in reference.culprits.values() if kind.__name__ in mistake.hosts), None)
        numbers = mistake.equation.split()
        if host is None or not numbers:
            found.append("")
            continue
        formulas = numbered(host)
        each = ", ".join(f"{number} {formulas[number]}" for number in numbers if number in formulas)
        file = host.__module__.removeprefix("scratchnet.").replace(".", "/") + ".py"
        several = "s" if len(numbers) > 1 else ""
        found.append(f"equation{several} of {file} to derive again: {each}" if each else "")
    return tuple(found)
