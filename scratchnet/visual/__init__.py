"""Pictures and tables for the eye: they are given named arrays and figures, and compute nothing.

    learning_curves.py   the validation losses of several runs, side by side
    model_summary.py     what a model consists of: its parts, their parameters, how many and how large
    html_style.py        how pages and notebooks look, in light and in dark

Read next: learning_curves.py; to go on with the book, skip this folder: ../learn/__init__.py.
"""

from scratchnet.visual.html_style import fragment as html_fragment
from scratchnet.visual.html_style import style as html_style
from scratchnet.visual.learning_curves import History, curves_table
from scratchnet.visual.model_summary import Summary

__all__ = ["History", "Summary", "curves_table", "html_fragment", "html_style"]
