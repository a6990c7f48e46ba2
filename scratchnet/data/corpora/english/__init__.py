"""English, the source side: a meaning in, a lower-case English sentence out.

    sentences.py   the clause and its parts in order
    words.py       the irregular forms

Read next: sentences.py.
"""

from scratchnet.data.corpora.english.sentences import linearise

__all__ = ["linearise"]
