"""Homework written elsewhere, in the plain form that courses teach, checked unchanged.

    check_module(module, path)     reports on every forward and backward of a file that belong together

Read next: names.py.
"""

from scratchnet.gradcheck.textbook.homework import check_module, nothing_found

__all__ = ["check_module", "nothing_found"]
