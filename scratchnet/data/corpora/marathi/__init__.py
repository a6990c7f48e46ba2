"""Marathi: a meaning in, a Marathi sentence in Devanagari out.

    sentences.py   clauses, and how Marathi expresses each verb
    nominals.py    noun phrases with their case endings
    verbs.py       inflection: agreement, the copula, all tenses
    words.py       the words with their gender and stems

Read next: nominals.py.
"""

from scratchnet.data.corpora.marathi.sentences import linearise

__all__ = ["linearise"]
