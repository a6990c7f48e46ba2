"""Is a hand-written gradient right, and if not, where is it wrong?

    check_cell(MyCell)                     one cell: a report with the gate-by-time map and the first wrong place
    assert_gradients(MyCell)               the same inside a test
    check_layer(layer)                     a Recurrent, Bidirectional or Stack
    check_seq2seq(model, batch)            a whole model
    check_gradients(loss, model, grads)    anything that owns parameters
    check_part(part)                       a Linear, Embedding, Dropout or loss alone
    check_clipping(function)               the function that clips gradients
    check_homework("homework.py")          forward and backward functions as courses teach them, unchanged
    load_class("file.py:MyCell")           a class out of a file
    run("file.py:MyCell", console=...)     what the command line does

Read next: check.py.
"""

from scratchnet.gradcheck.check import assert_gradients, check_cell, check_layer
from scratchnet.gradcheck.command import run
from scratchnet.gradcheck.loading import load_class
from scratchnet.gradcheck.models import check_gradients, check_seq2seq
from scratchnet.gradcheck.parts import check_clipping, check_part
from scratchnet.gradcheck.report import Report
from scratchnet.gradcheck.show import as_text, show
from scratchnet.gradcheck.textbook import check_homework

__all__ = [
    "Report",
    "as_text",
    "assert_gradients",
    "check_cell",
    "check_clipping",
    "check_gradients",
    "check_homework",
    "check_layer",
    "check_part",
    "check_seq2seq",
    "load_class",
    "run",
    "show",
]
