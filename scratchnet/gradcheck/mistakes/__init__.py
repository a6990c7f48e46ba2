"""The catalogue of classic mistakes, each as a replaced line of the library itself.

    catalogue()            every known mistake
    mistake("lstm.dh-dropped")
    workshop(edits)        the library with these edits: workshop(edits).twin(LSTMCell) is a wrong LSTMCell

Read next: mutate.py.
"""

from scratchnet.gradcheck.mistakes.catalogue import catalogue, families, mistake, mistakes_of
from scratchnet.gradcheck.mistakes.mutate import Edit, Mistake, compatible, workshop

__all__ = ["Edit", "Mistake", "catalogue", "compatible", "families", "mistake", "mistakes_of", "workshop"]
