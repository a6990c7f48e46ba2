"""The true derivative of a loss in every value that somebody's forward computes.

    Tape, TracedArray       NumPy arrays that remember how they came about; Tape.adjoints(loss)
    instrumented(source)    the same code, with every expression reported as it is evaluated
    Recorder                what was reported: values, visits, the loops that they stand in

Read next: tape.py; to go on with the book, skip this folder: ../../usercode/__init__.py.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
