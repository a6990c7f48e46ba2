"""The catalogue of classic mistakes, each as a replaced line of the library itself.

    catalogue()            every known mistake
    mistake("lstm.dh-dropped")
    mutant_of(edits)       the library with these edits: mutant_of(edits).class_for(LSTMCell) is a wrong LSTMCell

Read next: catalogue.py.
"""

from mistakes.catalogue import catalogue, families, mistake, mistakes_of
from mistakes.mutant import Edit, Mistake, compatible, mutant_of
from scratchnet.gradcheck.library.reference_text import edited_files

__all__ = [
    "Edit",
    "Mistake",
    "catalogue",
    "compatible",
    "edited_files",
    "families",
    "mistake",
    "mistakes_of",
    "mutant_of",
]
