"""The recurrent cells, and their names on the command line.

Read next: ../layers.py.
"""

from scratchnet.cells.base import Cell, Named
from scratchnet.cells.gru import GRUCell, GRUResetBeforeCell
from scratchnet.cells.lstm import LSTMCell
from scratchnet.cells.rnn import RNNCell

CELLS: dict[str, type[Cell]] = {
    "lstm": LSTMCell,
    "gru": GRUCell,
    "gru-reset-before": GRUResetBeforeCell,
    "rnn": RNNCell,
}

__all__ = ["CELLS", "Cell", "GRUCell", "GRUResetBeforeCell", "LSTMCell", "Named", "RNNCell"]
