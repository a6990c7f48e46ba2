"""How code behaves apart from its gradient: what it keeps, what it changes in place, what it draws, cuts off or loses.

    behaviour(subject, findings)      the findings, those that could be told more of with more facts, and new ones
    why_it_differs(subject, T)        whether chance or something kept makes a loss differ

What is no wrong gradient is a note (Finding.note). Nothing is said of what was not watched.

Read next: runs.py; to go on with the book, skip this folder: ../../usercode/__init__.py.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
