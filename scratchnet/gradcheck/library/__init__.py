"""The check of what has no harness of its own because the library knows how it is run: cells, layers, losses, models.

    check_cell(MyCell)                  a class with the contract of a cell, unrolled over a ragged batch
    check_layer(layer)                  a recurrent layer, a stack, an embedding, a loss, a whole model
    check(parameters, loss, gradients)  arrays at hand, a loss and gradients
    check_functions(forward, backward)  functions at hand, as in a notebook
    edited_files()                      the files of the library that are not as they are known to be right

Read next: parts.py.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
