"""The parts of the library with which a learner's code is compared and around which it runs, known to be right.

They are the library's own where its files are as they are on record (mistakes/reference_text.py), and are compiled from
there where somebody changed a file. What a check is asked to judge is never taken from here.

Read next: line_match.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchnet import cells, packed_sequences, recurrent
from scratchnet.gradcheck.mistakes import mutant_of

if TYPE_CHECKING:
    from scratchnet.cells import CELLS, Cell
    from scratchnet.packed_sequences import Packing
    from scratchnet.recurrent import Recurrent
else:
    CELLS = {name: mutant_of(()).class_for(cell) for name, cell in cells.CELLS.items()}
    Cell, Packing, Recurrent = (
        mutant_of(()).class_for(own) for own in (cells.Cell, packed_sequences.Packing, recurrent.Recurrent)
    )


def known(file: str, name: str) -> Any:
    """Return a class or function of the library, known to be right; None where the file has none of that name."""
    return getattr(mutant_of(()).module(file), name, None)


def is_kind_of(cell: Any, name: str) -> bool:
    """Tell whether a cell derives from the library's cell of this name, the one in its file or the right one."""
    return isinstance(cell, (cells.CELLS[name], CELLS[name]))


__all__ = ["CELLS", "Cell", "Packing", "Recurrent", "is_kind_of", "known"]
