"""Homework written elsewhere, in the plain form that courses teach, checked unchanged.

    check_homework("homework.py")           a report on every forward and backward of the file that belong together
    check_functions(forward, backward)      the same for two functions at hand

Read next: behaviour.py.
"""

from scratchnet.gradcheck.textbook.find_pairs import find_pairs
from scratchnet.gradcheck.textbook.homework import check_functions, check_homework, check_module, nothing_found

__all__ = ["check_functions", "check_homework", "check_module", "find_pairs", "nothing_found"]
