"""The embedded corpora, English to Hindi and English to Marathi: made by a small grammar, so nothing is downloaded.

    meaning.py       what a sentence means, whatever the language
    lemmas.py        the vocabulary, and which words go together; places.py: where things happen
    clauses/         templates that enumerate all clauses; phrases.py: fixed everyday phrases
    language.py      what all languages share; english/, hindi/, marathi/: one grammar each
    split.py         training, validation and test
    kept_pairs.py    a corpus that was made before, read again

A corpus is a list of sentence pairs in three sets. Every English sentence occurs once and has one translation, so
exact match means something; the test set consists of combinations of known words that training never shows (see
split.py). Everything is deterministic and made on demand in a few seconds, then kept in the user's cache folder. Only
the words, the grammar and the fixed phrases are written by hand.

    corpus = load_corpus("en-hi")
    source, target = corpus.train[0]

Read next: kept_pairs.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from scratchnet.data.corpora.kept_pairs import Pairs, kept_or_made
from scratchnet.data.corpora.meaning import Meaning
from scratchnet.errors import InputError

__all__ = ["CORPORA", "Corpus", "load_corpus"]

CORPORA: tuple[str, ...] = ("en-hi", "en-mr")
"""The names that `load_corpus` knows."""


@dataclass(frozen=True)
class Corpus:
    """Hold the sentence pairs of two languages.

    Args:
        name: such as "en-hi".
        source_language: the code of the language translated from, such as "en".
        target_language: the code of the language translated to.
        train: (source, target) pairs to train on.
        validation: pairs of the same kind as the training pairs.
        test: pairs that ask for new combinations of known words.
    """

    name: str
    source_language: str
    target_language: str
    train: Pairs
    validation: Pairs
    test: Pairs

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(getattr(self, name)):,} {name}" for name in ("train", "validation", "test"))
        return f"<Corpus {self.name}: {sizes} pairs>"

    @property
    def pairs(self) -> Pairs:
        """Return all pairs: train, validation, test."""
        return self.train + self.validation + self.test


@cache
def load_corpus(name: str) -> Corpus:
    """Return an embedded corpus; a second call returns the same object.

    Args:
        name: one of `CORPORA`.

    Returns:
        The corpus, always the same.

    Raises:
        InputError: no such corpus.
    """
    if name not in CORPORA:
        raise InputError(f"no embedded corpus is called {name!r}; take one of {', '.join(CORPORA)}")
    source, target = name.split("-")
    train, validation, test = kept_or_made(name, lambda: make_corpus(name))
    return Corpus(name, source, target, train, validation, test)


def make_corpus(name: str) -> tuple[Pairs, Pairs, Pairs]:
    """Make the three sets of an embedded corpus: training, validation, test."""
    linearise: Callable[[Meaning], str]
    if name == "en-hi":
        from scratchnet.data.corpora.hindi import linearise
    else:
        from scratchnet.data.corpora.marathi import linearise
    from scratchnet.data.corpora.split import split_meanings

    split = split_meanings()
    sets = (split.train, split.validation, split.test)
    train, validation, test = (tuple((sentence, linearise(said)) for sentence, said in part.items()) for part in sets)
    return train, validation, test
