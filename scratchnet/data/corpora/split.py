"""The split of the meanings into training, validation and test; the test set asks for new combinations of known words.

Two content words that one sentence relates (a noun with its verb, its adjective, or what is said of it) are a pair. A
stable hash holds out a few pairs; a sentence with both words of a held-out pair, in whatever relation, is never
trained on nor validated with. The test set is drawn from these sentences, and those over its size are left out of the
corpus altogether. Held-out combinations of known words are the idea of Lake & Baroni (2018), "Generalization without
Systematicity", and of Keysers et al. (2020), "Measuring Compositional Generalization". Fixed phrases are always
trained on.

Read next: clauses/__init__.py.
"""

import gc
from collections import Counter
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from scratchnet.data.corpora.clauses import enumerate_clauses, nominals
from scratchnet.data.corpora.english import linearise
from scratchnet.data.corpora.meaning import ADDRESSEES, PRONOUNS, Clause, Meaning
from scratchnet.data.corpora.phrases import enumerate_phrases

Pair = tuple[str, str]

HELD_OUT = 0.05
"""Share of all pairs that are held out."""
PARTNERS = 9
"""A word takes part in held-out pairs if it has so many partners in the relation."""
TEST_SIZE = 2000
VALIDATION_SIZE = 1000
NO_CONTENT = frozenset({"", "be", "exist", "this", "that", *PRONOUNS})


@dataclass(frozen=True)
class Split:
    """Hold three sets of meanings by their English sentences, and the word pairs that only the test set has."""

    train: dict[str, Meaning]
    validation: dict[str, Meaning]
    test: dict[str, Meaning]
    held_out: frozenset[Pair]


@cache
def split_meanings() -> Split:
    """Return the split; it is the same every time and for every language."""
    collecting = gc.isenabled()
    gc.disable()  # none of these objects is garbage, and looking for it takes longer than making them
    try:
        return _split()
    finally:
        if collecting:
            gc.enable()


def _split() -> Split:
    """Enumerate, hold out, and divide."""
    clauses = dict(sorted(enumerate_clauses().items(), key=lambda item: _fraction(item[0])))
    words = {sentence: content(clause) for sentence, clause in clauses.items()}
    held_out = _hold_out(clauses)
    partners: dict[str, set[str]] = {}
    for first, second in held_out:
        partners.setdefault(first, set()).add(second)
    apart = [s for s, known in words.items() if any(w in partners and not partners[w].isdisjoint(known) for w in known)]
    out = set(apart)
    together = [sentence for sentence in clauses if sentence not in out]
    phrases: dict[str, Meaning] = {linearise(phrase): phrase for phrase in enumerate_phrases()}
    # People type "nice to meet you" as often as "nice to meet you."; a phrase means the same without its full stop.
    phrases |= {said.removesuffix("."): phrase for said, phrase in phrases.items() if said.endswith(".")}
    train = {sentence: clauses[sentence] for sentence in together[VALIDATION_SIZE:]}
    return Split(
        {**train, **phrases},
        {sentence: clauses[sentence] for sentence in together[:VALIDATION_SIZE] if sentence not in phrases},
        {sentence: clauses[sentence] for sentence in apart[:TEST_SIZE] if sentence not in phrases},
        held_out,
    )


def _hold_out(clauses: dict[str, Clause]) -> frozenset[Pair]:
    """Return the pairs to hold out: words with many partners in the relation, which are no forms of address."""
    relations = {relation for clause in clauses.values() for relation in related(clause)}
    nouns = Counter((kind, noun) for kind, noun, _ in relations)
    words = Counter((kind, word) for kind, _, word in relations)
    rich = {(noun, word) for kind, noun, word in relations if min(nouns[kind, noun], words[kind, word]) >= PARTNERS}
    pairs = {(min(noun, word), max(noun, word)) for noun, word in rich if noun not in ADDRESSEES}
    return frozenset(pair for pair in pairs if _fraction(" ".join(pair)) < HELD_OUT)


def content(clause: Clause) -> frozenset[str]:
    """Return the content words of a clause: its verb, nouns, names and adjectives, not pronouns, "be" or "exist"."""
    words = {clause.verb, clause.quality}
    for nominal in nominals(clause):
        words.add(nominal.noun)
        words.add(nominal.adjective)
    return frozenset(words - NO_CONTENT)


def related(clause: Clause) -> list[tuple[str, str, str]]:
    """Return what the clause relates: the kind of relation, a noun, and its verb, adjective or what is said of it."""
    subject, object_ = clause.subject, clause.object
    relations = [("subject", subject.noun, clause.verb), ("quality", subject.noun, clause.quality)]
    if object_ is not None:
        relations += [("object", object_.noun, clause.verb), ("adjective", object_.noun, object_.adjective)]
    relations.append(("adjective", subject.noun, subject.adjective))
    return [(kind, noun, word) for kind, noun, word in relations if noun not in NO_CONTENT and word not in NO_CONTENT]


def _fraction(text: str) -> float:
    """Return a number in [0, 1) that depends on the text only."""
    return crc32(text.encode()) / 2**32
