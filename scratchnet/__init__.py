"""scratchnet: learn backpropagation through time by reading, changing and checking real code.

Read next: cells/lstm.py.
"""

import os

# OpenBLAS workers spin for a while after each product and so starve whatever runs between two products. A short
# time-out, set before NumPy is first imported, is worth 10 to 70 % of a training step; a user's own setting stays.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "20")

from scratchnet.version import __version__

__all__ = ["__version__"]
