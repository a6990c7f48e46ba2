"""Is a hand-written gradient right, and if not, where is it wrong?

    check_cell(MyCell)                     one cell: a report with the gate-by-time map and the first wrong place
    assert_gradients(MyCell)               the same inside a test
    check_layer(layer)                     a Recurrent, Bidirectional or Stack
    check_seq2seq(model, batch)            a whole model
    check_gradients(loss, model, grads)    anything that owns parameters
    check_part(part)                       a Linear, Embedding, Dropout or loss alone
    check_clipping(function)               the function that clips gradients
    check_homework("homework.py")          forward and backward functions as courses teach them, unchanged
    check_functions(forward, backward)     two such functions at hand, as in a notebook
    load_cell("file.py:MyCell")            a cell's class out of a file
    run("file.py:MyCell", console=...)     what the command line does
    edited_files()                         the files of the library that are not as they are known to be right

`__init__.pyi` lists every name; each is imported when it is first used.

Read next: check.py; to go on with the book, skip this folder: ../usercode/__init__.py.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
