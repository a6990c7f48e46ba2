"""The embedded corpora, English to Hindi and English to Marathi: made by a small grammar, so nothing is downloaded.

    meaning.py       what a sentence means, whatever the language
    lemmas.py        the vocabulary, and which words go together; places.py: where things happen
    clauses/         templates that enumerate all clauses; phrases.py: fixed everyday phrases
    language.py      what all languages share; english/, hindi/, marathi/: one grammar each
    split.py         training, validation and test

A corpus is a list of sentence pairs in three sets. Every English sentence occurs once and has one translation, so
exact match means something; the test set consists of combinations of known words that training never shows (see
split.py). Everything is deterministic and made on demand in a few seconds; nothing is stored but the words and the
fixed phrases.

    corpus = load_corpus("en-hi")
    source, target = corpus.train[0]

Read next: language.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from scratchnet.data.corpora.meaning import Meaning
from scratchnet.errors import InputError

__all__ = ["CORPORA", "Corpus", "load_corpus"]

CORPORA: tuple[str, ...] = ("en-hi", "en-mr")
"""The names that `load_corpus` knows."""

Pairs = tuple[tuple[str, str], ...]


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
    """Make an embedded corpus; a second call returns the same object.

    Args:
        name: one of `CORPORA`.

    Returns:
        The corpus, always the same.

    Raises:
        InputError: no such corpus.
    """
    linearise: Callable[[Meaning], str]
    if name == "en-hi":
        from scratchnet.data.corpora.hindi import linearise
    elif name == "en-mr":
        from scratchnet.data.corpora.marathi import linearise
    else:
        raise InputError(f"no embedded corpus is called {name!r}; take one of {', '.join(CORPORA)}")
    from scratchnet.data.corpora.split import split_meanings

    split = split_meanings()
    sets = (split.train, split.validation, split.test)
    train, validation, test = (tuple((sentence, linearise(said)) for sentence, said in part.items()) for part in sets)
    source, target = name.split("-")
    return Corpus(name, source, target, train, validation, test)
