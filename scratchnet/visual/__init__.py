"""Pictures and tables for the eye: they are given named arrays and figures, and compute nothing.

    gradient_plots.py    the picture of a gradient check
    learning_curves.py   the validation losses of several runs, side by side

Read next: learning_curves.py; to go on with the book, skip this folder: ../learn/__init__.py.
"""

from scratchnet.visual.gradient_plots import gradcheck_picture
from scratchnet.visual.learning_curves import History, curves_table

__all__ = ["History", "curves_table", "gradcheck_picture"]
