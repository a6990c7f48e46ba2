"""The edits with which the places that were found yield what they must: one for each statement.

Read next: patch.py.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from scratchnet.gradcheck.cure.derivatives import Needed
from scratchnet.gradcheck.cure.frames import Match
from scratchnet.gradcheck.cure.helper_edits import helper_edits
from scratchnet.gradcheck.cure.judging import outwards, with_edits, with_text
from scratchnet.gradcheck.cure.matching import Matching
from scratchnet.gradcheck.cure.operand_edits import operand_edits
from scratchnet.gradcheck.cure.pool import Place, Pool
from scratchnet.gradcheck.cure.seen_values import Look
from scratchnet.gradcheck.cure.sweep_options import READ, elsewhere
from scratchnet.gradcheck.cure.taking_out import taken_out
from scratchnet.gradcheck.subjects.subject import Subject

Edits = tuple[list[tuple[Needed, Match]], set[Place], Subject | None]
ODD = 2.0  # an edit so unusual that others are looked for


def edits_of(pool: Pool, needed: list[Needed], look: Look, leads: Callable[[Subject], int]) -> Edits:
    """Return the edits with which places yield what they must, and the places that do as soon as the others do.

    And, where one edit of a function that they call mends several, the subject with it. leads: how many more values
    are right in an edited subject.
    """
    edits: list[tuple[Needed, Match]] = []
    victims: set[Place] = set()
    matchings = []
    for one in needed:
        if (out := taken_out(pool, one)) is not None:
            edits.append((one, out))
            continue
        matching = Matching(pool, [n for n in needed if n is not one and n.place not in victims], one)
        if matching.frames and matching.fits(matching.node.tree):
            victims.add(one.place)
        else:
            matchings.append(matching)
    for candidate in helper_edits(matchings) if len(matchings) > 1 else ():
        made = with_text(pool.subject, candidate)
        if made is not None:
            return [], victims, made
    for group in _by_statement(matchings):
        options: list[tuple[Needed, Match]] = []
        matching = group[0]
        others = [n for n in needed if n is not matching.one and n.place not in victims]
        also = [*group[1:], *elsewhere(pool, look, matching.one.place, needed)]
        if also:  # one statement that is reached on several ways: the edit must be right on all
            found = matching.search(most=20)  # or on the first, where what the others must be is not certain
            fits = [one for one in found if all(two.fits(one.tree) for two in also)]
            options += [(matching.one, one) for one in fits or found[:1]]
        for outer in outwards(pool, matching.one)[::-1] if not also else ():  # the innermost first
            found = (matching if outer.place == matching.one.place else Matching(pool, others, outer)).search()
            options += [(outer, one) for one in found[:1]]
        argument = isinstance(matching.tree, READ) and not _is_value(pool, matching)  # others may read it, too
        if not also and (argument or not options or options[0][1].odd >= ODD):
            before = list(islice(operand_edits(matching, others), 1))
            options = sorted(options, key=lambda one: one[1].odd)[:1] + before
            if argument and len(options) > 1:
                edited = [with_edits(pool.subject, pool, [one]) for one in options]
                counts = [leads(one) if one is not None else -1 for one in edited]
                options = options[1:] if counts[1] >= counts[0] else options[:1]
        edits += sorted(options, key=lambda one: one[1].odd)[:1]
    return edits, victims, None


def _is_value(pool: Pool, matching: Matching) -> bool:
    """Tell whether a place is all that its statement computes: da = dh, and not f(dh)."""
    code = pool.subject.program.instrumented(matching.one.place[0][0])
    return getattr(code.statements[matching.node.statement], "value", None) is matching.node.tree


def _by_statement(matchings: list[Matching]) -> list[list[Matching]]:
    """Return the places in groups of one expression each."""
    found: dict[Any, list[Matching]] = {}
    for one in matchings:
        found.setdefault(one.one.place[0], []).append(one)
    return list(found.values())
