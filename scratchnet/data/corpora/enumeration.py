"""Enumerates the meanings of the embedded corpora: a few frames, each drawn densely, always the same ones.

`FRAMES` says how many distinct sentences each frame gives. Here the forms of address come in, what English could not
tell from another meaning goes out, and the fixed phrases stand at the end.

Read next: doing.py.
"""

from collections.abc import Callable
from dataclasses import replace

from scratchnet.data.corpora import being, doing, english, having, lemmas
from scratchnet.data.corpora.lemmas import SEXES, can_own
from scratchnet.data.corpora.dealing import Dealer
from scratchnet.data.corpora.meaning import ADDRESSEES, POSSESSIVES, PRONOUNS, Clause, Nominal, is_plural

SEED = 1
FRAMES: tuple[tuple[Callable[[Dealer], Clause | None], int], ...] = (
    (doing.done_to_things, 12000),
    (doing.done_by_animals, 1000),
    (doing.done_to_people, 4000),
    (doing.given, 1800),
    (doing.gone, 2000),
    (doing.stayed, 2500),
    (doing.conjugated, 2200),
    (doing.who_does, 1200),
    (doing.what_is_done, 900),
    (doing.how_many, 900),
    (doing.where_when_why_how, 2000),
    (being.quality_of_things, 2200),
    (being.quality_of_parts, 500),
    (being.state_of_people, 900),
    (being.what_people_are, 900),
    (being.where_things_are, 1000),
    (being.where_people_are, 900),
    (being.this_is, 800),
    (being.asked_to_be, 900),
    (having.had, 1300),
    (having.there_being, 1300),
    (having.counted, 800),
    (having.wanted, 1300),
    (having.liked, 1300),
)
"""Frame -> how many distinct sentences it gives."""
PATIENCE = 20
"""A frame that finds fewer than one new sentence in so many draws has nothing more to say."""
LIMIT = 3.5
"""The greatest `load` of a sentence."""
ADDRESSED = ("", "", "", *ADDRESSEES)


def enumerate_clauses() -> dict[str, Clause]:
    """Return all clauses by their English sentences, in an order that never changes."""
    found: dict[str, Clause] = {}
    for number, (frame, quota) in enumerate(FRAMES):
        dealer = Dealer(SEED + number)
        goal, misses = len(found) + quota, 0
        while len(found) < goal and misses < PATIENCE * quota:
            clause = frame(dealer)
            if clause is not None and sensible(clause) and load(clause) <= LIMIT:
                if addressed(clause) and not clause.addressee:
                    clause = replace(clause, addressee=dealer.deal(ADDRESSED))
                found.setdefault(english.linearise(clause), clause)
            misses += 1
    return found


def addressed(clause: Clause) -> bool:
    """Return whether the sentence speaks of its hearer, so that politeness shows."""
    return any(n.noun == "you" or n.determiner == "your" for n in nominals(clause))


def nominals(clause: Clause) -> list[Nominal]:
    """Return all nominals of a clause, from the subject on."""
    found = [clause.subject]
    for nominal in (clause.object, clause.recipient, clause.identity, clause.adjunct and clause.adjunct.nominal):
        if nominal is not None:
            found.append(nominal)
    return found + [nominal.of for nominal in found if nominal.of is not None]


def sensible(clause: Clause) -> bool:
    """Return whether a clause says something, and English says it apart from everything else.

    Nobody does anything to himself, no noun comes twice, one uses one thing at a time, and love knows neither time nor place.
    "i read" and "they read" are past with "yesterday" only.
    """
    nouns = [n.noun for n in nominals(clause)]
    if clause.verb == "use" and clause.object is not None and clause.object.plural:
        return False
    if clause.verb == "love" and (clause.tense not in ("present", "past") or clause.time or clause.adjunct):
        return False
    owners = {POSSESSIVES.get(n.determiner) for n in nominals(clause)[1:]}
    if len(set(nouns)) < len(nouns) or {"i", "we"} <= {clause.subject.noun, *nouns, *owners}:
        return False
    person3 = clause.subject.noun in SEXES or clause.subject.noun == "they"
    if person3 and any(POSSESSIVES.get(n.determiner) in ("he", "she", "they") and not can_own(clause.subject, n.determiner) for n in nominals(clause)[1:]):
        return False
    plain = not clause.negative and clause.question == ""
    if clause.verb == "read" and plain and (is_plural(clause.subject) or clause.subject.noun == "i"):
        return clause.tense != "past" or clause.time == "yesterday"
    return True


def load(clause: Clause) -> float:
    """Return how much a sentence asks a small network to keep in mind.

    A content word weighs 1; a pronoun, a time, a telling determiner and a plural that no determiner shows weigh half of that.
    """
    weight = sum((clause.verb not in LIGHT, clause.quality != "", 0.5 * (clause.time != ""), 0.5 * clause.very))
    for nominal in nominals(clause):
        weight += 0.5 if nominal.noun in PRONOUNS else 1
        weight += (nominal.adjective != "") + 0.5 * (nominal.determiner not in QUIET or nominal.plural)
    return weight


LIGHT = frozenset({"be", "exist", "have"})
QUIET = frozenset({"", "the", "a"})
