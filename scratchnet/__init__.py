"""scratchnet: learn backpropagation through time by reading, changing and checking real code.

    import scratchnet as sn

    layer = sn.Recurrent(sn.LSTMCell(3, 8))                  cells, layers, losses, optimizers: each one file to read
    result = sn.train("en-hi", out="runs/first")             what `scratchnet train` does
    report = sn.check_cell(MyCell)                           is a hand-written gradient right?

`__init__.pyi` lists every public name; each is imported when it is first used, so `import scratchnet` alone costs next
to nothing.

Read next: cells/lstm.py.
"""

import os

# OpenBLAS workers spin for a while after each product and so starve whatever runs between two products. A short
# time-out, set before NumPy is first imported, is worth 10 to 70 % of a training step; a user's own setting stays.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "20")

import lazy_loader

from scratchnet.version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
