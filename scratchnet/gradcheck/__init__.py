"""Is a hand-written gradient right, and if not, which line is wrong, and what should stand there?

    check_cell(MyCell)                     a cell with the library's contract, unrolled over ragged batches
    check_layer(layer)                     a layer, a stack, an embedding, a loss or a whole model
    check(parameters, loss, gradients)     arrays at hand, a function for the loss and one for their gradients
    check_functions(forward, backward)     two functions of a notebook or a file
    assert_gradients(MyCell)               each of these inside a test
    load_cell("file.py:MyCell")            a cell's class out of a file
    run("file.py", console=...)            what the command line does
    edited_files()                         the files of the library that are not as they are known to be right

Any other code is checked by a harness: docs/harness.md. `__init__.pyi` lists every name; each is imported when it is
first used.

Read next: numerical.py; to go on with the book, skip this folder: ../usercode/__init__.py.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
