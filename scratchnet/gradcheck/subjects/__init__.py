"""What is checked: arrays, a loss, gradients; nothing else is known about anybody's code.

    Subject(program, harness)       runs of a harness at several sizes and seeds
    Program(path)                   the files of the code under check, loaded plain, instrumented or edited
    Tool                            what a harness calls `r`

Read next: reached.py; to go on with the book, skip this folder: ../../usercode/__init__.py.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
