"""Hindi: a meaning in, a Hindi sentence in Devanagari out.

    sentences.py    clauses and noun phrases
    inflection.py   nouns, adjectives, verbs and the copula
    words.py        the words with their gender and stems

Read next: inflection.py.
"""

from scratchnet.data.corpora.hindi.sentences import linearise

__all__ = ["linearise"]
