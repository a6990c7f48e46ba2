"""All clauses of the embedded corpora: a few templates, each filled in many thousand times, always in the same way.

`TEMPLATES` says how many distinct sentences each template gives. Forms of address are added here; left out are clauses
that make no sense, that English could not tell from another meaning, and that ask too much of a small network.

Read next: possession.py.
"""

from collections.abc import Callable
from dataclasses import replace

from scratchnet.data.corpora import lemmas
from scratchnet.data.corpora.clauses import actions, copula, possession
from scratchnet.data.corpora.clauses.sampling import Sampler, weight
from scratchnet.data.corpora.english import linearise
from scratchnet.data.corpora.meaning import ADDRESSEES, POSSESSIVES, Clause, Nominal, is_plural

SEED = 1
TEMPLATES: tuple[tuple[Callable[[Sampler], Clause | None], int], ...] = (
    (actions.transitive, 19600),
    (actions.transitive_with_adjective, 7000),
    (actions.of_animals, 1400),
    (actions.towards_people, 10500),
    (actions.giving, 3100),
    (actions.intransitive, 9800),
    (actions.rare_futures, 3500),
    (actions.rare_pasts, 2100),
    (actions.who_question, 2100),
    (actions.what_question, 1400),
    (actions.how_many_question, 1700),
    (actions.adverb_question, 3500),
    (copula.quality_of_things, 3400),
    (copula.quality_of_qualified_things, 2200),
    (copula.quality_of_parts, 1100),
    (copula.state_of_people, 2000),
    (copula.identity_of_people, 2000),
    (copula.place_of_things, 2000),
    (copula.place_of_people, 2200),
    (copula.demonstrative, 2000),
    (copula.copula_question, 1100),
    (copula.whose_question, 100),
    (possession.having, 2800),
    (possession.existence, 2100),
    (possession.how_many_question, 1700),
    (possession.wanting, 2500),
    (possession.liking, 2500),
)
"""Template -> how many distinct sentences it gives."""
PATIENCE = 20
"""A template is exhausted when it finds fewer than one new sentence in this many draws."""
LIMIT = 3.5
"""The greatest `load` of a sentence."""
ADDRESSED = ("", "", "", *ADDRESSEES)
LIGHT = frozenset({"be", "exist", "have"})
KINSHIP = frozenset(lemmas.KIN) - {"friend"}
FINISHED = frozenset({"old", "cheap", "expensive", *lemmas.COLOURS})
"""Qualities that a text has only when it is no longer being written."""


def enumerate_clauses() -> dict[str, Clause]:
    """Return all clauses by their English sentences, in an order that never changes."""
    found: dict[str, Clause] = {}
    for number, (template, quota) in enumerate(TEMPLATES):
        sampler = Sampler(SEED + number)
        goal, draws = len(found) + quota, 0
        while len(found) < goal and draws < PATIENCE * quota:
            draws += 1
            clause = template(sampler)
            if clause is not None and sensible(clause) and load(clause) <= LIMIT:
                if not clause.addressee and addressed(clause):
                    clause = replace(clause, addressee=sampler.draw(ADDRESSED))
                if likely(clause):
                    found.setdefault(linearise(clause), clause)
    return found


def nominals(clause: Clause) -> list[Nominal]:
    """Return all nominals of a clause, from the subject on."""
    found = [clause.subject]
    place = clause.adjunct.nominal if clause.adjunct is not None else None
    for nominal in (clause.object, clause.recipient, clause.identity, place):
        if nominal is not None:
            found.append(nominal)
    for nominal in found:
        if nominal.of is not None:
            return [*found, nominal.of]
    return found


def addressed(clause: Clause) -> bool:
    """Return whether the sentence mentions its hearer, so that a form of address fits."""
    return any(nominal.noun == "you" or nominal.determiner == "your" for nominal in nominals(clause))


def sensible(clause: Clause) -> bool:
    """Return whether a clause makes sense, and its English sentence means nothing else.

    No noun occurs twice, so nobody acts on himself; "he" and "that" do not occur together (some languages have one word
    for both); "use" has one thing as its object, and "love" two tenses. "i read" and "they read" are past with
    "yesterday" only.
    """
    named = nominals(clause)
    nouns = [n.noun for n in named]
    if len(set(nouns)) < len(nouns):
        return False
    if "i" in nouns or "we" in nouns:
        first = {POSSESSIVES.get(n.determiner, n.noun) for n in named}
        if "i" in first and "we" in first:
            return False
    verb, subject, tense = clause.verb, clause.subject, clause.tense
    if subject.noun in ("he", "she", "they") and any(nominal.determiner == "that" for nominal in named):
        return False
    if verb == "love":
        return tense in ("present", "past")
    if verb == "use" and clause.object is not None:
        return not clause.object.plural
    if verb == "read" and tense == "past" and not clause.negative and not clause.question:
        return clause.time == "yesterday" or not (is_plural(subject) or subject.noun == "i")
    return True


def likely(clause: Clause) -> bool:
    """Return whether somebody might say a clause to its hearer.

    "Live" takes no time, nobody writes something that is old already, a horse does not fit under a table; and nobody
    says "son, i am your son" or "madam, you are her brother".
    """
    place = clause.adjunct
    if clause.verb == "live":
        return not clause.time
    if clause.verb == "write" and clause.object is not None:
        return clause.object.adjective not in FINISHED
    if clause.subject.noun in ("cow", "horse") and place is not None and place.nominal is not None:
        return place.relation != "under" or place.nominal.noun == "tree"
    if clause.identity is None or clause.identity.noun not in KINSHIP:
        return True
    sex = lemmas.KIN[clause.identity.noun]
    return clause.addressee not in KINSHIP and (clause.subject.noun != "you" or ADDRESSEES[clause.addressee][1] == sex)


def load(clause: Clause) -> float:
    """Return how much a small network has to remember of a sentence: 1 for a content word, less for the rest."""
    said = (clause.verb not in LIGHT) + (clause.quality != "") + 0.5 * (clause.time != "" or clause.very)
    return said + sum(weight(nominal) for nominal in nominals(clause))
