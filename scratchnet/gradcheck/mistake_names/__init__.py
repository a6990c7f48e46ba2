"""The mistake's name: what a cure undoes, in the words of the catalogue of classic mistakes.

    mistake_names(subject, texts)     a MistakeName for each changed statement of the mended texts
    ForwardValues, cell_of            what a forward computed, and which textbook cell it is, by its numbers

Read next: forward_values.py; to go on with the book, skip this folder: ../../usercode/__init__.py.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
