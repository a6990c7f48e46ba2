"""Shapes by trial: arguments of pairwise different sizes, changed one at a time, until the call runs.

Where a call stops, the sizes in the error say which two symbols must be equal; a trial says whether it gets further.
What gets no further is taken back. So a file's shapes are those with which it runs, whatever its names are.

Read next: forward.py.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, permutations, product
from typing import Any

import numpy as np

from scratchnet.gradcheck.written_harness.kinds import other_kinds
from scratchnet.gradcheck.written_harness.sizes import OtherSizeOf, SizeOf, Sizes, Specs
from scratchnet.gradcheck.written_harness.specs import Dim, symbol
from scratchnet.gradcheck.written_harness.trial import Outcome

MOST_ENTRIES = 400_000
PAIRS = (
    re.compile(r"\(size (\d+) is different from (\d+)\)"),
    re.compile(r"(\d+) \(dim \d+\) != (\d+) \(dim"),
    re.compile(r"has size (\d+) and the array at index \d+ has size (\d+)"),
)


Run = Callable[[Specs], Outcome]


def solve(specs: Specs, sizes: Sizes, run: Run, budget: int = 160, seconds: float = 1.2) -> tuple[Specs, Outcome]:
    """Return specs with which a call runs, or those that got furthest."""
    left = [budget]
    until = time.process_time() + seconds
    first = run(specs)
    best = [(specs, first)]

    def general(specs: Specs) -> bool:
        """Tell whether it runs with other sizes, too: a sum may have equalled a multiple by accident."""
        if _entries(specs, replace(sizes, of=OtherSizeOf())) > MOST_ENTRIES:
            return True
        before, sizes.of = sizes.of, OtherSizeOf()
        try:
            return run(specs).ok
        finally:
            sizes.of = before

    def ahead(specs: Specs, outcome: Outcome, before: Outcome) -> tuple[Specs, Outcome]:
        """Another number of dimensions may help only together with the size that then does not fit."""
        if outcome.far[0] >= before.far[0]:
            for one, two in _pairs(f"{outcome.error}")[:1]:
                known = _known(specs, sizes)
                if one in known and two in known and left[0] > 0:
                    left[0] -= 1
                    together = _put(specs, known[max(one, two)], known[min(one, two)])
                    return together, run(together)
        return specs, outcome

    def descend(specs: Specs, outcome: Outcome) -> bool:
        if outcome.ok and not general(specs):
            return False
        if outcome.ok or _far(outcome) > _far(best[0][1]):
            best[0] = (specs, outcome)
        if outcome.ok:
            return True
        tried = {repr(specs)}
        used = {name for spec in specs.values() for name in spec.symbols()}
        sizes.used = set(used)
        for candidate in _changes(specs, sizes, outcome):
            if left[0] <= 0 or time.process_time() > until:
                return False
            if repr(candidate) in tried or _entries(candidate, sizes) > MOST_ENTRIES:
                continue
            tried.add(repr(candidate))
            left[0] -= 1
            found = run(candidate)
            if not found.ok and _far(found) <= _far(outcome):
                candidate, found = ahead(candidate, found, outcome)
            if (found.ok or _far(found) > _far(outcome)) and descend(candidate, found):
                return True
            sizes.used = set(used)
        return False

    found = descend(specs, first)
    if not found and best[0][1].ok:  # it ran, with these sizes only
        return specs, Outcome(error=ValueError("no shapes were found"))
    return best[0]


def _entries(specs: Specs, sizes: Sizes) -> int:
    return sum(math.prod(dim.of(sizes.of) for dim in one.dims) for spec in specs.values() for one in spec.walk())


def _far(outcome: Outcome) -> tuple[Any, ...]:
    """Return how far a trial got; at the same place, the one with fewer sizes that do not fit got further."""
    return (*outcome.far[:2], -len(_broadcast(str(outcome.error))), *outcome.far[2:])


def _changes(specs: Specs, sizes: Sizes, outcome: Outcome) -> Iterator[Specs]:
    """Yield what might be meant instead, the likeliest first."""
    said = f"{type(outcome.error).__name__}: {outcome.error}"
    known = _known(specs, sizes)
    used = [dim.terms[0][0] for dim in known.values()]
    numbers = list(dict.fromkeys(int(one) for one in re.findall(r"\d+", said)))
    pairs = _pairs(said)
    if isinstance(outcome.error, (ValueError, IndexError)):
        together = specs
        for one, two in _broadcast(said):
            if one in known and two in known:
                together = _put(together, known[max(one, two)], known[min(one, two)])
        if together is not specs:
            yield together
        for one, two in pairs or combinations(numbers, 2):
            for wrong, right in sorted(((one, two), (two, one)), reverse=True):
                if wrong in known and wrong != right:
                    yield from (_put(specs, known[wrong], one) for one in _meant(right, known, known[wrong]))
    for one, two in pairs:  # two arrays side by side, where two others were meant
        for mine, theirs in ((one, two), (two, one)):
            parts = _parts(mine, known), _parts(theirs, known)
            for (a, b), (c, d) in product(*parts):
                yield _put(_put(specs, a, c), b, d)
    if "unpack" in said or "index" in said or "integer" in said or not numbers:
        yield from other_kinds(specs, sizes, outcome, said)
    yield from _derived(specs, sizes, outcome, numbers, known, used)
    yield from other_kinds(specs, sizes, outcome, said)
    for one, two in pairs:  # a size that stands in the code itself
        for wrong, right in ((one, two), (two, one)):
            if wrong in known and right not in known and right > 1:
                yield _put(specs, known[wrong], Dim((), right))


def _meant(number: int, known: dict[int, Dim], but: Dim) -> Iterator[Dim]:
    """Yield the sizes that have this number: a symbol, a factor of one, a sum of two; else the number itself."""
    if number in known:
        yield known[number]
        return
    others = [dim for dim in known.values() if dim != but]
    found = [
        _add(one, one, factor) for one in others for factor in (1, 2, 3) if (factor + 1) * known_size(one) == number
    ]
    found += [_add(one, two) for one, two in combinations(others, 2) if known_size(one) + known_size(two) == number]
    yield from found


def _parts(number: int, known: dict[int, Dim]) -> list[tuple[Dim, Dim]]:
    """Return the ordered pairs of symbols whose sizes add up to a number."""
    return [(a, b) for a, b in permutations(known.values(), 2) if known_size(a) + known_size(b) == number]


def known_size(dim: Dim) -> int:
    """Return the size of a symbol."""
    return dim.of(SizeOf())


def _add(one: Dim, two: Dim, factor: int = 1) -> Dim:
    terms = dict(one.terms)
    for name, more in two.terms:
        terms[name] = terms.get(name, 0) + factor * more
    return Dim(tuple(sorted(terms.items())), one.number + factor * two.number)


def _known(specs: Specs, sizes: Sizes) -> dict[int, Dim]:
    used = dict.fromkeys(name for spec in specs.values() for name in spec.symbols())
    return {sizes.of[name]: symbol(name) for name in used}


def _pairs(said: str) -> list[tuple[int, int]]:
    """Return the sizes of which an error says that they differ."""
    return [(int(a), int(b)) for pattern in PAIRS for a, b in pattern.findall(said)] + _broadcast(said)


def _broadcast(said: str) -> list[tuple[int, int]]:
    if "broadcast" not in said:
        return []
    shapes = [tuple(map(int, re.findall(r"\d+", one))) for one in re.findall(r"\((\d+(?:,\s?\d*)*)\)", said)]
    found = []
    for one, two in combinations(shapes, 2):
        found += [(a, b) for a, b in zip(one[::-1], two[::-1], strict=False) if a != b and 1 not in (a, b)]
    return found


def _put(specs: Specs, old: Dim, new: Dim) -> Specs:
    name = old.terms[0][0]
    return {key: spec.change(lambda dim: dim.put(name, new)) for key, spec in specs.items()}


def _derived(
    specs: Specs, sizes: Sizes, outcome: Outcome, numbers: list[int], known: dict[int, Dim], used: list[str]
) -> Iterator[Specs]:
    """Yield sizes that are a whole factor of another, a sum of two, or the code's own."""
    seen = {n for value in outcome.frame.values() if isinstance(value, np.ndarray) for n in value.shape}
    near = [name for name in used if sizes.of[name] in numbers]
    near += [name for name in used if sizes.of[name] in seen and name not in near]
    near.sort(key=lambda name: -sizes.of[name])
    own = [Dim((), n) for n in dict.fromkeys((*(n for n in numbers if n in sizes.more), *sizes.more))]
    for name in near:
        others = [symbol(other) for other in used if other != name]
        bases = [*others, *own]
        for other in bases:
            yield from (_put(specs, symbol(name), _add(other, other, factor)) for factor in (3, 2, 1))
    for name in near:
        bases = [*(symbol(other) for other in used if other != name), *own]
        yield from (_put(specs, symbol(name), _add(one, two)) for one, two in combinations(bases, 2))
        yield from (_put(specs, symbol(name), other) for other in bases)
