"""The clauses of the embedded corpora: templates that are filled in at random, always in the same way.

    sampling.py      draws words, places and times evenly
    actions.py       what people and animals do
    copula.py        what or where somebody or something is
    possession.py    what there is, and what somebody has, wants or likes
    enumeration.py   all clauses, without those that make no sense

Read next: actions.py.
"""

from scratchnet.data.corpora.clauses.enumeration import enumerate_clauses, nominals

__all__ = ["enumerate_clauses", "nominals"]
